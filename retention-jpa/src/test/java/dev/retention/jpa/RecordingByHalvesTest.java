package dev.retention.jpa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retention.DeletionOutcome;
import dev.retention.DeletionState;
import dev.retention.LedgerEntry;
import dev.retention.LedgerEvent;
import dev.retention.RetentionException;
import dev.retention.spi.Claim;
import dev.retention.spi.ClaimOutcome;
import dev.retention.spi.DeletionGate.ClaimRequest;
import dev.retention.spi.DeletionGate.Recorded;
import dev.retention.spi.DeletionGate.Refusal;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.DueCriteria.Rule;
import dev.retention.spi.Evidence;
import dev.retention.test.EngineRow;
import jakarta.persistence.EntityManagerFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What some refused outcomes among many cost, in transactions and statements, and that the others are recorded. */
class RecordingByHalvesTest {

    private static final Instant NOW = Instant.parse("2026-11-23T03:00:00Z");
    private static final DueCriteria CRITERIA =
            new DueCriteria(NOW, List.of(), new Rule("default", Map.of(), NOW.minus(Duration.ofDays(90))));
    private static final int MANY = 500;

    /** How often 500 must be halved until one is left. */
    private static final int HALVINGS = 9;

    private static final int MOST_STATEMENTS_OF_A_TRANSACTION = 14;

    private static final Map<TestDatabase, Recorder> RECORDERS = new ConcurrentHashMap<>();

    /** A database, with claims to record. */
    private static final class Recorder {

        final Engine engine;
        final FaultyConnections connections;
        final EntityManagerFactory factory;
        final JpaRecordingRepository repository;
        List<Claim> claims = List.of();

        Recorder(TestDatabase database) {
            engine = new Engine(database, Calls.TextCall.class, "TRANSACTION_READ_COMMITTED");
            engine.builder().build();
            connections = new FaultyConnections(engine.dataSource);
            factory = Engine.factory(
                    database, connections.dataSource(), "none", Calls.TextCall.class, Calls.Customer.class);
            repository = engine.builder(factory).build();
        }

        /** Claims of a second attempt, which leaves an event when it is recorded. */
        Recorder claim(int many) {
            engine.clear();
            engine.insert(IntStream.range(0, many)
                    .mapToObj(n -> EngineRow.of(
                            id(n), "RE" + n, NOW.minus(Duration.ofDays(100)).plusSeconds(n)))
                    .toList());
            assertThat(repository
                            .gate()
                            .claim(new ClaimRequest(
                                    null,
                                    "me",
                                    NOW.minusSeconds(1),
                                    CRITERIA,
                                    "retention_policy",
                                    repository
                                            .recordings()
                                            .page(CRITERIA, null, many)
                                            .candidates()))
                            .claims())
                    .hasSize(many);
            claims = repository.gate().reclaim("me", null, NOW, NOW.plusSeconds(600), many);
            assertThat(claims).hasSize(many);
            connections.transactions.set(0);
            connections.executions.set(0);
            return this;
        }

        List<ClaimOutcome> outcomes() {
            List<ClaimOutcome> outcomes = new ArrayList<>();
            for (Claim claim : claims) {
                outcomes.add(deleted(claim, NOW));
            }
            return outcomes;
        }

        Recorded record() {
            return repository.gate().record(outcomes());
        }

        void assertRecorded(Collection<Integer> refused) {
            Set<String> refusedIds =
                    refused.stream().map(RecordingByHalvesTest::id).collect(Collectors.toSet());
            for (LedgerEntry entry :
                    repository.ledger().find(claims.stream().map(Claim::id).toList())) {
                String id = entry.recordingId();
                boolean recorded = !refusedIds.contains(id);
                assertThat(entry.state()).as(id).isEqualTo(recorded ? DeletionState.DELETED : DeletionState.DELETING);
                assertThat(engine.read(id).orElseThrow().deleted() != null)
                        .as(id)
                        .isEqualTo(recorded);
                assertThat(repository.ledger().events(id))
                        .as(id)
                        .extracting(LedgerEvent::kind)
                        .isEqualTo(recorded ? List.of("ATTEMPT") : List.of());
            }
        }
    }

    private static String id(int n) {
        return "call-" + n;
    }

    private static ClaimOutcome deleted(Claim claim, Instant at) {
        return ClaimOutcome.deleted(claim, Evidence.NONE.with("fake", DeletionResult.deleted("204")), at);
    }

    private static Set<String> refusedIds(Recorded recorded) {
        return recorded.refused().stream()
                .map(refusal -> refusal.outcome().claim().id())
                .collect(Collectors.toSet());
    }

    private static Recorder on(TestDatabase database) {
        return RECORDERS.computeIfAbsent(database, Recorder::new);
    }

    @AfterAll
    static void stop() {
        RECORDERS.values().forEach(recorder -> {
            recorder.factory.close();
            recorder.engine.factory.close();
            recorder.engine.dataSource.close();
        });
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void recordsAllInOneTransaction(TestDatabase database) {
        Recorder recorder = on(database).claim(MANY);

        assertThat(recorder.record()).isEqualTo(Recorded.ALL);
        assertThat(recorder.connections.transactions).hasValue(1);
        assertThat(recorder.connections.executions.get()).isLessThanOrEqualTo(MOST_STATEMENTS_OF_A_TRANSACTION);
        recorder.assertRecorded(List.of());
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void oneRefusedAmongManyCostsALogarithmOfTransactions(TestDatabase database) {
        Recorder recorder = on(database).claim(MANY);
        recorder.engine.refuseSoftDelete(id(321));

        Recorded recorded = recorder.record();

        assertThat(recorder.connections.transactions.get()).isLessThanOrEqualTo(1 + 2 * HALVINGS);
        assertThat(recorder.connections.executions.get())
                .isLessThanOrEqualTo((1 + 2 * HALVINGS) * MOST_STATEMENTS_OF_A_TRANSACTION);
        assertThat(recorded.notMarked()).isEmpty();
        assertThat(recorded.refused())
                .singleElement()
                .satisfies(refusal -> assertThat(refusal.outcome().claim().id()).isEqualTo(id(321)))
                .extracting(Refusal::why)
                .asString()
                .contains("SQLState");
        recorder.assertRecorded(List.of(321));
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void twoRefusedCostTwiceThat(TestDatabase database) {
        Recorder recorder = on(database).claim(MANY);
        recorder.engine.refuseSoftDelete(id(3));
        recorder.engine.refuseSoftDelete(id(499));

        Recorded recorded = recorder.record();

        assertThat(recorder.connections.transactions.get()).isLessThanOrEqualTo(1 + 4 * HALVINGS);
        assertThat(refusedIds(recorded)).containsExactlyInAnyOrder(id(3), id(499));
        recorder.assertRecorded(List.of(3, 499));
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void allRefusedEndsWithNoneRecorded(TestDatabase database) {
        int many = 16;
        Recorder recorder = on(database).claim(many);
        List<Integer> all = IntStream.range(0, many).boxed().toList();
        all.forEach(n -> recorder.engine.refuseSoftDelete(id(n)));

        Recorded recorded = recorder.record();

        assertThat(recorder.connections.transactions).hasValue(2 * many - 1);
        assertThat(refusedIds(recorded)).hasSize(many);
        recorder.assertRecorded(all);
    }

    /** To the database a key that exists twice looks like a race at first. */
    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void oneThatViolatesAUniqueKeyIsNarrowedDownToo(TestDatabase database) {
        int many = 16;
        Recorder recorder = on(database).claim(many);
        recorder.engine.insert(List.of(EngineRow.of("other", "RE", NOW.minus(Duration.ofDays(100)))
                .withDeleted(NOW.plusSeconds(5), "by hand")));
        recorder.engine.execute("create unique index ux_gone on TextCall (gone)");
        try {
            List<ClaimOutcome> outcomes = IntStream.range(0, many)
                    .mapToObj(n -> deleted(recorder.claims.get(n), NOW.plusSeconds(n)))
                    .toList();
            String refused = recorder.claims.get(5).id();

            Recorded recorded = recorder.repository.gate().record(outcomes);

            // The whole eight times, and of each of four pairs of halves one once and the other twice.
            assertThat(recorder.connections.transactions.get()).isLessThanOrEqualTo(8 + 3 * 4);
            assertThat(refusedIds(recorded)).containsExactly(refused);
            recorder.assertRecorded(List.of(Integer.valueOf(refused.substring("call-".length()))));
        } finally {
            recorder.engine.execute("drop index ux_gone" + (database.isOfMySqlFamily() ? " on TextCall" : ""));
        }
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void losesNothingAndRecordsNothingTwiceWhenTheDatabaseGoesAwayMeanwhile(TestDatabase database) {
        Recorder recorder = on(database).claim(MANY);
        String refused = recorder.claims.get(MANY - 1).id();
        recorder.engine.refuseSoftDelete(refused);
        List<ClaimOutcome> outcomes = recorder.outcomes();
        // The whole, its first half, which is recorded, and its second half, which is not.
        recorder.connections.goAwayAfter(3);
        try {
            assertThatThrownBy(() -> recorder.repository.gate().record(outcomes))
                    .isInstanceOfSatisfying(
                            RetentionException.class,
                            e -> assertThat(e.kind()).isEqualTo(RetentionException.Kind.UNAVAILABLE));
        } finally {
            recorder.connections.comeBack();
        }
        assertThat(recorder.repository
                        .ledger()
                        .find(recorder.claims.stream().map(Claim::id).toList()))
                .filteredOn(entry -> entry.state() == DeletionState.DELETED)
                .hasSize(MANY / 2);

        Recorded recorded = recorder.repository.gate().record(outcomes);

        assertThat(refusedIds(recorded)).containsExactly(refused);
        assertThat(recorded.notMarked()).isEmpty();
        recorder.assertRecorded(List.of(Integer.valueOf(refused.substring("call-".length()))));
    }

    /** Each outcome alone is taken, and no two of them in one transaction: only PostgreSQL judges when it commits. */
    @Test
    void recordsEachAloneWhereNoTwoAreTakenTogether() {
        int many = 16;
        Recorder recorder = on(TestDatabase.POSTGRESQL).claim(many);
        recorder.engine.execute("create function alone() returns trigger language plpgsql as $$ begin"
                + " if (select count(*) from TextCall where xmin = pg_current_xact_id()::xid and gone is not null) > 1"
                + " then raise exception 'no two at once'; end if; return null; end $$");
        recorder.engine.execute("create constraint trigger alone after update on TextCall"
                + " deferrable initially deferred for each row execute function alone()");
        try {
            assertThat(recorder.record()).isEqualTo(Recorded.ALL);
            assertThat(recorder.connections.transactions).hasValue(2 * many - 1);
            recorder.assertRecorded(List.of());
        } finally {
            recorder.engine.execute("drop trigger alone on TextCall");
            recorder.engine.execute("drop function alone()");
        }
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void keepsTheProofOfOneThatCannotBeMarked(TestDatabase database) {
        Recorder recorder = on(database).claim(2);
        String refused = recorder.claims.get(0).id();
        recorder.engine.refuseSoftDelete(refused);

        assertThat(refusedIds(recorder.record())).containsExactly(refused);
        ClaimOutcome kept = ClaimOutcome.retry(
                        recorder.claims.get(0),
                        DeletionOutcome.TRY_LATER,
                        dev.retention.Cause.of("ROW_NOT_MARKED", "a trigger"),
                        NOW,
                        NOW.plusSeconds(60))
                .withEvidence(recorder.outcomes().get(0).evidence());
        assertThat(recorder.repository.gate().record(List.of(kept))).isEqualTo(Recorded.ALL);
        assertThat(recorder.repository.ledger().find(List.of(refused)))
                .singleElement()
                .satisfies(entry -> assertThat(entry.state()).isEqualTo(DeletionState.DELETING))
                .satisfies(entry -> assertThat(entry.evidence()).contains("204"));
    }
}
