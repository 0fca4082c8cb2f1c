package dev.retention.internal.safety;

import dev.retention.LedgerEvent;
import dev.retention.RetentionException;
import dev.retention.internal.evidence.LostHead;
import dev.retention.internal.evidence.LostHeads;
import dev.retention.spi.Controls.Change;
import dev.retention.spi.Controls.Control;
import dev.retention.spi.RecordingRepository;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices that the database was restored from a backup: an anchor outside of it has a head of the evidence log whose
 * entries it no longer has. Holds that were placed since the backup are missing then, and recordings that were deleted
 * since are live again.
 *
 * <p>Only one instance may have the anchor that shows it. It stores what it has noticed, and revokes what was confirmed
 * with it, so that all instances stop at their next claim or request, and are refused until a person confirms.
 */
final class RestoredBackup {

    private static final Logger log = LoggerFactory.getLogger(RestoredBackup.class);

    /** No fingerprint is like this. */
    private static final String REVOKED = "restored from a backup";

    private final RecordingRepository repository;
    private final Supplier<List<LostHead>> anchors;
    private final String owner;

    /** @param anchors the heads that the database has lost, as this instance's anchors show now */
    RestoredBackup(RecordingRepository repository, Supplier<List<LostHead>> anchors, String owner) {
        this.repository = repository;
        this.anchors = anchors;
        this.owner = owner;
    }

    /** The heads that the database has lost, as this instance's anchors show now: asks them. */
    List<LostHead> find() {
        return anchors.get();
    }

    /** Those that nobody has accepted, of these and of those that any instance has noticed. */
    static List<LostHead> unaccepted(List<LostHead> found, Map<String, Control> controls) {
        Set<LostHead> lost = new LinkedHashSet<>(LostHeads.noticed(controls));
        lost.addAll(found);
        lost.removeAll(LostHeads.accepted(controls));
        return List.copyOf(lost);
    }

    /** The controls, once they contain all that was found. */
    Map<String, Control> controlsWith(List<LostHead> found, Instant now) {
        for (int tries = 0; tries < Plans.MOST_TRIES; tries++) {
            Map<String, Control> controls = repository.controls().all();
            List<LostHead> unknown = LostHeads.unknown(found, controls);
            if (unknown.isEmpty() || store(unknown, controls, now)) {
                return unknown.isEmpty() ? controls : repository.controls().all();
            }
        }
        throw RetentionException.unavailable("other instances kept changing the controls of the sweep, so it could not"
                + " be stored that the database was restored from a backup. Try again");
    }

    private boolean store(List<LostHead> unknown, Map<String, Control> controls, Instant now) {
        Control confirmed = controls.get(Plans.FINGERPRINT);
        List<Change> changes = new ArrayList<>();
        changes.add(LostHeads.notice(unknown, controls));
        changes.add(new Change(Plans.FINGERPRINT, confirmed == null ? null : confirmed.setting(), REVOKED));
        String why = unknown.stream().map(LostHead::why).collect(Collectors.joining("; "));
        log.error("{}. Nothing is deleted by any instance until a person confirms it", why);
        return repository.controls().change(changes, new LedgerEvent(now, "RESTORE_NOTICED", null, null, owner, why));
    }
}
