package dev.retention;

/**
 * What a sweep does if this database and these storages were never swept before. An embedded database never needs a
 * confirmation.
 */
public enum FirstRun {
    /** The sweep is refused until a person confirms the plan that its message names. */
    CONFIRM,
    /** The sweep runs, and remembers the database and the storages as confirmed. */
    TRUST
}
