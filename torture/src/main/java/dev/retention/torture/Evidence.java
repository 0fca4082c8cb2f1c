package dev.retention.torture;

import dev.retention.test.twilio.LoopbackTwilio;
import dev.retention.test.twilio.TwilioRecording;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Everything that is known at one time, arranged for the checks. */
final class Evidence {

    /** A request that was under way for longer than its sender waits for the answer. */
    private static final Duration LATE = InstanceSettings.REQUEST_TIMEOUT;

    final Fixture fixture;
    final Journal journal;
    final Dump dump;
    final long maxDeletions;
    final Instant now;
    /** Whether nothing more will be heard of what was sent. */
    final boolean isComplete;

    /** In the order in which they were received. */
    final List<Request> requests;

    final Map<String, Long> erasures;
    final Set<String> retried;
    final Set<String> accepted;
    final Map<String, List<Request>> bySid = new HashMap<>();
    private final LoopbackTwilio twilio;
    private final Map<String, List<Journal.Claimed>> claimsById = new HashMap<>();

    private Evidence(World world, Dump dump, List<Request> received, boolean isComplete) {
        this.fixture = world.fixture;
        this.journal = world.journal;
        this.now = world.clock.instant();
        this.twilio = world.twilio;
        this.maxDeletions = world.settings.maxDeletions();
        this.dump = dump;
        this.isComplete = isComplete;
        this.erasures = journal.erasures();
        this.retried = journal.retried();
        this.accepted = journal.accepted();
        // Threads of the provider may have written them down in another order than they drew their numbers.
        this.requests =
                received.stream().sorted((a, b) -> Long.compare(a.seq, b.seq)).toList();
        for (Request request : requests) {
            if (request.sid != null) {
                bySid.computeIfAbsent(request.sid, sid -> new ArrayList<>()).add(request);
            }
        }
        for (Journal.Claimed claim : journal.claims()) {
            claimsById.computeIfAbsent(claim.id(), id -> new ArrayList<>()).add(claim);
        }
    }

    /** Of these requests only, while instances go on. */
    static Evidence of(World world, List<Request> requests) {
        return new Evidence(world, Dump.EMPTY, requests, false);
    }

    /** When all instances have ended, and everything that they wrote was read. */
    static Evidence complete(World world, Dump dump) {
        return new Evidence(world, dump, world.journal.requests(), true);
    }

    static Evidence of(World world, Dump dump) {
        return new Evidence(world, dump, world.journal.requests(), false);
    }

    List<Row> rowsOf(Request request) {
        return fixture.bySid(request.sid);
    }

    /** What was sent for this row, or for another with the same recording. */
    List<Request> sent(Row row) {
        return row.sid() == null ? List.of() : bySid.getOrDefault(row.sid(), List.of());
    }

    /** What was sent for all that this row ever named, in the order in which it was received. */
    List<Request> everSent(Row row) {
        return fixture.life(row).versions().stream()
                .flatMap(version -> version.row() == null
                        ? Stream.<String>empty()
                        : Stream.ofNullable(version.row().sid()))
                .distinct()
                .flatMap(sid -> bySid.getOrDefault(sid, List.of()).stream())
                .sorted((a, b) -> Long.compare(a.seq, b.seq))
                .toList();
    }

    List<Journal.Claimed> claimsOf(Row row) {
        return claimsById.getOrDefault(row.key(), List.of());
    }

    @Nullable
    TwilioRecording recording(@Nullable String sid) {
        return sid == null ? null : twilio.recording(sid).orElse(null);
    }

    /** What let this deletion go; null where nothing was heard of it. */
    Sendings.@Nullable Permission permission(Request request) {
        return journal.sendings.of(request, rowsOf(request));
    }

    /**
     * Whether it was received later than its sender waits: the sender was stopped between its last check and sending,
     * or the network held it back. The library can't call it back, and nobody else is to be blamed for it.
     */
    boolean isLate(Request request) {
        Sendings.Permission permission = permission(request);
        return permission != null && request.nanos - permission.sinceNanos() > LATE.toNanos();
    }
}
