package dev.retention.internal.evidence;

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
    private final AnchorComparison comparison;
    private final Supplier<Instant> databaseTime;
    private final Map<String, String> failures = new ConcurrentHashMap<>();

    Anchoring(
            EvidenceLog evidence,
            List<CheckpointAnchor> anchors,
            AnchorComparison comparison,
            Supplier<Instant> databaseTime) {
        this.evidence = evidence;
        this.anchors = List.copyOf(anchors);
        this.comparison = comparison;
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

    /** An anchor that keeps another log gets nothing: what it keeps would then no longer show that. */
    private void anchor(CheckpointAnchor anchor, Seal newest) {
        Optional<String> objection = comparison.objection(anchor);
        if (objection.isPresent()) {
            throw new IllegalStateException(objection.get());
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
                    "the newest head of the evidence log could not be anchored in '{}': {}. Deletions go on, and it is"
                            + " tried again after the next seal",
                    anchor.name(),
                    reason,
                    e);
        }
    }
}
