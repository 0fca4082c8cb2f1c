package dev.retention.jpa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retention.Cause;
import dev.retention.DeletionOutcome;
import dev.retention.DeletionState;
import dev.retention.HoldAnswer;
import dev.retention.LedgerEntry;
import dev.retention.LedgerEvent;
import dev.retention.RetentionException;
import dev.retention.ReviewAnswer;
import dev.retention.spi.Claim;
import dev.retention.spi.ClaimOutcome;
import dev.retention.spi.Controls.Change;
import dev.retention.spi.DeletionGate.ClaimRequest;
import dev.retention.spi.DeletionGate.Recorded;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.DueCriteria.Rule;
import dev.retention.spi.Evidence;
import dev.retention.spi.EvidenceEntry;
import dev.retention.spi.EvidenceLog;
import dev.retention.spi.SealStep;
import dev.retention.spi.SweepRuns.RunRequest;
import dev.retention.spi.SweepRuns.SweepRun;
import dev.retention.spi.TreeHead;
import dev.retention.test.EngineRow;
import jakarta.persistence.EntityManagerFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Commits whose answer is lost, and how many statements it takes, on H2: neither is the server's doing. */
class TransactionsTest {

    private static final Instant NOW = Instant.parse("2026-11-23T03:00:00Z");
    private static final DueCriteria CRITERIA =
            new DueCriteria(NOW, List.of(), new Rule("default", Map.of(), NOW.minus(Duration.ofDays(90))));

    private static Engine engine;
    private static FaultyConnections connections;
    private static EntityManagerFactory factory;
    private JpaRecordingRepository repository;

    @BeforeAll
    static void start() {
        engine = new Engine(TestDatabase.H2, Calls.UuidCall.class, "TRANSACTION_READ_COMMITTED");
        connections = new FaultyConnections(engine.dataSource);
        factory = Engine.factory(
                TestDatabase.H2,
                connections.dataSource(),
                "none",
                Calls.UuidCall.class,
                Calls.Customer.class,
                Calls.Contract.class);
    }

    @AfterAll
    static void stop() {
        factory.close();
    }

    @BeforeEach
    void startEmpty() {
        repository = engine.builder(factory).build();
        engine.clear();
    }

    private List<EngineRow> insert(int count) {
        List<EngineRow> rows = IntStream.range(0, count)
                .mapToObj(n -> EngineRow.of(
                        UUID.randomUUID().toString(),
                        "RE" + n,
                        NOW.minus(Duration.ofDays(100)).plusSeconds(n)))
                .toList();
        engine.insert(rows);
        return rows;
    }

    private SweepRun open() {
        return repository
                .runs()
                .joinOrOpenAfter(null, new RunRequest("key", "me", NOW, NOW, NOW.plusSeconds(60), "90d", 1000L))
                .orElseThrow();
    }

    private List<Claim> claim(SweepRun run, int limit) {
        return repository
                .gate()
                .claim(new ClaimRequest(
                        run.id(),
                        "me",
                        NOW.plusSeconds(600),
                        CRITERIA,
                        "retention_policy",
                        repository.recordings().page(CRITERIA, null, limit).candidates()))
                .claims();
    }

    private static ClaimOutcome deleted(Claim claim) {
        return ClaimOutcome.deleted(claim, Evidence.NONE.with("fake", DeletionResult.deleted("204")), NOW);
    }

    @ParameterizedTest
    @EnumSource(FaultyConnections.Fault.class)
    void claimsOnceThoughTheCommitSeemsToFail(FaultyConnections.Fault fault) {
        insert(3);
        SweepRun run = open();
        List<dev.retention.spi.Candidate> candidates =
                repository.recordings().page(CRITERIA, null, 10).candidates();
        connections.failNextCommit(fault);

        List<Claim> claims = repository
                .gate()
                .claim(new ClaimRequest(run.id(), "me", NOW.plusSeconds(600), CRITERIA, "retention_policy", candidates))
                .claims();

        assertThat(claims).hasSize(3);
        assertThat(repository.gate().verify(claims, CRITERIA)).hasSize(3);
        assertThat(repository.runs().find(run.id()).orElseThrow().claimed()).isEqualTo(3);
    }

    @ParameterizedTest
    @EnumSource(FaultyConnections.Fault.class)
    void recordsOnceThoughTheCommitSeemsToFail(FaultyConnections.Fault fault) {
        List<EngineRow> rows = insert(3);
        List<Claim> claims = claim(open(), 10);
        connections.failNextCommit(fault);

        assertThat(repository
                        .gate()
                        .record(claims.stream().map(TransactionsTest::deleted).toList()))
                .isEqualTo(Recorded.ALL);
        assertThat(repository.ledger().find(rows.stream().map(EngineRow::id).toList()))
                .extracting(LedgerEntry::state)
                .containsOnly(DeletionState.DELETED);
        assertThat(repository.ledger().events(rows.get(0).id())).isEmpty();
        assertThat(engine.read(rows.get(0).id()).orElseThrow().deleted()).isEqualTo(NOW);
    }

    @ParameterizedTest
    @EnumSource(FaultyConnections.Fault.class)
    void placesAndReleasesAHoldOnceThoughTheCommitSeemsToFail(FaultyConnections.Fault fault) {
        String id = insert(1).get(0).id();
        connections.failNextCommit(fault);
        assertThat(repository.holds().place("h", List.of(id), "me", "court", null, NOW))
                .containsEntry(id, HoldAnswer.HELD);

        connections.failNextCommit(fault);
        assertThat(repository.holds().release("h", "me", NOW.plusSeconds(1))).isTrue();
        assertThat(repository.holds().release("h", "me", NOW.plusSeconds(1))).isFalse();
        assertThat(repository.ledger().events(id)).hasSize(2);
    }

    @ParameterizedTest
    @EnumSource(FaultyConnections.Fault.class)
    void letsBeTriedAgainOnceThoughTheCommitSeemsToFail(FaultyConnections.Fault fault) {
        String waiting = quarantined(DeletionOutcome.ATTEMPTS_USED_UP);
        connections.failNextCommit(fault);

        assertThat(repository.quarantine().retry(List.of(waiting), "me", NOW))
                .containsExactly(Map.entry(waiting, ReviewAnswer.DONE));
        assertThat(repository.quarantine().retry(List.of(waiting), "me", NOW))
                .containsExactly(Map.entry(waiting, ReviewAnswer.NOT_WAITING));
        assertThat(repository.ledger().events(waiting))
                .filteredOn(event -> event.kind().equals("RETRY_GRANTED"))
                .hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(FaultyConnections.Fault.class)
    void acceptsOnceThoughTheCommitSeemsToFail(FaultyConnections.Fault fault) {
        String waiting = quarantined(DeletionOutcome.UNPROVEN);
        connections.failNextCommit(fault);

        assertThat(repository.quarantine().acceptUnproven(List.of(waiting), "me", NOW))
                .containsExactly(Map.entry(waiting, ReviewAnswer.DONE));
        assertThat(repository.quarantine().acceptUnproven(List.of(waiting), "me", NOW))
                .containsExactly(Map.entry(waiting, ReviewAnswer.NOT_WAITING));
        assertThat(repository.ledger().events(waiting))
                .filteredOn(event -> event.kind().equals("ACCEPTED_UNPROVEN"))
                .hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(FaultyConnections.Fault.class)
    void appendsAndSealsOnceThoughTheCommitSeemsToFail(FaultyConnections.Fault fault) {
        EvidenceLog log = repository.evidence();
        EvidenceEntry entry = EvidenceEntry.builder(EvidenceEntry.Kind.CENSUS, NOW)
                .text("day", "2026-11-22")
                .build();
        connections.failNextCommit(fault);
        log.append(List.of(entry));
        assertThat(log.unsealed().entries()).isEqualTo(1);

        connections.failNextCommit(fault);
        assertThat(log.seal(10, TransactionsTest::sealed).orElseThrow().number())
                .isEqualTo(1);
        assertThat(log.seal(10, TransactionsTest::sealed)).isEmpty();
        assertThat(log.seals(0, 10)).hasSize(1);
        assertThat(log.leaves(0, 10)).hasSize(1);

        connections.failNextCommit(fault);
        log.anchored(new EvidenceLog.AnchoredHead("file", 1, NOW, "line 1"));
        assertThat(log.anchoredHeads(0, 10)).hasSize(1);
    }

    /** A claim whose answer was lost is not described twice. */
    @ParameterizedTest
    @EnumSource(FaultyConnections.Fault.class)
    void describesAChangeOnceThoughTheCommitSeemsToFail(FaultyConnections.Fault fault) {
        insert(3);
        SweepRun run = open();
        connections.failNextCommit(fault);
        List<Claim> claims = claim(run, 10);
        connections.failNextCommit(fault);
        repository.gate().record(claims.stream().map(TransactionsTest::deleted).toList());
        repository.evidence().seal(100, TransactionsTest::sealed);
        claims.forEach(
                claim -> assertThat(repository.evidence().leavesOf(claim.id())).hasSize(2));
    }

    private static SealStep.Sealing sealed(TreeHead head, List<byte[]> entries) {
        long size = head.size() + entries.size();
        byte[] hash = new byte[TreeHead.HASH_LENGTH];
        return new SealStep.Sealing(
                new TreeHead(size, hash, Collections.nCopies(Long.bitCount(size), hash)),
                Collections.nCopies(entries.size(), hash),
                List.of(),
                "");
    }

    private String quarantined(DeletionOutcome outcome) {
        String id = insert(1).get(0).id();
        Claim claim = claim(open(), 1).get(0);
        repository
                .gate()
                .record(List.of(ClaimOutcome.quarantine(claim, outcome, Cause.of("TEST", "a cause"), NOW)
                        .inDoubt(true)));
        return id;
    }

    @ParameterizedTest
    @EnumSource(FaultyConnections.Fault.class)
    void changesASettingOnceThoughTheCommitSeemsToFail(FaultyConnections.Fault fault) {
        LedgerEvent event = new LedgerEvent(NOW, "PAUSED", null, null, "me", null);
        Change pause = new Change("paused", null, "yes");
        connections.failNextCommit(fault);

        assertThat(repository.controls().change(List.of(pause), event)).isTrue();
        assertThat(repository.controls().change(List.of(pause), event)).isFalse();
        assertThat(repository.controls().all()).containsOnlyKeys("paused");
    }

    @ParameterizedTest
    @EnumSource(FaultyConnections.Fault.class)
    void aRefusedChangeStaysRefusedThoughTheCommitSeemsToFail(FaultyConnections.Fault fault) {
        LedgerEvent event = new LedgerEvent(NOW, "PAUSED", null, null, "me", null);
        repository.controls().change(List.of(new Change("paused", null, "yes")), event);
        connections.failNextCommit(fault);

        assertThat(repository
                        .controls()
                        .change(
                                List.of(new Change("paused", "no", "yes")),
                                new LedgerEvent(NOW, "PAUSED", null, null, "you", null)))
                .isFalse();
    }

    @Test
    void takesNoPageWhenItCannotTellWhoseItIs() {
        SweepRun run = open();
        connections.failNextCommit(FaultyConnections.Fault.ANSWER_LOST);
        assertThat(repository.runs().advance(run, "page 2", NOW)).isFalse();
    }

    @Test
    void doesNotRepeatWhatACommitRefusesForGood() {
        String id = insert(1).get(0).id();
        connections.transactions.set(0);
        connections.failCommits(FaultyConnections.Fault.ROLLED_BACK, "23514", 1);

        assertThatThrownBy(() -> repository.holds().place("h", List.of(id), "me", "court", null, NOW))
                .isInstanceOfSatisfying(
                        RetentionException.class, e -> assertThat(e.kind()).isEqualTo(RetentionException.Kind.REFUSED))
                .hasMessageContaining("SQLState 23514");
        assertThat(connections.transactions).hasValue(1);
        assertThat(repository.ledger().find(List.of(id))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"08006", "57P01", "40003", "HY000", "XX000", "58030"})
    void repeatsACommitOfWhichNobodyKnowsWhetherItTookEffect(String sqlState) {
        String id = insert(1).get(0).id();
        connections.transactions.set(0);
        // The first transaction reads the row, and the second one places the hold.
        connections.spareCommits(1);
        connections.failCommits(FaultyConnections.Fault.ANSWER_LOST, sqlState, 1);

        assertThat(repository.holds().place("h", List.of(id), "me", "court", null, NOW))
                .containsEntry(id, HoldAnswer.HELD);
        assertThat(connections.transactions).hasValue(3);
        assertThat(repository.ledger().events(id)).hasSize(1);
    }

    /** The library's keys are checked when they are written: only a deferred one of the engine is checked then. */
    @Test
    void doesNotRepeatACommitThatRefusesAKey() {
        String id = insert(1).get(0).id();
        connections.transactions.set(0);
        connections.failCommits(FaultyConnections.Fault.ROLLED_BACK, "23505", 100);
        try {
            assertThatThrownBy(() -> repository.holds().place("h", List.of(id), "me", "court", null, NOW))
                    .isInstanceOf(RetentionException.class)
                    .hasMessageContaining("refused");
            assertThat(connections.transactions).hasValue(1);
        } finally {
            connections.failCommits(FaultyConnections.Fault.ROLLED_BACK, "", 0);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"08001", "08006", "57P01", "57P02", "57P03"})
    void startsThoughTheDatabaseIsAwayForAMoment(String sqlState) {
        insert(1);
        connections.refuseNextConnection(sqlState);
        repository = engine.builder(factory).build();

        assertThat(repository.recordings().page(CRITERIA, null, 10).candidates())
                .hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"42501", "28000", "57014"})
    void doesNotStartWhereTheDatabaseRefuses(String sqlState) {
        connections.refuseNextConnection(sqlState);

        assertThatThrownBy(() -> engine.builder(factory).build())
                .isInstanceOf(RetentionException.class)
                .hasMessageContaining(sqlState);
    }

    @Test
    void needsAsManyStatementsForManyRecordingsAsForFew() {
        insert(420);
        SweepRun run = open();
        statements(run, 10);
        int few = statements(run, 10);
        int many = statements(run, 400);

        // Three transactions, each with its time limits; two of them add a batch of evidence.
        assertThat(many).isEqualTo(few).isLessThan(35);
    }

    private int statements(SweepRun run, int recordings) {
        connections.executions.set(0);
        List<Claim> claims = claim(run, recordings);
        assertThat(claims).hasSize(recordings);
        repository.gate().verify(claims, CRITERIA);
        repository.gate().record(claims.stream().map(TransactionsTest::deleted).toList());
        return connections.executions.get();
    }

    @Test
    void storesAKeyThatIsTooLongByItsHashAndStillKnowsIt() {
        String key = "x".repeat(1500);
        String id = UUID.randomUUID().toString();
        engine.insert(List.of(EngineRow.of(id, key, NOW.minus(Duration.ofDays(100)))));
        List<Claim> claims = claim(open(), 10);

        assertThat(repository.ledger().find(List.of(id)).get(0).storageKey())
                .hasSizeLessThan(200)
                .contains("1500 characters, sha256 ");
        assertThat(claims.get(0).recording().storageKey()).isEqualTo(key);
        assertThat(repository.gate().verify(claims, CRITERIA)).containsExactly(id);
        assertThat(repository
                        .gate()
                        .record(claims.stream().map(TransactionsTest::deleted).toList()))
                .isEqualTo(Recorded.ALL);
    }

    @Test
    void wrapsWhatTheDatabaseRefuses() {
        engine.execute("alter table retention_event rename to moved_event");
        try {
            assertThatThrownBy(() -> repository.ledger().events("x"))
                    .isInstanceOf(RetentionException.class)
                    .hasMessageContaining("could not read events");
        } finally {
            engine.execute("alter table moved_event rename to retention_event");
        }
    }
}
