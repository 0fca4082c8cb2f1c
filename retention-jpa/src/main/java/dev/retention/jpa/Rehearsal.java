package dev.retention.jpa;

import dev.retention.DeletionState;
import dev.retention.LedgerEvent;
import dev.retention.RetentionException;
import dev.retention.RetentionException.Kind;
import dev.retention.jpa.Database.Session;
import dev.retention.jpa.GateTable.GateRow;
import dev.retention.spi.Candidate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes all that a deletion writes, within a transaction that is rolled back, so that a refusal shows before anything
 * is sent. What was written is read again: a database may accept a change and ignore it. So is the row after the
 * rollback: a table may keep what was rolled back.
 */
final class Rehearsal {

    private static final Logger log = LoggerFactory.getLogger(Rehearsal.class);

    private static final String REHEARSAL = "rehearsal";

    private static final String KEPT_WHAT_WAS_ROLLED_BACK = "the row was still marked as deleted after the rehearsal"
            + " was rolled back: the table can't roll back, such as one of MyISAM or Aria, or the connection commits"
            + " each statement by itself. Make it a table with transactions, such as ALTER TABLE … ENGINE=InnoDB, then"
            + " restart the application";

    private final Database database;
    private final EngineTable engine;
    private final EntityMapping mapping;
    private final SoftDeletion softDeletion;

    /** Nothing is rehearsed again once a rollback did not undo it. */
    private volatile boolean keepsWhatIsRolledBack;

    Rehearsal(Database database, EngineTable engine) {
        this.database = database;
        this.engine = engine;
        this.mapping = engine.mapping();
        this.softDeletion = new SoftDeletion(engine);
    }

    /**
     * What was written to a row.
     *
     * @param at when it was deleted
     * @param reason why, as the attribute has it
     * @param reasonBefore the reason that it had before
     */
    private record Written(
            String id, Instant at, Object reason, @Nullable Object reasonBefore) {}

    /** Returns why the row can't be marked; empty if it can. */
    Optional<String> rehearse(Candidate candidate, String reason) {
        if (keepsWhatIsRolledBack) {
            return Optional.of(KEPT_WHAT_WAS_ROLLED_BACK);
        }
        AtomicReference<@Nullable Written> written = new AtomicReference<>();
        String what = "rehearse the deletion of recording " + candidate.id();
        RetentionException refused = null;
        try {
            database.rehearse(what, session -> {
                write(session, candidate.id(), reason, written);
                return true;
            });
        } catch (RetentionException e) {
            refused = e;
        }
        Written trace = written.get();
        // Also after a refusal, or a failure of the connection.
        if (trace != null && database.repeatable(what, session -> wasKept(session, trace))) {
            keepsWhatIsRolledBack = true;
            return Optional.of(KEPT_WHAT_WAS_ROLLED_BACK);
        }
        if (refused != null && refused.kind() == Kind.UNAVAILABLE) {
            throw refused;
        }
        return Optional.ofNullable(refused).map(Throwable::getMessage);
    }

    private void write(Session session, String id, String reason, AtomicReference<@Nullable Written> written) {
        Instant now = session.tables().dialect().now(session.sql());
        GateTable.insertMissing(session, Set.of(id));
        session.sql()
                .update(new Columns()
                        .text("token", REHEARSAL)
                        .text("owner", REHEARSAL)
                        .text("deletion_reason", StoredText.cut(reason, StoredText.REASON))
                        .text("cause", REHEARSAL)
                        .time("lease_until", now)
                        .update(session.tables().deletion(), "recording_id = ?", id));
        Events.add(session, List.of(new LedgerEvent(now, "ATTEMPT", id, null, null, REHEARSAL)));
        EngineRow row = engine.find(session, Set.of(id)).get(id);
        if (row != null && row.isLive()) {
            written.set(new Written(id, now, mapping.reason().valueOf(reason), reason(session, row)));
            if (softDeletion
                    .mark(session, List.of(new SoftDeletion.Request(row, now, reason)))
                    .contains(id)) {
                requireMarked(row, engine.find(session, Set.of(id)).get(id));
            }
        }
        session.tables().dialect().checkDeferred(session.sql());
    }

    private @Nullable Object reason(Session session, EngineRow row) {
        Jpql jpql = new Jpql();
        // A result of one column would not come as an array.
        jpql.add("select " + mapping.reason().jpql() + ", 0" + mapping.from() + " where "
                + mapping.id().is(row.identity().typedId(), jpql));
        return jpql.rows(session.entityManager()).getResultList().stream()
                .findFirst()
                .map(values -> values[0])
                .orElse(null);
    }

    /** @param marked the row as it is read after the update; null if its entity hides it then */
    private static void requireMarked(EngineRow before, @Nullable EngineRow marked) {
        if (marked == null) {
            return;
        }
        if (marked.isLive()) {
            throw RetentionException.refused("the database accepts the update that marks the row as deleted, and the"
                    + " row is live after it. Look for a trigger or a rule that resets the column");
        }
        Instant created = before.identity().created();
        Instant moved = marked.identity().created();
        if (created != null && !created.equals(moved)) {
            throw RetentionException.refused("the update that marks the row as deleted changes its creation time from "
                    + created + " to " + moved + ": the column is one that each update sets, such as by ON UPDATE"
                    + " CURRENT_TIMESTAMP or a trigger, so it does not say when the recording was made. Map another"
                    + " column, or correct this one");
        }
    }

    /**
     * Whether the row is as it was written though that was rolled back; then it is restored, if it can be seen. The
     * engine, which may have deleted it at the same moment, would give another reason.
     */
    private boolean wasKept(Session session, Written written) {
        EngineRow row = engine.find(session, Set.of(written.id)).get(written.id);
        if (row == null) {
            // Its entity hides rows that are soft-deleted, or the engine has removed it.
            return isHidden(session, written);
        }
        if (row.isLive()
                || !softDeletion.isMarked(row, written.at)
                || !written.reason.equals(reason(session, row))
                || isRecorded(session, written.id)) {
            return false;
        }
        softDeletion.restore(session, row, written.reasonBefore);
        log.error("recording={} was rehearsed, and {}. The row is restored", written.id, KEPT_WHAT_WAS_ROLLED_BACK);
        return true;
    }

    private static boolean isHidden(Session session, Written written) {
        if (isRecorded(session, written.id)
                || !session.tables().dialect().hasTablesWithoutTransactions(session.sql())) {
            return false;
        }
        log.error(
                "recording={} was rehearsed, and its row is not found afterwards, in a database that has tables which"
                        + " can't roll back. If the row is marked as deleted at {}, it is not: set this column to NULL",
                written.id,
                written.at);
        return true;
    }

    /** By another instance, which marked the row in the transaction that recorded it. */
    private static boolean isRecorded(Session session, String id) {
        GateRow gate = GateTable.find(session, Set.of(id)).get(id);
        return gate != null && gate.state() == DeletionState.DELETED;
    }
}
