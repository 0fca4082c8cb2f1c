package com.example.refused;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import java.time.Instant;

/** An engine's entity with the library's own names. */
@Entity
public class Call {

    @Id
    public Long id;

    public String twilioRecordingSid;
    public Instant createdAt;
    public Instant deletedAt;
    public String deletionReason;
}
