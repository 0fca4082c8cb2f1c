package dev.retention;

/** What happens when a database and its storages have never been swept before. An embedded database needs no confirmation either way. */
public enum FirstRun {
    /** The sweep is refused, until a person confirms the plan that it names. */
    CONFIRM,
    /** The sweep goes on, and the database and the storages are known from then on. */
    TRUST
}
