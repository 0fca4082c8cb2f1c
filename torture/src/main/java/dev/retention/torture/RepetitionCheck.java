package dev.retention.torture;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * I8: as many deletions as claims at most, but for throttled ones, which go again under their claim. I8-LOOK-UP: a
 * look-up before a further one, if the one before may have worked. I8-AT-ONCE: none while another instance waits for
 * the answer to its own.
 */
final class RepetitionCheck implements Check {

    private static final int THROTTLED = 429;

    @Override
    public void check(Evidence evidence, Findings findings) {
        evidence.bySid.forEach((sid, requests) -> {
            List<Row> rows = evidence.fixture.bySid(sid);
            long sent = requests.stream()
                    .filter(request -> request.isDelete() && request.status != THROTTLED)
                    .count();
            Set<String> tokens = new HashSet<>();
            rows.forEach(row -> evidence.claimsOf(row).forEach(claim -> tokens.add(claim.token())));
            if (sent > tokens.size()) {
                findings.violated("I8", sent + " deletions and " + tokens.size() + " claims: " + requests);
            }
            if (rows.size() == 1) {
                inOrder(requests, evidence, findings);
            }
        });
    }

    private static void inOrder(List<Request> requests, Evidence evidence, Findings findings) {
        Request before = null;
        boolean seen = false;
        for (Request request : requests) {
            if (!request.isDelete()) {
                seen |= request.status == 200;
                continue;
            }
            if (before != null && !evidence.isLate(before)) {
                if (!seen && before.mayHaveWorked() && !evidence.isLate(request)) {
                    findings.violated("I8-LOOK-UP", "deleted again and not looked up: " + before + ", " + request);
                }
                if (isWaitedFor(before, request, evidence.permission(before))) {
                    findings.violated(
                            "I8-AT-ONCE", "sent while another still waited for its answer: " + before + ", " + request);
                }
            }
            before = request;
            seen = false;
        }
    }

    /** Whether the sender of the first waited for its answer when another instance sent the second. */
    private static boolean isWaitedFor(Request first, Request second, Sendings.@Nullable Permission of) {
        if (first.instance == second.instance) {
            return false;
        }
        Sendings.Returned returned = of == null ? null : of.returned();
        if (of == null || returned == null) {
            // It has died, or has not told: its lease lasts longer than half of the time that it would wait.
            return first.fault.startsWith("no answer")
                    && second.nanos - first.nanos < InstanceSettings.REQUEST_TIMEOUT.toNanos() / 2;
        }
        // A call that lasted so long was stopped, together with its instance: the lease may have ended meanwhile.
        boolean stopped = returned.nanos() - of.sinceNanos() > InstanceSettings.LEASE.toNanos() / 2;
        return second.nanos < returned.nanos() && !stopped;
    }
}
