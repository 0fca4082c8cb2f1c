package dev.retention.torture;

import dev.retention.RetentionException;
import dev.retention.SweepReport;
import dev.retention.spi.Claim;
import dev.retention.spi.DeletionResult;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What an instance tells the harness, a line each: on its standard output, if it is a process. What the library is
 * about to do is told before it can do it, so that nothing is missing when it dies. {@link Hearing} reads it.
 */
final class Telling {

    private static final Duration LATELY = Duration.ofSeconds(5);

    private final Consumer<String> listener;
    private final Pulse pulse;

    /** @param listener gets each line */
    Telling(Consumer<String> listener, Pulse pulse) {
        this.listener = listener;
        this.pulse = pulse;
    }

    synchronized void tell(String line) {
        listener.accept("@" + line);
    }

    void swept(SweepReport report) {
        tell("SWEEP " + report.end() + " checked=" + report.checked() + " sum=" + sum(report) + " withoutKey="
                + report.withoutKey() + " undated=" + report.undated() + " remaining=" + report.remaining() + " "
                + inOneLine(report.message()));
    }

    private static long sum(SweepReport r) {
        return r.deleted()
                + r.alreadyGone()
                + r.nothingStored()
                + r.failed()
                + r.deferred()
                + r.unproven()
                + r.quarantined()
                + r.held();
    }

    void failed(String what, RuntimeException e) {
        String kind = e instanceof RetentionException ours
                ? ours.kind().name()
                : e.getClass().getSimpleName();
        tell("FAILED " + what + " " + kind + " " + inOneLine(String.valueOf(e.getMessage())));
    }

    private static String inOneLine(String text) {
        return text.replaceAll("\\s+", " ");
    }

    void claimed(List<?> claims) {
        claims.forEach(claim -> tell("CLAIM " + line((Claim) claim)));
    }

    /** Said before it happens: a claim that was released may be anybody's by the time it is over. */
    void releasing(@Nullable Collection<?> claims) {
        if (claims != null) {
            claims.forEach(claim -> tell("BACK " + line((Claim) claim)));
        }
    }

    private static String line(Claim claim) {
        return claim.runId() + " " + claim.id() + " " + claim.token() + " " + claim.attempt() + " " + claim.inDoubt()
                + " " + claim.late();
    }

    /** The check that began then allowed these. */
    void checked(long begunNanos, Stream<String> allowed) {
        tell("CHECK " + begunNanos + " " + allowed.collect(Collectors.joining(",")));
    }

    /** A first claim is itself a check of the row; a later one looks at the gate's row alone. */
    void checkedByClaiming(long begunNanos, Collection<Claim> claims) {
        checked(
                begunNanos,
                claims.stream().filter(claim -> claim.attempt() == 1).map(Claim::id));
    }

    /** Calls a storage, which will send. */
    void sending(String id, long begunNanos) {
        tell("SEND " + id + " " + begunNanos + " " + pulse.starvedNanos(LATELY));
    }

    void permitted(String id, long askedNanos) {
        tell("PERMIT " + id + " " + askedNanos + " " + System.nanoTime() + " " + pulse.starvedNanos(LATELY));
    }

    void answered(@Nullable Object answer) {
        if (answer instanceof DeletionResult result) {
            tell("ANSWER " + result.kind());
        }
    }

    /** A head of the evidence log, which it has handed out. */
    void shown(String checkpoint) {
        tell("HEAD " + Base64.getEncoder().encodeToString(checkpoint.getBytes(StandardCharsets.UTF_8)));
    }

    /** To the call that began then. */
    void answered(@Nullable Object answer, String id, long begunNanos) {
        String kind = answer instanceof DeletionResult result ? result.kind().name() : "none";
        tell("ANSWER " + kind + " " + id + " " + begunNanos + " " + System.nanoTime() + " "
                + pulse.starvedNanos(LATELY));
    }
}
