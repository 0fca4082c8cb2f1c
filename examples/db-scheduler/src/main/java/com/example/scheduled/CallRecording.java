package com.example.scheduled;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A recorded call. Its attributes have the names that the library expects, so none needs to be mapped. */
@Entity
@Table(name = "call_recording")
public class CallRecording {

    @Id
    @Column(name = "id")
    private UUID id = UUID.randomUUID();

    @Column(name = "twilio_recording_sid")
    private @Nullable String twilioRecordingSid;

    @Column(name = "created_at")
    private @Nullable Instant createdAt;

    @Column(name = "deleted_at")
    private @Nullable Instant deletedAt;

    @Column(name = "deletion_reason")
    private @Nullable String deletionReason;

    /** For Jakarta Persistence. */
    protected CallRecording() {}

    /** A new recording. */
    public CallRecording(String twilioRecordingSid, Instant createdAt) {
        this.twilioRecordingSid = twilioRecordingSid;
        this.createdAt = createdAt;
    }

    public UUID getId() {
        return id;
    }

    public @Nullable String getTwilioRecordingSid() {
        return twilioRecordingSid;
    }

    public @Nullable Instant getCreatedAt() {
        return createdAt;
    }

    public @Nullable Instant getDeletedAt() {
        return deletedAt;
    }

    public @Nullable String getDeletionReason() {
        return deletionReason;
    }
}
