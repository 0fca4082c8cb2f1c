package dev.retention.internal.evidence;

import dev.retention.spi.CheckpointAnchor;
import dev.retention.spi.EvidenceLog;
import dev.retention.spi.TreeHead;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Compares the log with the newest head that an anchor has kept. A log that is shorter, or that has another root at
 * that size, is not the log that was anchored: the database was restored from a backup, or somebody changed it.
 */
final class AnchorComparison {

    private final EvidenceLog evidence;
    private final String origin;
    private final @Nullable SigningKey key;

    AnchorComparison(EvidenceLog evidence, TreeSealing sealing) {
        this.evidence = evidence;
        this.origin = sealing.origin();
        this.key = sealing.key();
    }

    /**
     * Why the log is not the one that was anchored.
     *
     * @return empty if it is, or if the anchor can't be read back or keeps nothing
     * @throws RuntimeException if the anchor or the database can't be read now
     */
    Optional<String> objection(CheckpointAnchor anchor) {
        Optional<String> newest = anchor.newest();
        if (newest.isEmpty()) {
            return lost(anchor);
        }
        SignedNote note = SignedNote.parse(newest.get());
        Checkpoint kept = Checkpoint.parse(note);
        if (!kept.origin().equals(origin)) {
            return Optional.of("the anchor '" + anchor.name() + "' keeps heads of the log " + kept.origin()
                    + ", and this one is " + origin + "; each log needs an anchor of its own");
        }
        if (key != null && note.verify(List.of(key.verifier())) == SignedNote.Verdict.INVALID) {
            return Optional.of("the newest head in the anchor '" + anchor.name()
                    + "' has a signature of this log's key that is not right, so the anchor was changed");
        }
        TreeHead head = evidence.head();
        if (kept.size() > head.size()) {
            return Optional.of("the database is older than what was anchored in '" + anchor.name() + "': "
                    + (kept.size() - head.size()) + " entries are missing; it was restored from a backup");
        }
        byte[] root = new TreeProofs(evidence::hashes).root(kept.size());
        if (!Arrays.equals(root, kept.root())) {
            return Optional.of("the log forks from what was anchored in '" + anchor.name() + "': its first "
                    + kept.size() + " entries are not those that were anchored; the database was restored from a backup"
                    + " and written to since, or somebody changed the log");
        }
        return Optional.empty();
    }

    /** An anchor that can be read back and has lost what it kept. Others never have anything to read. */
    private Optional<String> lost(CheckpointAnchor anchor) {
        return anchor instanceof FileAnchor
                ? evidence.newestAnchored(anchor.name())
                        .map(kept -> "the anchor '" + anchor.name() + "' no longer has the head of " + kept.size()
                                + " entries that it got at " + kept.at()
                                + ": it was replaced or emptied. Restore it, or"
                                + " use another file")
                : Optional.empty();
    }
}
