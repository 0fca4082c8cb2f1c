package dev.retention.internal.evidence;

import dev.retention.RetentionException;
import dev.retention.internal.evidence.AnchorComparison.Finding;
import dev.retention.spi.CheckpointAnchor;
import dev.retention.spi.Controls.Control;
import dev.retention.spi.EvidenceLog;
import dev.retention.spi.EvidenceLog.Seal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Seals what is not sealed, and has the newest head anchored. An instance has one, which its sweeps, recoveries and
 * schedules share; sealers of several instances may work at once.
 */
public final class Sealer {

    private static final Logger log = LoggerFactory.getLogger(Sealer.class);

    /** Bounds the memory and the transaction of one seal. */
    static final int MOST_ENTRIES = 2_000;

    private static final Duration BETWEEN_SEALS_OF_A_RUN = Duration.ofSeconds(5);

    private final EvidenceLog evidence;
    private final TreeSealing sealing;
    private final LongSupplier nanos;
    private final Anchoring anchoring;
    private final AnchorComparison comparison;
    private final Runnable before;
    private final Predicate<LostHead> accepted;
    private final Map<String, String> faults = new ConcurrentHashMap<>();
    private final ReentrantLock lock = new ReentrantLock();

    private long sealedNanos;
    private boolean failing;

    /**
     * A sealer.
     *
     * @param nanos a monotonic clock
     * @param databaseTime the database's time
     * @param before writes what is to be sealed with the next seal, and throws nothing
     * @param controls what a person has accepted is among them
     */
    public Sealer(
            EvidenceLog evidence,
            TreeSealing sealing,
            List<CheckpointAnchor> anchors,
            LongSupplier nanos,
            Supplier<Instant> databaseTime,
            Runnable before,
            Supplier<Map<String, Control>> controls) {
        this.evidence = evidence;
        this.sealing = sealing;
        this.nanos = nanos;
        this.before = before;
        this.comparison = new AnchorComparison(evidence, sealing);
        this.accepted = head -> LostHeads.accepted(controls.get()).contains(head);
        this.anchoring = new Anchoring(evidence, anchors, this::compare, accepted, databaseTime);
        this.sealedNanos = nanos.getAsLong() - BETWEEN_SEALS_OF_A_RUN.toNanos();
    }

    /**
     * Counts the days that are to be counted, seals all that is committed, and has the newest head anchored. Waits for
     * another thread that is sealing.
     *
     * @return how many entries were sealed
     * @throws RetentionException if the database fails; a failing anchor throws nothing
     */
    public long seal() {
        lock.lock();
        try {
            before.run();
            long sealed = sealAll();
            evidence.newestSeal().ifPresent(anchoring::anchor);
            return sealed;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Seals what a part of a run has written, unless that was done in the last seconds or is being done. A failure is
     * logged, and the run goes on: what is not sealed now is sealed later.
     */
    public void afterSlice() {
        boolean due = nanos.getAsLong() - sealedNanos >= BETWEEN_SEALS_OF_A_RUN.toNanos();
        if (!due || !evidence.enabled() || !lock.tryLock()) {
            return;
        }
        try {
            goOnIfItFails(this::sealAll);
        } finally {
            lock.unlock();
        }
    }

    /** As {@link #seal()}, at the end of a run, recovery or erasure, whose result a failure must not change. */
    public void afterWork() {
        if (evidence.enabled()) {
            goOnIfItFails(this::seal);
        }
    }

    /**
     * Heads that anchors have and the database's log has not, accepted ones too. An anchor that can't be compared now
     * keeps no work from going on: that is logged, and {@link #faults} and {@link #failure} say so.
     *
     * @throws RetentionException if the database fails
     */
    public List<LostHead> lostHeads() {
        List<LostHead> lost = new ArrayList<>();
        for (CheckpointAnchor anchor : anchors()) {
            Finding found = compare(anchor);
            if (found.lost() != null) {
                lost.add(found.lost());
            }
        }
        return lost;
    }

    /** What the anchors that can be read back have against the database's log, without what a person has accepted. */
    public List<String> objections() {
        List<String> objections = new ArrayList<>();
        lostHeads().stream().filter(accepted.negate()).map(LostHead::why).forEach(objections::add);
        objections.addAll(faults());
        return objections;
    }

    /** Which anchors could not be compared the last time, and why. */
    public List<String> faults() {
        return anchors().stream()
                .map(anchor -> faults.get(anchor.name()))
                .filter(Objects::nonNull)
                .toList();
    }

    /** A fault is said once, not each time. */
    private Finding compare(CheckpointAnchor anchor) {
        Finding found = comparison.compare(anchor);
        String fault = found.fault();
        if (fault == null) {
            if (faults.remove(anchor.name()) != null) {
                log.info("the anchor '{}' can be compared with the evidence log again", anchor.name());
            }
        } else if (!fault.equals(faults.put(anchor.name(), fault))) {
            log.warn("{}. Deletions go on", fault);
        }
        return found;
    }

    /** The anchors, in the order in which they are used. */
    public List<CheckpointAnchor> anchors() {
        return anchoring.anchors();
    }

    /** Why the newest attempt to use or to compare this anchor failed; empty if it did not. */
    public Optional<String> failure(CheckpointAnchor anchor) {
        return anchoring.failure(anchor).or(() -> Optional.ofNullable(faults.get(anchor.name())));
    }

    private long sealAll() {
        sealedNanos = nanos.getAsLong();
        AtomicLong sealed = new AtomicLong();
        while (true) {
            AtomicLong inThisSeal = new AtomicLong();
            Optional<Seal> seal = evidence.seal(MOST_ENTRIES, (head, entries) -> {
                // A seal may be tried several times, and counts once.
                inThisSeal.set(entries.size());
                return sealing.append(head, entries);
            });
            if (seal.isEmpty()) {
                return sealed.get();
            }
            sealed.addAndGet(inThisSeal.get());
        }
    }

    private void goOnIfItFails(Runnable seal) {
        try {
            seal.run();
            failing = false;
        } catch (RuntimeException e) {
            if (!failing) {
                failing = true;
                log.warn(
                        "entries of the evidence log could not be sealed. They are kept, deletions go on, and sealing"
                                + " is tried again; until then nobody would notice if they were changed",
                        e);
            }
        }
    }
}
