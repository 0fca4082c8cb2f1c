package dev.retention.jpa;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.spi.Candidate;
import dev.retention.spi.Claim;
import dev.retention.spi.ClaimOutcome;
import dev.retention.spi.DeletionGate.ClaimRequest;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.DueCriteria.Rule;
import dev.retention.spi.Evidence;
import dev.retention.spi.RecordingSource.Page;
import dev.retention.spi.SweepRuns.RunRequest;
import dev.retention.spi.SweepRuns.SweepRun;
import jakarta.persistence.EntityManagerFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowingConsumer;
import org.junit.jupiter.api.Test;

/**
 * How the databases find rows: by the index that the documentation gives, reading hardly more than is returned, and by
 * no outdated plan.
 */
class QueryPlansTest {

    private static final Instant NOW = Instant.parse("2026-11-23T03:00:00Z");
    private static final Instant OLDEST = NOW.minus(Duration.ofDays(400));
    private static final DueCriteria CRITERIA =
            new DueCriteria(NOW, List.of(), new Rule("default", Map.of(), NOW.minus(Duration.ofDays(90))));
    private static final Evidence PROOF = Evidence.NONE.with("fake", DeletionResult.deleted("204"));
    private static final int ROWS = 20_000;
    private static final int PAGE = 100;

    /** Rows of ten days, one every twenty minutes. */
    private static final int COUNTED = 720;

    private static final String POSTGRESQL_ROWS =
            "insert into voice_recording (id, twilio_recording_sid, created_at, deleted_at) select n, 'RE' || n,"
                    + " timestamptz '" + OLDEST + "' + n * interval '20 minutes', case when n % 3 = 0 then now() end"
                    + " from generate_series(1, " + ROWS + ") n";
    private static final String MARIADB_ROWS =
            "insert into voice_recording (id, twilio_recording_sid, created_at, deleted_at)"
                    + " select seq, concat('RE', seq), date_add('"
                    + OLDEST.toString().replace('T', ' ').replace("Z", "")
                    + "', interval seq * 20 minute), if(seq % 3 = 0, now(6), null) from seq_1_to_" + ROWS;
    private static final String MYSQL_ROWS =
            "insert into voice_recording (id, twilio_recording_sid, created_at, deleted_at)"
                    + " with recursive s (n) as (select 1 union all select n + 1 from s where n < " + ROWS + ")"
                    + " select /*+ set_var(cte_max_recursion_depth = " + ROWS + ") */ n, concat('RE', n), date_add('"
                    + OLDEST.toString().replace('T', ' ').replace("Z", "")
                    + "', interval n * 20 minute), if(n % 3 = 0, now(6), null) from s";
    private static final String POSTGRESQL_EXPLAIN = "explain (analyze, costs off, timing off, summary off)";

    @Test
    void postgresqlWalksTheIndexFromTheCursorOn() throws IOException {
        List<String> plans = plansOfTwoPages(
                TestDatabase.POSTGRESQL, POSTGRESQL_ROWS, "analyze voice_recording", POSTGRESQL_EXPLAIN);

        assertThat(plans)
                .hasSize(2)
                .allSatisfy(plan -> assertThat(plan)
                        .contains("Index Scan")
                        .doesNotContain("Seq Scan")
                        .doesNotContain("Sort")
                        // What the partial index can't tell is read and dropped; pages walked before are not.
                        .satisfies(text -> assertThat(number(text, "Rows Removed by Filter: ([0-9]+)"))
                                .isLessThanOrEqualTo(1)));
    }

    @Test
    void mariaDbWalksTheIndexFromTheCursorOn() throws IOException {
        List<String> plans =
                plansOfTwoPages(TestDatabase.MARIADB, MARIADB_ROWS, "analyze table voice_recording", "analyze");

        assertThat(plans)
                .hasSize(2)
                .allSatisfy(plan -> assertThat(plan)
                        .contains("key=ix_call_recording_due")
                        .doesNotContain("filesort")
                        .satisfies(text ->
                                assertThat(number(text, " r_rows=([0-9]+)")).isLessThanOrEqualTo(PAGE + 2)));
    }

    @Test
    void mySqlWalksTheIndexFromTheCursorOn() throws IOException {
        List<String> plans =
                plansOfTwoPages(TestDatabase.MYSQL, MYSQL_ROWS, "analyze table voice_recording", "explain analyze");

        // While most rows are live, the index of the census does as well: it has the soft-deletion, too.
        assertThat(plans)
                .hasSize(2)
                .allSatisfy(plan -> assertThat(plan)
                        .contains("using ix_call_recording_")
                        .doesNotContain("Sort")
                        .satisfies(text -> assertThat(mostRowsRead(text)).isBetween(PAGE, PAGE + 2)));
    }

    /** As after some years, when the index of the census would lead through all that was ever deleted. */
    @Test
    void mySqlWalksTheIndexOfLiveRowsWhereMostAreDeleted() throws IOException {
        List<String> plans = plansOfTwoPages(
                TestDatabase.MYSQL,
                MYSQL_ROWS.replace("n % 3 = 0", "n % 10 > 0"),
                "analyze table voice_recording",
                "explain analyze",
                ROWS / 30);

        assertThat(plans)
                .hasSize(2)
                .allSatisfy(plan -> assertThat(plan)
                        .contains("using ix_call_recording_due")
                        .doesNotContain("Sort")
                        .satisfies(text -> assertThat(mostRowsRead(text)).isBetween(PAGE, PAGE + 2)));
    }

    @Test
    void mariaDbWalksTheIndexOfLiveRowsWhereMostAreDeleted() throws IOException {
        List<String> plans = plansOfTwoPages(
                TestDatabase.MARIADB,
                MARIADB_ROWS.replace("seq % 3 = 0", "seq % 10 > 0"),
                "analyze table voice_recording",
                "analyze",
                ROWS / 30);

        assertThat(plans)
                .hasSize(2)
                .allSatisfy(plan -> assertThat(plan)
                        .contains("key=ix_call_recording_due")
                        .doesNotContain("filesort")
                        .satisfies(text ->
                                assertThat(number(text, " r_rows=([0-9]+)")).isLessThanOrEqualTo(PAGE + 2)));
    }

    /** A claim and a check read rows by their keys, and the others with the same keys by the same query. */
    @Test
    void postgresqlFindsTheRowsOfAKeyByTheirIndex() throws IOException {
        List<String> plans = plansOfAClaimAndACheck(
                TestDatabase.POSTGRESQL, POSTGRESQL_ROWS, "analyze voice_recording", POSTGRESQL_EXPLAIN);

        assertThat(plans)
                .hasSize(2)
                .allSatisfy(plan ->
                        assertThat(plan).contains("twilio_recording_sid_idx").doesNotContain("Seq Scan"));
    }

    @Test
    void mariaDbFindsTheRowsOfAKeyByTheirIndex() throws IOException {
        List<String> plans =
                plansOfAClaimAndACheck(TestDatabase.MARIADB, MARIADB_ROWS, "analyze table voice_recording", "analyze");

        assertThat(plans)
                .hasSize(2)
                .allSatisfy(plan -> assertThat(plan)
                        .contains("key=ix_call_recording_key")
                        .satisfies(text ->
                                assertThat(number(text, " r_rows=([0-9]+)")).isLessThanOrEqualTo(PAGE)));
    }

    @Test
    void mySqlFindsTheRowsOfAKeyByTheirIndex() throws IOException {
        List<String> plans = plansOfAClaimAndACheck(
                TestDatabase.MYSQL, MYSQL_ROWS, "analyze table voice_recording", "explain analyze");

        assertThat(plans)
                .hasSize(2)
                .allSatisfy(plan -> assertThat(plan)
                        .contains("using ix_call_recording_key")
                        .satisfies(text -> assertThat(mostRowsRead(text)).isBetween(PAGE, PAGE + 2)));
    }

    /** Of all rows, those of the days that are counted are read, and nothing of these but the creation time. */
    @Test
    void postgresqlCountsDaysByTheirIndex() throws IOException {
        assertThat(planOfACensus(TestDatabase.POSTGRESQL, POSTGRESQL_ROWS, "vacuum analyze", POSTGRESQL_EXPLAIN))
                .contains("voice_recording_created_at_idx")
                .doesNotContain("Seq Scan")
                .satisfies(text -> assertThat(number(text, "Rows Removed by Filter: ([0-9]+)"))
                        .isZero());
    }

    @Test
    void mariaDbCountsDaysByTheirIndex() throws IOException {
        assertThat(planOfACensus(TestDatabase.MARIADB, MARIADB_ROWS, "analyze table", "analyze"))
                .contains("key=ix_call_recording_created")
                .satisfies(text -> assertThat(number(text, " r_rows=([0-9]+)")).isBetween(1, COUNTED + 2));
    }

    @Test
    void mySqlCountsDaysByTheirIndex() throws IOException {
        assertThat(planOfACensus(TestDatabase.MYSQL, MYSQL_ROWS, "analyze table", "explain analyze"))
                .contains("using ix_call_recording_created")
                .satisfies(text -> assertThat(mostRowsRead(text)).isBetween(1, COUNTED + 2));
    }

    /** Of a step in a plan of MySQL, in all its loops. */
    private static int mostRowsRead(String plan) {
        return Pattern.compile("rows=([0-9.e+]+) loops=([0-9]+)")
                .matcher(plan)
                .results()
                .mapToInt(step -> (int) (Double.parseDouble(step.group(1)) * Integer.parseInt(step.group(2))))
                .max()
                .orElse(0);
    }

    /** The many that are deleted are in no index that is walked for the few that are not. */
    @Test
    void postgresqlFindsTheFewThatAreOpenAmongTheManyThatAreDeleted() {
        Engine engine = new Engine(TestDatabase.POSTGRESQL, VoiceRecording.class, "TRANSACTION_READ_COMMITTED");
        engine.builder().build();
        engine.execute("insert into retention_deletion (recording_id, state, held, in_doubt, attempts, lease_until)"
                + " select n, case when n % 1000 = 1 then 'DELETING' when n % 1000 = 2 then 'QUARANTINED'"
                + " when n % 1000 < 5 then 'ACTIVE' else 'DELETED' end, n % 1000 = 3, false, 1, now()"
                + " from generate_series(1, " + ROWS + ") n");
        engine.execute("analyze retention_deletion");
        ExplainedConnections connections = new ExplainedConnections(
                engine.dataSource,
                "explain (analyze, costs off, timing off, summary off)",
                sql -> sql.contains("retention_deletion") && sql.contains("limit"));
        try (EntityManagerFactory factory =
                Engine.factory(TestDatabase.POSTGRESQL, connections.dataSource(), "none", VoiceRecording.class)) {
            JpaRecordingRepository repository = engine.builder(factory).build();
            connections.plans.clear();

            assertThat(repository.ledger().unfinished(null, PAGE)).hasSize(60);
            assertThat(repository.gate().reclaim("me", null, OLDEST, NOW, PAGE)).isEmpty();
        }
        assertThat(connections.plans)
                .hasSize(2)
                .allSatisfy(plan -> assertThat(plan)
                        .contains("ix_retention_deletion_")
                        .doesNotContain("Seq Scan")
                        .doesNotContain("pk_retention_deletion"));
    }

    /** A plan that was kept from when the table was empty would go on reading the whole of it. */
    @Test
    void postgresqlKeepsNoPlanForAListOfIds() throws SQLException {
        Engine engine = new Engine(TestDatabase.POSTGRESQL, VoiceRecording.class, "TRANSACTION_READ_COMMITTED");
        JpaRecordingRepository repository = engine.builder().build();
        List<String> ids = IntStream.range(0, 100).mapToObj(String::valueOf).toList();
        for (int i = 0; i < 20; i++) {
            repository.ledger().find(ids);
        }

        // The pool gives a thread the connection that it used last.
        try (Connection connection = engine.dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet plans =
                        statement.executeQuery("select custom_plans, generic_plans from pg_prepared_statements"
                                + " where statement like '%from retention_deletion where recording_id = any%'")) {
            assertThat(plans.next()).isTrue();
            assertThat(plans.getInt("custom_plans")).isGreaterThan(10);
            assertThat(plans.getInt("generic_plans")).isZero();
        }
    }

    /** Claims and proofs of a page are one statement each. Its plan is not kept, as for lists of ids. */
    @Test
    void postgresqlChangesAllRowsOfAPageByOneStatement() throws SQLException {
        assertPlans(PAGE, plans -> {
            assertThat(plans.getString("statement")).contains("unnest");
            assertThat(plans.getInt("custom_plans")).isBetween(1, ROWS / PAGE);
            assertThat(plans.getInt("generic_plans")).isZero();
        });
    }

    /** Planning each of a few rows again took more of PostgreSQL's time than the changes themselves. */
    @Test
    void postgresqlKeepsThePlansOfFewRows() throws SQLException {
        assertPlans(2, plans -> {
            assertThat(plans.getString("statement")).doesNotContain("unnest");
            assertThat(plans.getInt("generic_plans")).isGreaterThan(10 * plans.getInt("custom_plans"));
        });
    }

    /** Checks the plans of the two statements that claim recordings and record their deletion. */
    private static void assertPlans(int claimedAtOnce, ThrowingConsumer<ResultSet> check) throws SQLException {
        Engine engine = new Engine(TestDatabase.POSTGRESQL, VoiceRecording.class, "TRANSACTION_READ_COMMITTED");
        engine.execute(POSTGRESQL_ROWS);
        JpaRecordingRepository repository = engine.builder().build();
        int pages = 0;
        for (Page page = repository.recordings().page(CRITERIA, null, claimedAtOnce);
                page.next() != null && pages < ROWS / PAGE + 50;
                page = repository.recordings().page(CRITERIA, page.next(), claimedAtOnce)) {
            pages++;
            List<ClaimOutcome> deleted = repository
                    .gate()
                    .claim(new ClaimRequest(null, "one", NOW, CRITERIA, "retention_policy", page.candidates()))
                    .claims()
                    .stream()
                    .map(claim -> ClaimOutcome.deleted(claim, PROOF, NOW))
                    .toList();
            assertThat(deleted).hasSize(page.candidates().size());
            assertThat(repository.gate().record(deleted).refused()).isEmpty();
        }
        // The pool gives a thread the connection that it used last.
        try (Connection connection = engine.dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet plans = statement.executeQuery("select statement, custom_plans, generic_plans"
                        + " from pg_prepared_statements where statement like 'insert into retention_deletion%'"
                        + " or statement like 'update retention_deletion%'")) {
            int statements = 0;
            while (plans.next()) {
                statements++;
                assertThat(plans).satisfies(check);
            }
            assertThat(statements).isEqualTo(2);
        }
    }

    private static int number(String text, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
    }

    private static List<String> plansOfTwoPages(TestDatabase database, String rows, String analyze, String explain)
            throws IOException {
        return plansOfTwoPages(database, rows, analyze, explain, ROWS / 3);
    }

    private static List<String> plansOfTwoPages(
            TestDatabase database, String rows, String analyze, String explain, int before) throws IOException {
        Engine engine = new Engine(database, VoiceRecording.class, "TRANSACTION_READ_COMMITTED");
        engine.execute(rows);
        createDocumentedIndexes(engine, database);
        engine.execute(analyze);
        ExplainedConnections connections = new ExplainedConnections(
                engine.dataSource, explain, sql -> sql.contains("voice_recording") && sql.contains("order by"));
        try (EntityManagerFactory factory =
                Engine.factory(database, connections.dataSource(), "none", VoiceRecording.class)) {
            JpaRecordingRepository repository = engine.builder(factory).build();
            connections.plans.clear();
            // Late in the table, so that a page that began at its start would show.
            String cursor = null;
            for (int i = 0; i < 3; i++) {
                Page page = repository.recordings().page(CRITERIA, cursor, i == 0 ? before : PAGE);
                assertThat(page.candidates()).hasSize(i == 0 ? before : PAGE);
                cursor = page.next();
            }
        }
        return connections.plans.subList(1, connections.plans.size());
    }

    private static List<String> plansOfAClaimAndACheck(
            TestDatabase database, String rows, String analyze, String explain) throws IOException {
        Engine engine = new Engine(database, VoiceRecording.class, "TRANSACTION_READ_COMMITTED");
        engine.execute(rows);
        createDocumentedIndexes(engine, database);
        engine.execute(analyze);
        ExplainedConnections connections = new ExplainedConnections(
                engine.dataSource, explain, sql -> sql.contains("voice_recording") && sql.contains("sid in ("));
        try (EntityManagerFactory factory =
                Engine.factory(database, connections.dataSource(), "none", VoiceRecording.class)) {
            JpaRecordingRepository repository = engine.builder(factory).build();
            Instant until = NOW.plus(Duration.ofDays(9_999));
            SweepRun run = repository
                    .runs()
                    .joinOrOpenAfter(null, new RunRequest("key", "one", NOW, NOW, until, "default=90d", null))
                    .orElseThrow();
            List<Candidate> due =
                    repository.recordings().page(CRITERIA, null, PAGE).candidates();
            List<Claim> claims = repository
                    .gate()
                    .claim(new ClaimRequest(run.id(), "one", until, CRITERIA, "retention_policy", due))
                    .claims();
            assertThat(claims).hasSize(PAGE);
            assertThat(repository.gate().verify(claims, CRITERIA)).hasSize(PAGE);
        }
        return connections.plans;
    }

    private static String planOfACensus(TestDatabase database, String rows, String analyze, String explain)
            throws IOException {
        Engine engine = new Engine(database, VoiceRecording.class, "TRANSACTION_READ_COMMITTED");
        engine.execute(rows);
        createDocumentedIndexes(engine, database);
        engine.execute(analyze + " voice_recording");
        ExplainedConnections connections =
                new ExplainedConnections(engine.dataSource, explain, sql -> sql.contains("sum(case"));
        try (EntityManagerFactory factory =
                Engine.factory(database, connections.dataSource(), "none", VoiceRecording.class)) {
            JpaRecordingRepository repository = engine.builder(factory).build();
            connections.plans.clear();
            LocalDate day = LocalDate.ofInstant(OLDEST, ZoneOffset.UTC).plusDays(100);
            assertThat(repository
                            .census()
                            .count(day, day.plusDays(COUNTED / 72))
                            .values())
                    .hasSize(COUNTED / 72)
                    .containsOnly(72L);
        }
        return connections.plans.get(0);
    }

    private static void createDocumentedIndexes(Engine engine, TestDatabase database) throws IOException {
        String page = Files.readString(Path.of("../docs/your-own-entity.md"));
        List<String> indexes = Pattern.compile("(?i)\\| " + database + " \\| `(create index [^`]+)` \\|")
                .matcher(page)
                .results()
                .map(index -> index.group(1))
                .toList();
        assertThat(indexes).as("indexes for %s", database).hasSize(3);
        for (String index : indexes) {
            engine.execute(index.replace("call_recording (", "voice_recording (")
                    .replace("provider_sid", "twilio_recording_sid"));
        }
    }
}
