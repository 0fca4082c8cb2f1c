package dev.retention.internal.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retention.FirstRun;
import dev.retention.HoldAnswer;
import dev.retention.LegalHolds;
import dev.retention.RetentionException;
import dev.retention.RetentionPolicy;
import dev.retention.SweepEnd;
import dev.retention.SweepReport;
import dev.retention.internal.evidence.LostHead;
import dev.retention.internal.policy.Policies;
import dev.retention.internal.recording.Storages;
import dev.retention.internal.run.Admission.Decision;
import dev.retention.internal.safety.Brakes;
import dev.retention.internal.safety.Plans;
import dev.retention.internal.settings.RequestLimits;
import dev.retention.internal.settings.RetrySettings;
import dev.retention.internal.settings.RunLimits;
import dev.retention.internal.settings.SafetySettings;
import dev.retention.internal.settings.SweepSettings;
import dev.retention.internal.settings.TimeSettings;
import dev.retention.internal.support.Ticker;
import dev.retention.internal.telemetry.Telemetry;
import dev.retention.spi.Controls;
import dev.retention.spi.DatabaseIdentity;
import dev.retention.spi.DeletionGate.ClaimRequest;
import dev.retention.spi.SweepRuns.RunRequest;
import dev.retention.spi.SweepRuns.SweepRun;
import dev.retention.test.EngineRow;
import dev.retention.test.FakeRecordingStorage;
import dev.retention.test.InMemoryRecordingRepository;
import dev.retention.test.MutableClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

@DisplayName("Before anything is claimed")
class AdmissionTest {

    private static final Instant NOW = Instant.parse("2026-11-22T03:00:00Z");
    private static final Duration LEASE = Duration.ofMinutes(10);
    private static final Duration FOUR_HOURS = Duration.ofHours(4);
    private static final Duration SKEW = Duration.ofMinutes(5);

    private final MutableClock clock = new MutableClock(NOW);
    private final InMemoryRecordingRepository repository = new InMemoryRecordingRepository(clock);
    private final Policies policies = new Policies(RetentionPolicy.ofDays(90), List.of());
    private final List<LostHead> lost = new ArrayList<>();
    private boolean dryRun;
    private @Nullable Long maxDeletions;

    private Admission admission() {
        return admission(policies);
    }

    private Admission admission(Policies ours) {
        return admission(repository, ours);
    }

    private Admission admission(InMemoryRecordingRepository instance, Policies ours) {
        SweepSettings settings = settings();
        return new Admission(instance, settings, ours, brakes(ours, settings));
    }

    /** At an instance that does not map the attribute of an active hold. */
    private Admission unaware() {
        LegalHolds.of(repository).placeWhere("case-18", "tenant", "acme", "dpo", "litigation");
        return admission(repository.withoutAttribute("tenant"), policies);
    }

    private Brakes brakes(Policies ours, SweepSettings settings) {
        SafetySettings safety = new SafetySettings("", FirstRun.CONFIRM, Duration.ofDays(7), 0.1, 10, null);
        Storages storages = new Storages(List.of(new FakeRecordingStorage()));
        return new Brakes(repository, storages, ours, settings, safety, () -> lost);
    }

    private SweepSettings settings() {
        return new SweepSettings(
                "me",
                dryRun,
                new RequestLimits(10, null, 0, null),
                new RunLimits(500, FOUR_HOURS, maxDeletions, LEASE, Duration.ofSeconds(30)),
                new RetrySettings(10, Duration.ofMinutes(1), Duration.ofHours(24)),
                new TimeSettings(clock, Ticker.SYSTEM, SKEW),
                new Telemetry(List.of(), null));
    }

    /** A run that another instance has opened now. */
    private SweepRun opened(String key) {
        Instant now = clock.instant();
        String latest = repository.runs().latest().map(SweepRun::id).orElse(null);
        return repository
                .runs()
                .joinOrOpenAfter(
                        latest,
                        new RunRequest(
                                key, "other", now, now, now.plus(FOUR_HOURS), Policies.text(policies.at(now)), null))
                .orElseThrow();
    }

    private SweepReport ended(SweepRun run) {
        SweepReport report =
                SweepReport.builder(NOW, NOW, SweepEnd.COMPLETED, "all").build();
        assertThat(repository.runs().end(run.id(), report)).isTrue();
        return report;
    }

    private static Decision.Admitted admitted(Decision decision) {
        assertThat(decision).isInstanceOf(Decision.Admitted.class);
        return (Decision.Admitted) decision;
    }

    private static SweepReport over(Decision decision) {
        assertThat(decision).isInstanceOf(Decision.Over.class);
        return ((Decision.Over) decision).report();
    }

    private int runs() {
        return repository.runs().recent(10).size();
    }

    private void row(String id, Duration age) {
        repository.put(EngineRow.of(id, "key-" + id, clock.instant().minus(age)));
    }

    @Nested
    @DisplayName("a sweep")
    class ASweep {

        @Test
        void opensARunWithItsKeyItsLimitsAndTheEarlierClock() {
            maxDeletions = 7L;
            repository.setDatabaseOffset(Duration.ofSeconds(-3));

            Decision.Admitted admitted = admitted(admission().sweep("key"));

            assertThat(admitted.run())
                    .isEqualTo(repository.runs().open().orElseThrow())
                    .returns("key", SweepRun::key)
                    .returns(NOW.minusSeconds(3), SweepRun::judgedAt)
                    .returns(NOW.minusSeconds(3).plus(FOUR_HOURS), SweepRun::deadline)
                    .returns(7L, SweepRun::maxDeletions);
            assertThat(admitted.criteria().under(null)).isEqualTo(policies.at(NOW.minusSeconds(3)));
            assertThat(admitted.criteria().fingerprint())
                    .isEqualTo(
                            Objects.requireNonNull(repository.controls().all().get(Controls.FINGERPRINT))
                                    .setting());
            assertThat(admitted.databaseNow()).isEqualTo(NOW.minusSeconds(3));
        }

        @Test
        void joinsTheOpenRunAndJudgesAgesAsThatOneDoes() {
            SweepRun open = opened("another");
            clock.advance(Duration.ofHours(1));

            Decision.Admitted admitted = admitted(admission().sweep("key"));

            assertThat(admitted.run().id()).isEqualTo(open.id());
            assertThat(admitted.criteria().under(null)).isEqualTo(policies.at(NOW));
            assertThat(runs()).isEqualTo(1);
        }

        @Test
        void isOverWhenTheRunOfItsKeyHasEnded() {
            SweepReport report = ended(opened("key"));

            assertThat(over(admission().sweep("key"))).isEqualTo(report);
            assertThat(runs()).isEqualTo(1);
            assertThat(admitted(admission().sweep("another")).run().key()).isEqualTo("another");
        }

        @Test
        void endsARunWhoseTimeIsOverAndOpensItsOwn() {
            SweepRun old = opened("another");
            clock.set(old.deadline());

            assertThat(admitted(admission().sweep("key")).run().key()).isEqualTo("key");

            assertThat(repository.runs().find(old.id()).orElseThrow().report())
                    .isNotNull()
                    .returns(SweepEnd.OUT_OF_TIME, SweepReport::end);
        }

        @Test
        void leavesARunAloneWhoseTimeIsNotOver() {
            SweepRun old = opened("another");
            clock.set(old.deadline().minusMillis(1));

            assertThat(admitted(admission().sweep("key")).run().id()).isEqualTo(old.id());
        }

        @Test
        void doesNotBeginWhileTheClocksDisagree() {
            for (Duration offset :
                    List.of(SKEW.plusMillis(1), SKEW.plusMillis(1).negated())) {
                repository.setDatabaseOffset(offset);
                assertThat(over(admission().sweep("key")).end()).isEqualTo(SweepEnd.CLOCKS_DISAGREE);
            }
            assertThat(runs()).isZero();
            repository.setDatabaseOffset(SKEW);
            admitted(admission().sweep("key"));
        }

        @Test
        void doesNotBeginWhereABrakeRefusesIt() {
            repository.setIdentity(new DatabaseIdentity("a server", false));

            SweepReport report = over(admission().sweep("key"));

            assertThat(report.end()).isEqualTo(SweepEnd.REFUSED);
            assertThat(report.message()).contains("never swept before", "confirm plan");
            assertThat(runs()).isZero();
        }

        @Test
        void isNotJudgedByTheShareOfDueRecordingsWhereItJoins() {
            for (int n = 0; n < 20; n++) {
                row("r" + n, Duration.ofDays(100));
            }
            assertThat(over(admission().sweep("key")).message()).contains("can be deleted");
            opened("another");
            admitted(admission().sweep("key"));
        }

        @Test
        void mayClaimNoMoreThanWasConfirmed() {
            for (int n = 0; n < 20; n++) {
                row("r" + n, Duration.ofDays(100));
            }
            over(admission().sweep("key"));
            Plans plans = brakes(policies, settings()).plans();
            assertThat(plans.confirm(plans.waiting().get(0).id(), "ann")).isTrue();
            assertThat(admitted(admission().sweep("key")).run().maxDeletions()).isEqualTo(22);
            ended(repository.runs().open().orElseThrow());
            maxDeletions = 5L;
            assertThat(admitted(admission().sweep("more")).run().maxDeletions()).isEqualTo(5);
        }

        @Test
        void doesNotJoinARunWithOtherPolicies() {
            SweepRun open = opened("another");

            SweepReport report = over(admission(new Policies(RetentionPolicy.ofDays(120), List.of()))
                    .sweep("key"));

            assertThat(report.end()).isEqualTo(SweepEnd.REFUSED);
            assertThat(report.message()).contains(open.id(), "other policies");
            assertThat(runs()).isEqualTo(1);
        }

        @Test
        void opensNoRunWhileItCannotJudgeAHold() {
            SweepReport report = over(unaware().sweep("key"));

            assertThat(report.end()).isEqualTo(SweepEnd.REFUSED);
            assertThat(report.message()).contains("'case-18'", "'tenant'");
            assertThat(runs()).isZero();
            assertThat(admitted(admission().sweep("key")).run().key()).isEqualTo("key");
        }

        @Test
        void endsHoldsThatHaveExpired() {
            row("a", Duration.ofDays(100));
            LegalHolds holds = LegalHolds.of(repository);
            assertThat(holds.place("case", List.of("a"), "dpo", "why", NOW.plusSeconds(1)))
                    .containsValue(HoldAnswer.HELD);
            clock.advance(Duration.ofSeconds(2));
            assertThat(holds.list(0, 1).get(0).releasedAt()).isNull();

            admission().sweep("key");

            assertThat(holds.list(0, 1).get(0).releasedAt()).isNotNull();
        }
    }

    @Nested
    @DisplayName("a recovery")
    class ARecovery {

        @Test
        void beginsAndEndsARunWhoseTimeIsOver() {
            SweepRun old = opened("another");
            clock.set(old.deadline());
            assertThat(admission().recovery()).isPresent();
            assertThat(repository.runs().open()).isEmpty();
        }

        @Test
        void doesNotBeginAndEndsNoRunWhileItCannotJudgeAHold() {
            SweepRun old = opened("another");
            clock.set(old.deadline());
            assertThat(unaware().recovery()).isEmpty();
            assertThat(repository.runs().open()).isPresent();

            assertThat(admission().recovery()).isPresent();
            assertThat(repository.runs().open()).isEmpty();
        }

        @Test
        void endsNoRunInADryRun() {
            dryRun = true;
            SweepRun old = opened("another");
            clock.set(old.deadline());
            assertThat(admission().recovery()).isPresent();
            assertThat(repository.runs().open()).isPresent();
        }

        @Test
        void doesNotBeginWhileTheClocksDisagreeOrTheDatabaseIsAnother() {
            repository.setDatabaseOffset(SKEW.plusMillis(1));
            assertThat(admission().recovery()).isEmpty();
            repository.setDatabaseOffset(Duration.ZERO);
            repository.setIdentity(new DatabaseIdentity("a server", false));
            assertThat(admission().recovery()).isEmpty();
        }

        private boolean continuesIt(Admission admission) {
            return admission.abandonedRun(admission.recovery().orElseThrow()).isPresent();
        }

        @Test
        void continuesARunOnlyOnceItWasQuietForALease() {
            SweepRun run = opened("another");
            clock.set(NOW.plus(LEASE));
            assertThat(continuesIt(admission())).isFalse();
            clock.advance(Duration.ofMillis(1));
            assertThat(continuesIt(admission())).isTrue();
            assertThat(repository.runs().advance(run, "somewhere", clock.instant()))
                    .isTrue();
            assertThat(continuesIt(admission())).as("somebody works on it").isFalse();
        }

        @Test
        void continuesNoRunWithLiveClaimsOrOtherPoliciesOrInADryRun() {
            row("a", Duration.ofDays(100));
            SweepRun run = opened("another");
            clock.advance(LEASE.plusSeconds(1));
            repository
                    .gate()
                    .claim(new ClaimRequest(
                            run.id(),
                            "other",
                            clock.instant().plusSeconds(30),
                            policies.at(NOW),
                            "why",
                            repository.recordings().find(List.of("a"))));
            assertThat(continuesIt(admission())).isFalse();
            clock.advance(Duration.ofSeconds(31));
            dryRun = true;
            assertThat(continuesIt(admission())).isFalse();
            dryRun = false;
            assertThat(continuesIt(admission())).isTrue();
            assertThat(continuesIt(admission(new Policies(RetentionPolicy.ofDays(120), List.of()))))
                    .isFalse();
            assertThat(admission().recovery())
                    .as("others keep for longer since then")
                    .isEmpty();
        }
    }

    @Nested
    @DisplayName("an erasure")
    class AnErasure {

        private void refused(String why) {
            assertThatThrownBy(() -> admission().erasure())
                    .isInstanceOf(RetentionException.class)
                    .hasMessageContaining("nothing is erased")
                    .hasMessageContaining(why);
        }

        @Test
        void beginsUnlessSomethingForbidsIt() {
            assertThat(admission().erasure().judged()).isEqualTo(NOW);
            dryRun = true;
            refused("dry run");
            dryRun = false;
            repository.setDatabaseOffset(SKEW.plusMillis(1));
            refused("clock");
            repository.setDatabaseOffset(Duration.ZERO);
            repository.setPaused(true);
            refused("paused");
            repository.setPaused(false);
            DatabaseIdentity own = repository.identity();
            repository.setIdentity(new DatabaseIdentity("a server", false));
            refused("not those of the last sweep");
            repository.setIdentity(own);
            assertThat(admission().erasure().database()).isEqualTo(NOW);
        }
    }
}
