package dev.retention.jpa;

import dev.retention.HoldAnswer;
import dev.retention.HoldSummary;
import dev.retention.LegalHold;
import dev.retention.RetentionException;
import dev.retention.jpa.Database.Session;
import dev.retention.jpa.HoldStamping.Stamped;
import dev.retention.jpa.HoldTable.Hold;
import dev.retention.jpa.HoldTable.Release;
import dev.retention.spi.HoldRegister;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Places holds: which transactions there are, and which answer a recording gets. Ending them is {@link HoldRelease}'s.
 * Lock order: the epoch of holds by attribute, the hold, then gate rows by id.
 */
final class JpaHoldRegister implements HoldRegister {

    private final Database database;
    private final EngineTable engine;
    private final EngineQueries queries;
    private final HoldStamping stamping;
    private final HoldRelease release;

    JpaHoldRegister(Database database, EngineTable engine) {
        this.database = database;
        this.engine = engine;
        this.queries = new EngineQueries(engine);
        this.stamping = new HoldStamping(database, engine);
        this.release = new HoldRelease(database);
    }

    @Override
    public Map<String, HoldAnswer> place(
            String holdId, Collection<String> ids, String by, String reason, @Nullable Instant until, Instant now) {
        requireStorable(holdId);
        Hold wanted = new Hold(
                holdId,
                StoredText.cut(by, StoredText.NAME),
                StoredText.cut(reason, StoredText.HOLD_REASON),
                Sql.micros(now),
                Sql.microsOrNull(until),
                null,
                null);
        Before before = database.read("read the recordings to hold", session -> {
            SharedKeys keys = SharedKeys.ofIds(session, engine, ids);
            Set<String> known = new TreeSet<>(ids);
            known.removeIf(
                    id -> !keys.rows().containsKey(id) && !session.unreadable().contains(id));
            return new Before(known, HeldKeys.othersOf(keys, ids));
        });
        return database.repeatable("place hold '" + holdId + "'", session -> place(session, wanted, ids, before));
    }

    /**
     * As it was before a hold's transaction; only of this it knows what to lock.
     *
     * @param known the recordings that have a row
     * @param others other rows with their keys
     */
    private record Before(Set<String> known, Set<String> others) {}

    private static void requireStorable(String holdId) {
        if (holdId.isEmpty() || holdId.length() > StoredText.NAME || !StoredText.isStorable(holdId)) {
            throw new IllegalArgumentException("hold id of " + holdId.length() + " characters; use 1 to "
                    + StoredText.NAME + " valid characters other than NUL");
        }
    }

    private Map<String, HoldAnswer> place(Session session, Hold wanted, Collection<String> ids, Before before) {
        Optional<Hold> placed = HoldTable.lock(session, wanted.id());
        placed.ifPresent(hold -> requireSame(hold, wanted));
        HeldKeys keys = HeldKeys.lock(session, engine, before.known, before.others);
        Map<String, HoldAnswer> answers = new LinkedHashMap<>();
        for (String id : ids) {
            boolean known = before.known.contains(id) && keys.isThere(id);
            answers.put(id, known ? answer(id, keys) : HoldAnswer.UNKNOWN);
        }
        Set<String> protectedIds = new TreeSet<>();
        answers.forEach((id, answer) -> {
            if (answer == HoldAnswer.HELD || answer == HoldAnswer.LATE) {
                protectedIds.add(id);
            }
        });
        if (!protectedIds.isEmpty()) {
            if (placed.isEmpty()) {
                HoldTable.insert(session, wanted);
            } else {
                HoldTable.touch(session, wanted.id());
            }
            HoldTable.apply(session, wanted, keys.toHold(protectedIds), wanted.placedAt());
        }
        return answers;
    }

    private static HoldAnswer answer(String id, HeldKeys keys) {
        if (keys.isDeleted(id)) {
            return HoldAnswer.ALREADY_DELETED;
        }
        return keys.mayBeSent(id) ? HoldAnswer.LATE : HoldAnswer.HELD;
    }

    private static void requireSame(Hold before, Hold wanted) {
        Release release = before.release();
        if (release != null) {
            throw RetentionException.refused(
                    "hold '" + before.id() + "' was released at " + release.at() + "; use another id");
        }
        if (!Objects.equals(before.scope(), wanted.scope())) {
            throw RetentionException.refused("hold '" + before.id()
                    + "' exists and selects recordings by other criteria, and a hold can't be changed; use another id");
        }
        if (!before.reason().equals(wanted.reason()) || !Objects.equals(before.until(), wanted.until())) {
            throw RetentionException.refused("hold '" + before.id()
                    + "' exists with another reason or end; repeat the call with the reason and the end of the first"
                    + " call, or use another id");
        }
    }

    @Override
    public HoldSummary placeWhere(
            String holdId, String attribute, String value, String by, String reason, Instant now) {
        requireStorable(holdId);
        if (!queries.attributes().contains(attribute)) {
            throw RetentionException.refused("no attribute '" + attribute
                    + "' is mapped; map it as an extra attribute, or use one of " + queries.attributes());
        }
        if (value.length() > StoredText.NAME || !StoredText.isStorable(value)) {
            throw new IllegalArgumentException("value of " + value.length() + " characters; use at most "
                    + StoredText.NAME + " valid characters other than NUL");
        }
        Scope scope = new Scope(holdId, attribute, value);
        Hold wanted = new Hold(
                holdId,
                StoredText.cut(by, StoredText.NAME),
                StoredText.cut(reason, StoredText.HOLD_REASON),
                Sql.micros(now),
                null,
                scope,
                null);
        database.repeatable("place hold '" + holdId + "'", session -> {
            InternalControl.HOLDS_EPOCH.advance(session);
            Optional<Hold> before = HoldTable.lock(session, holdId);
            before.ifPresent(hold -> requireSame(hold, wanted));
            if (before.isEmpty()) {
                HoldTable.insert(session, wanted);
            }
            return true;
        });
        Stamped stamped = stamping.stampAll(scope, now);
        return new HoldSummary(holdId, stamped.held(), stamped.late(), stamped.deleted());
    }

    @Override
    public long extendScopes(Instant now) {
        return stamping.stampNew(activeScopes().mapped(), now);
    }

    @Override
    public List<Scope> scopes() {
        return activeScopes().scopes();
    }

    @Override
    public List<Scope> unmappedScopes() {
        return activeScopes().unmapped();
    }

    private HoldScopes activeScopes() {
        return database.read("read holds by attribute", session -> HoldScopes.active(session, engine));
    }

    @Override
    public boolean release(String holdId, String by, Instant now) {
        return end(holdId, by, now);
    }

    private boolean end(String holdId, String by, Instant now) {
        return StoredText.isStorable(holdId)
                && release.end(holdId, new Release(StoredText.cut(by, StoredText.NAME), Sql.micros(now)));
    }

    @Override
    public int expire(Instant now) {
        int ended = 0;
        for (String holdId : database.read("read expired holds", session -> HoldTable.expired(session, now))) {
            if (end(holdId, HoldRelease.EXPIRY, now)) {
                ended++;
            }
        }
        release.freeAll();
        return ended;
    }

    @Override
    public List<LegalHold> list(int offset, int limit) {
        return database.read("list holds", session -> HoldTable.newestFirst(session, offset, limit));
    }
}
