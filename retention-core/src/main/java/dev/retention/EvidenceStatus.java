package dev.retention;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The state of the evidence log, by the database's time.
 *
 * @param enabled whether changes are described by entries
 * @param sealed how many entries are sealed
 * @param sealedAt when the newest seal was made; null if there is none
 * @param unsealed how many committed entries are not sealed yet
 * @param unsealedSince when the oldest of these was written; null if there is none
 * @param anchors the state of each anchor
 */
public record EvidenceStatus(
        boolean enabled,
        long sealed,
        @Nullable Instant sealedAt,
        long unsealed,
        @Nullable Instant unsealedSince,
        List<Anchor> anchors) {

    /** A state. */
    public EvidenceStatus {
        anchors = List.copyOf(anchors);
    }

    /**
     * The state of an anchor.
     *
     * @param name its name
     * @param size the size of the largest head that it has; 0 if it has none
     * @param at when it got that head; null if it has none
     * @param failure why the newest attempt of this instance to use it, or to compare the database with it, failed;
     *     null if it did not
     */
    public record Anchor(
            String name,
            long size,
            @Nullable Instant at,
            @Nullable String failure) {}
}
