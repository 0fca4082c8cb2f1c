package dev.retention.test;

import dev.retention.HoldAnswer;
import dev.retention.HoldSummary;
import dev.retention.LedgerEvent;
import dev.retention.LegalHold;
import dev.retention.RetentionException;
import dev.retention.spi.EvidenceEntry;
import dev.retention.spi.HoldRegister;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The register of holds, which marks the gate's rows. */
final class InMemoryHoldRegister implements HoldRegister {

    private final InMemoryDatabase database;
    private final InMemoryEngineTable engine;

    InMemoryHoldRegister(InMemoryEngineTable engine) {
        this.database = engine.database();
        this.engine = engine;
    }

    @Override
    public Map<String, HoldAnswer> place(
            String holdId, Collection<String> ids, String by, String reason, @Nullable Instant until, Instant now) {
        return database.commit(() -> {
            HoldRow before = database.holds.get(holdId);
            if (before != null) {
                requireSame(before, reason, until, null);
            }
            Map<String, HoldAnswer> answers = new LinkedHashMap<>();
            Set<String> recordings = before == null ? new HashSet<>() : new HashSet<>(before.recordings());
            for (String id : ids) {
                HoldAnswer answer = answer(id);
                answers.put(id, answer);
                if (answer == HoldAnswer.HELD || answer == HoldAnswer.LATE) {
                    database.markHeld(id);
                    if (recordings.add(id)) {
                        event(now, "HOLD_PLACED", id, by, holdId);
                    }
                    for (String other : othersToHold(id)) {
                        database.markHeld(other);
                        if (recordings.add(other)) {
                            event(now, "HOLD_PLACED", other, by, holdId);
                        }
                    }
                }
            }
            if (before != null || !recordings.isEmpty()) {
                HoldRow placed = before == null
                        ? registered(HoldRow.of(holdId, by, reason, now).until(until))
                        : before;
                database.holds.put(holdId, placed.with(recordings));
            }
            return answers;
        });
    }

    @Override
    public HoldSummary placeWhere(
            String holdId, String attribute, String value, String by, String reason, Instant now) {
        if (engine.unmapped().contains(attribute)) {
            throw RetentionException.refused("no attribute '" + attribute + "' is mapped");
        }
        return database.commit(() -> {
            Scope scope = new Scope(holdId, attribute, value);
            HoldRow before = database.holds.get(holdId);
            if (before == null) {
                database.holds.put(
                        holdId, registered(HoldRow.of(holdId, by, reason, now).onScope(scope)));
            } else {
                requireSame(before, reason, null, scope);
            }
            long late = 0;
            long held = 0;
            long deleted = 0;
            for (EngineRow row : engine.allRows().toList()) {
                if (!scope.covers(row.attributes())) {
                    continue;
                }
                HoldAnswer answer = answer(row.id());
                switch (answer) {
                    case HELD -> held++;
                    case LATE -> late++;
                    case ALREADY_DELETED -> deleted++;
                    case UNKNOWN -> throw new IllegalStateException("no row " + row.id());
                }
                engine.holdIfInScope(row.id());
            }
            return new HoldSummary(holdId, held, late, deleted);
        });
    }

    @Override
    public long extendScopes(Instant now) {
        List<EngineRow> more = database.read(() -> engine.allRows()
                .filter(row -> row.deleted() == null && engine.isNewInScope(row.id()))
                .toList());
        if (more.isEmpty()) {
            return 0;
        }
        return database.commit(() ->
                more.stream().filter(row -> engine.holdIfInScope(row.id())).count());
    }

    @Override
    public List<Scope> scopes() {
        return database.read(engine::scopes);
    }

    @Override
    public List<Scope> unmappedScopes() {
        return database.read(engine::unmappedScopes);
    }

    @Override
    public boolean release(String holdId, String by, Instant now) {
        return database.commit(() -> Optional.ofNullable(database.holds.get(holdId))
                .filter(HoldRow::lasts)
                .map(hold -> {
                    end(hold, "HOLD_RELEASED", by, now);
                    return true;
                })
                .orElse(false));
    }

    @Override
    public int expire(Instant now) {
        return database.commit(() -> {
            List<HoldRow> over = database.holds.all().stream()
                    .filter(hold -> hold.lasts()
                            && hold.hold().until() != null
                            && !hold.hold().until().isAfter(now))
                    .toList();
            over.forEach(hold -> end(hold, "HOLD_EXPIRED", "expiry", now));
            return over.size();
        });
    }

    @Override
    public List<LegalHold> list(int offset, int limit) {
        return database.read(() -> {
            List<HoldRow> newestFirst = new ArrayList<>(database.holds.all());
            Collections.reverse(newestFirst);
            return newestFirst.stream()
                    .sorted((one, other) ->
                            other.hold().placedAt().compareTo(one.hold().placedAt()))
                    .skip(offset)
                    .limit(limit)
                    .map(HoldRow::legalHold)
                    .toList();
        });
    }

    private HoldAnswer answer(String id) {
        Optional<EngineRow> row = database.engineRow(id);
        if (row.isEmpty()) {
            return HoldAnswer.UNKNOWN;
        }
        GateRow gate = database.gate.get(id);
        if (gate != null && !database.isUnreadable(id) && gate.isDeletionOf(row.get())) {
            return HoldAnswer.ALREADY_DELETED;
        }
        return new InMemorySharedKeys(engine).mayBeSent(row.get()) ? HoldAnswer.LATE : HoldAnswer.HELD;
    }

    private Set<String> othersToHold(String id) {
        return database.engineRow(id)
                .map(new InMemorySharedKeys(engine)::toHold)
                .orElse(Set.of());
    }

    private static void requireSame(HoldRow before, String reason, @Nullable Instant until, @Nullable Scope scope) {
        if (!before.lasts()) {
            throw RetentionException.refused("hold '" + before.id() + "' was released at "
                    + before.hold().releasedAt() + "; use another id");
        }
        if (!before.hold().reason().equals(reason)
                || !Objects.equals(before.hold().until(), until)) {
            throw RetentionException.refused("hold '" + before.id()
                    + "' exists with another reason or end; repeat the call with the reason and the end of the first"
                    + " call, or use another id");
        }
        if (!Objects.equals(before.scope(), scope)) {
            throw RetentionException.refused("hold '" + before.id()
                    + "' exists and selects recordings by other criteria, and a hold can't be changed; use another id");
        }
    }

    private HoldRow registered(HoldRow hold) {
        database.evidence.add(EvidenceEntry.holdRegistered(hold.legalHold()));
        return hold;
    }

    private void end(HoldRow hold, String kind, String by, Instant now) {
        database.holds.put(hold.id(), hold.released(by, now));
        String person = kind.equals("HOLD_EXPIRED") ? null : by;
        database.evidence.add(EvidenceEntry.holdEnded(hold.id(), person, now));
        for (String id : hold.recordings()) {
            boolean heldByAnother = database.holds.all().stream()
                    .anyMatch(other -> other.lasts() && other.recordings().contains(id));
            GateRow gate = database.changeGate(id);
            gate.held = heldByAnother;
            if (!heldByAnother) {
                gate.heldKey = null;
                gate.heldAccount = null;
            }
            if (!heldByAnother && gate.isKeptInTheDoor()) {
                gate.nextAttempt = now;
            }
            event(now, kind, id, by, hold.id());
        }
    }

    private void event(Instant at, String kind, String id, String by, String holdId) {
        database.event(new LedgerEvent(at, kind, id, null, by, holdId));
    }
}
