package dev.retention.torture;

/**
 * One family of invariants, numbered as in the README. What is true comes from the fixture and from what the provider
 * saw, never from what the library says about itself. Adds to {@link Checker} to take part.
 */
interface Check {

    void check(Evidence evidence, Findings findings);
}
