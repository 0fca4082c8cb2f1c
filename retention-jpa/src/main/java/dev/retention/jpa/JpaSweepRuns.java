package dev.retention.jpa;

import dev.retention.SweepEnd;
import dev.retention.SweepReport;
import dev.retention.jpa.Database.Session;
import dev.retention.spi.EvidenceEntry;
import dev.retention.spi.SweepRuns;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The rows of {@code retention_run}. */
final class JpaSweepRuns implements SweepRuns {

    private static final String COLUMNS =
            "run_id, run_key, judged_at, started_at, deadline, policies, max_deletions, claimed,"
                    + " claimed_before_pass, pass, pass_done, page_cursor, alive_at, run_end, message, cutoffs,"
                    + " report_started_at, ended_at, checked, deleted, already_gone, nothing_stored, failed, deferred,"
                    + " unproven, quarantined, held, without_key, remaining, undated, engine_deleted,"
                    + " audio_seconds";

    private final Database database;

    JpaSweepRuns(Database database) {
        this.database = database;
    }

    @Override
    public Optional<SweepRun> joinOrOpenAfter(@Nullable String latestRunId, RunRequest request) {
        return database.repeatable("join or open a run", session -> {
            // Before anything is read: what is read then knows every run that was opened in this way.
            InternalControl.RUNS.advance(session);
            Optional<SweepRun> joined = withKey(session, request.key()).or(() -> open(session));
            if (joined.isPresent()) {
                return joined;
            }
            Optional<String> latest = latest(session).map(SweepRun::id);
            return latest.equals(Optional.ofNullable(latestRunId))
                    ? Optional.of(insert(session, request))
                    : Optional.empty();
        });
    }

    @Override
    public Optional<SweepRun> withKey(String key) {
        return database.read("read a run", session -> withKey(session, key));
    }

    private static Optional<SweepRun> withKey(Session session, String key) {
        return one(session, " where run_key = ?", storedKey(key));
    }

    private static String storedKey(String key) {
        return StoredText.cut(key, StoredText.NAME);
    }

    /** Of two that insert at once, one violates a unique key and finds the other's run when it tries again. */
    private static SweepRun insert(Session session, RunRequest request) {
        String id = UUID.randomUUID().toString();
        session.sql()
                .update(new Columns()
                        .text("run_id", id)
                        .text("run_key", storedKey(request.key()))
                        .sql("open_mark", "1")
                        .text("opened_by", StoredText.cut(request.owner(), StoredText.NAME))
                        .time("judged_at", request.judgedAt())
                        .time("started_at", request.now())
                        .time("deadline", request.deadline())
                        .text("policies", request.policies())
                        .number("max_deletions", request.maxDeletions())
                        .sql("claimed", "0")
                        .sql("claimed_before_pass", "0")
                        .sql("pass", "1")
                        .sql("pass_done", "false")
                        .time("alive_at", request.now())
                        .insertInto(session.tables().run()));
        SweepRun opened = find(session, id).orElseThrow();
        session.evidence().addAll(() -> EvidenceEntry.runStart(opened));
        return opened;
    }

    @Override
    public Optional<SweepRun> find(String runId) {
        return database.read("read a run", session -> find(session, runId));
    }

    static Optional<SweepRun> find(Session session, String runId) {
        return one(session, " where run_id = ?", runId);
    }

    @Override
    public Optional<SweepRun> open() {
        return database.read("read the open run", JpaSweepRuns::open);
    }

    private static Optional<SweepRun> open(Session session) {
        return one(session, " where open_mark = 1");
    }

    @Override
    public Optional<SweepRun> latest() {
        return database.read("read the latest run", JpaSweepRuns::latest);
    }

    private static Optional<SweepRun> latest(Session session) {
        return one(session, " order by run_no desc limit 1");
    }

    @Override
    public List<SweepRun> recent(int limit) {
        return database.read("read recent runs", session -> all(session, " order by run_no desc limit " + limit));
    }

    @Override
    public Optional<SweepRun> lastCompleted() {
        return database.read(
                "read the last completed run",
                session -> one(session, " where run_end = 'COMPLETED' order by ended_at desc, run_no desc limit 1"));
    }

    @Override
    public long claimedSince(Instant started) {
        return database.read(
                "count the claims of runs",
                session -> session.sql()
                        .query(
                                "select sum(claimed) as claimed from "
                                        + session.tables().run() + " where started_at >= ?",
                                row -> row.number("claimed"),
                                Sql.micros(started))
                        .get(0));
    }

    @Override
    public boolean advance(SweepRun from, @Nullable String next, Instant now) {
        return database.once(
                "take a page of the run",
                session -> !from.passDone() && take(session, from, next, now),
                JpaSweepRuns::lostAnswer);
    }

    private static boolean take(Session session, SweepRun from, @Nullable String next, Instant now) {
        return next == null
                ? move(session, from, "pass_done = true", now)
                : move(session, from, "page_cursor = ?", now, next);
    }

    @Override
    public boolean nextPass(SweepRun from, Instant now) {
        return database.once(
                "start another pass of the run",
                session -> move(
                        session,
                        from,
                        "pass = pass + 1, pass_done = false, page_cursor = null, claimed_before_pass = claimed",
                        now),
                JpaSweepRuns::lostAnswer);
    }

    /**
     * It is not known whether this instance moved the cursor. A page that no instance took remains for the next pass.
     */
    private static Optional<Boolean> lostAnswer(boolean moved) {
        return Optional.of(false);
    }

    private static boolean move(
            Session session, SweepRun from, String change, Instant now, @Nullable Object... values) {
        List<@Nullable Object> parameters = new ArrayList<>(Arrays.asList(values));
        parameters.add(now);
        parameters.add(from.id());
        parameters.add(from.pass());
        parameters.add(from.passDone());
        if (from.cursor() != null) {
            parameters.add(from.cursor());
        }
        return session.sql()
                        .update(
                                "update " + session.tables().run() + " set " + change
                                        + ", alive_at = ? where run_id = ? and open_mark = 1 and pass = ?"
                                        + " and pass_done = ? and page_cursor "
                                        + (from.cursor() == null ? "is null" : "= ?"),
                                parameters.toArray())
                == 1;
    }

    @Override
    public boolean hasLiveClaims(String runId, Instant now) {
        return database.read(
                "read the claims of a run",
                session -> !session.sql()
                        .query(
                                "select 1 as one from " + session.tables().deletion()
                                        + " where run_id = ? and state = 'DELETING' and lease_until > ? limit 1",
                                row -> row.number("one"),
                                runId,
                                now)
                        .isEmpty());
    }

    @Override
    public boolean end(String runId, SweepReport report) {
        return database.once(
                "end a run",
                session -> end(session, runId, report),
                ended -> find(runId).map(SweepRun::report).map(report::equals));
    }

    private static boolean end(Session session, String runId, SweepReport report) {
        Columns ended = new Columns()
                .clear("open_mark")
                .text("run_end", report.end().name())
                .text("message", StoredText.cut(report.message(), StoredText.LONG))
                .text("cutoffs", cutoffs(report.cutoffs()))
                .time("report_started_at", report.started())
                .time("ended_at", report.ended())
                .number("checked", report.checked())
                .number("deleted", report.deleted())
                .number("already_gone", report.alreadyGone())
                .number("nothing_stored", report.nothingStored())
                .number("failed", report.failed())
                .number("deferred", report.deferred())
                .number("unproven", report.unproven())
                .number("quarantined", report.quarantined())
                .number("held", report.held())
                .number("without_key", report.withoutKey())
                .number("remaining", report.remaining())
                .number("undated", report.undated())
                .number("engine_deleted", report.engineDeleted())
                .number("audio_seconds", report.audioFreed().toSeconds());
        if (session.sql().update(ended.update(session.tables().run(), "run_id = ? and open_mark = 1", runId)) != 1) {
            return false;
        }
        session.evidence()
                .add(() -> EvidenceEntry.runEnd(
                        runId, report, session.tables().dialect().now(session.sql())));
        return true;
    }

    private static Optional<SweepRun> one(Session session, String where, @Nullable Object... parameters) {
        return all(session, where, parameters).stream().findFirst();
    }

    private static List<SweepRun> all(Session session, String where, @Nullable Object... parameters) {
        return session.sql()
                .query("select " + COLUMNS + " from " + session.tables().run() + where, JpaSweepRuns::run, parameters);
    }

    private static SweepRun run(Sql.Row row) throws SQLException {
        return SweepRun.builder(
                        row.text("run_id"),
                        row.text("run_key"),
                        row.time("judged_at"),
                        row.time("started_at"),
                        row.time("deadline"),
                        row.text("policies"),
                        row.time("alive_at"))
                .maxDeletions(row.numberOrNull("max_deletions"))
                .claimed(row.number("claimed"))
                .claimedBeforePass(row.number("claimed_before_pass"))
                .pass((int) row.number("pass"))
                .cursor(row.textOrNull("page_cursor"))
                .passDone(row.flag("pass_done"))
                .report(row.textOrNull("run_end") == null ? null : report(row))
                .build();
    }

    private static SweepReport report(Sql.Row row) throws SQLException {
        String name = row.text("run_end");
        String message = Optional.ofNullable(row.textOrNull("message")).orElse("");
        Optional<SweepEnd> end = Stream.of(SweepEnd.values())
                .filter(each -> each.name().equals(name))
                .findFirst();
        return SweepReport.builder(
                        row.time("report_started_at"),
                        row.time("ended_at"),
                        // One of a later version must not keep this version from its own runs.
                        end.orElse(SweepEnd.REFUSED),
                        end.isPresent() ? message : "a later version ended the run with " + name + ": " + message)
                .deleted(row.number("deleted"))
                .alreadyGone(row.number("already_gone"))
                .nothingStored(row.number("nothing_stored"))
                .failed(row.number("failed"))
                .deferred(row.number("deferred"))
                .unproven(row.number("unproven"))
                .quarantined(row.number("quarantined"))
                .held(row.number("held"))
                .withoutKey(row.number("without_key"))
                .remaining(row.number("remaining"))
                .undated(row.number("undated"))
                .engineDeleted(row.number("engine_deleted"))
                .cutoffs(cutoffs(row.textOrNull("cutoffs")))
                .audioFreed(Duration.ofSeconds(row.number("audio_seconds")))
                .build();
    }

    /** A line for each policy: its cutoff, then its name. */
    private static String cutoffs(Map<String, Instant> cutoffs) {
        return cutoffs.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(entry -> entry.getValue() + " " + entry.getKey())
                .collect(Collectors.joining("\n"));
    }

    private static Map<String, Instant> cutoffs(@Nullable String text) {
        Map<String, Instant> cutoffs = new LinkedHashMap<>();
        if (text != null) {
            text.lines().forEach(line -> {
                int space = line.indexOf(' ');
                cutoffs.put(line.substring(space + 1), Instant.parse(line.substring(0, space)));
            });
        }
        return cutoffs;
    }
}
