package dev.retention.jpa;

import dev.retention.DeletionState;
import dev.retention.jpa.Database.Session;
import dev.retention.jpa.EntityMapping.TimePath;
import dev.retention.jpa.GateTable.GateRow;
import dev.retention.spi.Population;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads the recordings of a period, page by page, in one transaction with one snapshot. */
final class JpaPopulation implements Population {

    private static final int PAGE = 1_000;

    /** What an entry contains that says so. Within its texts, quotation marks are escaped. */
    private static final String SAYS_DELETED =
            "(entry like '%\"kind\":\"outcome\"%\"step\":\"DELETED\"%' or entry like '%\"kind\":\"acceptance\"%')";

    private final Database database;
    private final EngineTable engine;
    private final EntityMapping mapping;
    private final TimePath created;
    private final RowCursor cursors;

    JpaPopulation(Database database, EngineTable engine) {
        this.database = database;
        this.engine = engine;
        this.mapping = engine.mapping();
        this.created = mapping.created();
        this.cursors = new RowCursor(mapping);
    }

    @Override
    public void read(Period period, Reader reader) {
        database.readSnapshot("read the recordings of a period", session -> {
            reader.begin(new Moment(database.now(session), sealed(session), rows(session, period)));
            HoldScopes scopes = HoldScopes.active(session, engine);
            readPeriod(session, period, scopes, reader);
            readUndated(session, period, scopes, reader);
            readOthersOfTheLedger(session, period, scopes, reader);
            return true;
        });
    }

    private static long sealed(Session session) {
        return session.sql()
                .query(
                        "select coalesce(max(tree_size), 0) as entries from "
                                + session.tables().seal(),
                        row -> row.number("entries"))
                .get(0);
    }

    private long rows(Session session, Period period) {
        Jpql jpql = new Jpql();
        // A result of one column would not come as an array.
        jpql.add("select count(*), 0 from " + mapping.entity() + " " + EntityMapping.ALIAS + " where "
                + within(period, jpql));
        return ((Number) jpql.rows(session.entityManager()).getSingleResult()[0]).longValue();
    }

    private String within(Period period, Jpql jpql) {
        Instant from = period.from().isBefore(period.earliest()) ? period.earliest() : period.from();
        return "not " + before(from, jpql) + " and " + before(period.to(), jpql);
    }

    private String before(Instant limit, Jpql jpql) {
        return created.type().before(created.jpql(), created.type().earliest(limit), jpql);
    }

    private void readPeriod(Session session, Period period, HoldScopes scopes, Reader reader) {
        String cursor = null;
        do {
            String from = cursor;
            List<Object[]> page = engine.ordered(
                    session,
                    jpql -> " where " + within(period, jpql)
                            + (from == null ? "" : " and " + cursors.behind(from, jpql))
                            + " order by " + created.jpql() + ", "
                            + mapping.id().jpql(),
                    PAGE);
            tell(session, page, scopes, reader, row -> Row.PRESENT);
            cursor = page.size() < PAGE ? null : cursors.at(session, page.get(PAGE - 1));
        } while (cursor != null);
    }

    private void readUndated(Session session, Period period, HoldScopes scopes, Reader reader) {
        Object after = null;
        do {
            Object last = after;
            String id = mapping.id().jpql();
            List<Object[]> page = engine.ordered(
                    session,
                    jpql -> " where " + mapping.isLive() + " and (" + created.jpql() + " is null or "
                            + before(period.earliest(), jpql) + ")"
                            + (last == null ? "" : " and " + id + " > " + jpql.mark(last)) + " order by " + id,
                    PAGE);
            tell(session, page, scopes, reader, row -> Row.UNDATED);
            after = page.size() < PAGE ? null : page.get(PAGE - 1)[EngineColumns.ID];
        } while (after != null);
    }

    /** @param readable what is said of a row that can be read, and names the recording of its ledger entry, if any */
    private void tell(
            Session session, List<Object[]> page, HoldScopes scopes, Reader reader, Function<EngineRow, Row> readable) {
        Map<String, EngineRow> rows = new HashMap<>();
        engine.rows(session, page).forEach(row -> rows.put(row.id(), row));
        List<String> ids =
                page.stream().map(row -> String.valueOf(row[EngineColumns.ID])).toList();
        Map<String, GateRow> gates = GateTable.find(session, ids);
        Set<String> recorded = recorded(session, gates.values());
        for (String id : ids) {
            EngineRow row = rows.get(id);
            GateRow gate = gates.get(id);
            Row as = row == null ? Row.UNREADABLE : readable.apply(row);
            if (as == Row.PRESENT && gate != null && row != null && isOfAnother(gate, row)) {
                as = Row.DIFFERENT;
            }
            reader.member(member(id, as, row, gate, scopes, recorded.contains(id)));
        }
    }

    /** A recording that was only held was never described. */
    private static boolean isOfAnother(GateRow gate, EngineRow row) {
        return gate.state() != DeletionState.ACTIVE && !row.names(gate.entry());
    }

    private static Member member(
            String id, Row as, @Nullable EngineRow row, @Nullable GateRow gate, HoldScopes scopes, boolean recorded) {
        boolean held = gate != null && gate.entry().held() || row != null && (row.flaggedHeld() || scopes.cover(row));
        return new Member(
                id,
                as,
                row == null ? null : row.candidate().orElse(null),
                gate == null ? null : gate.entry(),
                held,
                recorded);
    }

    private static Set<String> recorded(Session session, Collection<GateRow> gates) {
        List<String> deleted = gates.stream()
                .filter(gate -> gate.state() == DeletionState.DELETED)
                .map(GateRow::id)
                .toList();
        Set<String> recorded = new HashSet<>();
        for (List<String> chunk : Sql.chunks(deleted)) {
            OneOf one = session.tables().dialect().oneOf("recording_id", chunk);
            recorded.addAll(session.sql()
                    .query(
                            "select distinct recording_id from "
                                    + session.tables().evidence() + " where " + one.condition() + " and "
                                    + SAYS_DELETED,
                            row -> row.text("recording_id"),
                            one.after()));
        }
        return recorded;
    }

    /** Those without a row that was read before. */
    private void readOthersOfTheLedger(Session session, Period period, HoldScopes scopes, Reader reader) {
        List<String> ids = ledgerPage(session, period, "");
        while (!ids.isEmpty()) {
            Map<String, EngineRow> rows = engine.find(session, ids);
            List<String> others = new ArrayList<>();
            for (String id : ids) {
                EngineRow row = rows.get(id);
                if (row == null ? !session.unreadable().contains(id) : !wasRead(row, period)) {
                    others.add(id);
                }
            }
            Map<String, GateRow> gates = GateTable.find(session, others);
            Set<String> recorded = recorded(session, gates.values());
            for (String id : others) {
                EngineRow row = rows.get(id);
                reader.member(member(
                        id, row == null ? Row.GONE : Row.ELSEWHERE, row, gates.get(id), scopes, recorded.contains(id)));
            }
            ids = ids.size() < PAGE ? List.of() : ledgerPage(session, period, ids.get(ids.size() - 1));
        }
    }

    private static boolean wasRead(EngineRow row, Period period) {
        Instant time = row.identity().created();
        return time == null || time.isBefore(period.earliest()) ? row.isLive() : period.contains(time);
    }

    private static List<String> ledgerPage(Session session, Period period, String after) {
        return session.sql()
                .query(
                        "select recording_id from " + session.tables().deletion()
                                + " where recording_id > ? and state <> 'ACTIVE' and recording_created_at >= ?"
                                + " and recording_created_at < ? order by recording_id limit ?",
                        row -> row.text("recording_id"),
                        after,
                        period.from(),
                        period.to(),
                        PAGE);
    }
}
