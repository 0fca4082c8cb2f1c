package dev.retention.torture;

import java.time.Duration;

/**
 * CHECK: before a deletion is sent, a check of its row has let it pass, at most two seconds before. PAUSE: a check that
 * began during a pause lets nothing pass, and nothing is received two seconds after the pause was answered.
 *
 * <p>When a check began and when a permit was asked for are instants of the instance itself, so that no time of the
 * network or of another process counts. Only where the library had made its decision before the storage was called has
 * the calling thread to be given a processor in between: then as much is allowed as the instance was kept waiting for
 * one, measured by its {@link Pulse}.
 */
final class PermissionCheck implements Check {

    private static final long FRESH = Duration.ofSeconds(2).toNanos();
    private static final long HANDED_OVER = Duration.ofMillis(250).toNanos();
    /** A thread among others that all want a processor waits longer than one that mostly sleeps. */
    private static final int STARVED_TIMES = 10;

    @Override
    public void check(Evidence evidence, Findings findings) {
        for (Request request : evidence.requests) {
            if (request.isDelete() && !evidence.rowsOf(request).isEmpty()) {
                deletion(request, evidence, findings);
            }
        }
        for (Journal.Pause pause : evidence.journal.pauses()) {
            for (Sendings.Check check : evidence.journal.sendings.checks()) {
                if (check.allowed() > 0
                        && check.begunNanos() > pause.fromNanos()
                        && check.begunNanos() < pause.toNanos()) {
                    findings.violated(
                            "PAUSE",
                            check.allowed() + " deletions were allowed to i" + check.instance()
                                    + " by a check that began during a pause");
                }
            }
            evidence.requests.stream()
                    .filter(request -> request.isDelete()
                            && request.nanos < pause.toNanos()
                            && isTooLongAfter(pause.fromNanos(), request, evidence))
                    .forEach(request -> findings.violated(
                            "PAUSE",
                            "received " + (request.nanos - pause.fromNanos()) / 1_000_000
                                    + " ms after the pause was answered: " + request));
        }
    }

    /**
     * Whether a request was received later after something that should have stopped it than is promised: two seconds,
     * and what its sender was kept waiting for a processor. What the network held back is excused.
     */
    static boolean isTooLongAfter(long stopNanos, Request request, Evidence evidence) {
        Sendings.Permission permission = evidence.permission(request);
        Sendings.Returned returned = permission == null ? null : permission.returned();
        if (permission == null || returned == null) {
            // Its sender has died, and was perhaps stopped before.
            return false;
        }
        long allowed = FRESH + HANDED_OVER + STARVED_TIMES * starved(request, permission, returned);
        return request.nanos - stopNanos > allowed && !isHeldBack(request, permission, evidence);
    }

    private static long starved(Request request, Sendings.Permission permission, Sendings.Returned returned) {
        return Math.max(Math.max(permission.starvedNanos(), returned.starvedNanos()), request.starvedNanos);
    }

    private static boolean isHeldBack(Request request, Sendings.Permission permission, Evidence evidence) {
        return evidence.journal.heldBack().stream()
                .anyMatch(window -> window.instance() == request.instance
                        && window.fromNanos() <= request.nanos
                        && window.toNanos() >= permission.sinceNanos());
    }

    private static void deletion(Request request, Evidence evidence, Findings findings) {
        Sendings.Permission permission = evidence.permission(request);
        if (permission == null || !permission.isChecked()) {
            if (evidence.isComplete) {
                findings.violated("CHECK", "no check before " + request);
            }
            return;
        }
        long age = permission.sinceNanos() - permission.checkNanos();
        if (age > FRESH + HANDED_OVER + STARVED_TIMES * permission.starvedNanos()) {
            findings.violated(
                    "CHECK",
                    "the check was " + age / 1_000_000 + " ms old, and no processor was missed for" + " more than "
                            + permission.starvedNanos() / 1_000_000 + " ms: " + request);
        }
        onTheWay(request, permission, evidence, findings);
    }

    /** Once permitted, it goes at once: all of the call takes no longer than the request time-out. */
    private static void onTheWay(
            Request request, Sendings.Permission permission, Evidence evidence, Findings findings) {
        Sendings.Returned returned = permission.returned();
        if (returned == null) {
            return;
        }
        long took = request.nanos - permission.sinceNanos();
        long allowed = InstanceSettings.REQUEST_TIMEOUT.toNanos()
                + HANDED_OVER
                + STARVED_TIMES * starved(request, permission, returned);
        if (took > allowed && !isHeldBack(request, permission, evidence)) {
            findings.violated("CHECK", "received " + took / 1_000_000 + " ms after its permission: " + request);
        }
    }
}
