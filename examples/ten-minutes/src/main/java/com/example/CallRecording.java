package com.example;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import java.time.Instant;

/** The application's own entity. Its attributes have the names that the library expects by default. */
@Entity
public class CallRecording {

    @Id
    private Long id;

    private String twilioRecordingSid; // RE…
    private Instant createdAt;
    private Instant deletedAt; // the library writes it
    private String deletionReason; // the library writes it

    /** For Jakarta Persistence. */
    protected CallRecording() {}

    /** A recording at Twilio. */
    public CallRecording(Long id, String twilioRecordingSid, Instant createdAt) {
        this.id = id;
        this.twilioRecordingSid = twilioRecordingSid;
        this.createdAt = createdAt;
    }

    public Instant getDeletedAt() {
        return deletedAt;
    }
}
