package dev.retention.test;

import dev.retention.DeletionOutcome;
import dev.retention.DeletionState;
import dev.retention.LedgerEntry;
import dev.retention.LedgerEvent;
import dev.retention.ReviewAnswer;
import dev.retention.spi.Candidate;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.QuarantineDesk;
import dev.retention.spi.Recording;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a person decides about the gate's rows. */
final class InMemoryQuarantineDesk implements QuarantineDesk {

    private final InMemoryDatabase database;
    private final InMemoryEngineTable table;

    InMemoryQuarantineDesk(InMemoryEngineTable table) {
        this.database = table.database();
        this.table = table;
    }

    @Override
    public List<LedgerEntry> waiting(@Nullable String afterId, int limit) {
        return database.read(() -> database.gate.all().stream()
                .filter(InMemoryQuarantineDesk::waits)
                .filter(row -> afterId == null || row.id().compareTo(afterId) > 0)
                .sorted(Comparator.comparing(GateRow::id))
                .limit(limit)
                .map(GateRow::entry)
                .toList());
    }

    private static boolean waits(GateRow row) {
        return row.state == DeletionState.QUARANTINED
                || row.state == DeletionState.ACTIVE
                        && row.outcome != null
                        && row.outcome != DeletionOutcome.KEY_SHARED;
    }

    @Override
    public Map<String, ReviewAnswer> retry(Collection<String> ids, String by, Instant now) {
        return decide(ids, row -> {
            if (!waits(row)) {
                return ReviewAnswer.NOT_WAITING;
            }
            if (row.held) {
                return ReviewAnswer.HELD;
            }
            String claimedAs = row.state == DeletionState.QUARANTINED
                    ? "; it was claimed with key " + row.storageKey + " of account " + row.account
                    : "";
            database.event(new LedgerEvent(
                    now, "RETRY_GRANTED", row.id(), row.runId, by, row.outcome + ": " + row.cause + claimedAs));
            if (row.state == DeletionState.ACTIVE) {
                database.gate.put(row.id(), row.unclaimed());
            } else {
                GateRow again = database.changeGate(row.id());
                again.state = DeletionState.DELETING;
                again.inDoubt = true;
                again.attempts = 1;
                again.nextAttempt = now;
                again.leaseUntil = null;
                again.token = null;
                corrected(row).ifPresent(named -> {
                    again.storageKey = named.storageKey();
                    again.account = named.account();
                    again.created = named.created();
                    again.evidence = null;
                });
            }
            return ReviewAnswer.DONE;
        });
    }

    /** What the row names by now; empty if that is no other recording, or none that the decision is about. */
    private Optional<Recording> corrected(GateRow row) {
        return database.engineRow(row.id())
                .filter(found -> !database.isUnreadable(row.id()))
                .filter(found -> found.deleted() == null && !found.names(row.storageKey, row.account, row.created))
                .flatMap(EngineRow::candidate)
                .map(Candidate::recording)
                .filter(named -> named.storageKey() != null)
                .filter(named -> !DueCriteria.ERASURE.equals(row.policy)
                        || row.outcome == DeletionOutcome.ROW_CHANGED
                        || named.created().equals(row.created));
    }

    @Override
    public Map<String, ReviewAnswer> acceptUnproven(Collection<String> ids, String by, Instant now) {
        return decide(ids, row -> {
            if (row.state != DeletionState.QUARANTINED || row.outcome != DeletionOutcome.UNPROVEN) {
                return ReviewAnswer.NOT_WAITING;
            }
            Optional<EngineRow> engine = database.engineRow(row.id());
            if (row.held
                    || database.isUnreadable(row.id())
                    || !table.unmappedScopes().isEmpty()
                    || engine.filter(found -> mustBeKept(found, now)).isPresent()) {
                return ReviewAnswer.HELD;
            }
            if (engine.filter(found -> !found.names(row.storageKey, row.account, row.created))
                    .isPresent()) {
                return ReviewAnswer.ROW_CHANGED;
            }
            GateRow accepted = database.changeGate(row.id());
            accepted.state = DeletionState.DELETED;
            accepted.outcome = DeletionOutcome.ACCEPTED_UNPROVEN;
            accepted.deletedAt = now;
            accepted.evidence = (row.evidence == null ? "" : row.evidence + "\n") + "accepted as gone by " + by
                    + ", nothing proves it";
            accepted.cause = null;
            accepted.failingSince = null;
            database.event(new LedgerEvent(
                    now,
                    "ACCEPTED_UNPROVEN",
                    row.id(),
                    row.runId,
                    by,
                    row.cause == null ? null : row.cause.toString()));
            engine.filter(found -> found.deleted() == null)
                    .ifPresentOrElse(
                            found -> database.softDelete(found, now, row.reason),
                            () -> database.event(new LedgerEvent(
                                    now,
                                    "ROW_NOT_UPDATED",
                                    row.id(),
                                    row.runId,
                                    by,
                                    "the row is gone, is deleted already, or names another recording")));
            return ReviewAnswer.DONE;
        });
    }

    private boolean mustBeKept(EngineRow row, Instant now) {
        Instant retainUntil = row.retainUntil();
        return row.flaggedHeld()
                || retainUntil != null && retainUntil.isAfter(now)
                || table.isInScope(row.attributes());
    }

    private interface Decision {
        ReviewAnswer about(GateRow row);
    }

    private Map<String, ReviewAnswer> decide(Collection<String> ids, Decision decision) {
        return database.commit(() -> {
            Map<String, ReviewAnswer> answers = new LinkedHashMap<>();
            for (String id : ids) {
                GateRow row = database.gate.get(id);
                answers.putIfAbsent(
                        id, row == null ? ReviewAnswer.UNKNOWN : Objects.requireNonNull(decision.about(row)));
            }
            return answers;
        });
    }
}
