package dev.retention.jpa;

/** What happens at the start if the engine's mapping or its database hides rows of the engine's table. */
public enum HiddenRows {
    /** A warning says so, and how many they are. */
    WARN,
    /** The repository is not built. */
    REFUSE
}
