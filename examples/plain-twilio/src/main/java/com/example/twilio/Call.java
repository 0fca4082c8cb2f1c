package com.example.twilio;

import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;

/** The program's own entity. Its attributes have the names that the library expects unless told otherwise. */
@Entity
@Table(name = "calls")
public class Call {

    @Id
    @GeneratedValue
    private Long id;

    private String twilioRecordingSid;

    private Instant createdAt;

    private Instant deletedAt;

    private String deletionReason;

    /** For Jakarta Persistence. */
    protected Call() {}

    /** A call that was recorded at Twilio. */
    public Call(String twilioRecordingSid, Instant createdAt) {
        this.twilioRecordingSid = twilioRecordingSid;
        this.createdAt = createdAt;
    }

    public String getTwilioRecordingSid() {
        return twilioRecordingSid;
    }

    public Instant getDeletedAt() {
        return deletedAt;
    }

    public String getDeletionReason() {
        return deletionReason;
    }
}
