package com.example.plain;

import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The program's own entity: a recorded call whose audio is stored in a file. */
@Entity
@Table(name = "calls")
public class Call {

    @Id
    @GeneratedValue
    private @Nullable Long id;

    private @Nullable String file;

    private @Nullable Instant recordedAt;

    private @Nullable Instant deletedAt;

    private @Nullable String deletionReason;

    /** For Jakarta Persistence. */
    protected Call() {}

    /** A call that was recorded into a file. */
    public Call(String file, Instant recordedAt) {
        this.file = file;
        this.recordedAt = recordedAt;
    }

    public @Nullable Long getId() {
        return id;
    }

    public @Nullable String getFile() {
        return file;
    }

    public @Nullable Instant getRecordedAt() {
        return recordedAt;
    }

    public @Nullable Instant getDeletedAt() {
        return deletedAt;
    }

    public @Nullable String getDeletionReason() {
        return deletionReason;
    }
}
