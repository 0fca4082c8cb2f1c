package dev.retention.internal.evidence;

import dev.retention.RetentionException;
import dev.retention.spi.CheckpointAnchor;
import dev.retention.spi.EvidenceLog;
import dev.retention.spi.EvidenceLog.Seal;
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

    private static final String UNNOTICED =
            "; until then a database that was restored from a backup would not be noticed by it";

    private final EvidenceLog evidence;
    private final String origin;
    private final @Nullable SigningKey key;

    AnchorComparison(EvidenceLog evidence, TreeSealing sealing) {
        this.evidence = evidence;
        this.origin = sealing.origin();
        this.key = sealing.key();
    }

    /**
     * What was found.
     *
     * @param lost the head that the log does not have; null if it has it, or nothing can be compared
     * @param fault why nothing can be compared, and that the anchor may get nothing; null if it can, or if the anchor
     *     keeps nothing or can't be read back by its nature
     */
    record Finding(@Nullable LostHead lost, @Nullable String fault) {

        private static final Finding NOTHING = new Finding(null, null);

        private static Finding fault(String fault) {
            return new Finding(null, fault + UNNOTICED);
        }
    }

    /** @throws RetentionException if the database fails; an anchor that can't be read is a fault of it */
    Finding compare(CheckpointAnchor anchor) {
        // The anchor first: what is sealed meanwhile makes the log longer, and never shorter.
        Optional<String> newest;
        try {
            newest = anchor.newest();
        } catch (RuntimeException e) {
            return Finding.fault("the anchor '" + anchor.name() + "' could not be read: " + e.getMessage());
        }
        return newest.map(note -> compare(anchor, note)).orElseGet(() -> keepsNothing(anchor));
    }

    private Finding compare(CheckpointAnchor anchor, String text) {
        SignedNote note;
        Checkpoint kept;
        try {
            note = SignedNote.parse(text);
            kept = Checkpoint.parse(note);
        } catch (IllegalArgumentException e) {
            return Finding.fault("what the anchor '" + anchor.name() + "' keeps is no head: " + e.getMessage());
        }
        if (!kept.origin().equals(origin)) {
            return Finding.fault("the anchor '" + anchor.name() + "' keeps heads of the log " + kept.origin()
                    + ", and this one is " + origin + "; each log needs an anchor of its own");
        }
        if (key != null && note.verify(List.of(key.verifier())) == SignedNote.Verdict.INVALID) {
            return Finding.fault("the newest head in the anchor '" + anchor.name()
                    + "' has a signature of this log's key that is not right, so the anchor was changed. Restore it, or"
                    + " use another one");
        }
        return compare(anchor.name(), kept);
    }

    private Finding compare(String anchor, Checkpoint kept) {
        String root = Base64Text.encode(kept.root());
        String which =
                " (the anchor '" + anchor + "' has a head of " + kept.size() + " entries with the root " + root + ")";
        TreeHead head = evidence.head();
        if (kept.size() > head.size()) {
            return new Finding(
                    new LostHead(
                            anchor,
                            kept.size(),
                            root,
                            "the database is older than what was anchored: " + (kept.size() - head.size())
                                    + " entries are missing; it was restored from a backup" + which),
                    null);
        }
        byte[] ours;
        try {
            ours = root(kept.size(), head);
        } catch (RetentionException e) {
            if (e.kind() != RetentionException.Kind.REFUSED) {
                throw e;
            }
            return Finding.fault("the log can't be compared with the anchor '" + anchor + "': " + e.getMessage());
        }
        return Arrays.equals(ours, kept.root())
                ? Finding.NOTHING
                : new Finding(
                        new LostHead(
                                anchor,
                                kept.size(),
                                root,
                                "the log forks from what was anchored: its first " + kept.size()
                                        + " entries are not those that were anchored; the database was restored from a"
                                        + " backup and written to since, or somebody changed the log" + which),
                        null);
    }

    /** Most heads that are anchored are those of a seal, which has their root. */
    private byte[] root(long size, TreeHead head) {
        if (size == head.size()) {
            return head.root();
        }
        return evidence.seals(size, 1).stream()
                .map(Seal::head)
                .filter(other -> other.size() == size)
                .findFirst()
                .map(TreeHead::root)
                .orElseGet(() -> new TreeProofs(evidence::hashes).root(size));
    }

    /** An anchor that can be read back and has lost what it kept. Others never have anything to read. */
    private Finding keepsNothing(CheckpointAnchor anchor) {
        return anchor instanceof FileAnchor
                ? evidence.newestAnchored(anchor.name())
                        .map(kept -> Finding.fault("the anchor '" + anchor.name() + "' no longer has the head of "
                                + kept.size() + " entries that it got at " + kept.at()
                                + ": it was replaced or emptied, or it is the file of another machine. Restore it, or"
                                + " use another file"))
                        .orElse(Finding.NOTHING)
                : Finding.NOTHING;
    }
}
