package dev.retention.torture;

/** What is wrong with an instance that must do nothing. */
enum Odd {
    NONE,
    /** Its clock or its database's is months away. */
    CLOCK,
    /** A copy of the deployment that differs in its environment's name alone. */
    CLONE,
    /** It keeps for a shorter time than what was confirmed. */
    POLICY;

    /** Whether it must not send a single deletion. */
    boolean isSilent() {
        return this != NONE;
    }
}
