package dev.retention.torture;

/** What is wrong with an instance that must do nothing. */
enum Odd {
    NONE,
    /** Its clock or its database's is months away. */
    CLOCK,
    /** A copy of the deployment that differs in its environment's name alone. */
    CLONE,
    /** It keeps for a shorter time than what was confirmed. */
    POLICY,
    /** It keeps for three months, which are fewer days than what was confirmed in some of them. */
    MONTHS,
    /** An older version, which does not map the engine's hold flag. */
    MAPPING,
    /** A dry run. */
    DRY_RUN,
    /** It asks a provider, as in another region, that has the accounts and none of the recordings. */
    ELSEWHERE,
    /** Its policy keeps for two days in every other moment. */
    SHORT_AT_TIMES;

    /** Whether it must not send a single deletion. */
    boolean isSilent() {
        return this != NONE;
    }
}
