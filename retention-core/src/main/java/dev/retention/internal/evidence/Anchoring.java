package dev.retention.internal.evidence;

import dev.retention.internal.evidence.AnchorComparison.Finding;
import dev.retention.spi.AnchorReceipt;
import dev.retention.spi.CheckpointAnchor;
import dev.retention.spi.EvidenceLog;
import dev.retention.spi.EvidenceLog.AnchoredHead;
import dev.retention.spi.EvidenceLog.Seal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the newest head to each anchor that does not have it. One that fails keeps neither the others nor the caller
 * from going on: it is tried again with the next head, or the next time.
 */
final class Anchoring {

    private static final Logger log = LoggerFactory.getLogger(Anchoring.class);
    private static final int MOST_CHARACTERS = 500;

    private final EvidenceLog evidence;
    private final List<CheckpointAnchor> anchors;
    private final Function<CheckpointAnchor, Finding> comparison;
    private final Predicate<LostHead> accepted;
    private final Supplier<Instant> databaseTime;
    private final Map<String, String> failures = new ConcurrentHashMap<>();

    /**
     * Brings heads to these anchors.
     *
     * @param comparison of the log with what an anchor keeps
     * @param accepted whether a person has accepted that the log no longer has this head
     */
    Anchoring(
            EvidenceLog evidence,
            List<CheckpointAnchor> anchors,
            Function<CheckpointAnchor, Finding> comparison,
            Predicate<LostHead> accepted,
            Supplier<Instant> databaseTime) {
        this.evidence = evidence;
        this.anchors = List.copyOf(anchors);
        this.comparison = comparison;
        this.accepted = accepted;
        this.databaseTime = databaseTime;
    }

    List<CheckpointAnchor> anchors() {
        return anchors;
    }

    /** Why the newest attempt at this anchor failed; empty if it did not. */
    Optional<String> failure(CheckpointAnchor anchor) {
        return Optional.ofNullable(failures.get(anchor.name()));
    }

    /** Not by two threads at once: the caller sees to it. */
    void anchor(Seal newest) {
        for (CheckpointAnchor anchor : anchors) {
            try {
                if (evidence.newestAnchored(anchor.name())
                        .filter(kept -> kept.size() >= newest.head().size())
                        .isEmpty()) {
                    anchor(anchor, newest);
                }
                succeeded(anchor);
            } catch (RuntimeException e) {
                failed(anchor, e);
            }
        }
    }

    /**
     * An anchor that keeps another log gets nothing: what it keeps would then no longer show that. Once a person has
     * accepted what is missing, heads are added again after those that the log has lost.
     */
    private void anchor(CheckpointAnchor anchor, Seal newest) {
        Finding found = comparison.apply(anchor);
        if (found.fault() != null) {
            throw new IllegalStateException(found.fault());
        }
        LostHead lost = found.lost();
        if (lost != null && !accepted.test(lost)) {
            throw new IllegalStateException(lost.why() + ". No further head is anchored there until this is confirmed");
        }
        AnchorReceipt receipt = anchor.anchor(newest.checkpoint());
        String text = receipt.text();
        evidence.anchored(new AnchoredHead(
                anchor.name(),
                newest.head().size(),
                databaseTime.get(),
                text.substring(0, Math.min(text.length(), MOST_CHARACTERS))));
    }

    private void succeeded(CheckpointAnchor anchor) {
        if (failures.remove(anchor.name()) != null) {
            log.info("the anchor '{}' has the newest head of the evidence log again", anchor.name());
        }
    }

    /** Said once for each reason, not each time. */
    private void failed(CheckpointAnchor anchor, RuntimeException e) {
        String reason = e.getMessage() == null ? e.toString() : e.getMessage();
        if (!reason.equals(failures.put(anchor.name(), reason))) {
            log.warn(
                    "the newest head of the evidence log could not be anchored in '{}': {}. It is tried again after the"
                            + " next seal",
                    anchor.name(),
                    reason,
                    e);
        }
    }
}
