package dev.retention;

/** The kinds of call to a storage. */
public enum StorageOperation {
    /** Deleting a recording: {@link dev.retention.spi.RecordingStorage#delete}. */
    DELETE,
    /** Looking a recording up without changing it: {@link dev.retention.spi.RecordingLookup#lookUp}. */
    LOOK_UP,
    /** Identifying an account before its first deletion: {@link dev.retention.spi.RecordingLookup#identify}. */
    IDENTIFY
}
