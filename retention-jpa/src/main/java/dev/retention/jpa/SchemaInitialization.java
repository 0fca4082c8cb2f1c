package dev.retention.jpa;

/** Whether the library creates its own tables. It never creates or changes the engine's table. */
public enum SchemaInitialization {
    /** Creates missing tables. Several instances may do so at once. */
    ALWAYS,
    /** Creates missing tables in an embedded H2 database, in memory or in a file; otherwise like {@link #NEVER}. */
    EMBEDDED,
    /** Creates nothing; a missing table is an error that names the script in the jar. */
    NEVER
}
