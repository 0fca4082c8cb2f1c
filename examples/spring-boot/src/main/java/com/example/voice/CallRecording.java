package com.example.voice;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Index;
import jakarta.persistence.Table;
import java.time.LocalDateTime;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A recorded call, in the engine's own table. Times are local times in Berlin. */
@Entity
@Table(
        name = "call_recording",
        indexes = {@Index(columnList = "recorded_at, call_id"), @Index(columnList = "provider_ref")})
public class CallRecording {

    @Id
    @Column(name = "call_id")
    private UUID callId = UUID.randomUUID();

    @Column(name = "provider_ref")
    private @Nullable String providerRef;

    @Column(name = "recorded_at")
    private @Nullable LocalDateTime recordedAt;

    @Column(name = "queue")
    private @Nullable String queue;

    @Column(name = "length_seconds")
    private @Nullable Integer lengthSeconds;

    @Column(name = "frozen")
    private @Nullable Boolean frozen;

    @Column(name = "keep_until")
    private @Nullable LocalDateTime keepUntil;

    @Column(name = "removed_at")
    private @Nullable LocalDateTime removedAt;

    @Column(name = "removal_reason")
    private @Nullable String removalReason;

    /** For Jakarta Persistence. */
    protected CallRecording() {}

    /** A new recording. */
    public CallRecording(
            @Nullable String providerRef, @Nullable LocalDateTime recordedAt, String queue, int lengthSeconds) {
        this.providerRef = providerRef;
        this.recordedAt = recordedAt;
        this.queue = queue;
        this.lengthSeconds = lengthSeconds;
    }

    /** Marks it as not to be deleted. */
    public CallRecording freeze() {
        this.frozen = true;
        return this;
    }

    /** Marks it as not to be deleted before a time. */
    public CallRecording keepUntil(LocalDateTime time) {
        this.keepUntil = time;
        return this;
    }

    public UUID getCallId() {
        return callId;
    }

    public @Nullable String getProviderRef() {
        return providerRef;
    }

    public @Nullable LocalDateTime getRecordedAt() {
        return recordedAt;
    }

    public @Nullable String getQueue() {
        return queue;
    }

    public @Nullable Integer getLengthSeconds() {
        return lengthSeconds;
    }

    public @Nullable Boolean getFrozen() {
        return frozen;
    }

    public @Nullable LocalDateTime getKeepUntil() {
        return keepUntil;
    }

    public @Nullable LocalDateTime getRemovedAt() {
        return removedAt;
    }

    public @Nullable String getRemovalReason() {
        return removalReason;
    }
}
