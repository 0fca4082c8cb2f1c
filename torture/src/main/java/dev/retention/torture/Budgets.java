package dev.retention.torture;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * I9: what a run may claim and send, over all instances; and what all of them may together, as long as more is due than
 * usual: what a person has confirmed.
 */
final class Budgets implements Check {

    @Override
    public void check(Evidence evidence, Findings findings) {
        Journal journal = evidence.journal;
        claimsByRun(journal).forEach((run, claims) -> {
            if (claims > evidence.maxDeletions) {
                findings.violated("I9", "run " + run + " claimed " + claims + " of " + evidence.maxDeletions);
            }
        });
        sentByRun(evidence).forEach((run, sent) -> {
            if (sent > evidence.maxDeletions) {
                findings.violated("I9", "run " + run + " sent " + sent + " of " + evidence.maxDeletions);
            }
        });
        long claimed = netClaims(journal).stream()
                .filter(claim -> claim.seq() < journal.healedSeq())
                .count();
        if (claimed > journal.allowed()) {
            findings.violated("I9", claimed + " recordings were claimed, and " + journal.allowed() + " were confirmed");
        }
    }

    /** First claims of each run that were not released unsent. */
    static Map<String, Long> claimsByRun(Journal journal) {
        return netClaims(journal).stream().collect(Collectors.groupingBy(Journal.Claimed::run, Collectors.counting()));
    }

    private static Collection<Journal.Claimed> netClaims(Journal journal) {
        Map<String, Journal.Claimed> net = new HashMap<>();
        for (Journal.Claimed claim : journal.claims()) {
            // An erasure belongs to no run.
            if (claim.attempt() == 1 && !claim.run().equals("null")) {
                net.put(claim.token(), claim);
            }
        }
        for (Journal.Claimed released : journal.releasedClaims()) {
            if (released.attempt() == 1) {
                net.remove(released.token());
            }
        }
        return net.values();
    }

    /** For how many first claims of each run something was received. */
    private static Map<String, Long> sentByRun(Evidence evidence) {
        Set<String> sent = new HashSet<>();
        for (Request request : evidence.requests) {
            if (request.isDelete()) {
                evidence.rowsOf(request).forEach(row -> sent.add(request.instance + " " + row.key()));
            }
        }
        return netClaims(evidence.journal).stream()
                .filter(claim -> sent.contains(claim.instance() + " " + claim.id()))
                .collect(Collectors.groupingBy(Journal.Claimed::run, Collectors.counting()));
    }
}
