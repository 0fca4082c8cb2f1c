package dev.retention.autoconfigure;

import static dev.retention.autoconfigure.Contexts.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.Backlog;
import dev.retention.LegalHolds;
import dev.retention.RetentionEvidence;
import dev.retention.RetentionOperations;
import dev.retention.RetentionSweeper;
import dev.retention.SweepEnd;
import dev.retention.SweepReport;
import dev.retention.autoconfigure.RetentionStatus.Attention;
import dev.retention.spi.DatabaseIdentity;
import dev.retention.spi.DeletionResult;
import dev.retention.test.EngineRow;
import dev.retention.test.FakeRecordingStorage;
import dev.retention.test.InMemoryRecordingRepository;
import dev.retention.test.MutableClock;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;

/** What needs attention, each with its twin that does not. */
class RetentionStatusTest {

    private static final Duration HUNG = Duration.ofMinutes(3);

    private static final Duration PERIOD = Duration.ofDays(90);
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final MutableClock clock = new MutableClock(NOON);
    private final InMemoryRecordingRepository repository = new InMemoryRecordingRepository(clock);
    private final FakeRecordingStorage storage = new FakeRecordingStorage();
    private final RetentionSweeper sweeper =
            RetentionSweeper.builder(repository, storage).clock(clock).build();
    private final RetentionOperations operations = RetentionOperations.of(sweeper);
    private final RetentionStatus status = new RetentionStatus(sweeper, operations, repository, clock, List::of);

    private final EvidenceWatch evidence =
            new EvidenceWatch(RetentionEvidence.builder(repository).build(), repository, clock, Duration.ofMinutes(5));

    RetentionStatusTest() {
        put("young", Duration.ofDays(1));
    }

    private void put(String id, Duration age) {
        repository.put(EngineRow.of(id, "key-" + id, clock.instant().minus(age)));
        storage.put("key-" + id);
    }

    private List<String> reasons() {
        assertThat(status.fresh().attention())
                .allSatisfy(each -> assertThat(each.remedy()).isNotBlank());
        return status.fresh().attention().stream().map(Attention::reason).toList();
    }

    @Test
    void nothingNeedsAttentionAtFirst() {
        assertThat(reasons()).isEmpty();
    }

    @Test
    void anEmptyTableDoes() {
        repository.put(repository.row("young").orElseThrow().withDeleted(NOON, "by hand"));
        assertThat(reasons()).containsExactly("the table of recordings has no live row");
    }

    @Test
    void threeDaysAfterTheLastCompletedSweepItDoes() {
        assertThat(sweeper.sweep().end()).isEqualTo(SweepEnd.COMPLETED);
        clock.advance(Duration.ofDays(3));
        assertThat(reasons()).isEmpty();
        clock.advance(Duration.ofSeconds(1));
        assertThat(reasons()).containsExactly("the last completed sweep ended 3 days ago");
        sweeper.sweep();
        assertThat(reasons()).isEmpty();
    }

    @Test
    void threeDaysWithoutAnyCompletedSweepItDoes() {
        clock.advance(Duration.ofDays(3));
        assertThat(reasons()).isEmpty();
        clock.advance(Duration.ofSeconds(1));
        assertThat(reasons())
                .containsExactly(
                        "no sweep has completed in the 3 days since the first run or the start of this instance");
    }

    @Test
    void aRestartHidesNoRunThatNeverCompleted() {
        put("due", PERIOD.plusHours(1));
        storage.answer("key-due", DeletionResult.stop("401"));
        assertThat(sweeper.sweep().end()).isEqualTo(SweepEnd.CREDENTIALS_REFUSED);
        clock.advance(Duration.ofDays(3).plusSeconds(1));
        RetentionStatus restarted = new RetentionStatus(sweeper, operations, repository, clock, List::of);
        assertThat(restarted.fresh().attention())
                .extracting(Attention::reason)
                .contains("no sweep has completed in the 3 days since the first run or the start of this instance");
    }

    @Test
    void aRecordingThatIsDueForMoreThanSevenDaysDoes() {
        put("late", PERIOD.plusDays(7));
        assertThat(reasons()).isEmpty();
        clock.advance(Duration.ofSeconds(1));
        assertThat(reasons()).containsExactly("recording late has been due for 7 days under policy 'default'");
        LegalHolds.of(repository).place("case", List.of("late"), "dpo", "litigation", null);
        assertThat(reasons()).isEmpty();
    }

    @Test
    void aDueRecordingThatCannotBeReadDoes() {
        put("odd", PERIOD.plusDays(1));
        assertThat(reasons()).isEmpty();
        repository.setUnreadable("odd", true);
        repository.setUnreadable("young", true);
        assertThat(reasons())
                .containsExactly("1 of the oldest due recordings are kept, because this instance can't read a value of"
                        + " their row or their ledger entry");
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        new RetentionGauges(sweeper, status).bindTo(meters);
        assertThat(meters.get("retention.unreadable").gauge().value()).isEqualTo(1);
        repository.setUnreadable("odd", false);
        assertThat(reasons()).isEmpty();
    }

    @Test
    void aRefusalThatStandsDoes() {
        sweeper.sweep();
        DatabaseIdentity own = repository.identity();
        repository.setIdentity(new DatabaseIdentity("a clone", false));
        assertThat(sweeper.sweep().end()).isEqualTo(SweepEnd.REFUSED);
        assertThat(reasons())
                .hasSize(2)
                .allSatisfy(reason -> assertThat(reason).contains("a clone"))
                .anySatisfy(reason -> assertThat(reason).contains("a sweep was refused at"))
                .anySatisfy(reason -> assertThat(reason).contains("nothing is deleted since", "(NOT_CONFIRMED)"));
        String plan = operations.plans().get(0).id();
        assertThat(status.current().attention().get(0).remedy()).contains(plan);
        operations.confirm(plan, "ann");
        assertThat(reasons()).isEmpty();
        repository.setIdentity(own);
    }

    @Test
    void whatKeepsASweepFromDeletingDoesWhileItRuns() {
        Instant old = clock.instant().minus(Duration.ofDays(91));
        repository.put(
                EngineRow.of("a", "key-a", old).withAccount("AC-refused"),
                EngineRow.of("b", "key-b", old.plusSeconds(1)).withAccount("AC-fine"));
        List<String> during = new ArrayList<>();
        storage.answer("key-a", DeletionResult.stop("status=401"));
        storage.answer("key-b", recording -> {
            // The accounts are asked at the same time.
            for (long begun = System.nanoTime();
                    during.isEmpty() && System.nanoTime() - begun < HUNG.toNanos();
                    Thread.onSpinWait()) {
                during.addAll(reasons());
            }
            return DeletionResult.deleted("204");
        });

        assertThat(sweeper.sweep().end()).isEqualTo(SweepEnd.CREDENTIALS_REFUSED);

        assertThat(during)
                .singleElement()
                .asString()
                .contains("AC-refused", "status=401")
                .doesNotContain("AC-fine");
    }

    /** An obstacle of the run has ended with it, and the next run may be a day away. */
    @Test
    void aRunThatEndedBadlyDoesUntilALaterOneEndsWell() {
        Instant old = clock.instant().minus(Duration.ofDays(91));
        repository.put(EngineRow.of("a", "key-a", old).withAccount("AC-refused"));
        storage.put("key-a");
        storage.answer("key-a", DeletionResult.stop("status=401"));
        assertThat(sweeper.sweep().end()).isEqualTo(SweepEnd.CREDENTIALS_REFUSED);

        assertThat(status.fresh().attention()).singleElement().satisfies(attention -> {
            assertThat(attention.reason())
                    .startsWith("the last run ended CREDENTIALS_REFUSED at " + clock.instant() + ": ")
                    .contains("AC-refused", "status=401");
            assertThat(attention.remedy()).contains("renew the credentials");
        });

        storage.answer("key-a", DeletionResult.deleted("204"));
        clock.advance(Duration.ofHours(1));
        assertThat(sweeper.sweep().end()).isEqualTo(SweepEnd.COMPLETED);
        assertThat(reasons()).isEmpty();
    }

    @Test
    void aRunThatEndsAsItWasMeantToDoesNot() {
        put("due", PERIOD.plusHours(1));
        operations.pause("ann", "audit");
        assertThat(sweeper.sweep().end()).isEqualTo(SweepEnd.PAUSED);
        assertThat(reasons()).isEmpty();
    }

    @Test
    void aMeterSaysHowMuchAudioTheLatestRunFreed() {
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        new RetentionGauges(sweeper, status).bindTo(meters);
        assertThat(meters.get("retention.freed.audio").timeGauge().value(TimeUnit.SECONDS))
                .isZero();
        put("long", PERIOD.plusHours(1));
        repository.put(repository.row("long").orElseThrow().withDuration(Duration.ofMinutes(90)));
        sweeper.sweep();
        clock.advance(RetentionStatus.MAX_AGE);

        assertThat(meters.get("retention.freed.audio").timeGauge().value(TimeUnit.SECONDS))
                .isEqualTo(5400);
    }

    @Test
    void rowsThatNoSweepCanDeleteDo() {
        repository.put(
                EngineRow.of("young-without-key", null, clock.instant()),
                EngineRow.of("of-a-second-ago", "key", clock.instant().minusSeconds(1)));
        assertThat(reasons()).isEmpty();
        for (int i = 0; i < 12; i++) {
            repository.put(EngineRow.of(
                    "keyless-%02d".formatted(i), null, clock.instant().minus(PERIOD.plusDays(1))));
        }
        repository.put(
                EngineRow.of("undated", "key", null),
                EngineRow.of("zero", "key", Instant.EPOCH),
                EngineRow.of("future", "key", clock.instant().plusSeconds(1)));

        assertThat(reasons())
                .containsExactly(
                        "12 due recordings have no storage key: keyless-00, keyless-01, keyless-02, keyless-03,"
                                + " keyless-04, keyless-05, keyless-06, keyless-07, keyless-08, keyless-09, …",
                        "3 recordings have no creation time, or one in the future or too early, and are kept: future,"
                                + " undated, zero");
        assertThat(new RetentionHealthIndicator(status, false, evidence)
                        .health()
                        .getDetails())
                .containsEntry("undated", new Backlog.Some(3, List.of("future", "undated", "zero")))
                .containsKey("withoutKey")
                .doesNotContainKey("unreadable");
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        new RetentionGauges(sweeper, status).bindTo(meters);
        assertThat(meters.get("retention.keyless").gauge().value()).isEqualTo(12);
        assertThat(meters.get("retention.undated").gauge().value()).isEqualTo(3);
    }

    @Test
    void isReadNoMoreOftenThanEveryFiveMinutes() {
        assertThat(status.current().backlog().due()).isZero();
        put("due", PERIOD.plusDays(1));
        clock.advance(RetentionStatus.MAX_AGE.minusSeconds(1));
        assertThat(status.current().backlog().due()).isZero();
        clock.advance(Duration.ofSeconds(1));
        assertThat(status.current().backlog().due()).isEqualTo(1);
    }

    @Test
    void healthHasAStatusOfItsOwnWithReasonsAndRemedies() {
        RetentionHealthIndicator health = new RetentionHealthIndicator(status, false, evidence);
        assertThat(health.health().getStatus()).isEqualTo(Status.UP);
        clock.advance(Duration.ofDays(4));
        Health bad = health.health();
        assertThat(bad.getStatus()).isEqualTo(new Status("ATTENTION"));
        assertThat(bad.getDetails().get("attention"))
                .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.list(Attention.class))
                .singleElement()
                .satisfies(each -> assertThat(each.remedy()).isNotBlank());
        assertThat(new RetentionHealthIndicator(status, true, evidence).health().getStatus())
                .isEqualTo(Status.DOWN);
    }

    @Test
    void healthHasDurationsThatPeopleRead() {
        put("late", PERIOD.plusHours(76));
        assertThat(new RetentionHealthIndicator(status, false, evidence)
                        .health()
                        .getDetails())
                .containsEntry("overdue", "3 d 4 h")
                .doesNotContainKey("sinceCompletedSweep");
        sweeper.sweep();
        clock.advance(Duration.ofHours(30));
        assertThat(new RetentionHealthIndicator(status, false, evidence)
                        .health()
                        .getDetails())
                .containsEntry("sinceCompletedSweep", "1 d 6 h");
    }

    /** It is no reason for attention: nothing is wrong yet. */
    @Test
    void healthSaysThatAFailoverWillChangeTheIdentityBeforeItDoes() {
        RetentionHealthIndicator health = new RetentionHealthIndicator(status, false, evidence);
        assertThat(health.health().getDetails()).doesNotContainKey("identity");
        repository.setIdentity(new DatabaseIdentity("jdbc:mariadb://db/voice server 1", false, true));
        assertThat(health.health().getStatus()).isEqualTo(Status.UP);
        assertThat(String.valueOf(health.health().getDetails().get("identity"))).contains("retention.identity");
    }

    @Test
    void aDatabaseThatFailsIsNoHealthAndNoNumber() {
        repository.setUnreachable(true);
        RetentionHealthIndicator health = new RetentionHealthIndicator(status, false, evidence);
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        new RetentionGauges(sweeper, status).bindTo(meters);
        assertThat(health.health().getDetails().toString()).contains("the database could not be read");
        assertThat(health.health().getStatus()).isEqualTo(RetentionHealthIndicator.ATTENTION);
        assertThat(meters.get("retention.backlog").gauge().value()).isNaN();
        repository.setUnreachable(false);
        assertThat(health.health().getStatus()).isEqualTo(Status.UP);
        assertThat(meters.get("retention.backlog").gauge().value()).isZero();
    }

    /** Also while what was read from the database is some minutes old. */
    @Test
    void whatKeepsASweepFromGettingOnDoesUntilItIsOver() throws Exception {
        put("due", PERIOD.plusHours(1));
        CountDownLatch asked = new CountDownLatch(1);
        storage.answerLookUp("key-young", recording -> {
            asked.countDown();
            return DeletionResult.tryLater("answered 503", null, true);
        });
        RetentionHealthIndicator health = new RetentionHealthIndicator(status, false, evidence);
        assertThat(health.health().getStatus()).isEqualTo(Status.UP);
        ExecutorService other = Executors.newSingleThreadExecutor();
        try {
            Future<SweepReport> sweep = other.submit(() -> sweeper.sweep());
            assertThat(asked.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            awaitObstacle();

            assertThat(status.current().obstacles())
                    .singleElement()
                    .satisfies(
                            obstacle -> assertThat(obstacle.cause()).asString().contains("answered 503"));
            assertThat(reasons())
                    .singleElement()
                    .asString()
                    .contains("nothing is deleted since " + NOON.toString().substring(0, 10), "answered 503");
            assertThat(health.health().getStatus()).isEqualTo(RetentionHealthIndicator.ATTENTION);
            assertThat(health.health().getDetails().toString()).contains("answered 503");

            sweeper.close();
            assertThat(sweep.get(PATIENCE.toSeconds(), TimeUnit.SECONDS).end()).isEqualTo(SweepEnd.STOPPED);
        } finally {
            other.shutdownNow();
        }
        assertThat(reasons()).isEmpty();
        assertThat(status.current().obstacles()).isEmpty();
        assertThat(health.health().getStatus()).isEqualTo(Status.UP);
    }

    private void awaitObstacle() {
        long patience = System.nanoTime() + PATIENCE.toNanos();
        while (sweeper.obstacles().isEmpty() && System.nanoTime() - patience < 0) {
            Thread.onSpinWait();
        }
    }

    @Test
    void healthShowsHowFarTheEvidenceIsSealedAndSaysWhenThereIsNone() {
        RetentionHealthIndicator health = new RetentionHealthIndicator(status, false, evidence);
        assertThat(health.health().getDetails().get("evidence"))
                .hasToString("{sealed=0, unsealed=0, unanchoredFor=there is no anchor}");
        repository.setEvidence(false);
        assertThat(health.health().getDetails()).containsEntry("evidence", "off");
        assertThat(health.health().getStatus()).isEqualTo(Status.UP);
    }
}
