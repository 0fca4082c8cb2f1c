package dev.retention.benchmarks;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A voice engine's row, with the names that need no configuration. */
@Entity
@Table(name = "voice_recording")
public class Call {

    @Id
    @Column(name = "id")
    private @Nullable Long id;

    @Column(name = "twilio_recording_sid", length = 64)
    private @Nullable String twilioRecordingSid;

    @Column(name = "created_at")
    private @Nullable Instant createdAt;

    @Column(name = "deleted_at")
    private @Nullable Instant deletedAt;

    @Column(name = "deletion_reason")
    private @Nullable String deletionReason;

    /** For Jakarta Persistence. */
    protected Call() {}

    String sid() {
        return String.valueOf(twilioRecordingSid);
    }

    Long id() {
        return id == null ? Long.valueOf(-1) : id;
    }

    Instant created() {
        return createdAt == null ? Instant.MAX : createdAt;
    }

    void delete(Instant when) {
        this.deletedAt = when;
        this.deletionReason = "retention";
    }

    boolean isLive() {
        return deletedAt == null && deletionReason == null;
    }
}
