package dev.retention.torture;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** I9: what a run may claim, over all instances. */
final class Budgets implements Check {

    @Override
    public void check(Evidence evidence, Findings findings) {
        claimsByRun(evidence.journal).forEach((run, claims) -> {
            if (claims > evidence.maxDeletions) {
                findings.violated("I9", "run " + run + " claimed " + claims + " of " + evidence.maxDeletions);
            }
        });
    }

    /** First claims of each run that were not released unsent. */
    static Map<String, Long> claimsByRun(Journal journal) {
        Map<String, Long> net = new HashMap<>();
        Set<String> seen = new HashSet<>();
        for (Journal.Claimed claim : journal.claims()) {
            // An erasure belongs to no run.
            if (claim.attempt() == 1 && !claim.run().equals("null") && seen.add(claim.token())) {
                net.merge(claim.run(), 1L, Long::sum);
            }
        }
        for (Journal.Claimed released : journal.releasedClaims()) {
            if (released.attempt() == 1 && seen.remove(released.token())) {
                net.merge(released.run(), -1L, Long::sum);
            }
        }
        return net;
    }
}
