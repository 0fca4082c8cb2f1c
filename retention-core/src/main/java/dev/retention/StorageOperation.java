package dev.retention;

/** What a storage is asked for. */
public enum StorageOperation {
    /** To delete a recording. */
    DELETE,
    /** To look a recording up. */
    LOOK_UP,
    /** To say who it is, and to look up recordings that it should know, before anything is deleted there. */
    INTRODUCE
}
