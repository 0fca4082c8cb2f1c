package dev.retention.jpa;

/** Whether the library creates its own tables. The engine's table is never touched by it. */
public enum SchemaInitialization {
    /** Creates what is missing. Several instances may do so at once. */
    ALWAYS,
    /** Only in an embedded H2 database, in memory or in a file; elsewhere as {@link #NEVER}. */
    EMBEDDED,
    /** Creates nothing; a missing table is an error that names the script in the jar. */
    NEVER
}
