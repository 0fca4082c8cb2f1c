package dev.retention.jpa;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A recording, for engines that have no table of their own yet. It belongs to a persistence unit only if it is named
 * there.
 */
@Entity
@Table(name = "voice_recording")
public class VoiceRecording {

    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
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
    protected VoiceRecording() {}

    /**
     * A new recording.
     *
     * @param twilioRecordingSid the recording's SID at Twilio; null while it is not known
     * @param createdAt when it was made; its age is counted from here
     */
    public VoiceRecording(@Nullable String twilioRecordingSid, Instant createdAt) {
        this.twilioRecordingSid = twilioRecordingSid;
        this.createdAt = createdAt;
    }

    /** The generated id; null before the first save. */
    public @Nullable Long getId() {
        return id;
    }

    /** The recording's SID at Twilio; null while it is not known. */
    public @Nullable String getTwilioRecordingSid() {
        return twilioRecordingSid;
    }

    /** Sets the SID, when Twilio has reported it. */
    public void setTwilioRecordingSid(@Nullable String twilioRecordingSid) {
        this.twilioRecordingSid = twilioRecordingSid;
    }

    /** When it was made. */
    public @Nullable Instant getCreatedAt() {
        return createdAt;
    }

    /** When it was soft-deleted; null while it is live. */
    public @Nullable Instant getDeletedAt() {
        return deletedAt;
    }

    /** Why it was soft-deleted; null while it is live. */
    public @Nullable String getDeletionReason() {
        return deletionReason;
    }
}
