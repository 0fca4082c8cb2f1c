package dev.retention.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.retention.DeletionOutcome;
import dev.retention.DeletionState;
import dev.retention.HoldAnswer;
import dev.retention.HoldSummary;
import dev.retention.LedgerEntry;
import dev.retention.LedgerEvent;
import dev.retention.LegalHold;
import dev.retention.RetentionException;
import dev.retention.ReviewAnswer;
import dev.retention.SweepEnd;
import dev.retention.SweepReport;
import dev.retention.spi.Candidate;
import dev.retention.spi.Claim;
import dev.retention.spi.ClaimOutcome;
import dev.retention.spi.ClaimOutcome.Step;
import dev.retention.spi.Controls;
import dev.retention.spi.Controls.Change;
import dev.retention.spi.Controls.Control;
import dev.retention.spi.DeletionGate.ClaimRequest;
import dev.retention.spi.DeletionGate.Claims;
import dev.retention.spi.DeletionGate.Signal;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.DueCriteria.Rule;
import dev.retention.spi.HoldRegister.Scope;
import dev.retention.spi.Recording;
import dev.retention.spi.RecordingRepository;
import dev.retention.spi.RecordingSource.Counts;
import dev.retention.spi.RecordingSource.Page;
import dev.retention.spi.RecordingSource.PolicyCounts;
import dev.retention.spi.SweepRuns.RunRequest;
import dev.retention.spi.SweepRuns.SweepRun;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/**
 * What every {@link RecordingRepository} must do, as tests. An adapter's test class extends this and supplies the hooks.
 *
 * <p>The hooks reach the engine's table <em>by another route</em> than the repository, such as plain SQL, so that an adapter's mistake does
 * not hide itself. They commit before they return. Times are whole microseconds and durations whole seconds.
 *
 * <p>What an adapter does not map it names in {@link #supports}; the tests that need it are then reported as skipped.
 *
 * <p>The seed of what is random is reported; {@code -Ddev.retention.test.seed=…} repeats it.
 */
public abstract class RecordingRepositoryContract {

    /** The first of the two attributes that rows of these tests may have; the adapter maps both under these names. */
    public static final String QUEUE = "queue";

    /** The second attribute. */
    public static final String TENANT = "tenant";

    /** What not every adapter has, or not in every configuration. */
    protected enum Capability {
        /** The account of a row. */
        ACCOUNT,
        /** The row's own earliest deletion. */
        RETAIN_UNTIL,
        /** The hold flag. */
        HOLD_FLAG,
        /** The length of the audio. */
        DURATION,
        /** The attributes {@link RecordingRepositoryContract#QUEUE} and {@link RecordingRepositoryContract#TENANT}. */
        ATTRIBUTES,
        /** Ids that are any text, such as {@code "a"} beside {@code "A"} and {@code "a "}. */
        TEXT_IDS,
        /** Rows whose creation time is NULL. */
        NULL_CREATED,
        /** {@link RecordingRepositoryContract#pauseDeleting}. */
        PAUSE,
        /** {@link RecordingRepositoryContract#refuseSoftDelete}. */
        REFUSED_SOFT_DELETE,
        /** {@link RecordingRepositoryContract#inCallersTransaction}. */
        CALLERS_TRANSACTION
    }

    private static final Instant NOW = Instant.parse("2026-11-23T03:00:00.123456Z");
    private static final Instant CUTOFF = NOW.minus(Duration.ofDays(90));
    private static final Duration TICK = Duration.of(1, ChronoUnit.MICROS);
    private static final Duration LEASE = Duration.ofMinutes(10);
    private static final String REASON = "retention_policy";
    private static final String EVIDENCE = "fake 204";
    private static final int THREADS = 4;

    private final long seed = Long.getLong("dev.retention.test.seed", System.nanoTime());
    private final Random random = new Random(seed);

    private RecordingRepository repository;
    private Instant dbNow;

    /**
     * A repository on tables that are empty, the engine's as well as the library's. Called once before each test, and a second time in the test of
     * the database's time.
     *
     * @param clock for adapters that need one
     * @param databaseOffset how much the database's time is to be ahead of the clock, or, for a real database, of its own
     */
    protected abstract RecordingRepository createRepository(Clock clock, Duration databaseOffset);

    /** A repository on the same tables, as another instance of a cluster has it; by default the same object. */
    protected RecordingRepository createSecondInstance() {
        return repository;
    }

    /** Inserts a row into the engine's table. */
    protected abstract void insertRow(EngineRow row);

    private static String runIdOf(Claim claim) {
        return Objects.requireNonNull(claim.runId());
    }

    /** Inserts rows into the engine's table; one by one unless this is overridden. */
    protected void insertRows(Collection<EngineRow> rows) {
        rows.forEach(this::insertRow);
    }

    /** Replaces all values of the engine's row with this id. */
    protected abstract void updateRow(EngineRow row);

    /** Removes the engine's row with this id. */
    protected abstract void removeRow(String id);

    /** Reads the engine's row with this id. */
    protected abstract Optional<EngineRow> readRow(String id);

    /** An id for the n-th row; a larger n gives an id that the database sorts behind. The same n gives the same id. */
    protected String newId(int n) {
        return String.format("rec-%06d", n);
    }

    /** Whether the adapter has it; everything by default. */
    protected boolean supports(Capability capability) {
        return true;
    }

    /** Pauses deleting in the database, as an operator would. */
    protected void pauseDeleting() {
        throw new UnsupportedOperationException("override this, or say that PAUSE is not supported");
    }

    /** Lets the database refuse to soft-delete the engine's row with this id, such as by a trigger. */
    protected void refuseSoftDelete(String id) {
        throw new UnsupportedOperationException("override this, or say that REFUSED_SOFT_DELETE is not supported");
    }

    /** Runs the work in this thread while a transaction of the caller's own is open, which is then rolled back. */
    protected void inCallersTransaction(Runnable work) {
        throw new UnsupportedOperationException("override this, or say that CALLERS_TRANSACTION is not supported");
    }

    /** The repository of the running test. */
    protected final RecordingRepository repository() {
        return repository;
    }

    @BeforeEach
    final void startEmpty(TestReporter reporter) {
        reporter.publishEntry("seed", Long.toString(seed));
        repository = createRepository(new MutableClock(NOW), Duration.ZERO);
        dbNow = repository.now().truncatedTo(ChronoUnit.MICROS);
    }

    @Nested
    class Repository {

        @Test
        void tellsTheDatabasesTime() {
            RecordingRepository ahead = createRepository(Clock.systemUTC(), Duration.ofHours(3));

            assertThat(ahead.now()).isCloseTo(Instant.now().plus(Duration.ofHours(3)), within(10, ChronoUnit.MINUTES));
        }

        @Test
        void tellsThatTheCallerHasNoTransaction() {
            assertThat(repository.callerHasTransaction()).isFalse();
        }

        @Test
        void commitsItsOwnTransactionWhateverBecomesOfTheCallers() {
            needs(Capability.CALLERS_TRANSACTION);
            EngineRow claimed = insert(dueRow(1));
            EngineRow held = insert(dueRow(2));
            SweepRun run = openRun();

            inCallersTransaction(() -> {
                assertThat(claim(run, claimed).claims()).hasSize(1);
                hold("h", held);
            });

            assertThat(entry(claimed).state()).isEqualTo(DeletionState.DELETING);
            assertThat(entry(held).held()).isTrue();
        }
    }

    @Nested
    class Source {

        @Test
        void pagesWhatWasCreatedStrictlyBeforeTheCutoff() {
            EngineRow due = insert(row(1, CUTOFF.minus(TICK)));
            insert(row(2, CUTOFF));
            insert(row(3, CUTOFF.plus(TICK)));

            assertThat(pagedIds(criteria(), 10)).containsExactly(due.id());
        }

        @Test
        void pagesLiveRowsOnly() {
            insert(dueRow(1).withDeleted(NOW.minus(TICK), "asked for"));
            EngineRow live = insert(dueRow(2));

            assertThat(pagedIds(criteria(), 10)).containsExactly(live.id());
        }

        @Test
        void leavesOutRowsThatNameALaterTimeThemselves() {
            needs(Capability.RETAIN_UNTIL);
            EngineRow over = insert(dueRow(1).withRetainUntil(NOW.minus(TICK)));
            EngineRow overNow = insert(dueRow(2).withRetainUntil(NOW));
            insert(dueRow(3).withRetainUntil(NOW.plus(TICK)));

            assertThat(pagedIds(criteria(), 10)).containsExactlyInAnyOrder(over.id(), overNow.id());
        }

        @Test
        void leavesOutRowsWithoutAStorageKey() {
            insert(dueRow(1).withStorageKey(null));
            EngineRow keyed = insert(dueRow(2));

            assertThat(pagedIds(criteria(), 10)).containsExactly(keyed.id());
        }

        @Test
        void leavesOutRowsWithoutACreationTimeAndThoseOfTheFuture() {
            needs(Capability.NULL_CREATED);
            insert(row(1, null));
            insert(row(2, NOW.plus(Duration.ofDays(400))));
            EngineRow dated = insert(dueRow(3));

            assertThat(pagedIds(criteria(), 10)).containsExactly(dated.id());
        }

        @Test
        void pagesRowsThatAreFlaggedAsHeld() {
            needs(Capability.HOLD_FLAG);
            EngineRow flagged = insert(dueRow(1).withFlaggedHeld(true));

            assertThat(pagedIds(criteria(), 10)).containsExactly(flagged.id());
        }

        @Test
        void pagesWhateverTheGateSaysOfARow() {
            EngineRow free = insert(dueRow(1));
            EngineRow held = insert(dueRow(2));
            EngineRow claimed = insert(dueRow(3));
            hold("h", held);
            claim(openRun(), claimed);

            assertThat(pagedIds(criteria(), 10)).containsExactlyInAnyOrder(free.id(), held.id(), claimed.id());
        }

        @Test
        void findsNothingDueWhenEveryPolicyKeepsForEver() {
            insert(dueRow(1));

            assertThat(pagedIds(new DueCriteria(NOW, List.of(), rule("keep", null)), 10))
                    .isEmpty();
        }

        @Test
        void letsThePolicyGovernThatKeepsLongestOfThoseThatMatch() {
            needs(Capability.ATTRIBUTES);
            Instant longer = CUTOFF.minus(Duration.ofDays(30));
            DueCriteria criteria = new DueCriteria(
                    NOW,
                    List.of(
                            rule("sales", longer, QUEUE, "sales"),
                            rule("acme", null, QUEUE, "sales", TENANT, "acme"),
                            rule("short", CUTOFF.plus(Duration.ofDays(80)), QUEUE, "test")),
                    rule("default", CUTOFF));
            EngineRow sales = row(1, longer.minus(TICK)).withAttribute(QUEUE, "sales");
            EngineRow young = row(2, longer).withAttribute(QUEUE, "sales");
            EngineRow acme =
                    row(3, longer.minus(TICK)).withAttribute(QUEUE, "sales").withAttribute(TENANT, "acme");
            EngineRow test = row(4, CUTOFF.plus(TICK)).withAttribute(QUEUE, "test");
            EngineRow other = row(5, CUTOFF.minus(TICK)).withAttribute(QUEUE, "other");
            EngineRow bare = row(6, CUTOFF.minus(TICK));
            insertRows(List.of(sales, young, acme, test, other, bare));

            assertThat(pagedIds(criteria, 10)).containsExactlyInAnyOrder(sales.id(), test.id(), other.id(), bare.id());
        }

        @Test
        void comparesAttributesCharacterByCharacter() {
            needs(Capability.ATTRIBUTES);
            DueCriteria criteria =
                    new DueCriteria(NOW, List.of(rule("keep", null, QUEUE, "a")), rule("default", CUTOFF));
            insert(dueRow(1).withAttribute(QUEUE, "a"));
            EngineRow upper = insert(dueRow(2).withAttribute(QUEUE, "A"));
            EngineRow padded = insert(dueRow(3).withAttribute(QUEUE, "a "));
            EngineRow accent = insert(dueRow(4).withAttribute(QUEUE, "á"));

            assertThat(pagedIds(criteria, 10)).containsExactlyInAnyOrder(upper.id(), padded.id(), accent.id());
        }

        @Test
        void pagesTheOldestFirstAndTiesById() {
            List<EngineRow> rows = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                rows.add(row(i, CUTOFF.minus(Duration.ofHours(1 + i / 10))));
            }
            insertShuffled(rows);

            List<String> expected = rows.stream()
                    .sorted(Comparator.comparing((EngineRow row) -> created(row))
                            .thenComparing(EngineRow::id, this::order))
                    .map(EngineRow::id)
                    .toList();
            assertThat(pagedIds(criteria(), 7)).containsExactlyElementsOf(expected);
            assertThat(pagedIds(criteria(), 30)).containsExactlyElementsOf(expected);
        }

        private int order(String one, String other) {
            return Integer.compare(number(one), number(other));
        }

        private int number(String id) {
            return IntStream.range(0, 30)
                    .filter(n -> newId(n).equals(id))
                    .findFirst()
                    .orElseThrow();
        }

        @Test
        void givesNoMoreRowsThanTheLimitAndNoNextBehindTheLastPage() {
            insertRows(IntStream.range(0, 8)
                    .mapToObj(RecordingRepositoryContract.this::dueRow)
                    .toList());

            Page first = repository.recordings().page(criteria(), null, 5);
            assertThat(first.candidates()).hasSize(5);
            assertThat(first.next()).isNotNull();
            Page second = repository.recordings().page(criteria(), first.next(), 5);
            assertThat(second.candidates()).hasSize(3);
            assertThat(second.next()).isNull();
        }

        @Test
        void givesAnEmptyLastPageOfNothing() {
            assertThat(repository.recordings().page(criteria(), null, 5)).isEqualTo(new Page(List.of(), null));
        }

        @Test
        void goesOnBehindTheLastRowWhateverBecameOfThePageBefore() {
            List<EngineRow> rows = IntStream.range(0, 9)
                    .mapToObj(n -> row(n, CUTOFF.minus(Duration.ofDays(1))))
                    .toList();
            insertRows(rows);
            Page first = repository.recordings().page(criteria(), null, 3);

            updateRow(rows.get(0).withDeleted(NOW, "gone"));
            removeRow(rows.get(2).id());

            assertThat(repository.recordings().page(criteria(), first.next(), 3).candidates())
                    .extracting(Candidate::id)
                    .containsExactly(newId(3), newId(4), newId(5));
        }

        @Test
        void readsEveryValueOfARowAndChangesNone() {
            EngineRow row = insert(fit(dueRow(1)
                    .withRetainUntil(NOW.minusSeconds(1))
                    .withFlaggedHeld(true)
                    .withAttribute(QUEUE, "Sales ")
                    .withDuration(Duration.ofSeconds(61))));
            EngineRow bare = insert(EngineRow.of(newId(2), "RE2", CUTOFF.minusSeconds(1)));

            assertThat(repository.recordings().page(criteria(), null, 5).candidates())
                    .containsExactlyInAnyOrder(candidate(row), candidate(bare));
            assertThat(repository.recordings().find(List.of(row.id(), bare.id())))
                    .containsExactlyInAnyOrder(candidate(row), candidate(bare));
            assertThat(readRow(row.id())).contains(row);
        }

        @Test
        void agreesWithTheCriteriaOnRandomRows(TestReporter reporter) {
            List<EngineRow> rows = randomRows(300);
            insertShuffled(rows);
            for (int i = 0; i < 12; i++) {
                DueCriteria criteria = randomCriteria();
                String what = "seed " + seed + ", " + criteria;

                assertThat(paged(criteria, 7)).as(what).containsExactlyElementsOf(dueInOrder(rows, criteria));
                assertThat(repository.recordings().count(criteria)).as(what).isEqualTo(counted(rows, criteria));
                for (String account : Arrays.asList(null, "AC1", "ac1")) {
                    assertThat(repository.recordings().recentNotDue(criteria, account, 20))
                            .as(what + ", account " + account)
                            .extracting(Recording::created)
                            .containsExactlyElementsOf(notDueNewestFirst(rows, criteria, account).stream()
                                    .map(Recording::created)
                                    .limit(20)
                                    .toList());
                    assertThat(notDueNewestFirst(rows, criteria, account))
                            .as(what + ", account " + account)
                            .containsAll(repository.recordings().recentNotDue(criteria, account, 20));
                }
            }
        }

        @Test
        void findsRowsDueOrNotDeletedOrNot() {
            EngineRow due = insert(dueRow(1));
            EngineRow young = insert(row(2, NOW));
            EngineRow deleted = insert(dueRow(3).withDeleted(NOW, "gone"));

            assertThat(repository.recordings().find(List.of(due.id(), young.id(), deleted.id(), newId(4), due.id())))
                    .containsExactlyInAnyOrder(candidate(due), candidate(young), candidate(deleted));
        }

        @Test
        void leavesOutRowsWithoutACreationTime() {
            needs(Capability.NULL_CREATED);
            EngineRow undated = insert(row(1, null));

            assertThat(repository.recordings().find(List.of(undated.id()))).isEmpty();
        }

        @Test
        void findsNoneOneAndManyIds() {
            List<EngineRow> rows = IntStream.range(0, 1100)
                    .mapToObj(RecordingRepositoryContract.this::dueRow)
                    .toList();
            insertRows(rows);
            for (int count : new int[] {0, 1, 500, 501, 1100}) {
                List<String> ids = rows.stream().limit(count).map(EngineRow::id).toList();
                assertThat(repository.recordings().find(ids))
                        .extracting(Candidate::id)
                        .containsExactlyInAnyOrderElementsOf(ids);
            }
        }

        @Test
        void takesAnIdThatOnlyLooksLikeOneForAnIdWithoutARow() {
            EngineRow row = insert(dueRow(1));
            List<String> lookalikes = lookalikes(row.id());

            assertThat(repository.recordings().find(lookalikes)).isEmpty();
            assertThat(repository.recordings().find(List.of(row.id()))).containsExactly(candidate(row));
        }

        @Test
        void tellsIdsApartByCaseAndTrailingSpace() {
            needs(Capability.TEXT_IDS);
            List<EngineRow> rows =
                    Stream.of("a", "A", "a ").map(id -> dueRow(id, 1)).toList();
            insertRows(rows);

            for (EngineRow row : rows) {
                assertThat(repository.recordings().find(List.of(row.id()))).containsExactly(candidate(row));
            }
            assertThat(pagedIds(criteria(), 1)).containsExactlyInAnyOrder("a", "A", "a ");
        }

        @Test
        void listsTheNewestThatAreNotDue() {
            EngineRow older = insert(row(1, CUTOFF));
            EngineRow newer = insert(row(2, CUTOFF.plus(TICK)));
            insert(dueRow(3));
            insert(row(4, NOW).withStorageKey(null));
            insert(row(5, NOW).withDeleted(NOW, "gone"));

            String account = older.account();
            assertThat(repository.recordings().recentNotDue(criteria(), account, 5))
                    .containsExactly(
                            candidate(newer).recording(), candidate(older).recording());
            assertThat(repository.recordings().recentNotDue(criteria(), account, 1))
                    .containsExactly(candidate(newer).recording());
        }

        @Test
        void listsRecentRowsOfOneAccountOnly() {
            needs(Capability.ACCOUNT);
            EngineRow one = insert(row(1, NOW).withAccount("AC1"));
            EngineRow other = insert(row(2, NOW).withAccount("AC2"));
            EngineRow none = insert(row(3, NOW).withAccount(null));

            assertThat(repository.recordings().recentNotDue(criteria(), "AC1", 5))
                    .extracting(Recording::id)
                    .containsExactly(one.id());
            assertThat(repository.recordings().recentNotDue(criteria(), "AC2", 5))
                    .extracting(Recording::id)
                    .containsExactly(other.id());
            assertThat(repository.recordings().recentNotDue(criteria(), null, 5))
                    .extracting(Recording::id)
                    .containsExactly(none.id());
        }

        @Test
        void countsLiveRows() {
            insert(dueRow(1));
            insert(fit(dueRow(2).withFlaggedHeld(true)));
            insert(dueRow(3).withStorageKey(null));
            insert(dueRow(4).withDeleted(NOW, "gone"));
            insert(row(5, CUTOFF));
            insert(row(6, NOW));
            insert(row(7, NOW.plus(TICK)));

            long flagged = supports(Capability.HOLD_FLAG) ? 1 : 0;
            assertThat(repository.recordings().count(criteria())).isEqualTo(new Counts(2, flagged, 1, 1));
        }
    }

    @Nested
    class Claiming {

        @Test
        void takesADueRowThroughTheOneWayDoor() {
            EngineRow row = insert(fit(dueRow(1).withAttribute(QUEUE, "sales").withDuration(Duration.ofSeconds(9))));
            SweepRun run = openRun();
            Instant lease = dbNow.plus(LEASE);

            Claims claims = claim(run, row);

            assertThat(claims.signal()).isEqualTo(Signal.GO_ON);
            Claim claim = only(claims.claims());
            assertThat(claim.recording()).isEqualTo(candidate(row).recording());
            assertThat(claim.runId()).isEqualTo(run.id());
            assertThat(claim.attempt()).isEqualTo(1);
            assertThat(claim.inDoubt()).isFalse();
            assertThat(claim.late()).isFalse();
            assertThat(claim.leaseUntil()).isEqualTo(lease);
            assertThat(claim.policy()).isEqualTo("default");
            assertThat(claim.cutoff()).isEqualTo(CUTOFF);
            assertThat(claim.evidence()).isNull();
            assertThat(claim.failingSince()).isNull();
            assertThat(claim.reason()).isEqualTo(REASON);
            assertThat(claim.duration()).isEqualTo(row.duration());

            LedgerEntry entry = entry(row);
            assertThat(entry.state()).isEqualTo(DeletionState.DELETING);
            assertThat(entry.held()).isFalse();
            assertThat(entry.storageKey()).isEqualTo(row.storageKey());
            assertThat(entry.account()).isEqualTo(row.account());
            assertThat(entry.recordingCreated()).isEqualTo(row.created());
            assertThat(entry.owner()).isEqualTo("one");
            assertThat(entry.leaseUntil()).isEqualTo(lease);
            assertThat(entry.claimedAt()).isCloseTo(dbNow, within(10, ChronoUnit.MINUTES));
            assertThat(entry.policy()).isEqualTo("default");
            assertThat(entry.cutoff()).isEqualTo(CUTOFF);
            assertThat(entry.runId()).isEqualTo(run.id());
            assertThat(entry.reason()).isEqualTo(REASON);
            assertThat(entry.deletedAt()).isNull();
            assertThat(readRow(row.id())).contains(row);
        }

        @Test
        void namesThePolicyThatGoverns() {
            needs(Capability.ATTRIBUTES);
            EngineRow row = insert(dueRow(1).withAttribute(QUEUE, "sales"));
            Instant longer = CUTOFF.minus(Duration.ofMinutes(30));
            DueCriteria criteria =
                    new DueCriteria(NOW, List.of(rule("sales", longer, QUEUE, "sales")), rule("default", CUTOFF));

            Claim claim = only(claim(repository, openRun(), criteria, List.of(candidate(row)))
                    .claims());

            assertThat(claim.policy()).isEqualTo("sales");
            assertThat(claim.cutoff()).isEqualTo(longer);
        }

        @Test
        void drawsATokenForEachClaim() {
            List<EngineRow> rows = insertDue(5);

            assertThat(claim(openRun(), rows).claims())
                    .extracting(Claim::token)
                    .doesNotHaveDuplicates()
                    .hasSize(5);
        }

        @Test
        void takesARowOnce() {
            EngineRow row = insert(dueRow(1));
            SweepRun run = openRun();

            assertThat(claim(run, row).claims()).hasSize(1);
            assertThat(claim(run, row).claims()).isEmpty();
            assertThat(run(run).claimed()).isEqualTo(1);
        }

        @Test
        void leavesAHeldRowAlone() {
            EngineRow held = insert(dueRow(1));
            EngineRow twin = insert(dueRow(2));
            hold("h", held);

            assertThat(ids(claim(openRun(), held, twin).claims())).containsExactly(twin.id());
            assertThat(entry(held).state()).isEqualTo(DeletionState.ACTIVE);
        }

        @Test
        void leavesAQuarantinedAndADeletedRowAlone() {
            EngineRow quarantined = insert(dueRow(1));
            EngineRow deleted = insert(dueRow(2));
            EngineRow twin = insert(dueRow(3));
            SweepRun run = openRun();
            record(quarantine(only(claim(run, quarantined).claims())));
            record(deleted(only(claim(run, deleted).claims())));
            updateRow(deleted);

            assertThat(ids(claim(run, quarantined, deleted, twin).claims())).containsExactly(twin.id());
        }

        @Test
        void leavesARowAloneWhoseKeyChanged() {
            leavesAloneWhatChanged(row -> row.withStorageKey("REother"));
        }

        @Test
        void leavesARowAloneWhoseKeyWasTaken() {
            leavesAloneWhatChanged(row -> row.withStorageKey(null));
        }

        @Test
        void leavesARowAloneWhoseAccountChanged() {
            needs(Capability.ACCOUNT);
            leavesAloneWhatChanged(row -> row.withAccount("ACother"));
        }

        @Test
        void leavesARowAloneWhoseCreationTimeChanged() {
            leavesAloneWhatChanged(row -> row.withCreated(created(row).minus(TICK)));
        }

        @Test
        void leavesARowAloneThatWasDeletedMeanwhile() {
            leavesAloneWhatChanged(row -> row.withDeleted(NOW, "asked for"));
        }

        @Test
        void leavesARowAloneThatWasFlaggedAsHeldMeanwhile() {
            needs(Capability.HOLD_FLAG);
            leavesAloneWhatChanged(row -> row.withFlaggedHeld(true));
        }

        @Test
        void leavesARowAloneThatNamesALaterTimeMeanwhile() {
            needs(Capability.RETAIN_UNTIL);
            leavesAloneWhatChanged(row -> row.withRetainUntil(NOW.plus(TICK)));
        }

        @Test
        void leavesARowAloneThatIsGone() {
            EngineRow gone = insert(dueRow(1));
            EngineRow twin = insert(dueRow(2));
            List<Candidate> asRead = List.of(candidate(gone), candidate(twin));
            removeRow(gone.id());

            assertThat(ids(claim(repository, openRun(), criteria(), asRead).claims()))
                    .containsExactly(twin.id());
            assertThat(repository.ledger().find(List.of(gone.id())))
                    .allMatch(entry -> entry.state() == DeletionState.ACTIVE);
        }

        @Test
        void leavesARowAloneThatIsNotDueUnderThePolicyWhichGovernsItNow() {
            needs(Capability.ATTRIBUTES);
            EngineRow moved = insert(dueRow(1));
            EngineRow twin = insert(dueRow(2));
            List<Candidate> asRead = List.of(candidate(moved), candidate(twin));
            updateRow(moved.withAttribute(QUEUE, "kept"));
            DueCriteria criteria =
                    new DueCriteria(NOW, List.of(rule("keep", null, QUEUE, "kept")), rule("default", CUTOFF));

            assertThat(ids(claim(repository, openRun(), criteria, asRead).claims()))
                    .containsExactly(twin.id());
        }

        @Test
        void leavesARowAloneThatWasNeverDue() {
            EngineRow young = insert(row(1, CUTOFF));
            EngineRow twin = insert(row(2, CUTOFF.minus(TICK)));

            assertThat(ids(claim(openRun(), young, twin).claims())).containsExactly(twin.id());
        }

        private void leavesAloneWhatChanged(UnaryOperator<EngineRow> change) {
            EngineRow changed = insert(dueRow(1));
            EngineRow twin = insert(dueRow(2));
            List<Candidate> asRead = List.of(candidate(changed), candidate(twin));
            updateRow(change.apply(changed));
            SweepRun run = openRun();

            assertThat(ids(claim(repository, run, criteria(), asRead).claims())).containsExactly(twin.id());
            assertThat(run(run).claimed()).isEqualTo(1);
        }

        @Test
        void fillsTheBudgetExactlyAndThenTakesNothing() {
            List<EngineRow> rows = insertDue(5);
            SweepRun run = openRun("capped", 3L);

            Claims filled = claim(run, rows);
            assertThat(filled.claims()).hasSize(3);
            assertThat(filled.signal()).isEqualTo(Signal.CAP_REACHED);
            assertThat(run(run).claimed()).isEqualTo(3);

            Claims over = claim(run, rows);
            assertThat(over.claims()).isEmpty();
            assertThat(over.signal()).isEqualTo(Signal.CAP_REACHED);
            assertThat(run(run).claimed()).isEqualTo(3);
        }

        @Test
        void countsOnlyWhatItTookAgainstTheBudget() {
            List<EngineRow> rows = insertDue(6);
            hold("h", rows.get(0));
            hold("i", rows.get(1));
            SweepRun run = openRun("capped", 4L);

            assertThat(claim(run, rows.subList(0, 3)).claims()).hasSize(1);
            assertThat(claim(run, rows.subList(3, 6)).claims()).hasSize(3);
        }

        @Test
        void takesNothingForARunThatHasEnded() {
            EngineRow row = insert(dueRow(1));
            SweepRun run = openRun();
            repository.runs().end(run.id(), report(SweepEnd.STOPPED));

            assertThat(claim(run, row)).isEqualTo(new Claims(List.of(), Signal.RUN_ENDED));
            assertThat(claim(openRun("next", null), row).claims()).hasSize(1);
        }

        @Test
        void takesNothingWhileDeletingIsPaused() {
            needs(Capability.PAUSE);
            EngineRow row = insert(dueRow(1));
            SweepRun run = openRun();
            pauseDeleting();

            assertThat(claim(run, row)).isEqualTo(new Claims(List.of(), Signal.PAUSED));
        }

        @Test
        void takesNothingOfNothing() {
            assertThat(claim(openRun()).claims()).isEmpty();
        }

        @Test
        void tellsIdsApartByCaseAndTrailingSpace() {
            needs(Capability.TEXT_IDS);
            List<EngineRow> rows =
                    Stream.of("a", "A", "a ").map(id -> dueRow(id, 1)).toList();
            insertRows(rows);
            SweepRun run = openRun();
            hold("h", rows.get(1));

            assertThat(ids(claim(run, rows.get(0)).claims())).containsExactly("a");
            assertThat(repository.ledger().find(List.of("a "))).isEmpty();
            assertThat(claim(run, rows.get(1)).claims()).isEmpty();
            record(deleted(only(claim(run, rows.get(2)).claims())));

            assertThat(entry(rows.get(0)).state()).isEqualTo(DeletionState.DELETING);
            assertThat(entry(rows.get(1)).state()).isEqualTo(DeletionState.ACTIVE);
            assertThat(entry(rows.get(2)).state()).isEqualTo(DeletionState.DELETED);
            assertThat(readRow("a")).contains(rows.get(0));
            assertThat(readRow("A")).contains(rows.get(1));
            assertThat(readRow("a "))
                    .hasValueSatisfying(row -> assertThat(row.deleted()).isNotNull());
        }
    }

    @Nested
    class Reclaiming {

        @Test
        void takesARowWhoseLeaseHasRunOut() {
            claim(openRun(), insert(dueRow(1)));
            Instant end = dbNow.plus(LEASE);

            assertThat(reclaim(end.minus(TICK))).isEmpty();
            assertThat(reclaim(end)).hasSize(1);
        }

        @Test
        void takesARowWhoseNextAttemptIsDue() {
            Claim claim = claimOne();
            Instant next = dbNow.plusSeconds(30);
            record(retry(claim, next));

            assertThat(reclaim(next.minus(TICK))).isEmpty();
            assertThat(reclaim(next)).hasSize(1);
        }

        @Test
        void takesARowOnceForEachLease() {
            claimOne();
            Instant now = dbNow.plus(LEASE);

            assertThat(reclaim(now)).hasSize(1);
            assertThat(reclaim(now)).isEmpty();
            assertThat(reclaim(now.plus(LEASE))).hasSize(1);
        }

        @Test
        void takesOnlyWhatIsInTheDoor() {
            List<EngineRow> rows = insertDue(5);
            SweepRun run = openRun();
            List<Claim> claims = claim(run, rows.subList(1, 5)).claims();
            record(deleted(claims.get(0)), quarantine(claims.get(1)), refusedUnsent(claims.get(2)));
            hold("h", rows.get(0));

            assertThat(ids(reclaim(dbNow.plus(LEASE))))
                    .containsExactly(claims.get(3).id());
        }

        @Test
        void takesTheLongestWaitingFirst() {
            List<Claim> claims = claim(openRun(), insertDue(4)).claims();
            record(
                    retry(claims.get(0), dbNow.plusSeconds(40)),
                    retry(claims.get(1), dbNow.plusSeconds(10)),
                    retry(claims.get(2), dbNow.plusSeconds(30)),
                    retry(claims.get(3), dbNow.plusSeconds(20)));
            Instant now = dbNow.plusSeconds(60);

            List<Claim> first = repository.gate().reclaim("two", null, now, now.plus(LEASE), 2);
            List<Claim> second = repository.gate().reclaim("two", null, now, now.plus(LEASE), 9);

            assertThat(ids(first))
                    .containsExactly(claims.get(1).id(), claims.get(3).id());
            assertThat(ids(second))
                    .containsExactly(claims.get(2).id(), claims.get(0).id());
        }

        @Test
        void drawsANewTokenForAFurtherAttempt() {
            Claim first = claimOne();
            Instant now = dbNow.plus(LEASE);

            Claim second = only(reclaim(now));

            assertThat(second.attempt()).isEqualTo(2);
            assertThat(second.token()).isNotEqualTo(first.token());
            assertThat(second.leaseUntil()).isEqualTo(now.plus(LEASE));
            assertThat(second.policy()).isEqualTo(first.policy());
            assertThat(second.cutoff()).isEqualTo(first.cutoff());
            assertThat(second.reason()).isEqualTo(first.reason());
            assertThat(second.duration()).isEqualTo(first.duration());
            assertThat(entry(first.id()).owner()).isEqualTo("two");
            assertThat(entry(first.id()).state()).isEqualTo(DeletionState.DELETING);
        }

        @Test
        void isInDoubtAboutAnAttemptThatEndedWithoutAnOutcome() {
            claimOne();

            assertThat(only(reclaim(dbNow.plus(LEASE))).inDoubt()).isTrue();
        }

        @Test
        void isInNoDoubtAboutAnAttemptThatCertainlyWasNotApplied() {
            Claim claim = claimOne();
            record(retry(claim, dbNow, false));
            Claim second = only(reclaim(dbNow));
            assertThat(second.inDoubt()).isFalse();

            assertThat(only(reclaim(second.leaseUntil())).inDoubt())
                    .as("the second attempt ended without an outcome")
                    .isTrue();
        }

        @Test
        void marksAHeldOneAsLate() {
            List<EngineRow> rows = insertDue(2);
            claim(openRun(), rows);
            hold("h", rows.get(0));

            assertThat(reclaim(dbNow.plus(LEASE)))
                    .allMatch(claim ->
                            claim.late() == claim.id().equals(rows.get(0).id()))
                    .hasSize(2);
        }

        @Test
        void resumesALateOneWhenItsHoldIsReleased() {
            EngineRow row = insert(dueRow(1));
            claim(openRun(), row);
            hold("h", row);
            Claim late = only(reclaim(dbNow.plus(LEASE)));
            assertThat(late.late()).isTrue();
            repository.holds().release("h", "dpo", dbNow);

            Claim resumed = only(reclaim(late.leaseUntil()));
            assertThat(resumed.late()).isFalse();
            assertThat(verified(resumed)).containsExactly(row.id());
        }

        @Test
        void sendsWhatTheFirstClaimNamedWithTheAttributesOfNow() {
            EngineRow row = insert(dueRow(1));
            Recording first = candidate(row).recording();
            claim(openRun(), row);
            updateRow(fit(row.withStorageKey("REother")
                    .withAccount("ACother")
                    .withCreated(created(row).minusSeconds(5))
                    .withAttribute(QUEUE, "moved")));

            assertThat(only(reclaim(dbNow.plus(LEASE))).recording())
                    .isEqualTo(new Recording(
                            first.id(),
                            first.storageKey(),
                            first.account(),
                            first.created(),
                            supports(Capability.ATTRIBUTES) ? Map.of(QUEUE, "moved") : Map.of()));
        }

        @Test
        void takesARowThatTheEngineRemovedToo() {
            Claim claim = claimOne();
            removeRow(claim.id());

            assertThat(ids(reclaim(dbNow.plus(LEASE)))).containsExactly(claim.id());
        }

        @Test
        void keepsWhatWasProvenAndSinceWhenItFails() {
            Claim claim = claimOne();
            record(progress(claim, "bucket 204"));
            record(retry(claim, dbNow));
            Claim second = only(reclaim(dbNow));
            record(retry(second, dbNow.plusSeconds(5)));

            Claim third = only(reclaim(dbNow.plusSeconds(5)));

            assertThat(third.evidence()).isEqualTo("bucket 204");
            assertThat(third.failingSince()).isEqualTo(dbNow);
            assertThat(third.attempt()).isEqualTo(3);
        }

        @Test
        void countsForTheRunThatItIsToldOrElseForTheFirst() {
            Claim claim = claimOne();
            Claim kept = only(reclaim(dbNow.plus(LEASE)));
            assertThat(kept.runId()).isEqualTo(claim.runId());

            repository.runs().end(runIdOf(claim), report(SweepEnd.STOPPED));
            SweepRun next = openRun("next", null);
            Instant now = kept.leaseUntil();
            Claim adopted = only(repository.gate().reclaim("two", next.id(), now, now.plus(LEASE), 5));

            assertThat(adopted.runId()).isEqualTo(next.id());
            record(deleted(adopted));
            assertThat(repository.ledger().deletedBy(next.id()).byOutcome())
                    .isEqualTo(Map.of(DeletionOutcome.DELETED, 1L));
            assertThat(repository.ledger().deletedBy(runIdOf(claim)).byOutcome())
                    .isEmpty();
        }
    }

    @Nested
    class Verifying {

        @Test
        void passesNothingWhileDeletingIsPaused() {
            needs(Capability.PAUSE);
            List<Claim> claims = claim(openRun(), insertDue(3)).claims();
            pauseDeleting();

            assertThat(repository.gate().verify(claims, criteria())).isEmpty();
        }

        @Test
        void passesClaimsWhoseRowsAreAsTheyWere() {
            List<Claim> claims = claim(openRun(), insertDue(3)).claims();

            assertThat(repository.gate().verify(claims, criteria())).containsExactlyInAnyOrderElementsOf(ids(claims));
            assertThat(repository.gate().verify(List.of(), criteria())).isEmpty();
        }

        @Test
        void stopsAClaimThatAnotherAttemptTookOver() {
            Claim first = claimOne();
            Claim second = only(reclaim(dbNow.plus(LEASE)));

            assertThat(verified(first)).isEmpty();
            assertThat(verified(second)).containsExactly(first.id());
        }

        @Test
        void stopsAClaimThatHasAnOutcome() {
            Claim claim = claimOne();
            record(retry(claim, dbNow));

            assertThat(verified(claim)).isEmpty();
        }

        @Test
        void stopsAHeldOneUntilItIsReleased() {
            List<EngineRow> rows = insertDue(2);
            List<Claim> claims = claim(openRun(), rows).claims();
            hold("h", rows.get(0));

            assertThat(repository.gate().verify(claims, criteria()))
                    .containsExactly(rows.get(1).id());
            repository.holds().release("h", "dpo", dbNow);
            assertThat(repository.gate().verify(claims, criteria())).hasSize(2);
        }

        @Test
        void stopsAClaimThatIsNotDueUnderTheCriteria() {
            EngineRow row = insert(row(1, CUTOFF.minus(TICK)));
            Claim claim = only(claim(openRun(), row).claims());
            DueCriteria longer = new DueCriteria(NOW, List.of(), rule("default", created(row)));

            assertThat(repository.gate().verify(List.of(claim), longer)).isEmpty();
            assertThat(repository.gate().verify(List.of(claim), criteria())).hasSize(1);
        }

        @Test
        void stopsAClaimWhoseKeyChanged() {
            stopsWhatChanged(row -> row.withStorageKey("REother"));
        }

        @Test
        void stopsAClaimWhoseAccountChanged() {
            needs(Capability.ACCOUNT);
            stopsWhatChanged(row -> row.withAccount("ACother"));
        }

        @Test
        void stopsAClaimWhoseCreationTimeChanged() {
            stopsWhatChanged(row -> row.withCreated(created(row).minus(TICK)));
        }

        @Test
        void stopsAClaimWhoseRowIsDeleted() {
            stopsWhatChanged(row -> row.withDeleted(NOW, "asked for"));
        }

        @Test
        void stopsAClaimWhoseRowIsFlaggedAsHeld() {
            needs(Capability.HOLD_FLAG);
            stopsWhatChanged(row -> row.withFlaggedHeld(true));
        }

        @Test
        void stopsAClaimWhoseRowNamesALaterTime() {
            needs(Capability.RETAIN_UNTIL);
            stopsWhatChanged(row -> row.withRetainUntil(NOW.plus(TICK)));
        }

        @Test
        void stopsAClaimWhoseRowIsGone() {
            List<EngineRow> rows = insertDue(2);
            List<Claim> claims = claim(openRun(), rows).claims();
            removeRow(rows.get(0).id());

            assertThat(repository.gate().verify(claims, criteria()))
                    .containsExactly(rows.get(1).id());
        }

        private void stopsWhatChanged(UnaryOperator<EngineRow> change) {
            List<EngineRow> rows = insertDue(2);
            List<Claim> claims = claim(openRun(), rows).claims();
            updateRow(change.apply(rows.get(0)));

            assertThat(repository.gate().verify(claims, criteria()))
                    .containsExactly(rows.get(1).id());
        }
    }

    @Nested
    class GivingBack {

        @Test
        void undoesAFirstAttemptAndItsCount() {
            EngineRow row = insert(dueRow(1));
            SweepRun run = openRun("capped", 1L);
            Claim claim = only(claim(run, row).claims());

            giveBack(claim);

            assertThat(repository.ledger().find(List.of(row.id()))).allSatisfy(entry -> {
                assertThat(entry.state()).isEqualTo(DeletionState.ACTIVE);
                assertThat(entry.attempts()).isZero();
                assertThat(entry.outcome()).isNull();
                assertThat(entry.leaseUntil()).isNull();
            });
            assertThat(repository.ledger().standing(null, 9)).isEmpty();
            assertThat(run(run).claimed()).isZero();
            assertThat(reclaim(dbNow.plus(LEASE))).isEmpty();
            Claim again = only(claim(run, row).claims());
            assertThat(again.attempt()).isEqualTo(1);
            assertThat(again.inDoubt()).isFalse();
        }

        @Test
        void letsAHoldThatCameMeanwhileBecomeAbsolute() {
            EngineRow row = insert(dueRow(1));
            SweepRun run = openRun();
            Claim claim = only(claim(run, row).claims());
            assertThat(hold("h", row)).containsEntry(row.id(), HoldAnswer.LATE);

            giveBack(claim);

            assertThat(entry(row).state()).isEqualTo(DeletionState.ACTIVE);
            assertThat(entry(row).held()).isTrue();
            assertThat(claim(run, row).claims()).isEmpty();
            assertThat(reclaim(dbNow.plus(LEASE))).isEmpty();
            assertThat(hold("h", row)).containsEntry(row.id(), HoldAnswer.HELD);
        }

        @Test
        void leavesALaterAttemptInTheDoorUncounted() {
            EngineRow row = insert(dueRow(1));
            SweepRun run = openRun();
            record(retry(only(claim(run, row).claims()), dbNow, false));
            int counted = entry(row).attempts();
            Claim second = only(reclaim(dbNow));
            Instant next = dbNow.plusSeconds(7);

            repository.gate().giveBack(List.of(second), next);

            assertThat(entry(row).state()).isEqualTo(DeletionState.DELETING);
            assertThat(entry(row).attempts()).isEqualTo(counted);
            assertThat(run(run).claimed()).isEqualTo(1);
            assertThat(claim(run, row).claims()).isEmpty();
            assertThat(reclaim(next.minus(TICK))).isEmpty();
            Claim third = only(reclaim(next));
            assertThat(third.attempt()).isGreaterThan(1);
            assertThat(third.inDoubt()).as("as much as before").isFalse();
        }

        @Test
        void leavesALaterAttemptInDoubtThatWasSo() {
            claimOne();
            Claim second = only(reclaim(dbNow.plus(LEASE)));

            giveBack(second);

            assertThat(only(reclaim(dbNow)).inDoubt()).isTrue();
        }

        @Test
        void leavesALateOneInTheDoorWhenItIsALaterAttempt() {
            EngineRow row = insert(dueRow(1));
            claim(openRun(), row);
            hold("h", row);

            giveBack(only(reclaim(dbNow.plus(LEASE))));

            assertThat(hold("h", row)).containsEntry(row.id(), HoldAnswer.LATE);
        }

        @Test
        void ignoresAnOutdatedToken() {
            EngineRow row = insert(dueRow(1));
            SweepRun run = openRun();
            Claim first = only(claim(run, row).claims());
            Claim second = only(reclaim(dbNow.plus(LEASE)));

            giveBack(first);

            assertThat(entry(row).state()).isEqualTo(DeletionState.DELETING);
            assertThat(run(run).claimed()).isEqualTo(1);
            assertThat(verified(second)).containsExactly(row.id());
        }

        @Test
        void returnsToTheBudgetOnceHoweverOftenItIsTold() {
            List<EngineRow> rows = insertDue(2);
            SweepRun run = openRun();
            List<Claim> claims = claim(run, rows).claims();

            giveBack(claims.get(0));
            giveBack(claims.get(0));

            assertThat(run(run).claimed()).isEqualTo(1);
        }

        @Test
        void ignoresAClaimThatIsRecordedAsDeleted() {
            Claim claim = claimOne();
            record(deleted(claim));

            giveBack(claim);

            assertThat(entry(claim.id()).state()).isEqualTo(DeletionState.DELETED);
        }
    }

    @Nested
    class Recordings {

        @Test
        void softDeletesTheRowWithTheProof() {
            EngineRow row = insert(fit(dueRow(1).withAttribute(QUEUE, "sales").withDuration(Duration.ofSeconds(9))));
            EngineRow twin = insert(dueRow(2));
            Claim claim = only(claim(openRun(), row).claims());
            Instant at = dbNow.plusSeconds(3);

            assertThat(repository.gate().record(List.of(deleted(claim, DeletionOutcome.DELETED, at))))
                    .isEmpty();

            LedgerEntry entry = entry(row);
            assertThat(entry.state()).isEqualTo(DeletionState.DELETED);
            assertThat(entry.outcome()).isEqualTo(DeletionOutcome.DELETED);
            assertThat(entry.evidence()).isEqualTo(EVIDENCE);
            assertThat(entry.deletedAt()).isEqualTo(at);
            assertThat(entry.cause()).isNull();
            assertThat(entry.leaseUntil()).isNull();
            assertThat(entry.attempts()).isEqualTo(1);
            assertThat(entry.reason()).isEqualTo(REASON);
            assertThat(entry.runId()).isEqualTo(claim.runId());
            assertThat(readRow(row.id())).contains(row.withDeleted(at, REASON));
            assertThat(readRow(twin.id())).contains(twin);
            assertThat(repository.ledger().events(row.id())).isEmpty();
        }

        @Test
        void softDeletesForEachKindOfProof() {
            List<EngineRow> rows = insertDue(3);
            List<Claim> claims = claim(openRun(), rows).claims();
            List<DeletionOutcome> kinds =
                    List.of(DeletionOutcome.DELETED, DeletionOutcome.ALREADY_GONE, DeletionOutcome.NOTHING_STORED);

            repository
                    .gate()
                    .record(IntStream.range(0, 3)
                            .mapToObj(i -> deleted(claims.get(i), kinds.get(i), dbNow))
                            .toList());

            for (int i = 0; i < 3; i++) {
                assertThat(entry(claims.get(i).id()).outcome()).isEqualTo(kinds.get(i));
                assertThat(readRow(claims.get(i).id()).map(EngineRow::deleted)).contains(dbNow);
            }
        }

        @Test
        void changesNothingOfTheRowWithoutAProof() {
            List<EngineRow> rows = insertDue(4);
            List<Claim> claims = claim(openRun(), rows).claims();

            assertThat(repository
                            .gate()
                            .record(List.of(
                                    progress(claims.get(0), "bucket 204"),
                                    retry(claims.get(1), dbNow),
                                    quarantine(claims.get(2)),
                                    refusedUnsent(claims.get(3)))))
                    .isEmpty();

            assertThat(rows).allSatisfy(row -> assertThat(readRow(row.id())).contains(row));
        }

        @Test
        void keepsTheClaimWithAnAnswerOfOneOfSeveralStorages() {
            Claim claim = claimOne();

            record(progress(claim, "bucket 204"));

            assertThat(entry(claim.id()).state()).isEqualTo(DeletionState.DELETING);
            assertThat(entry(claim.id()).evidence()).isEqualTo("bucket 204");
            assertThat(entry(claim.id()).leaseUntil()).isEqualTo(claim.leaseUntil());
            assertThat(verified(claim)).containsExactly(claim.id());
            assertThat(only(reclaim(dbNow.plus(LEASE))).inDoubt()).isTrue();
        }

        @Test
        void leavesWhatIsToBeTriedAgainInTheDoorWithoutALease() {
            Claim claim = claimOne();
            Instant next = dbNow.plusSeconds(60);

            record(retry(claim, next));

            LedgerEntry entry = entry(claim.id());
            assertThat(entry.state()).isEqualTo(DeletionState.DELETING);
            assertThat(entry.leaseUntil()).isNull();
            assertThat(entry.nextAttempt()).isEqualTo(next);
            assertThat(entry.outcome()).isEqualTo(DeletionOutcome.TRY_LATER);
            assertThat(entry.cause()).isEqualTo("timed out");
            assertThat(entry.failingSince()).isEqualTo(dbNow);
            assertThat(entry.attempts()).isEqualTo(1);
            assertThat(repository.runs().hasLiveClaims(runIdOf(claim), dbNow)).isFalse();
        }

        @Test
        void countsAttemptsThatCount() {
            record(retry(claimOne(), dbNow));
            Claim second = only(reclaim(dbNow));
            record(uncounted(retry(second, dbNow)));
            assertThat(entry(second.id()).attempts()).isEqualTo(1);

            record(retry(only(reclaim(dbNow)), dbNow));
            assertThat(entry(second.id()).attempts()).isEqualTo(2);
        }

        @Test
        void quarantinesUntilAPersonActs() {
            Claim claim = claimOne();

            record(quarantine(claim));

            LedgerEntry entry = entry(claim.id());
            assertThat(entry.state()).isEqualTo(DeletionState.QUARANTINED);
            assertThat(entry.outcome()).isEqualTo(DeletionOutcome.REFUSED);
            assertThat(entry.cause()).isEqualTo("refused for good");
            assertThat(entry.leaseUntil()).isNull();
            assertThat(reclaim(dbNow.plus(LEASE))).isEmpty();
        }

        @Test
        void returnsWhatWasRefusedUnsentToActiveWithWhatWasJudged() {
            EngineRow row = insert(dueRow(1));
            Claim claim = only(claim(openRun(), row).claims());

            record(refusedUnsent(claim));

            LedgerEntry entry = entry(row);
            assertThat(entry.state()).isEqualTo(DeletionState.ACTIVE);
            assertThat(entry.outcome()).isEqualTo(DeletionOutcome.REFUSED_UNSENT);
            assertThat(entry.cause()).isEqualTo("no key of this storage");
            assertThat(entry.storageKey()).isEqualTo(row.storageKey());
            assertThat(entry.account()).isEqualTo(row.account());
            assertThat(reclaim(dbNow.plus(LEASE))).isEmpty();
            assertThat(hold("h", row)).containsEntry(row.id(), HoldAnswer.HELD);
        }

        @Test
        void keepsTheHoldThatCameMeanwhileOnWhatWasRefusedUnsent() {
            EngineRow row = insert(dueRow(1));
            SweepRun run = openRun();
            Claim claim = only(claim(run, row).claims());
            hold("h", row);

            record(refusedUnsent(claim));

            assertThat(entry(row).state()).isEqualTo(DeletionState.ACTIVE);
            assertThat(entry(row).held()).isTrue();
            assertThat(claim(run, row).claims()).isEmpty();
        }

        @Test
        void keepsTheHoldThatCameMeanwhileOnWhatIsTriedAgain() {
            EngineRow row = insert(dueRow(1));
            Claim claim = only(claim(openRun(), row).claims());
            hold("h", row);

            record(retry(claim, dbNow));

            Claim late = only(reclaim(dbNow));
            assertThat(late.late()).isTrue();
            assertThat(verified(late)).isEmpty();
        }

        @Test
        void claimsWhatWasRefusedUnsentAnewWithItsNewKey() {
            EngineRow row = insert(dueRow(1).withStorageKey("nonsense"));
            SweepRun run = openRun();
            record(refusedUnsent(only(claim(run, row).claims())));
            EngineRow corrected = row.withStorageKey("RE1");
            updateRow(corrected);

            Claim claim = only(claim(run, corrected).claims());

            assertThat(claim.attempt()).isEqualTo(1);
            assertThat(claim.recording().storageKey()).isEqualTo("RE1");
            assertThat(entry(row).storageKey()).isEqualTo("RE1");
            record(deleted(claim));
            assertThat(entry(row).cause()).isNull();
            assertThat(readRow(row.id()).map(EngineRow::deleted)).isPresent();
        }

        @Test
        void ignoresAnOutdatedTokenUnlessItBringsAProof() {
            List<EngineRow> rows = insertDue(4);
            List<Claim> outdated = claim(openRun(), rows).claims();
            List<Claim> current = reclaim(dbNow.plus(LEASE));
            List<LedgerEntry> before = repository.ledger().find(ids(outdated));

            record(
                    progress(outdated.get(0), "bucket 204"),
                    retry(outdated.get(1), dbNow),
                    quarantine(outdated.get(2)),
                    refusedUnsent(outdated.get(3)));

            assertThat(repository.ledger().find(ids(outdated))).containsExactlyInAnyOrderElementsOf(before);
            assertThat(repository.gate().verify(current, criteria())).hasSize(4);
        }

        @Test
        void recordsAProofWhoeverHoldsTheClaimByNow() {
            EngineRow row = insert(dueRow(1));
            Claim first = only(claim(openRun(), row).claims());
            Claim second = only(reclaim(dbNow.plus(LEASE)));

            record(deleted(first));

            assertThat(entry(row).state()).isEqualTo(DeletionState.DELETED);
            assertThat(readRow(row.id()).map(EngineRow::deleted)).contains(dbNow);
            assertThat(verified(second)).isEmpty();
            record(retry(second, dbNow));
            assertThat(entry(row).state()).isEqualTo(DeletionState.DELETED);
        }

        @Test
        void recordsAProofOfAQuarantinedAndOfALateOne() {
            List<EngineRow> rows = insertDue(2);
            List<Claim> claims = claim(openRun(), rows).claims();
            Claim quarantined = claims.get(0);
            record(quarantine(quarantined));
            hold(
                    "h",
                    rows.stream()
                            .filter(row -> !row.id().equals(quarantined.id()))
                            .findFirst()
                            .orElseThrow());

            record(deleted(claims.get(0)), deleted(claims.get(1)));

            assertThat(repository.ledger().find(ids(claims)))
                    .hasSize(2)
                    .allMatch(entry -> entry.state() == DeletionState.DELETED);
            assertThat(rows)
                    .allSatisfy(row -> assertThat(readRow(row.id()).map(EngineRow::deleted))
                            .isPresent());
        }

        @Test
        void changesNothingTheSecondTime() {
            record(retry(claimOne(), dbNow));
            Claim claim = only(reclaim(dbNow));
            record(deleted(claim));
            LedgerEntry entry = entry(claim.id());
            Optional<EngineRow> row = readRow(claim.id());
            List<LedgerEvent> events = repository.ledger().events(claim.id());

            record(deleted(claim));
            record(deleted(claim, DeletionOutcome.ALREADY_GONE, dbNow.plusSeconds(9)));

            assertThat(entry(claim.id())).isEqualTo(entry);
            assertThat(readRow(claim.id())).isEqualTo(row);
            assertThat(repository.ledger().events(claim.id())).isEqualTo(events);
            assertThat(repository.ledger().deletedBy(runIdOf(claim)).byOutcome())
                    .isEqualTo(Map.of(DeletionOutcome.DELETED, 1L));
        }

        @Test
        void changesNothingTheSecondTimeWithoutAProofEither() {
            Claim claim = claimOne();
            record(retry(claim, dbNow));
            LedgerEntry entry = entry(claim.id());

            record(retry(claim, dbNow));

            assertThat(entry(claim.id())).isEqualTo(entry);
        }

        @Test
        void leavesARowAloneWhoseKeyChanged() {
            leavesAlone(row -> row.withStorageKey("REother"));
        }

        @Test
        void leavesARowAloneWhoseAccountChanged() {
            needs(Capability.ACCOUNT);
            leavesAlone(row -> row.withAccount("ACother"));
        }

        @Test
        void leavesARowAloneWhoseCreationTimeChanged() {
            leavesAlone(row -> row.withCreated(created(row).plus(TICK)));
        }

        @Test
        void leavesARowAloneThatWasDeletedBySomebodyElse() {
            leavesAlone(row -> row.withDeleted(NOW.minusSeconds(5), "asked for"));
        }

        private void leavesAlone(UnaryOperator<EngineRow> change) {
            List<EngineRow> rows = insertDue(2);
            List<Claim> claims = claim(openRun(), rows).claims();
            EngineRow changed = change.apply(rows.get(0));
            updateRow(changed);

            Set<String> notSoftDeleted = repository
                    .gate()
                    .record(claims.stream()
                            .map(RecordingRepositoryContract.this::deleted)
                            .toList());

            assertThat(notSoftDeleted).containsExactly(changed.id());
            assertThat(readRow(changed.id())).contains(changed);
            assertThat(readRow(rows.get(1).id()).map(EngineRow::deleted)).contains(dbNow);
            assertThat(entry(changed).state())
                    .as("the proof is true all the same")
                    .isEqualTo(DeletionState.DELETED);
            assertThat(entry(changed).storageKey()).isEqualTo(rows.get(0).storageKey());
            assertThat(repository.ledger().events(changed.id()))
                    .extracting(LedgerEvent::kind)
                    .containsExactly("ROW_NOT_UPDATED");
            assertThat(repository.ledger().events(rows.get(1).id())).isEmpty();
        }

        @Test
        void recordsAProofThoughTheRowIsGone() {
            Claim claim = claimOne();
            removeRow(claim.id());

            assertThat(repository.gate().record(List.of(deleted(claim)))).containsExactly(claim.id());

            assertThat(entry(claim.id()).state()).isEqualTo(DeletionState.DELETED);
            assertThat(repository.ledger().events(claim.id()))
                    .extracting(LedgerEvent::kind)
                    .containsExactly("ROW_NOT_UPDATED");
        }

        @Test
        void leavesNoEventOfAnAnswerOfOneOfSeveralStorages() {
            claimOne();
            Claim second = only(reclaim(dbNow.plus(LEASE)));

            record(progress(second, "bucket 204"));

            assertThat(repository.ledger().events(second.id())).isEmpty();
        }

        @Test
        void leavesAnEventOfEachAttemptBeyondTheFirst() {
            Claim first = claimOne();
            record(retry(first, dbNow));
            assertThat(repository.ledger().events(first.id())).isEmpty();

            Claim second = only(reclaim(dbNow));
            record(retry(second, dbNow.plusSeconds(1)));
            record(deleted(only(reclaim(dbNow.plusSeconds(1)))));

            List<LedgerEvent> events = repository.ledger().events(first.id());
            assertThat(events).extracting(LedgerEvent::kind).containsExactly("ATTEMPT", "ATTEMPT");
            assertThat(events.get(0).runId()).isEqualTo(first.runId());
            assertThat(events.get(0).at()).isEqualTo(dbNow);
        }

        @Test
        void recordsAllOthersWhenOneFailsAndThrowsAtTheEnd() {
            needs(Capability.REFUSED_SOFT_DELETE);
            List<EngineRow> rows = insertDue(5);
            List<Claim> claims = claim(openRun(), rows).claims();
            String refused = claims.get(2).id();
            refuseSoftDelete(refused);

            assertThatThrownBy(() -> repository
                            .gate()
                            .record(claims.stream()
                                    .map(RecordingRepositoryContract.this::deleted)
                                    .toList()))
                    .isInstanceOf(RetentionException.class);

            assertThat(entry(refused).state()).isEqualTo(DeletionState.DELETING);
            assertThat(entry(refused).outcome()).isNull();
            assertThat(readRow(refused).map(EngineRow::deleted)).isEmpty();
            assertThat(claims).filteredOn(claim -> !claim.id().equals(refused)).allSatisfy(claim -> {
                assertThat(entry(claim.id()).state()).isEqualTo(DeletionState.DELETED);
                assertThat(readRow(claim.id()).map(EngineRow::deleted)).contains(dbNow);
            });
        }

        @Test
        void recordsNothingOfNothing() {
            assertThat(repository.gate().record(List.of())).isEmpty();
        }
    }

    @Nested
    class Rehearsing {

        @Test
        void changesNothing() {
            EngineRow row = insert(dueRow(1));
            EngineRow held = insert(dueRow(2));
            hold("h", held);
            LedgerEntry before = entry(held);

            repository.gate().rehearse(candidate(row), REASON);
            repository.gate().rehearse(candidate(held), REASON);

            assertThat(readRow(row.id())).contains(row);
            assertThat(readRow(held.id())).contains(held);
            assertThat(repository.ledger().find(List.of(row.id()))).isEmpty();
            assertThat(entry(held)).isEqualTo(before);
            assertThat(claim(openRun(), row).claims()).hasSize(1);
        }

        @Test
        void throwsWhenTheDatabaseRefusesTheSoftDelete() {
            needs(Capability.REFUSED_SOFT_DELETE);
            EngineRow row = insert(dueRow(1));
            refuseSoftDelete(row.id());

            assertThatThrownBy(() -> repository.gate().rehearse(candidate(row), REASON))
                    .isInstanceOf(RetentionException.class);
            assertThat(readRow(row.id())).contains(row);
            assertThat(repository.ledger().find(List.of(row.id()))).isEmpty();
        }
    }

    @Nested
    class Repairing {

        @Test
        void softDeletesARowAgainThatIsLiveAgain() {
            EngineRow row = insert(dueRow(1));
            record(deleted(only(claim(openRun(), row).claims())));
            updateRow(row);

            assertThat(repository.gate().repair(List.of(candidate(row)))).containsExactly(row.id());

            assertThat(readRow(row.id())).contains(row.withDeleted(dbNow, REASON));
            assertThat(repository.ledger().events(row.id()))
                    .extracting(LedgerEvent::kind)
                    .containsExactly("ROW_REPAIRED");
        }

        @Test
        void leavesARowAloneThatNamesAnotherKey() {
            leavesAlone(row -> row.withStorageKey("REother"));
        }

        @Test
        void leavesARowAloneThatNamesAnotherAccount() {
            needs(Capability.ACCOUNT);
            leavesAlone(row -> row.withAccount("ACother"));
        }

        @Test
        void leavesARowAloneOfAnotherCreationTime() {
            leavesAlone(row -> row.withCreated(created(row).minus(TICK)));
        }

        private void leavesAlone(UnaryOperator<EngineRow> change) {
            EngineRow row = insert(dueRow(1));
            record(deleted(only(claim(openRun(), row).claims())));
            EngineRow other = change.apply(row);
            updateRow(other);

            assertThat(repository.gate().repair(List.of(candidate(other)))).isEmpty();
            assertThat(repository.gate().repair(List.of(candidate(row)))).isEmpty();

            assertThat(readRow(row.id())).contains(other);
            assertThat(repository.ledger().events(row.id())).isEmpty();
        }

        @Test
        void leavesARowAloneThatTheLedgerDoesNotProveToBeDeleted() {
            List<EngineRow> rows = insertDue(4);
            SweepRun run = openRun();
            List<Claim> claims = claim(run, rows.subList(0, 3)).claims();
            record(retry(claims.get(0), dbNow), quarantine(claims.get(1)));

            assertThat(repository
                            .gate()
                            .repair(rows.stream()
                                    .map(RecordingRepositoryContract::candidate)
                                    .toList()))
                    .isEmpty();

            assertThat(rows).allSatisfy(row -> assertThat(readRow(row.id())).contains(row));
        }

        @Test
        void leavesARowAloneThatIsDeletedAsItShouldBe() {
            EngineRow row = insert(dueRow(1));
            record(deleted(only(claim(openRun(), row).claims())));

            assertThat(repository.gate().repair(List.of(candidate(row)))).isEmpty();
            assertThat(repository.ledger().events(row.id())).isEmpty();
        }
    }

    @Nested
    class Holds {

        @Test
        void answersForEachRecording() {
            List<EngineRow> rows = insertDue(6);
            SweepRun run = openRun();
            List<Claim> claims = claim(run, rows.subList(0, 3)).claims();
            EngineRow deletedByUs = rowOf(rows, claims.get(0));
            EngineRow inTheDoor = rowOf(rows, claims.get(1));
            EngineRow quarantined = rowOf(rows, claims.get(2));
            record(deleted(claims.get(0)), quarantine(claims.get(2)));
            EngineRow free = rows.get(3);
            EngineRow deletedByThem = rows.get(4);
            updateRow(deletedByThem.withDeleted(NOW, "asked for"));
            EngineRow young = insert(row(20, NOW));
            String unknown = newId(21);

            Map<String, HoldAnswer> answers = hold(
                    "h",
                    Stream.concat(
                                    Stream.of(deletedByUs, inTheDoor, quarantined, free, deletedByThem, young)
                                            .map(EngineRow::id),
                                    Stream.of(unknown))
                            .toList());

            assertThat(answers)
                    .containsOnly(
                            Map.entry(deletedByUs.id(), HoldAnswer.ALREADY_DELETED),
                            Map.entry(inTheDoor.id(), HoldAnswer.LATE),
                            Map.entry(quarantined.id(), HoldAnswer.LATE),
                            Map.entry(free.id(), HoldAnswer.HELD),
                            Map.entry(deletedByThem.id(), HoldAnswer.ALREADY_DELETED),
                            Map.entry(young.id(), HoldAnswer.HELD),
                            Map.entry(unknown, HoldAnswer.UNKNOWN));
            assertThat(entry(inTheDoor).held()).isTrue();
            assertThat(entry(quarantined).held()).isTrue();
            assertThat(entry(free).held()).isTrue();
            assertThat(entry(free).state()).isEqualTo(DeletionState.ACTIVE);
            assertThat(entry(young).held()).isTrue();
            assertThat(entry(deletedByUs).held()).isFalse();
            assertThat(repository.ledger().find(List.of(unknown, deletedByThem.id())))
                    .isEmpty();
            assertThat(only(repository.holds().list(0, 9)).recordings()).isEqualTo(4);
        }

        @Test
        void holdsARowWithoutACreationTime() {
            needs(Capability.NULL_CREATED);
            EngineRow undated = insert(row(1, null));

            assertThat(hold("h", undated)).containsEntry(undated.id(), HoldAnswer.HELD);
        }

        @Test
        void takesAnIdThatOnlyLooksLikeOneForUnknown() {
            EngineRow row = insert(dueRow(1));
            List<String> lookalikes = lookalikes(row.id());

            assertThat(hold("h", lookalikes))
                    .containsOnlyKeys(lookalikes)
                    .allSatisfy((id, answer) -> assertThat(answer).isEqualTo(HoldAnswer.UNKNOWN));
            assertThat(repository.ledger().find(lookalikes)).isEmpty();
            assertThat(claim(openRun(), row).claims()).hasSize(1);
        }

        @Test
        void isInTheRegister() {
            EngineRow row = insert(dueRow(1));
            Instant until = dbNow.plus(Duration.ofDays(30));
            repository.holds().place("case 7", List.of(row.id()), "dpo", "court order", until, dbNow);

            assertThat(repository.holds().list(0, 9))
                    .containsExactly(
                            new LegalHold("case 7", "dpo", "court order", dbNow, until, null, null, 1, null, null));
        }

        @Test
        void mayBeRepeatedAndExtendedToMoreRecordings() {
            List<EngineRow> rows = insertDue(2);
            hold("h", rows.get(0));
            assertThat(hold("h", rows.get(0))).containsEntry(rows.get(0).id(), HoldAnswer.HELD);
            assertThat(hold("h", rows.get(1))).containsEntry(rows.get(1).id(), HoldAnswer.HELD);

            assertThat(only(repository.holds().list(0, 9)).recordings()).isEqualTo(2);
            assertThat(repository.holds().release("h", "dpo", dbNow)).isTrue();
            assertThat(claim(openRun(), rows).claims()).hasSize(2);
        }

        @Test
        void freesARecordingWithTheLastHoldThatLiesOnIt() {
            EngineRow row = insert(dueRow(1));
            SweepRun run = openRun();
            hold("h", row);
            hold("i", row);

            assertThat(repository.holds().release("h", "dpo", dbNow)).isTrue();
            assertThat(entry(row).held()).isTrue();
            assertThat(claim(run, row).claims()).isEmpty();

            assertThat(repository.holds().release("i", "dpo", dbNow)).isTrue();
            assertThat(entry(row).held()).isFalse();
            assertThat(claim(run, row).claims()).hasSize(1);
        }

        @Test
        void resumesWhatWasLookedUpAndKeptWhenItIsReleased() {
            EngineRow kept = insert(dueRow(1));
            EngineRow failing = insert(dueRow(2));
            SweepRun run = openRun();
            Claim keptClaim = only(claim(run, kept).claims());
            Claim failingClaim = only(claim(run, failing).claims());
            Instant later = dbNow.plus(Duration.ofHours(1));
            record(new ClaimOutcome(
                    keptClaim, Step.RETRY, DeletionOutcome.KEPT, null, "held", dbNow, later, true, true));
            record(retry(failingClaim, later));
            hold("one", List.of(kept, failing));
            hold("two", kept);

            repository.holds().release("one", "dpo", dbNow);
            assertThat(reclaim(dbNow)).as("another hold lies on it").isEmpty();
            repository.holds().release("two", "dpo", dbNow);

            assertThat(ids(reclaim(dbNow))).containsExactly(kept.id());
            assertThat(entry(failing).nextAttempt()).isEqualTo(later);
        }

        @Test
        void isReleasedOnce() {
            EngineRow row = insert(dueRow(1));
            hold("h", row);
            Instant later = dbNow.plusSeconds(5);

            assertThat(repository.holds().release("h", "boss", later)).isTrue();
            assertThat(repository.holds().release("h", "dpo", later.plusSeconds(1)))
                    .isFalse();
            assertThat(repository.holds().release("never placed", "dpo", later)).isFalse();

            LegalHold hold = only(repository.holds().list(0, 9));
            assertThat(hold.releasedBy()).isEqualTo("boss");
            assertThat(hold.releasedAt()).isEqualTo(later);
            assertThat(hold.recordings()).as("lay on when it ended").isEqualTo(1);
        }

        @Test
        void refusesTheIdOfAHoldThatWasReleased() {
            List<EngineRow> rows = insertDue(2);
            hold("h", rows.get(0));
            repository.holds().release("h", "dpo", dbNow);

            assertThatThrownBy(() -> hold("h", rows)).isInstanceOf(RetentionException.class);

            assertThat(claim(openRun(), rows).claims()).hasSize(2);
        }

        @Test
        void refusesAnotherReasonOrEndUnderTheSameIdAndStoresNothing() {
            List<EngineRow> rows = insertDue(2);
            hold("h", rows.get(0));
            List<String> more = List.of(rows.get(1).id());

            assertThatThrownBy(() -> repository.holds().place("h", more, "dpo", "another", null, dbNow))
                    .isInstanceOf(RetentionException.class);
            assertThatThrownBy(
                            () -> repository.holds().place("h", more, "dpo", "dispute", dbNow.plusSeconds(60), dbNow))
                    .isInstanceOf(RetentionException.class);

            assertThat(ids(claim(openRun(), rows).claims()))
                    .containsExactly(rows.get(1).id());
        }

        @Test
        void endsWhenItsEndHasCome() {
            List<EngineRow> rows = insertDue(3);
            Instant until = dbNow.plusSeconds(60);
            repository.holds().place("ends", ids(rows, 0, 1), "dpo", "dispute", until, dbNow);
            repository.holds().place("later", ids(rows, 1), "dpo", "dispute", until.plus(TICK), dbNow);
            repository.holds().place("lasts", ids(rows, 2), "dpo", "dispute", null, dbNow);
            SweepRun run = openRun();

            assertThat(repository.holds().expire(until.minus(TICK))).isZero();
            assertThat(claim(run, rows).claims()).isEmpty();
            assertThat(repository.holds().expire(until)).isEqualTo(1);
            assertThat(repository.holds().expire(until)).isZero();

            assertThat(ids(claim(run, rows).claims()))
                    .containsExactly(rows.get(0).id());
            LegalHold ended = repository.holds().list(0, 9).stream()
                    .filter(hold -> hold.id().equals("ends"))
                    .findFirst()
                    .orElseThrow();
            assertThat(ended.releasedBy()).isEqualTo("expiry");
            assertThat(ended.releasedAt()).isEqualTo(until);
            assertThat(repository.holds().release("ends", "dpo", until)).isFalse();
        }

        @Test
        void areListedNewestFirstWithThoseThatEnded() {
            EngineRow row = insert(dueRow(1));
            for (int i = 0; i < 5; i++) {
                repository.holds().place("h" + i, List.of(row.id()), "dpo", "dispute", null, dbNow.plusSeconds(i));
            }
            repository.holds().release("h3", "dpo", dbNow.plusSeconds(9));

            assertThat(repository.holds().list(0, 9))
                    .extracting(LegalHold::id)
                    .containsExactly("h4", "h3", "h2", "h1", "h0");
            assertThat(repository.holds().list(1, 2)).extracting(LegalHold::id).containsExactly("h3", "h2");
            assertThat(repository.holds().list(5, 2)).isEmpty();
        }

        @Test
        void lieOnManyRecordingsAtOnce() {
            List<EngineRow> rows = IntStream.range(0, 1100)
                    .mapToObj(RecordingRepositoryContract.this::dueRow)
                    .toList();
            insertRows(rows);

            assertThat(hold("h", rows))
                    .hasSize(1100)
                    .allSatisfy((id, answer) -> assertThat(answer).isEqualTo(HoldAnswer.HELD));
            assertThat(claim(openRun(), rows).claims()).isEmpty();
            assertThat(repository.holds().release("h", "dpo", dbNow)).isTrue();
            assertThat(claim(openRun(), rows).claims()).hasSize(1100);
        }
    }

    @Nested
    class Runs {

        @Test
        void opensARunWithTheRequestsValues() {
            RunRequest request = new RunRequest(
                    "2026-11-23T03:00Z", "one", NOW, dbNow, dbNow.plus(Duration.ofHours(4)), "default=90d", 50L);

            SweepRun run = repository.runs().joinOrOpen(request);

            assertThat(run)
                    .isEqualTo(new SweepRun(
                            run.id(),
                            request.key(),
                            NOW,
                            dbNow,
                            request.deadline(),
                            "default=90d",
                            50L,
                            0,
                            0,
                            1,
                            null,
                            false,
                            dbNow,
                            null));
            assertThat(repository.runs().find(run.id())).contains(run);
            assertThat(repository.runs().open()).contains(run);
            assertThat(repository.runs().latest()).contains(run);
        }

        @Test
        void areNoneAtFirst() {
            assertThat(repository.runs().open()).isEmpty();
            assertThat(repository.runs().latest()).isEmpty();
            assertThat(repository.runs().find("none")).isEmpty();
        }

        @Test
        void joinsTheOpenRunWhateverItsKey() {
            SweepRun run = openRun("first", null);

            assertThat(openRun("first", null).id()).isEqualTo(run.id());
            assertThat(openRun("second", 9L)).isEqualTo(run);
        }

        @Test
        void givesTheEndedRunOfTheSameKeyAndOpensAnotherForAnotherKey() {
            SweepRun run = openRun("first", null);
            SweepReport report = report(SweepEnd.COMPLETED);
            assertThat(repository.runs().end(run.id(), report)).isTrue();

            SweepRun ended = openRun("first", null);
            assertThat(ended.id()).isEqualTo(run.id());
            assertThat(ended.report()).isEqualTo(report);
            assertThat(repository.runs().open()).isEmpty();

            SweepRun second = openRun("second", null);
            assertThat(second.id()).isNotEqualTo(run.id());
            assertThat(repository.runs().open()).contains(second);
            assertThat(repository.runs().latest()).contains(second);
            assertThat(openRun("first", null).id())
                    .as("the run of that key comes before the open one")
                    .isEqualTo(run.id());
        }

        @Test
        void endsOnceWithTheReportThatStands() {
            SweepRun run = openRun();
            SweepReport first = report(SweepEnd.COMPLETED);

            assertThat(repository.runs().end(run.id(), first)).isTrue();
            assertThat(repository.runs().end(run.id(), report(SweepEnd.STOPPED)))
                    .isFalse();

            assertThat(run(run).report()).isEqualTo(first);
            assertThat(repository.runs().latest().map(SweepRun::report)).contains(first);
        }

        @Test
        void movesTheCursorForWhoReadItLast() {
            SweepRun read = openRun();
            Instant later = dbNow.plusSeconds(5);

            assertThat(repository.runs().advance(read, "page 2", later)).isTrue();
            assertThat(repository.runs().advance(read, "page 2", later)).isFalse();

            SweepRun moved = run(read);
            assertThat(moved.cursor()).isEqualTo("page 2");
            assertThat(moved.passDone()).isFalse();
            assertThat(moved.aliveAt()).isEqualTo(later);
        }

        @Test
        void hasDoneThePassWithItsLastPage() {
            SweepRun read = openRun();
            repository.runs().advance(read, "page 2", dbNow);
            SweepRun second = run(read);

            assertThat(repository.runs().advance(second, null, dbNow)).isTrue();
            assertThat(run(read).passDone()).isTrue();
            assertThat(repository.runs().advance(second, null, dbNow)).isFalse();
            assertThat(repository.runs().advance(run(read), "page 3", dbNow)).isFalse();
        }

        @Test
        void hasDoneThePassWithItsOnlyPage() {
            SweepRun read = openRun();

            assertThat(repository.runs().advance(read, null, dbNow)).isTrue();
            assertThat(repository.runs().advance(read, null, dbNow)).isFalse();
            assertThat(run(read).passDone()).isTrue();
        }

        @Test
        void startsAnotherPassFromTheBeginning() {
            List<EngineRow> rows = insertDue(2);
            SweepRun read = openRun();
            claim(read, rows);
            repository.runs().advance(read, "page 2", dbNow);
            repository.runs().advance(run(read), null, dbNow);
            SweepRun done = run(read);
            Instant later = dbNow.plusSeconds(5);

            assertThat(repository.runs().nextPass(done, later)).isTrue();
            assertThat(repository.runs().nextPass(done, later)).isFalse();

            SweepRun next = run(read);
            assertThat(next.pass()).isEqualTo(2);
            assertThat(next.cursor()).isNull();
            assertThat(next.passDone()).isFalse();
            assertThat(next.claimed()).isEqualTo(2);
            assertThat(next.claimedBeforePass()).isEqualTo(2);
            assertThat(repository.runs().advance(read, "page 2", later))
                    .as("what was read in the first pass is outdated in the second")
                    .isFalse();
        }

        @Test
        void movesNoMoreOnceItHasEnded() {
            SweepRun read = openRun();
            repository.runs().end(read.id(), report(SweepEnd.STOPPED));

            assertThat(repository.runs().advance(read, "page 2", dbNow)).isFalse();
            assertThat(repository.runs().nextPass(read, dbNow)).isFalse();
        }

        @Test
        void knowsItsLiveClaims() {
            SweepRun run = openRun();
            Claim claim = only(claim(run, insert(dueRow(1))).claims());

            assertThat(repository
                            .runs()
                            .hasLiveClaims(run.id(), claim.leaseUntil().minus(TICK)))
                    .isTrue();
            assertThat(repository.runs().hasLiveClaims(run.id(), claim.leaseUntil()))
                    .isFalse();
            assertThat(repository.runs().hasLiveClaims("another", dbNow)).isFalse();

            record(deleted(claim));
            assertThat(repository.runs().hasLiveClaims(run.id(), dbNow)).isFalse();
        }
    }

    @Nested
    class RunsInHindsight {

        @Test
        void areFoundByTheirKey() {
            SweepRun run = openRun("tonight", null);
            assertThat(repository.runs().withKey("tonight").map(SweepRun::id)).contains(run.id());
            assertThat(repository.runs().withKey("Tonight")).isEmpty();
        }

        @Test
        void thatCompletedAreToldFromOthers() {
            assertThat(repository.runs().lastCompleted()).isEmpty();
            SweepRun first = openRun("one", null);
            repository.runs().end(first.id(), report(SweepEnd.COMPLETED));
            repository.runs().end(openRun("two", null).id(), report(SweepEnd.CAPPED));
            openRun("three", null);
            assertThat(repository.runs().lastCompleted().map(SweepRun::id)).contains(first.id());
        }

        @Test
        void listTheLatestNewestFirst() {
            assertThat(repository.runs().recent(2)).isEmpty();
            SweepRun first = openRun("one", null);
            repository.runs().end(first.id(), report(SweepEnd.COMPLETED));
            SweepRun second = openRun("two", null);
            repository.runs().end(second.id(), report(SweepEnd.CAPPED));
            SweepRun third = openRun("three", null);
            assertThat(repository.runs().recent(2)).extracting(SweepRun::id).containsExactly(third.id(), second.id());
            assertThat(repository.runs().recent(9))
                    .extracting(
                            run -> run.report() == null ? null : run.report().end())
                    .containsExactly(null, SweepEnd.CAPPED, SweepEnd.COMPLETED);
        }

        @Test
        void tellHowMuchTheyClaimedSince() {
            assertThat(repository.runs().claimedSince(dbNow)).isZero();
            claim(openRun(), insertDue(3));
            assertThat(repository.runs().claimedSince(dbNow)).isEqualTo(3);
            assertThat(repository.runs().claimedSince(dbNow.plus(TICK))).isZero();
        }
    }

    @Nested
    class Ledger {

        @Test
        void findsEntriesOfNoneOneAndManyIds() {
            List<EngineRow> rows = IntStream.range(0, 1100)
                    .mapToObj(RecordingRepositoryContract.this::dueRow)
                    .toList();
            insertRows(rows);
            hold("h", rows);
            for (int count : new int[] {0, 1, 500, 501, 1100}) {
                List<String> ids = rows.stream().limit(count).map(EngineRow::id).toList();
                assertThat(repository.ledger().find(ids))
                        .extracting(LedgerEntry::recordingId)
                        .containsExactlyInAnyOrderElementsOf(ids);
            }
            assertThat(repository.ledger().find(List.of(newId(1101)))).isEmpty();
        }

        @Test
        void listsWhatStandsInTheWayOfTheNextClaimById() {
            List<EngineRow> rows = insertDue(7);
            SweepRun run = openRun();
            List<Claim> claims = claim(run, rows.subList(0, 5)).claims();
            record(deleted(claims.get(0)), quarantine(claims.get(1)), refusedUnsent(claims.get(2)));
            giveBack(claims.get(3));
            hold("h", rows.get(5));
            Set<String> expected = Set.of(
                    claims.get(1).id(),
                    claims.get(2).id(),
                    claims.get(4).id(),
                    rows.get(5).id());

            List<String> paged = new ArrayList<>();
            List<LedgerEntry> page = repository.ledger().standing(null, 3);
            // A cursor that stands still must fail the test, not hang it.
            while (!page.isEmpty() && paged.size() <= expected.size()) {
                assertThat(page).hasSizeLessThanOrEqualTo(3);
                page.forEach(entry -> paged.add(entry.recordingId()));
                page = repository.ledger().standing(paged.get(paged.size() - 1), 3);
            }

            assertThat(paged).containsExactlyInAnyOrderElementsOf(expected);
        }

        @Test
        void sumsUpWhatARunHasDeleted() {
            List<EngineRow> rows = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                rows.add(insert(fit(dueRow(i).withDuration(i == 0 ? null : Duration.ofSeconds(10)))));
            }
            SweepRun run = openRun();
            List<Claim> claims = claim(run, rows).claims();
            record(
                    deleted(claimOf(claims, rows.get(0))),
                    deleted(claimOf(claims, rows.get(1))),
                    deleted(claimOf(claims, rows.get(2)), DeletionOutcome.ALREADY_GONE, dbNow),
                    quarantine(claimOf(claims, rows.get(3))));

            assertThat(repository.ledger().deletedBy(run.id()).byOutcome())
                    .isEqualTo(Map.of(DeletionOutcome.DELETED, 2L, DeletionOutcome.ALREADY_GONE, 1L));
            assertThat(repository.ledger().deletedBy(run.id()).audio())
                    .isEqualTo(supports(Capability.DURATION) ? Duration.ofSeconds(20) : Duration.ZERO);
            assertThat(repository.ledger().deletedBy("another").byOutcome()).isEmpty();
            assertThat(repository.ledger().deletedBy("another").audio()).isZero();
        }

        @Test
        void hasNoEventsOfWhatWentAsItShould() {
            Claim claim = claimOne();
            record(deleted(claim));

            assertThat(repository.ledger().events(claim.id())).isEmpty();
        }
    }

    /** Proved by counting: what must not happen happened zero times. */
    @Nested
    class Erasures {

        private List<Claim> erase(EngineRow... rows) {
            return repository
                    .gate()
                    .claim(new ClaimRequest(
                            null,
                            "one",
                            dbNow.plus(LEASE),
                            DueCriteria.erasure(NOW),
                            "request 17",
                            candidates(List.of(rows))))
                    .claims();
        }

        private EngineRow young(int n) {
            return row(n, NOW.minus(Duration.ofDays(1)));
        }

        @Test
        void claimWhatNoPolicyWantsAndBelongToNoRun() {
            EngineRow row = insert(fit(young(1).withRetainUntil(NOW.plus(Duration.ofDays(9)))));

            Claim claim = only(erase(row));

            assertThat(claim.runId()).isNull();
            assertThat(claim.policy()).isEqualTo(DueCriteria.ERASURE);
            assertThat(claim.reason()).isEqualTo("request 17");
            assertThat(repository.gate().verify(List.of(claim), DueCriteria.erasure(NOW)))
                    .containsExactly(row.id());
            assertThat(repository.gate().verify(List.of(claim), criteria())).isEmpty();
            record(deleted(claim));
            assertThat(readRow(row.id()).map(EngineRow::deletionReason)).contains("request 17");
            assertThat(entry(row).runId()).isNull();
        }

        @Test
        void claimNothingThatIsHeldOrInTheDoor() {
            EngineRow held = insert(young(1));
            hold("h", held);
            EngineRow claimed = insert(dueRow(2));
            claim(openRun(), claimed);
            assertThat(erase(held, claimed)).isEmpty();
        }

        @Test
        void claimNothingWhileDeletingIsPaused() {
            needs(Capability.PAUSE);
            EngineRow row = insert(young(1));
            pauseDeleting();
            assertThat(erase(row)).isEmpty();
        }

        @Test
        void areGivenBackToNoBudget() {
            EngineRow row = insert(young(1));
            giveBack(only(erase(row)));
            assertThat(entry(row).state()).isEqualTo(DeletionState.ACTIVE);
            assertThat(erase(row)).hasSize(1);
        }

        @Test
        void areTakenUpAgainAsErasures() {
            EngineRow row = insert(young(1));
            erase(row);
            Claim again = only(reclaim(dbNow.plus(LEASE)));
            assertThat(again.policy()).isEqualTo(DueCriteria.ERASURE);
            assertThat(again.runId()).isNull();
            assertThat(repository.gate().verify(List.of(again), DueCriteria.erasure(NOW)))
                    .containsExactly(row.id());
        }
    }

    @Nested
    class HoldsByAttribute {

        private HoldSummary holdTenant(String tenant) {
            return repository.holds().placeWhere("case", TENANT, tenant, "dpo", "litigation", dbNow);
        }

        private EngineRow of(int n, String tenant) {
            needs(Capability.ATTRIBUTES);
            return insert(dueRow(n).withAttribute(TENANT, tenant));
        }

        @Test
        void holdWhatIsThereAndWhatIsToCome() {
            EngineRow there = of(1, "acme");
            EngineRow other = of(2, "other");
            EngineRow lookalike = of(3, "ACME");
            assertThat(holdTenant("acme")).isEqualTo(new HoldSummary("case", 1, 0, 0));
            EngineRow toCome = of(4, "acme");

            assertThat(ids(claim(openRun(), there, other, lookalike, toCome).claims()))
                    .containsExactlyInAnyOrder(other.id(), lookalike.id());

            assertThat(entry(there).held()).isTrue();
            assertThat(entry(toCome).held()).isTrue();
            assertThat(repository.ledger().standing(null, 10))
                    .extracting(LedgerEntry::recordingId)
                    .contains(there.id(), toCome.id());
            assertThat(repository.ledger().events(there.id()))
                    .extracting(LedgerEvent::kind)
                    .containsExactly("HOLD_PLACED");
        }

        @Test
        void markWhatTheyMeetOnce() {
            EngineRow row = of(1, "acme");
            holdTenant("acme");
            claim(openRun(), row);
            claim(openRun(), row);
            assertThat(repository.ledger().events(row.id())).hasSize(1);
            assertThat(only(repository.holds().list(0, 9)).recordings()).isEqualTo(1);
        }

        @Test
        void areLateForWhatIsInTheDoor() {
            EngineRow row = of(1, "acme");
            Claim claim = only(claim(openRun(), row).claims());

            assertThat(holdTenant("acme")).isEqualTo(new HoldSummary("case", 0, 1, 0));

            assertThat(entry(row).held()).isTrue();
            assertThat(verified(claim)).isEmpty();
            assertThat(only(reclaim(dbNow.plus(LEASE))).late()).isTrue();
        }

        @Test
        void refuseTheSendOfWhatCameUnderThemLater() {
            needs(Capability.ATTRIBUTES);
            EngineRow row = insert(dueRow(1).withAttribute(TENANT, "other"));
            Claim claim = only(claim(openRun(), row).claims());
            holdTenant("acme");
            assertThat(verified(claim)).containsExactly(row.id());
            updateRow(row.withAttribute(TENANT, "acme"));
            assertThat(verified(claim)).isEmpty();
        }

        @Test
        void countWhatIsDeleted() {
            EngineRow row = of(1, "acme");
            record(deleted(only(claim(openRun(), row).claims())));
            assertThat(holdTenant("acme")).isEqualTo(new HoldSummary("case", 0, 0, 1));
        }

        @Test
        void freeAllWhenTheyEnd() {
            EngineRow row = of(1, "acme");
            EngineRow late = of(2, "acme");
            claim(openRun(), late);
            holdTenant("acme");
            claim(openRun(), row);

            assertThat(repository.holds().release("case", "dpo", dbNow)).isTrue();

            assertThat(repository.holds().scopes()).isEmpty();
            assertThat(entry(row).held()).isFalse();
            assertThat(entry(late).held()).isFalse();
            assertThat(claim(openRun(), row).claims()).hasSize(1);
        }

        @Test
        void areListedWithWhatTheyLieOn() {
            needs(Capability.ATTRIBUTES);
            holdTenant("acme");
            assertThat(only(repository.holds().list(0, 9)))
                    .isEqualTo(new LegalHold("case", "dpo", "litigation", dbNow, null, null, null, 0, TENANT, "acme"));
            assertThat(repository.holds().scopes()).containsExactly(new Scope("case", TENANT, "acme"));
        }

        @Test
        void mayBeRepeatedAndNotChanged() {
            EngineRow row = of(1, "acme");
            holdTenant("acme");
            assertThat(holdTenant("acme").held()).isEqualTo(1);
            assertThatThrownBy(() -> holdTenant("other")).isInstanceOf(RetentionException.class);
            assertThatThrownBy(() -> hold("case", row)).isInstanceOf(RetentionException.class);
            hold("by id", row);
            assertThatThrownBy(() -> repository.holds().placeWhere("by id", TENANT, "acme", "dpo", "dispute", dbNow))
                    .isInstanceOf(RetentionException.class);
            repository.holds().release("case", "dpo", dbNow);
            assertThatThrownBy(() -> holdTenant("acme")).isInstanceOf(RetentionException.class);
            assertThat(repository.holds().scopes()).isEmpty();
        }
    }

    @Nested
    class ControlTable {

        @Test
        void keepsWhatWasSetAndByWhom() {
            assertThat(repository
                            .controls()
                            .change(
                                    List.of(new Change("a", null, "one\ntwo, ünïcode"), new Change("b", null, "2")),
                                    event("SET")))
                    .isTrue();
            assertThat(repository.controls().all())
                    .containsOnly(
                            Map.entry("a", new Control("one\ntwo, ünïcode", "ops", dbNow)),
                            Map.entry("b", new Control("2", "ops", dbNow)));
        }

        @Test
        void changesAllOrNothing() {
            repository.controls().change(List.of(new Change("a", null, "1"), new Change("b", null, "2")), event("SET"));
            for (List<Change> wrong : List.of(
                    List.of(new Change("a", "1", "9"), new Change("b", "other", "9")),
                    List.of(new Change("a", "1", null), new Change("c", "2", "9")),
                    List.of(new Change("c", null, "9"), new Change("a", null, "9")),
                    List.of(new Change("A", "1", "9")))) {
                assertThat(repository.controls().change(wrong, event("WRONG"))).isFalse();
            }
            assertThat(setting("a")).isEqualTo("1");
            assertThat(setting("b")).isEqualTo("2");
            assertThat(repository.controls().all()).hasSize(2);
            assertThat(repository
                            .controls()
                            .change(List.of(new Change("a", "1", null), new Change("b", "2", "3")), event("SET")))
                    .isTrue();
            assertThat(repository.controls().all()).containsOnlyKeys("b");
        }

        @Test
        void keepsALongSetting() {
            String text = "x".repeat(Change.MAX_SETTING_LENGTH);
            assertThat(repository.controls().change(List.of(new Change("a", null, text)), event("SET")))
                    .isTrue();
            assertThat(setting("a")).isEqualTo(text);
        }

        @Test
        void writesAnEventAlone() {
            EngineRow row = insert(dueRow(1));
            LedgerEvent event = new LedgerEvent(dbNow, "ERASURE", row.id(), null, "dpo", "request");
            assertThat(repository.controls().change(List.of(), event)).isTrue();
            assertThat(repository.ledger().events(row.id())).containsExactly(event);
            assertThat(repository.controls().all()).isEmpty();
        }

        @Test
        void pausesDeleting() {
            EngineRow row = insert(dueRow(1));
            SweepRun run = openRun();
            repository.controls().change(List.of(new Change(Controls.PAUSED, null, "why")), event("PAUSED"));
            assertThat(claim(run, row).signal()).isEqualTo(Signal.PAUSED);
            repository.controls().change(List.of(new Change(Controls.PAUSED, "why", null)), event("RESUMED"));
            assertThat(claim(run, row).claims()).hasSize(1);
        }

        @Test
        void isNotWhereHoldsShow() {
            EngineRow row = insert(dueRow(1));
            claim(openRun(), row);
            hold("h", row);
            repository.holds().release("h", "dpo", dbNow);
            assertThat(repository.controls().all()).isEmpty();
        }
    }

    @Nested
    class Quarantine {

        private EngineRow unproven(int n) {
            EngineRow row = insert(dueRow(n));
            Claim claim = only(claim(openRun(), row).claims());
            record(new ClaimOutcome(
                    claim, Step.QUARANTINE, DeletionOutcome.UNPROVEN, null, "not known", dbNow, null, true, true));
            return row;
        }

        private EngineRow refused(int n) {
            EngineRow row = insert(dueRow(n));
            record(quarantine(only(claim(openRun(), row).claims())));
            return row;
        }

        private Map<String, ReviewAnswer> accept(EngineRow... rows) {
            return repository
                    .quarantine()
                    .acceptUnproven(Stream.of(rows).map(EngineRow::id).toList(), "dpo", dbNow);
        }

        private Map<String, ReviewAnswer> retryNow(EngineRow... rows) {
            return repository
                    .quarantine()
                    .retry(Stream.of(rows).map(EngineRow::id).toList(), "ops", dbNow);
        }

        @Test
        void isListedPageByPage() {
            EngineRow one = refused(1);
            EngineRow two = unproven(2);
            EngineRow unsent = insert(dueRow(3));
            record(refusedUnsent(only(claim(openRun(), unsent).claims())));
            EngineRow inTheDoor = insert(dueRow(4));
            claim(openRun(), inTheDoor);
            hold("h", insert(dueRow(5)));

            List<String> paged = new ArrayList<>();
            String after = null;
            for (int page = 0; page < 4; page++) {
                List<LedgerEntry> entries = repository.quarantine().waiting(after, 1);
                entries.forEach(entry -> paged.add(entry.recordingId()));
                after = entries.isEmpty() ? after : entries.get(0).recordingId();
            }
            assertThat(paged).containsExactlyInAnyOrder(one.id(), two.id(), unsent.id());
        }

        @Test
        void isTriedAgainInDoubtAndAsASecondAttempt() {
            EngineRow row = refused(1);
            assertThat(retryNow(row)).containsEntry(row.id(), ReviewAnswer.DONE);
            Claim again = only(reclaim(dbNow));
            assertThat(again.attempt()).isEqualTo(2);
            assertThat(again.inDoubt()).isTrue();
            assertThat(only(repository.ledger().events(row.id())))
                    .returns("RETRY_GRANTED", LedgerEvent::kind)
                    .returns("ops", LedgerEvent::actor);
            assertThat(retryNow(row)).containsEntry(row.id(), ReviewAnswer.NOT_WAITING);
        }

        @Test
        void forgetsAKeyThatWasRefusedUnsent() {
            EngineRow row = insert(dueRow(1));
            record(refusedUnsent(only(claim(openRun(), row).claims())));
            assertThat(retryNow(row)).containsEntry(row.id(), ReviewAnswer.DONE);
            assertThat(entry(row))
                    .returns(DeletionState.ACTIVE, LedgerEntry::state)
                    .returns(null, LedgerEntry::outcome);
            assertThat(only(claim(openRun(), row).claims()).attempt()).isEqualTo(1);
        }

        @Test
        void isNotTriedAgainUnderAHold() {
            EngineRow row = refused(1);
            hold("h", row);
            assertThat(retryNow(row)).containsEntry(row.id(), ReviewAnswer.HELD);
            assertThat(entry(row).state()).isEqualTo(DeletionState.QUARANTINED);
            assertThat(repository.ledger().events(row.id()))
                    .extracting(LedgerEvent::kind)
                    .containsExactly("HOLD_PLACED");
        }

        @Test
        void answersForWhatDoesNotWait() {
            EngineRow active = insert(dueRow(1));
            EngineRow claimed = insert(dueRow(2));
            claim(openRun(), claimed);
            assertThat(retryNow(active, claimed))
                    .containsEntry(active.id(), ReviewAnswer.UNKNOWN)
                    .containsEntry(claimed.id(), ReviewAnswer.NOT_WAITING);
            assertThat(accept(active, claimed, refused(3)).values())
                    .containsExactlyInAnyOrder(
                            ReviewAnswer.UNKNOWN, ReviewAnswer.NOT_WAITING, ReviewAnswer.NOT_WAITING);
            assertThat(entry(claimed).state()).isEqualTo(DeletionState.DELETING);
        }

        @Test
        void isAcceptedAsGoneAndLabelled() {
            EngineRow row = unproven(1);
            EngineRow other = unproven(2);

            assertThat(accept(row)).containsEntry(row.id(), ReviewAnswer.DONE);

            assertThat(entry(row))
                    .returns(DeletionState.DELETED, LedgerEntry::state)
                    .returns(DeletionOutcome.ACCEPTED_UNPROVEN, LedgerEntry::outcome)
                    .returns(dbNow, LedgerEntry::deletedAt);
            assertThat(entry(row).evidence()).contains("dpo", "nothing proves it");
            assertThat(readRow(row.id()).orElseThrow())
                    .returns(dbNow, EngineRow::deleted)
                    .returns(REASON, EngineRow::deletionReason);
            assertThat(only(repository.ledger().events(row.id())).kind()).isEqualTo("ACCEPTED_UNPROVEN");
            assertThat(readRow(other.id())).contains(other);
            assertThat(accept(row)).containsEntry(row.id(), ReviewAnswer.NOT_WAITING);
        }

        @Test
        void isNotAcceptedWhereItMustBeKept() {
            EngineRow held = unproven(1);
            hold("h", held);
            assertThat(accept(held)).containsEntry(held.id(), ReviewAnswer.HELD);
            if (supports(Capability.HOLD_FLAG)) {
                EngineRow flagged = unproven(2);
                updateRow(flagged.withFlaggedHeld(true));
                assertThat(accept(flagged)).containsEntry(flagged.id(), ReviewAnswer.HELD);
            }
            if (supports(Capability.RETAIN_UNTIL)) {
                EngineRow retained = unproven(3);
                updateRow(retained.withRetainUntil(dbNow.plus(Duration.ofDays(1))));
                assertThat(accept(retained)).containsEntry(retained.id(), ReviewAnswer.HELD);
            }
            if (supports(Capability.ATTRIBUTES)) {
                EngineRow scoped = unproven(4);
                updateRow(scoped.withAttribute(TENANT, "acme"));
                repository.holds().placeWhere("all", TENANT, "acme", "dpo", "litigation", dbNow);
                assertThat(accept(scoped)).containsEntry(scoped.id(), ReviewAnswer.HELD);
                assertThat(readRow(scoped.id()).orElseThrow().deleted()).isNull();
            }
            assertThat(readRow(held.id())).contains(held);
        }

        @Test
        void marksNoRowThatNamesAnotherRecordingByNow() {
            EngineRow row = unproven(1);
            EngineRow changed = row.withStorageKey("another");
            updateRow(changed);
            assertThat(accept(row)).containsEntry(row.id(), ReviewAnswer.DONE);
            assertThat(readRow(row.id())).contains(changed);
            assertThat(repository.ledger().events(row.id()))
                    .extracting(LedgerEvent::kind)
                    .containsExactlyInAnyOrder("ACCEPTED_UNPROVEN", "ROW_NOT_UPDATED");
        }
    }

    @Nested
    class CountsByPolicy {

        @Test
        void agreeWithThePolicyThatGovernsEachRow() {
            List<EngineRow> rows = randomRows(120);
            insertRows(rows);
            for (int i = 0; i < 12; i++) {
                DueCriteria criteria = randomCriteria();
                assertThat(repository.recordings().countByPolicy(criteria))
                        .as("seed %s, %s", seed, criteria)
                        .isEqualTo(expected(rows, criteria));
            }
        }

        @Test
        void ofAnEmptyTableAreZero() {
            assertThat(repository.recordings().countByPolicy(criteria()))
                    .containsExactly(new PolicyCounts("default", 0, 0, 0, null));
        }

        private List<PolicyCounts> expected(List<EngineRow> rows, DueCriteria criteria) {
            return Stream.concat(criteria.rules().stream(), Stream.of(criteria.fallback()))
                    .map(rule -> {
                        List<Candidate> live = rows.stream()
                                .map(EngineRow::candidate)
                                .flatMap(Optional::stream)
                                .filter(row ->
                                        row.deleted() == null && row.recording().storageKey() != null)
                                .filter(row ->
                                        criteria.governing(row.recording().attributes()) == rule)
                                .toList();
                        List<Candidate> due =
                                live.stream().filter(criteria::isDue).toList();
                        return new PolicyCounts(
                                rule.policy(),
                                live.size(),
                                due.size(),
                                due.stream().filter(Candidate::flaggedHeld).count(),
                                due.stream()
                                        .map(row -> row.recording().created())
                                        .min(Comparator.naturalOrder())
                                        .orElse(null));
                    })
                    .toList();
        }
    }

    @Nested
    class Races {

        @Test
        void noRecordingIsBothHeldAndClaimed() throws Exception {
            int width = 5;
            int rounds = Integer.getInteger("dev.retention.test.pairs", 1_000) / width;
            List<EngineRow> rows = insertDue(rounds * width);
            SweepRun run = openRun();
            RecordingRepository other = createSecondInstance();
            long[] jitter = random.longs(rounds, -200_000, 200_000).toArray();
            Set<String> claimed = new HashSet<>();
            Map<String, HoldAnswer> answers = new LinkedHashMap<>();

            for (int i = 0; i < rounds; i++) {
                List<EngineRow> slice = rows.subList(i * width, (i + 1) * width);
                List<String> held =
                        new ArrayList<>(slice.stream().map(EngineRow::id).toList());
                Collections.shuffle(held, random);
                String holdId = "h" + i;
                long wait = jitter[i];
                List<Object> both = atOnce(List.of(
                        () -> {
                            spin(wait);
                            return claim(run, slice);
                        },
                        () -> {
                            spin(-wait);
                            return other.holds().place(holdId, held, "dpo", "dispute", null, dbNow);
                        }));
                claimed.addAll(ids(((Claims) both.get(0)).claims()));
                held.forEach(id -> answers.put(id, answered(both.get(1), id)));
            }

            assertThat(answers).hasSize(rounds * width);
            answers.forEach((id, answer) -> assertThat(answer)
                    .as("seed %s, recording %s", seed, id)
                    .isEqualTo(claimed.contains(id) ? HoldAnswer.LATE : HoldAnswer.HELD));
            assertThat(run(run).claimed()).isEqualTo(claimed.size());
        }

        /** A hold by attribute is answered while others claim: what is claimed is late, and nothing is claimed afterwards. */
        @Test
        void whatAHoldByAttributeSaysIsHeldIsNeverClaimed() throws Exception {
            needs(Capability.ATTRIBUTES);
            int width = 12;
            RecordingRepository other = createSecondInstance();
            SweepRun run = openRun();
            long late = 0;
            for (int round = 0; round < 15; round++) {
                String tenant = "tenant" + round;
                List<EngineRow> rows = new ArrayList<>();
                for (int n = 0; n < width; n++) {
                    rows.add(dueRow(round * width + n).withAttribute(TENANT, tenant));
                }
                insertRows(rows);
                String holdId = "case" + round;
                long wait = (round % 5) * 300_000L;
                List<Object> all = atOnce(List.of(
                        () -> ids(claim(run, rows.subList(0, 4)).claims()),
                        () -> ids(claim(other, run, criteria(), candidates(rows.subList(4, 8)))
                                .claims()),
                        () -> {
                            spin(wait);
                            return other.holds().placeWhere(holdId, TENANT, tenant, "dpo", "litigation", dbNow);
                        }));
                List<String> before = new ArrayList<>(texts(all.get(0)));
                before.addAll(texts(all.get(1)));
                HoldSummary summary = (HoldSummary) all.get(2);
                late += summary.late();

                assertThat(summary)
                        .as("seed " + seed)
                        .isEqualTo(new HoldSummary(holdId, width - before.size(), before.size(), 0));
                assertThat(claim(run, rows).claims()).isEmpty();
                assertThat(before.stream().map(id -> entry(id).held())).doesNotContain(false);
                assertThat(other.gate().verify(reclaim(dbNow.plus(LEASE)), criteria()))
                        .isEmpty();
            }
            assertThat(run(run).claimed()).isEqualTo(late);
        }

        @Test
        void aReleaseAmongClaimsLeavesNoMark() throws Exception {
            needs(Capability.ATTRIBUTES);
            RecordingRepository other = createSecondInstance();
            SweepRun run = openRun();
            for (int round = 0; round < 15; round++) {
                String tenant = "tenant" + round;
                List<EngineRow> rows = new ArrayList<>();
                for (int n = 0; n < 6; n++) {
                    rows.add(dueRow(round * 6 + n).withAttribute(TENANT, tenant));
                }
                insertRows(rows);
                String holdId = "case" + round;
                other.holds().placeWhere(holdId, TENANT, tenant, "dpo", "litigation", dbNow);
                List<Object> all = atOnce(List.of(
                        () -> ids(claim(run, rows.subList(0, 3)).claims()),
                        () -> ids(claim(other, run, criteria(), candidates(rows.subList(3, 6)))
                                .claims()),
                        () -> other.holds().release(holdId, "dpo", dbNow)));
                List<String> claimed = new ArrayList<>(texts(all.get(0)));
                claimed.addAll(texts(all.get(1)));

                assertThat(repository
                                .ledger()
                                .find(rows.stream().map(EngineRow::id).toList()))
                        .as("seed " + seed)
                        .noneMatch(LedgerEntry::held);
                claimed.addAll(ids(claim(run, rows).claims()));
                assertThat(claimed).hasSize(6);
            }
        }

        @Test
        void oneOfThoseWhoChangeAControlDoes() throws Exception {
            RecordingRepository other = createSecondInstance();
            for (int round = 0; round < 10; round++) {
                String name = "control-" + round;
                List<Boolean> added = byThreads(thread -> (thread % 2 == 0 ? repository : other)
                        .controls()
                        .change(List.of(new Change(name, null, "of " + thread)), event("X")));
                assertThat(added).containsOnlyOnce(true);
                String stands = setting(name);
                List<Boolean> changed = byThreads(thread -> (thread % 2 == 0 ? repository : other)
                        .controls()
                        .change(List.of(new Change(name, stands, "then " + thread)), event("X")));
                assertThat(changed).containsOnlyOnce(true);
                assertThat(setting(name)).isEqualTo("then " + changed.indexOf(true));
            }
        }

        @Test
        void eachCandidateIsClaimedOnce() throws Exception {
            List<EngineRow> rows = insertDue(200);
            SweepRun run = openRun();
            List<RecordingRepository> instances = List.of(repository, createSecondInstance());

            List<List<Claim>> perThread = byThreads(thread -> {
                List<EngineRow> mine = new ArrayList<>(rows);
                Collections.shuffle(mine, new Random(seed + thread));
                List<Claim> won = new ArrayList<>();
                for (int from = 0; from < mine.size(); from += 20) {
                    won.addAll(
                            claim(instances.get(thread % 2), run, criteria(), candidates(mine.subList(from, from + 20)))
                                    .claims());
                }
                return won;
            });

            List<Claim> all = perThread.stream().flatMap(List::stream).toList();
            assertThat(ids(all))
                    .as("seed " + seed)
                    .containsExactlyInAnyOrderElementsOf(
                            rows.stream().map(EngineRow::id).toList());
            assertThat(run(run).claimed()).isEqualTo(200);
            assertThat(repository.gate().verify(all, criteria())).hasSize(200);
        }

        @Test
        void theBudgetIsNeverExceeded() throws Exception {
            List<EngineRow> rows = insertDue(120);
            SweepRun run = openRun("capped", 50L);
            List<RecordingRepository> instances = List.of(repository, createSecondInstance());

            List<List<Claim>> perThread = byThreads(thread -> {
                List<Claim> won = new ArrayList<>();
                for (int from = thread * 30; from < (thread + 1) * 30; from += 6) {
                    List<Claim> claims = claim(
                                    instances.get(thread % 2),
                                    run,
                                    criteria(),
                                    candidates(rows.subList(from, from + 6)))
                            .claims();
                    won.addAll(claims);
                    if (!claims.isEmpty() && from % 12 == 0) {
                        Claim unsent = won.remove(won.size() - 1);
                        instances.get(thread % 2).gate().giveBack(List.of(unsent), dbNow);
                    }
                }
                return won;
            });

            List<Claim> kept =
                    new ArrayList<>(perThread.stream().flatMap(List::stream).toList());
            assertThat(kept).hasSizeLessThanOrEqualTo(50);
            assertThat(run(run).claimed()).isEqualTo(kept.size());
            kept.addAll(claim(run, rows).claims());
            assertThat(kept).as("what was given back can be claimed").hasSize(50);
            assertThat(claim(run, rows).claims()).isEmpty();
        }

        @Test
        void eachRowIsReclaimedOnce() throws Exception {
            List<EngineRow> rows = insertDue(100);
            claim(openRun(), rows);
            Instant now = dbNow.plus(LEASE);
            List<RecordingRepository> instances = List.of(repository, createSecondInstance());

            List<List<Claim>> perThread = byThreads(thread -> {
                List<Claim> won = new ArrayList<>();
                for (int i = 0; i < 30; i++) {
                    won.addAll(instances
                            .get(thread % 2)
                            .gate()
                            .reclaim("instance " + thread, null, now, now.plus(LEASE), 7));
                }
                return won;
            });

            List<Claim> all =
                    new ArrayList<>(perThread.stream().flatMap(List::stream).toList());
            assertThat(ids(all)).doesNotHaveDuplicates();
            all.addAll(repository.gate().reclaim("last", null, now, now.plus(LEASE), 100));
            assertThat(ids(all)).hasSize(100).doesNotHaveDuplicates();
            assertThat(repository.gate().verify(all, criteria())).hasSize(100);
        }

        @Test
        void eachPageIsOwnedByOneOfThoseWhoMoveTheCursor() throws Exception {
            List<EngineRow> rows = insertDue(100);
            SweepRun run = openRun();
            List<RecordingRepository> instances = List.of(repository, createSecondInstance());

            List<List<String>> perThread = byThreads(thread -> {
                RecordingRepository instance = instances.get(thread % 2);
                List<String> owned = new ArrayList<>();
                for (SweepRun read = run(instance, run); !read.passDone(); read = run(instance, run)) {
                    Page page = instance.recordings().page(criteria(), read.cursor(), 3);
                    if (instance.runs().advance(read, page.next(), dbNow)) {
                        page.candidates().forEach(candidate -> owned.add(candidate.id()));
                    }
                }
                return owned;
            });

            assertThat(perThread.stream().flatMap(List::stream).toList())
                    .containsExactlyInAnyOrderElementsOf(
                            rows.stream().map(EngineRow::id).toList());
        }

        @Test
        void oneOfThoseWhoStartAnotherPassDoes() throws Exception {
            SweepRun run = openRun();
            repository.runs().advance(run, null, dbNow);
            SweepRun done = run(run);
            RecordingRepository other = createSecondInstance();

            List<Boolean> won = byThreads(
                    thread -> (thread % 2 == 0 ? repository : other).runs().nextPass(done, dbNow));

            assertThat(won).containsOnlyOnce(true);
            assertThat(run(run).pass()).isEqualTo(2);
        }

        @Test
        void instancesThatStartAtOnceGetTheSameRun() throws Exception {
            RecordingRepository other = createSecondInstance();
            for (int i = 0; i < 10; i++) {
                int round = i;
                List<String> ids = byThreads(thread -> {
                    // The same key for some and another for others: only one run may be open either way.
                    RunRequest request = request("round " + round + " " + thread % 2, null);
                    return (thread < 2 ? repository : other)
                            .runs()
                            .joinOrOpen(request)
                            .id();
                });

                assertThat(new HashSet<>(ids)).hasSize(1);
                assertThat(repository.runs().end(ids.get(0), report(SweepEnd.COMPLETED)))
                        .isTrue();
                assertThat(repository.runs().open()).isEmpty();
            }
        }

        @Test
        void oneOfThoseWhoEndARunDoes() throws Exception {
            SweepRun run = openRun();
            RecordingRepository other = createSecondInstance();
            List<SweepEnd> ends = List.of(SweepEnd.COMPLETED, SweepEnd.STOPPED, SweepEnd.CAPPED, SweepEnd.OUT_OF_TIME);

            List<Boolean> won = byThreads(
                    thread -> (thread % 2 == 0 ? repository : other).runs().end(run.id(), report(ends.get(thread))));

            assertThat(won).containsOnlyOnce(true);
            assertThat(run(run).report()).isEqualTo(report(ends.get(won.indexOf(true))));
        }

        @Test
        void holdsThatComeAndGoLeaveTheMarkOfThoseThatLast() throws Exception {
            List<EngineRow> rows = insertDue(6);
            List<String> ids = rows.stream().map(EngineRow::id).toList();
            RecordingRepository other = createSecondInstance();
            hold("lasts", List.of(ids.get(0)));

            byThreads(thread -> {
                RecordingRepository instance = thread % 2 == 0 ? repository : other;
                List<String> mine = new ArrayList<>(ids);
                Collections.shuffle(mine, new Random(seed + thread));
                for (int i = 0; i < 10; i++) {
                    String holdId = "h" + thread + "-" + i;
                    instance.holds().place(holdId, mine, "dpo", "dispute", null, dbNow);
                    instance.holds().release(holdId, "dpo", dbNow);
                }
                return true;
            });

            assertThat(repository.ledger().find(ids))
                    .allSatisfy(entry -> assertThat(entry.held())
                            .as("seed %s, recording %s", seed, entry.recordingId())
                            .isEqualTo(entry.recordingId().equals(ids.get(0))));
        }

        private HoldAnswer answered(Object answers, String id) {
            return (HoldAnswer) Objects.requireNonNull(((Map<?, ?>) answers).get(id));
        }

        private <T> List<T> byThreads(ThreadWork<T> work) throws Exception {
            return atOnce(IntStream.range(0, THREADS)
                    .<Callable<T>>mapToObj(thread -> () -> work.of(thread))
                    .toList());
        }

        private <T> List<T> atOnce(List<? extends Callable<? extends T>> works) throws Exception {
            ExecutorService executor = Executors.newFixedThreadPool(works.size());
            try {
                CyclicBarrier start = new CyclicBarrier(works.size());
                List<Future<T>> futures = new ArrayList<>();
                for (Callable<? extends T> work : works) {
                    futures.add(executor.submit(() -> {
                        start.await(30, TimeUnit.SECONDS);
                        return work.call();
                    }));
                }
                List<T> results = new ArrayList<>();
                for (Future<T> future : futures) {
                    results.add(future.get(60, TimeUnit.SECONDS));
                }
                return results;
            } finally {
                executor.shutdownNow();
            }
        }

        /** Lets one side start a little later, so that each wins some of the rounds. */
        private void spin(long nanos) {
            long until = System.nanoTime() + nanos;
            while (System.nanoTime() < until) {
                Thread.onSpinWait();
            }
        }
    }

    private interface ThreadWork<T> {
        T of(int thread) throws Exception;
    }

    private void needs(Capability capability) {
        assumeTrue(supports(capability), () -> "this adapter has no " + capability);
    }

    private EngineRow row(int n, @Nullable Instant created) {
        return fit(EngineRow.of(newId(n), String.format("RE%032x", n), created).withAccount("AC1"));
    }

    /** A row that is due, the younger the larger n is. */
    private EngineRow dueRow(int n) {
        return row(n, CUTOFF.minus(Duration.ofDays(1)).plusSeconds(n));
    }

    private EngineRow dueRow(String id, int n) {
        EngineRow row = dueRow(n);
        return EngineRow.of(id, row.storageKey(), row.created()).withAccount(row.account());
    }

    private EngineRow insert(EngineRow row) {
        insertRow(row);
        return row;
    }

    private void insertShuffled(List<EngineRow> rows) {
        List<EngineRow> shuffled = new ArrayList<>(rows);
        Collections.shuffle(shuffled, random);
        insertRows(shuffled);
    }

    private List<EngineRow> insertDue(int count) {
        List<EngineRow> rows = IntStream.range(0, count).mapToObj(this::dueRow).toList();
        insertRows(rows);
        return rows;
    }

    /** The row without the values that the adapter does not map. */
    private EngineRow fit(EngineRow row) {
        EngineRow fitting = row;
        if (!supports(Capability.ACCOUNT)) {
            fitting = fitting.withAccount(null);
        }
        if (!supports(Capability.RETAIN_UNTIL)) {
            fitting = fitting.withRetainUntil(null);
        }
        if (!supports(Capability.HOLD_FLAG)) {
            fitting = fitting.withFlaggedHeld(false);
        }
        if (!supports(Capability.DURATION)) {
            fitting = fitting.withDuration(null);
        }
        if (!supports(Capability.ATTRIBUTES)) {
            fitting = fitting.withAttribute(QUEUE, null).withAttribute(TENANT, null);
        }
        return fitting;
    }

    private static DueCriteria criteria() {
        return new DueCriteria(NOW, List.of(), rule("default", CUTOFF));
    }

    private static Rule rule(String policy, @Nullable Instant cutoff, String... match) {
        Map<String, String> matches = new LinkedHashMap<>();
        for (int i = 0; i < match.length; i += 2) {
            matches.put(match[i], match[i + 1]);
        }
        return new Rule(policy, matches, cutoff);
    }

    private static Candidate candidate(EngineRow row) {
        return row.candidate().orElseThrow();
    }

    private static List<Candidate> candidates(Collection<EngineRow> rows) {
        return rows.stream().map(RecordingRepositoryContract::candidate).toList();
    }

    private static Instant created(EngineRow row) {
        return Objects.requireNonNull(row.created());
    }

    private List<Candidate> paged(DueCriteria criteria, int limit) {
        List<Candidate> all = new ArrayList<>();
        Page page = repository.recordings().page(criteria, null, limit);
        all.addAll(page.candidates());
        // A cursor that stands still must fail the test, not hang it.
        for (int pages = 0; page.next() != null && pages < 1000; pages++) {
            page = repository.recordings().page(criteria, page.next(), limit);
            assertThat(page.candidates()).hasSizeLessThanOrEqualTo(limit);
            all.addAll(page.candidates());
        }
        assertThat(page.next()).isNull();
        return all;
    }

    private List<String> pagedIds(DueCriteria criteria, int limit) {
        return paged(criteria, limit).stream().map(Candidate::id).toList();
    }

    private RunRequest request(String key, @Nullable Long maxDeletions) {
        return new RunRequest(key, "one", NOW, dbNow, dbNow.plus(Duration.ofHours(4)), "default=90d", maxDeletions);
    }

    private SweepRun openRun(String key, @Nullable Long maxDeletions) {
        return repository.runs().joinOrOpen(request(key, maxDeletions));
    }

    private SweepRun openRun() {
        return openRun("run", null);
    }

    private SweepRun run(SweepRun read) {
        return run(repository, read);
    }

    private static SweepRun run(RecordingRepository instance, SweepRun read) {
        return instance.runs().find(read.id()).orElseThrow();
    }

    private Claims claim(SweepRun run, EngineRow... rows) {
        return claim(run, List.of(rows));
    }

    private Claims claim(SweepRun run, List<EngineRow> rows) {
        return claim(repository, run, criteria(), candidates(rows));
    }

    private Claims claim(RecordingRepository instance, SweepRun run, DueCriteria criteria, List<Candidate> candidates) {
        return instance.gate()
                .claim(new ClaimRequest(run.id(), "one", dbNow.plus(LEASE), criteria, REASON, candidates));
    }

    private Claim claimOne() {
        return only(claim(openRun(), insert(dueRow(1))).claims());
    }

    private List<Claim> reclaim(Instant now) {
        return repository.gate().reclaim("two", null, now, now.plus(LEASE), 1000);
    }

    private Set<String> verified(Claim claim) {
        return repository.gate().verify(List.of(claim), criteria());
    }

    private void giveBack(Claim claim) {
        repository.gate().giveBack(List.of(claim), dbNow);
    }

    private void record(ClaimOutcome... outcomes) {
        repository.gate().record(List.of(outcomes));
    }

    private ClaimOutcome deleted(Claim claim) {
        return deleted(claim, DeletionOutcome.DELETED, dbNow);
    }

    private ClaimOutcome deleted(Claim claim, DeletionOutcome outcome, Instant at) {
        return new ClaimOutcome(claim, Step.DELETED, outcome, EVIDENCE, null, at, null, true, false);
    }

    private ClaimOutcome progress(Claim claim, String evidence) {
        return new ClaimOutcome(claim, Step.PROGRESS, null, evidence, null, dbNow, null, true, true);
    }

    private ClaimOutcome retry(Claim claim, Instant next) {
        return retry(claim, next, true);
    }

    private ClaimOutcome retry(Claim claim, Instant next, boolean inDoubt) {
        return new ClaimOutcome(
                claim,
                Step.RETRY,
                DeletionOutcome.TRY_LATER,
                claim.evidence(),
                "timed out",
                dbNow,
                next,
                true,
                inDoubt);
    }

    private static ClaimOutcome uncounted(ClaimOutcome outcome) {
        return new ClaimOutcome(
                outcome.claim(),
                outcome.step(),
                outcome.outcome(),
                outcome.evidence(),
                outcome.cause(),
                outcome.at(),
                outcome.nextAttempt(),
                false,
                outcome.inDoubt());
    }

    private ClaimOutcome quarantine(Claim claim) {
        return new ClaimOutcome(
                claim, Step.QUARANTINE, DeletionOutcome.REFUSED, null, "refused for good", dbNow, null, true, false);
    }

    private ClaimOutcome refusedUnsent(Claim claim) {
        return new ClaimOutcome(
                claim,
                Step.REFUSED_UNSENT,
                DeletionOutcome.REFUSED_UNSENT,
                null,
                "no key of this storage",
                dbNow,
                null,
                true,
                false);
    }

    private Map<String, HoldAnswer> hold(String holdId, EngineRow row) {
        return hold(holdId, List.of(row.id()));
    }

    private Map<String, HoldAnswer> hold(String holdId, List<?> rowsOrIds) {
        List<String> ids = rowsOrIds.stream()
                .map(each -> each instanceof EngineRow row ? row.id() : each.toString())
                .toList();
        return repository.holds().place(holdId, ids, "dpo", "dispute", null, dbNow);
    }

    private static List<String> texts(Object list) {
        return ((List<?>) list).stream().map(String::valueOf).toList();
    }

    private LedgerEvent event(String kind) {
        return new LedgerEvent(dbNow, kind, null, null, "ops", null);
    }

    private @Nullable String setting(String name) {
        Control control = repository.controls().all().get(name);
        return control == null ? null : control.setting();
    }

    private LedgerEntry entry(EngineRow row) {
        return entry(row.id());
    }

    private LedgerEntry entry(String id) {
        return only(repository.ledger().find(List.of(id)));
    }

    private SweepReport report(SweepEnd end) {
        return new SweepReport(
                3,
                1,
                0,
                0,
                1,
                0,
                0,
                0,
                1,
                2,
                4,
                5,
                Map.of("default", CUTOFF),
                Duration.ofSeconds(61),
                dbNow,
                dbNow.plusSeconds(30),
                end,
                "one sentence, and “what to do”");
    }

    private static <T> T only(Collection<T> one) {
        assertThat(one).hasSize(1);
        return one.iterator().next();
    }

    private static List<String> ids(Collection<Claim> claims) {
        return claims.stream().map(Claim::id).toList();
    }

    private static List<String> ids(List<EngineRow> rows, int... indexes) {
        return Arrays.stream(indexes).mapToObj(i -> rows.get(i).id()).toList();
    }

    private static EngineRow rowOf(List<EngineRow> rows, Claim claim) {
        return rows.stream()
                .filter(row -> row.id().equals(claim.id()))
                .findFirst()
                .orElseThrow();
    }

    private static Claim claimOf(List<Claim> claims, EngineRow row) {
        return claims.stream()
                .filter(claim -> claim.id().equals(row.id()))
                .findFirst()
                .orElseThrow();
    }

    /** Texts that a lenient comparison or conversion takes for the id, and some that are no id at all. */
    private static List<String> lookalikes(String id) {
        return Stream.of(
                        id + " ",
                        " " + id,
                        id + "\n",
                        id.toUpperCase(java.util.Locale.ROOT),
                        id.toLowerCase(java.util.Locale.ROOT),
                        "0" + id,
                        "+" + id,
                        id + ".0",
                        "{" + id + "}",
                        "no id",
                        "é",
                        "9".repeat(Recording.MAX_ID_LENGTH))
                .filter(other -> !other.equals(id))
                .distinct()
                .toList();
    }

    private List<EngineRow> randomRows(int count) {
        List<EngineRow> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            EngineRow row = row(i, oneOf(randomInstants()));
            if (random.nextInt(8) == 0) {
                row = row.withStorageKey(null);
            }
            if (random.nextInt(8) == 0) {
                row = row.withDeleted(NOW.minusSeconds(random.nextInt(1000)), "gone");
            }
            if (random.nextInt(20) == 0 && supports(Capability.NULL_CREATED)) {
                row = row.withCreated(null);
            }
            if (random.nextInt(4) == 0) {
                row = row.withRetainUntil(oneOf(List.of(NOW, NOW.plus(TICK), NOW.minus(TICK), NOW.minusSeconds(9))));
            }
            rows.add(fit(row.withAccount(oneOfNullable("AC1", "ac1", null))
                    .withFlaggedHeld(random.nextInt(6) == 0)
                    .withDuration(random.nextBoolean() ? Duration.ofSeconds(random.nextInt(500)) : null)
                    .withAttribute(QUEUE, oneOfNullable("sales", "Sales", "sales ", "support", null))
                    .withAttribute(TENANT, oneOfNullable("acme", "ACME", "other", null))));
        }
        return rows;
    }

    private DueCriteria randomCriteria() {
        List<Rule> rules = new ArrayList<>();
        int count = supports(Capability.ATTRIBUTES) ? random.nextInt(4) : 0;
        for (int i = 0; i < count; i++) {
            String queue = oneOfNullable("sales", "SALES", "support", "absent", null);
            String tenant = oneOfNullable("acme", "other", null);
            Map<String, String> match = new LinkedHashMap<>();
            if (queue != null) {
                match.put(QUEUE, queue);
            }
            if (tenant != null) {
                match.put(TENANT, tenant);
            }
            rules.add(new Rule("policy" + i, match, randomCutoff()));
        }
        return new DueCriteria(NOW, rules, new Rule("default", Map.of(), randomCutoff()));
    }

    private @Nullable Instant randomCutoff() {
        return random.nextInt(5) == 0 ? null : oneOf(randomInstants());
    }

    /** Few of them, so that rows tie with each other and with cutoffs. */
    private static List<Instant> randomInstants() {
        List<Instant> instants = new ArrayList<>();
        for (int days = 30; days <= 150; days += 30) {
            Instant instant = NOW.minus(Duration.ofDays(days));
            instants.addAll(List.of(instant.minus(TICK), instant, instant.plus(TICK)));
        }
        instants.add(NOW);
        instants.add(NOW.plus(TICK));
        return instants;
    }

    private <T> T oneOf(List<T> values) {
        return values.get(random.nextInt(values.size()));
    }

    private @Nullable String oneOfNullable(@Nullable String... values) {
        return values[random.nextInt(values.length)];
    }

    /** Rows were numbered as their ids are ordered, and the sort is stable. */
    private static List<Candidate> dueInOrder(List<EngineRow> rows, DueCriteria criteria) {
        return rows.stream()
                .map(EngineRow::candidate)
                .flatMap(Optional::stream)
                .filter(row -> criteria.isDue(row) && row.recording().storageKey() != null)
                .sorted(Comparator.comparing(row -> row.recording().created()))
                .toList();
    }

    private static List<Recording> notDueNewestFirst(
            List<EngineRow> rows, DueCriteria criteria, @Nullable String account) {
        return rows.stream()
                .map(EngineRow::candidate)
                .flatMap(Optional::stream)
                .filter(row -> row.deleted() == null && !criteria.isDue(row))
                .map(Candidate::recording)
                .filter(recording -> recording.storageKey() != null && Objects.equals(recording.account(), account))
                .sorted(Comparator.comparing(Recording::created).reversed())
                .toList();
    }

    private static Counts counted(List<EngineRow> rows, DueCriteria criteria) {
        List<Candidate> due = rows.stream()
                .map(EngineRow::candidate)
                .flatMap(Optional::stream)
                .filter(criteria::isDue)
                .toList();
        return new Counts(
                due.stream().filter(row -> row.recording().storageKey() != null).count(),
                due.stream()
                        .filter(row -> row.recording().storageKey() != null && row.flaggedHeld())
                        .count(),
                due.stream().filter(row -> row.recording().storageKey() == null).count(),
                rows.stream()
                        .filter(row -> row.deleted() == null
                                && (row.created() == null || created(row).isAfter(criteria.now())))
                        .count());
    }
}
