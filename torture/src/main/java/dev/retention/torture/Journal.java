package dev.retention.torture;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What everybody did, in one order: provider, hold clerk, killer and auditor draw from the same sequence, so that no
 * clock is needed to say what came first. A request is written down before its answer leaves.
 */
final class Journal {

    /** A claim as its instance told it, before anything was sent under it. */
    record Claimed(long seq, int instance, String run, String id, String token, int attempt) {}

    /** From and to by {@code System.nanoTime()}: surely paused in between. */
    record Pause(long fromNanos, long toNanos) {}

    /** From and to by {@code System.nanoTime()}: the network between an instance and the provider was slow. */
    record HeldBack(int instance, long fromNanos, long toNanos) {}

    /** Which instances are of which version of the engine, or dry runs. */
    private final Set<Integer> earlier = new HashSet<>();

    private final Set<Integer> dry = new HashSet<>();
    /** Those that are frozen within a transaction now, and whether others have claimed since. */
    private final Map<Integer, Boolean> stalling = new HashMap<>();

    private final List<String> astray = new ArrayList<>();
    private final Set<String> heads = new LinkedHashSet<>();

    final Sendings sendings = new Sendings();

    private final AtomicLong sequence = new AtomicLong();
    private int applied;
    private final List<Request> requests = new ArrayList<>();
    private final Map<String, Hold> holds = new TreeMap<>();
    private final List<Claimed> claims = new ArrayList<>();
    private final List<Claimed> released = new ArrayList<>();
    private final Map<String, Integer> owners = new HashMap<>();
    private final List<String> sweeps = new ArrayList<>();
    private final List<Pause> pauses = new ArrayList<>();
    private final List<HeldBack> heldBack = new ArrayList<>();
    private final Set<Integer> silent = new HashSet<>();
    private final Map<String, Long> erasures = new HashMap<>();
    private final Set<String> retried = new HashSet<>();
    private final Set<String> accepted = new HashSet<>();
    private long allowed;
    private long healed = Long.MAX_VALUE;
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
        stalling.replaceAll((frozen, others) -> others || frozen != claim.instance());
        Integer before = owners.put(claim.id(), claim.instance());
        if (claim.attempt() > 1) {
            count("taken up again");
            if (before != null && before != claim.instance()) {
                count("lease taken over");
            }
        }
    }

    /** The claim was released without a request. */
    synchronized void released(Claimed claim) {
        released.add(claim);
        count("released unsent");
    }

    synchronized void swept(String line) {
        sweeps.add(line);
    }

    synchronized void paused(Pause pause) {
        pauses.add(pause);
    }

    synchronized void heldBack(HeldBack window) {
        heldBack.add(window);
    }

    synchronized List<HeldBack> heldBack() {
        return List.copyOf(heldBack);
    }

    /** This instance must not send a deletion. */
    synchronized void silent(int instance) {
        silent.add(instance);
    }

    /** This instance is of the version that can't read everything. */
    synchronized void earlier(int instance) {
        earlier.add(instance);
    }

    synchronized Set<Integer> earlier() {
        return Set.copyOf(earlier);
    }

    /** This instance must not even claim. */
    synchronized void dry(int instance) {
        dry.add(instance);
    }

    synchronized Set<Integer> dry() {
        return Set.copyOf(dry);
    }

    /** This instance is frozen within a transaction. */
    synchronized void stall(int instance) {
        stalling.put(instance, false);
    }

    /** It is no longer, and this is what has become of the transaction. */
    synchronized void stalled(int instance, String outcome) {
        if (Boolean.TRUE.equals(stalling.remove(instance))) {
            count(Stall.OTHERS_CLAIMED);
        }
        count(outcome);
    }

    /** It has died, perhaps while it was frozen. */
    synchronized void ended(int instance) {
        stalling.remove(instance);
    }

    /** A deletion was sent to where none of the recordings is. */
    synchronized void astray(String request) {
        astray.add(request);
    }

    synchronized List<String> astray() {
        return List.copyOf(astray);
    }

    /** An instance has handed out this head of the evidence log. */
    synchronized void shown(String head) {
        if (heads.add(head)) {
            count("heads shown");
        }
    }

    /** The heads that were ever handed out. */
    synchronized Set<String> heads() {
        return Set.copyOf(heads);
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

    /** A person has confirmed so many more deletions. */
    synchronized void allowed(long more) {
        allowed += more;
    }

    /** How many deletions were ever confirmed. */
    synchronized long allowed() {
        return allowed;
    }

    /** From now on there are no more due recordings than usual, so that none need a confirmation. */
    synchronized void healed() {
        healed = next();
    }

    synchronized long healedSeq() {
        return healed;
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

    /** How many requests there were. */
    synchronized int size() {
        return requests.size();
    }

    synchronized List<Request> requests() {
        return List.copyOf(requests);
    }

    synchronized List<Request> lastRequests(int most) {
        return List.copyOf(requests.subList(Math.max(0, requests.size() - most), requests.size()));
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

    /** How many recordings were ever claimed. */
    synchronized int claimed() {
        return owners.size();
    }

    synchronized List<Claimed> lastClaims(int most) {
        return List.copyOf(claims.subList(Math.max(0, claims.size() - most), claims.size()));
    }

    synchronized List<Claimed> releasedClaims() {
        return List.copyOf(released);
    }

    synchronized List<String> sweeps() {
        return List.copyOf(sweeps);
    }

    /** How many sweeps have ended, by whatever instance and however. */
    synchronized int sweepsEnded() {
        return sweeps.size() + counts.getOrDefault("failed sweep", 0L).intValue();
    }

    synchronized List<Pause> pauses() {
        return List.copyOf(pauses);
    }

    synchronized Set<Integer> silent() {
        return Set.copyOf(silent);
    }

    synchronized List<String> noted() {
        return List.copyOf(noted);
    }

    synchronized Map<String, Long> counts() {
        return new TreeMap<>(counts);
    }
}
