package dev.retention.model;

/** What there is. Four small worlds are explored in place of a large one. */
enum HoldWorld {
    /** Both rows name one key, and both instances map the attribute. */
    ONE_KEY(280_000, true, 2, true, false),
    /** Both rows name one key, and there is a second hold, but one instance. */
    TWO_HOLDS(180_000, true, 1, true, true),
    /** Both rows name one key, the second instance does not map the attribute, and there are erasures. */
    ROLLING_DEPLOYMENT(140_000, true, 2, false, false),
    /** Each row names a key of its own, and there is one instance. */
    TWO_KEYS(34_000, false, 1, true, false);

    private final int leastStates;
    private final boolean twins;
    private final int instances;
    private final boolean allMap;
    private final boolean secondHold;

    HoldWorld(int leastStates, boolean twins, int instances, boolean allMap, boolean secondHold) {
        this.leastStates = leastStates;
        this.twins = twins;
        this.instances = instances;
        this.allMap = allMap;
        this.secondHold = secondHold;
    }

    /** Fewer would mean that the model has lost something. */
    int leastStates() {
        return leastStates;
    }

    boolean hasTwins() {
        return twins;
    }

    int instances() {
        return instances;
    }

    boolean hasSecondHold() {
        return secondHold;
    }

    boolean hasErasures() {
        return this == ROLLING_DEPLOYMENT;
    }

    boolean hasRemovals() {
        return this != ROLLING_DEPLOYMENT;
    }

    /** Whether the instances are alike. */
    boolean isSymmetric() {
        return this == ONE_KEY;
    }

    /** Whether an instance maps the attribute. */
    boolean isMappedBy(int instance) {
        return instance == 1 || allMap;
    }
}
