package dev.retention.jpa;

import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import jakarta.persistence.Embedded;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityListeners;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.PostLoad;
import jakarta.persistence.PreUpdate;
import jakarta.persistence.Version;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.UUID;

/** Entities of engines, with names of their own. */
final class Calls {

    private Calls() {}

    enum Queue {
        SALES,
        SUPPORT
    }

    /** Whom a call belongs to. */
    @Entity(name = "Customer")
    static class Customer {
        @Id
        @Column(name = "customer_id", length = 100)
        String customerId;

        @Column(length = 100)
        String tenant;
    }

    @Embeddable
    static class Media {
        @Column(name = "sid", length = 2000)
        String sid;

        @Column(name = "account", length = 300)
        String account;

        @Column(name = "seconds")
        Integer seconds;
    }

    @Embeddable
    static class Routing {
        @Column(name = "queue_name", length = 100)
        String queue;
    }

    /** Fails when it is called at all. */
    static class Listener {
        @PostLoad
        @PreUpdate
        void refuse(Object entity) {
            throw new IllegalStateException("the engine's listener was called");
        }
    }

    /**
     * UUID ids, local times in a zone with clock changes, embedded key, tenant behind an association, a version and a
     * listener.
     */
    @Entity(name = "UuidCall")
    @EntityListeners(Listener.class)
    static class UuidCall {
        @Id
        @Column(name = "call_id")
        UUID callId;

        @Embedded
        Media media = new Media();

        @Embedded
        Routing routing = new Routing();

        @Column(name = "started")
        LocalDateTime started;

        @Column(name = "gone")
        LocalDateTime gone;

        @Column(name = "why", length = 200)
        String why;

        @Column(name = "keep_until")
        LocalDateTime keepUntil;

        @Column(name = "frozen")
        Boolean frozen;

        @ManyToOne
        Customer customer;

        @Version
        @Column(name = "version")
        int version;
    }

    /** Text ids and instants. */
    @Entity(name = "TextCall")
    static class TextCall {
        @Id
        @Column(name = "call_id", length = 255)
        String callId;

        @Embedded
        Media media = new Media();

        @Embedded
        Routing routing = new Routing();

        @Column(name = "started")
        Instant started;

        @Column(name = "gone")
        Instant gone;

        @Column(name = "why", length = 200)
        String why;

        @Column(name = "keep_until")
        Instant keepUntil;

        @Column(name = "frozen")
        Boolean frozen;

        @ManyToOne
        Customer customer;
    }

    /** Integer ids, offset times, enums of both kinds and a length of time. */
    @Entity(name = "NumberedCall")
    static class NumberedCall {
        @Id
        @Column(name = "call_id")
        Integer callId;

        String sid;
        OffsetDateTime started;
        OffsetDateTime gone;
        String why;
        Duration lasted;

        @Enumerated(EnumType.ORDINAL)
        Queue queue;

        @Enumerated(EnumType.STRING)
        Queue overflow;
    }

    /** Integer ids, offset times, an enum, and what no mapping can use. */
    @Entity(name = "OddCall")
    static class OddCall {
        @Id
        Integer number;

        String sid;
        OffsetDateTime started;
        OffsetDateTime gone;
        String why;
        byte[] blob;
        java.util.Date oldDate;

        @Enumerated(EnumType.ORDINAL)
        Queue queue;

        @ManyToOne
        Customer customer;
    }
}
