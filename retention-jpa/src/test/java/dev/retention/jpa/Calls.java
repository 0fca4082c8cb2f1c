package dev.retention.jpa;

import jakarta.persistence.AttributeConverter;
import jakarta.persistence.Column;
import jakarta.persistence.Convert;
import jakarta.persistence.Converter;
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
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.Set;
import java.util.UUID;
import org.hibernate.annotations.SQLRestriction;

/** Entities of engines, with names of their own. */
final class Calls {

    private Calls() {}

    enum Queue {
        SALES,
        SUPPORT
    }

    /** Fails for what a later version has written, as the conversion to an enum does, without a check in the table. */
    @Converter
    static class KindConverter implements AttributeConverter<String, String> {
        private static final Set<String> KINDS = Set.of("INBOUND", "OUTBOUND");

        @Override
        public String convertToDatabaseColumn(String kind) {
            return kind;
        }

        @Override
        public String convertToEntityAttribute(String column) {
            if (column != null && !KINDS.contains(column)) {
                throw new IllegalArgumentException("no such kind");
            }
            return column;
        }
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

    /** What a call was made under. A hidden one is in the table, and not found. */
    @Entity(name = "Contract")
    @SQLRestriction("hidden = false")
    static class Contract {
        @Id
        @Column(name = "contract_id", length = 100)
        String contractId;

        boolean hidden;

        @Column(length = 100)
        String kind;
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

        @Column(name = "kind", length = 50)
        @Convert(converter = KindConverter.class)
        String kind;

        @ManyToOne
        Customer customer;

        @ManyToOne
        Contract contract;

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

        @Column(name = "kind", length = 50)
        @Convert(converter = KindConverter.class)
        String kind;

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

    /** The queues of a later version. */
    enum LaterQueue {
        SALES,
        SUPPORT,
        BILLING
    }

    /** {@link NumberedCall} as a later version of the engine has it, on the same table. */
    @Entity(name = "NumberedCall")
    @Table(name = "NumberedCall")
    static class LaterNumberedCall {
        @Id
        @Column(name = "call_id")
        Integer callId;

        String sid;
        OffsetDateTime started;
        OffsetDateTime gone;
        String why;
        Duration lasted;

        @Enumerated(EnumType.ORDINAL)
        LaterQueue queue;

        @Enumerated(EnumType.STRING)
        LaterQueue overflow;
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

        @Column(name = "kind", length = 50)
        @Convert(converter = KindConverter.class)
        String kind;

        @ManyToOne
        Customer customer;
    }
}
