package dev.retention.torture;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What everybody did, in one order: provider, hold clerk, killer and auditor draw from the same sequence, so that no clock is needed to say what
 * came first. A request is written down before its answer leaves.
 */
final class Journal {

    private final AtomicLong sequence = new AtomicLong();

    /** A request as the provider got it, and the gate's row as it was then. */
    static final class Request {
        final long seq;
        final long millis;
        final String method;
        final String path;
        final @Nullable String account;
        final @Nullable String sid;
        final int instance;
        volatile @Nullable Gate gate;
        volatile String fault = "";
        volatile int status;
        volatile long appliedSeq;

        Request(
                long seq,
                long millis,
                String method,
                String path,
                @Nullable String account,
                @Nullable String sid,
                int instance) {
            this.seq = seq;
            this.millis = millis;
            this.method = method;
            this.path = path;
            this.account = account;
            this.sid = sid;
            this.instance = instance;
        }

        boolean isDelete() {
            return method.equals("DELETE");
        }

        @Override
        public String toString() {
            return "#" + seq + " " + method + " " + sid + " by i" + instance + " -> " + status
                    + (fault.isEmpty() ? "" : " (" + fault + ")") + (appliedSeq > 0 ? " applied #" + appliedSeq : "")
                    + (gate == null ? "" : " " + gate);
        }
    }

    /** A row of the gate; the state is {@code NONE} where there is none. */
    record Gate(String state, @Nullable String owner, boolean held, long leaseMillis) {}

    /** A hold that was asked for. */
    static final class Hold {
        final long callSeq;
        final String holdId;
        final List<String> ids;
        final long untilMillis;
        long answerSeq;
        long answerMillis;
        final Map<String, String> answers = new HashMap<>();
        /** When it was first asked to be released; for ever where it was not. */
        long releaseSeq = Long.MAX_VALUE;

        /** From here on it may be gone, whether or not the answer ever comes. */
        synchronized void released(long seq) {
            releaseSeq = Math.min(releaseSeq, seq);
        }

        Hold(long callSeq, String holdId, List<String> ids, long untilMillis) {
            this.callSeq = callSeq;
            this.holdId = holdId;
            this.ids = ids;
            this.untilMillis = untilMillis;
        }
    }

    record Claimed(long seq, int instance, String run, String id, String token, int attempt) {}

    record Window(long fromMillis, long toMillis, int instance) {}

    private int applied;
    private final List<Request> requests = new ArrayList<>();
    private final Map<String, Hold> holds = new TreeMap<>();
    private final List<Claimed> claims = new ArrayList<>();
    private final List<Claimed> backs = new ArrayList<>();
    private final List<String> sweeps = new ArrayList<>();
    private final List<Window> pauses = new ArrayList<>();
    private final List<Window> disturbances = new ArrayList<>();
    private final List<Integer> shifted = new ArrayList<>();
    private final Map<String, Long> erasures = new HashMap<>();
    private final Set<String> retried = new HashSet<>();
    private final Set<String> accepted = new HashSet<>();
    private final List<String> noted = new ArrayList<>();
    private final Map<String, Long> counts = new TreeMap<>();

    long next() {
        return sequence.incrementAndGet();
    }

    synchronized void add(Request request) {
        requests.add(request);
    }

    synchronized void add(Hold hold) {
        holds.put(hold.holdId, hold);
    }

    synchronized @Nullable Hold hold(String holdId) {
        return holds.get(holdId);
    }

    synchronized void claimed(Claimed claim) {
        claims.add(claim);
    }

    synchronized void givenBack(Claimed claim) {
        backs.add(claim);
    }

    synchronized void swept(String line) {
        sweeps.add(line);
    }

    synchronized void paused(Window window) {
        pauses.add(window);
    }

    /** The instance was not itself then: frozen, or its network held things back. */
    synchronized void disturbed(int instance, long fromMillis, long toMillis) {
        disturbances.add(new Window(fromMillis, toMillis, instance));
    }

    synchronized void shifted(int instance) {
        shifted.add(instance);
    }

    /** From now on it may be deleted whatever its age. */
    synchronized void erasing(String id) {
        erasures.putIfAbsent(id, next());
    }

    synchronized void retried(String id) {
        retried.add(id);
    }

    synchronized void accepted(String id) {
        accepted.add(id);
    }

    synchronized Map<String, Long> erasures() {
        return Map.copyOf(erasures);
    }

    synchronized Set<String> retried() {
        return Set.copyOf(retried);
    }

    synchronized Set<String> accepted() {
        return Set.copyOf(accepted);
    }

    /** Something to be shown when the run fails. */
    synchronized void note(String text) {
        noted.add("#" + next() + " " + text);
    }

    synchronized void count(String what) {
        counts.merge(what, 1L, Long::sum);
    }

    synchronized long counted(String what) {
        return counts.getOrDefault(what, 0L);
    }

    synchronized int size() {
        return requests.size();
    }

    synchronized List<Request> requests() {
        return List.copyOf(requests);
    }

    /** How many deletions had an effect. */
    synchronized int deletions() {
        return applied;
    }

    synchronized void applied() {
        applied++;
    }

    synchronized List<Hold> holds() {
        return List.copyOf(holds.values());
    }

    synchronized List<Claimed> claims() {
        return List.copyOf(claims);
    }

    synchronized List<Claimed> lastClaims(int most) {
        return List.copyOf(claims.subList(Math.max(0, claims.size() - most), claims.size()));
    }

    synchronized List<Claimed> backs() {
        return List.copyOf(backs);
    }

    synchronized List<String> sweeps() {
        return List.copyOf(sweeps);
    }

    synchronized List<Window> pauses() {
        return List.copyOf(pauses);
    }

    synchronized List<Window> disturbances() {
        return List.copyOf(disturbances);
    }

    synchronized List<Integer> shifted() {
        return List.copyOf(shifted);
    }

    synchronized List<String> noted() {
        return List.copyOf(noted);
    }

    synchronized Map<String, Long> counts() {
        return new TreeMap<>(counts);
    }
}
