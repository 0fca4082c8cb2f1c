package dev.retention.jpa;

import jakarta.persistence.Column;
import jakarta.persistence.Id;
import jakarta.persistence.MappedSuperclass;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What the entities of tests have in common that differ in which rows they show. */
@MappedSuperclass
abstract class CallColumns {

    @Id
    Long id = 0L;

    @Nullable
    @Column(name = "twilio_recording_sid")
    String twilioRecordingSid;

    @Nullable
    @Column(name = "created_at")
    Instant createdAt;

    @Nullable
    @Column(name = "deleted_at")
    Instant deletedAt;

    @Nullable
    @Column(name = "deletion_reason")
    String deletionReason;
}
