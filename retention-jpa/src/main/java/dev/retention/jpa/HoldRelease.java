package dev.retention.jpa;

import dev.retention.LedgerEvent;
import dev.retention.RetentionException;
import dev.retention.jpa.Database.Session;
import dev.retention.jpa.HoldTable.Freed;
import dev.retention.jpa.HoldTable.Hold;
import dev.retention.jpa.HoldTable.Release;
import dev.retention.spi.EvidenceEntry;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends holds. First the hold ends, in a short transaction: from then on it applies to nothing new. Then its recordings
 * are freed in slices, each in a transaction of its own, so that nobody waits for a hold with many of them. A recording
 * remains held until its slice is committed. What an instance leaves undone is continued by the next one that ends
 * expired holds. Lock order: the epoch of holds by attribute, the hold, then gate rows by id.
 */
final class HoldRelease {

    private static final Logger log = LoggerFactory.getLogger(HoldRelease.class);

    /** Who ends a hold that has expired. */
    static final String EXPIRY = "expiry";

    private static final int SLICE = Sql.CHUNK;

    private final Database database;

    HoldRelease(Database database) {
        this.database = database;
    }

    /** Ends a hold, and frees its recordings. Returns whether it was active. */
    boolean end(String holdId, Release release) {
        boolean ended = database.once(
                "release hold '" + holdId + "'",
                session -> end(session, holdId, release),
                done -> database.read(
                        "read hold '" + holdId + "'",
                        session -> HoldTable.find(session, holdId)
                                .filter(hold -> release.equals(hold.release()))
                                .map(hold -> true)));
        try {
            free(holdId);
        } catch (RetentionException e) {
            throw new RetentionException(
                    e.kind(),
                    "hold '" + holdId + "' has ended, but not all of its recordings are free yet: " + e.getMessage()
                            + ". The next sweep or recovery frees the others",
                    e);
        }
        return ended;
    }

    private static boolean end(Session session, String holdId, Release release) {
        // A claim that waits for this must not place the hold on more.
        InternalControl.HOLDS_EPOCH.advance(session);
        if (HoldTable.lock(session, holdId).filter(Hold::isActive).isEmpty()) {
            return false;
        }
        HoldTable.release(session, holdId, release);
        String by = EXPIRY.equals(release.by()) ? null : release.by();
        session.evidence().add(() -> EvidenceEntry.holdEnded(holdId, by, release.at()));
        return true;
    }

    /** Continues what others have left undone. */
    void freeAll() {
        for (String holdId : database.read("read holds that have ended", HoldTable::unfreed)) {
            try {
                free(holdId);
            } catch (Database.LostRace e) {
                log.warn(
                        "Not all recordings of hold '{}', which has ended, are free yet: {}. The next sweep or recovery"
                                + " frees the others",
                        holdId,
                        e.getMessage());
            }
        }
    }

    private void free(String holdId) {
        boolean more = true;
        while (more) {
            more = database.repeatable(
                    "free the recordings of hold '" + holdId + "'", session -> freeSlice(session, holdId));
        }
    }

    /** Returns whether there are more. */
    private static boolean freeSlice(Session session, String holdId) {
        Optional<Freed> before = HoldTable.lockFreed(session, holdId).filter(freed -> !freed.done());
        if (before.isEmpty()) {
            return false;
        }
        Release release = before.get().release();
        List<String> slice =
                HoldTable.lockRecordings(session, holdId, before.get().to(), SLICE);
        Set<String> ids = new TreeSet<>(slice);
        GateTable.lock(session, ids);
        // Of two concurrent releases, the second must not use what it read before the first: on databases with
        // repeatable reads, the changed rows make it start again.
        GateTable.setHeld(session, ids);
        // A statement of its own, after the rows are locked: it sees each hold that was placed before.
        GateTable.freeUnheld(session, ids, release.at());
        String kind = EXPIRY.equals(release.by()) ? "HOLD_EXPIRED" : "HOLD_RELEASED";
        Events.add(
                session,
                ids.stream()
                        .map(id -> new LedgerEvent(release.at(), kind, id, null, release.by(), holdId))
                        .toList());
        if (slice.size() < SLICE) {
            HoldTable.allFreed(session, holdId, session.tables().dialect().now(session.sql()));
            return false;
        }
        HoldTable.freedTo(session, holdId, slice.get(slice.size() - 1));
        return true;
    }
}
