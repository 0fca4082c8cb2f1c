package dev.retention.torture;

import java.util.Set;

/**
 * CLOCK: an instance with a wrong clock or another environment sends nothing. ACCOUNT: nothing is sent to a provider
 * that has the accounts and none of the recordings. DRY: a dry run claims nothing. READ: nothing is sent for a row that
 * the instance can't read. FROZEN: what an instance did in a transaction, within which it was frozen, has no effect.
 * I15: a sweep only ends with an exception when the database is away.
 */
final class SilenceCheck implements Check {

    /** Only a database that is away ends a sweep with an exception. */
    private static final String FAILED_SWEEP = "failed sweep ";

    @Override
    public void check(Evidence evidence, Findings findings) {
        Set<Integer> silent = evidence.journal.silent();
        Set<Integer> earlier = evidence.journal.earlier();
        for (Request request : evidence.requests) {
            if (request.isDelete() && silent.contains(request.instance)) {
                findings.violated("CLOCK", "sent by an instance whose clocks or environment differ: " + request);
            }
            if (request.isDelete()
                    && earlier.contains(request.instance)
                    && evidence.rowsOf(request).stream().anyMatch(row -> row.nature() == Nature.LATER_CHANNEL)) {
                findings.violated("READ", "sent by an instance that can't read the row: " + request);
            }
        }
        evidence.journal.astray().forEach(request -> findings.violated("ACCOUNT", "sent to nowhere: " + request));
        Set<Integer> dry = evidence.journal.dry();
        evidence.journal.claims().stream()
                .filter(claim -> dry.contains(claim.instance()))
                .forEach(claim -> findings.violated("DRY", "claimed in a dry run: " + claim));
        evidence.journal.counts().keySet().stream()
                .filter(Stall::isCommitted)
                .forEach(counted -> findings.violated("FROZEN", counted));
        evidence.journal.counts().keySet().stream()
                .filter(counted -> counted.startsWith(FAILED_SWEEP) && !counted.equals(FAILED_SWEEP + "UNAVAILABLE"))
                .forEach(counted -> findings.violated("I15", counted));
    }
}
