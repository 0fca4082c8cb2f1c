package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.spi.Controls;
import dev.retention.spi.DatabaseIdentity;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.Recording;
import dev.retention.spi.RecordingStorage;
import dev.retention.test.EngineRow;
import dev.retention.test.FakeRecordingStorage;
import java.time.Duration;
import java.time.Period;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What is refused before anything is sent, and how a person lets it go on. */
class BrakesTest {

    private static final DatabaseIdentity PRODUCTION = new DatabaseIdentity("jdbc:postgresql://prod/voice", false);
    private static final DatabaseIdentity STAGING = new DatabaseIdentity("jdbc:postgresql://staging/voice", false);

    private final World world = new World();

    private RetentionSweeper sweeper(UnaryOperator<RetentionSweeper.Builder> settings) {
        return settings.apply(world.builder(world.storage)).build();
    }

    private static String planOf(RetentionSweeper sweeper) {
        List<SweepPlan> plans = RetentionOperations.of(sweeper).plans();
        assertThat(plans).isNotEmpty();
        return plans.get(plans.size() - 1).id();
    }

    private void assertRefused(SweepReport report, String what) {
        assertThat(report.end()).isEqualTo(SweepEnd.REFUSED);
        assertThat(report.message()).contains(what);
        assertThat(report.checked()).isZero();
        assertThat(world.storage.calls()).isEmpty();
        assertThat(world.repository.runs().latest()).isEmpty();
    }

    private static EngineRow live(int n, Duration age) {
        return EngineRow.of("row-" + n, "key-" + n, World.NOW.minus(age));
    }

    /** So many live rows of which so many are due. */
    private void table(int due, int live) {
        List<EngineRow> rows = new ArrayList<>();
        for (int n = 0; n < live; n++) {
            rows.add(live(n, n < due ? Duration.ofDays(91) : Duration.ofDays(1)));
            world.storage.put("key-" + n);
        }
        world.repository.put(rows);
    }

    @Nested
    class TheFirstSweep {

        @Test
        void ofADatabaseThatOthersReachIsRefusedUntilItsPlanIsConfirmed() {
            world.repository.setIdentity(PRODUCTION);
            world.due("a", "b").young("y");
            RetentionSweeper sweeper = world.sweeper();

            SweepReport refused = sweeper.sweep();

            assertRefused(refused, "never swept before");
            String plan = planOf(sweeper);
            assertThat(refused.message())
                    .contains(plan)
                    .contains("jdbc:postgresql://prod/voice")
                    .contains("storage fake")
                    .contains("policy 'default' governs 3 live recordings, 2 due, the oldest of "
                            + world.row("a").created());
            assertThat(RetentionOperations.of(sweeper).confirm(plan, "ops")).isTrue();
            assertThat(sweeper.sweep().deleted()).isEqualTo(2);
            assertThat(world.isSoftDeleted("y")).isFalse();
        }

        @Test
        void goesOnWhereTheDatabaseIsEmbedded() {
            world.due("a");
            assertThat(world.sweeper().sweep().deleted()).isEqualTo(1);
        }

        @Test
        void goesOnWhereItIsTrusted() {
            world.repository.setIdentity(PRODUCTION);
            world.due("a");
            assertThat(sweeper(builder -> builder.firstRun(FirstRun.TRUST))
                            .sweep()
                            .deleted())
                    .isEqualTo(1);
        }

        @Test
        void namesTheSamePlanUntilItIsConfirmedAndOnAllInstances() throws Exception {
            world.repository.setIdentity(PRODUCTION);
            world.due("a");
            List<Callable<String>> instances = new ArrayList<>();
            CyclicBarrier start = new CyclicBarrier(4);
            for (int i = 0; i < 4; i++) {
                RetentionSweeper sweeper = sweeper(builder -> builder);
                instances.add(() -> {
                    start.await();
                    return sweeper.sweep().message();
                });
            }
            ExecutorService executor = Executors.newFixedThreadPool(4);
            try {
                List<String> messages = new ArrayList<>();
                for (Future<String> message : executor.invokeAll(instances)) {
                    messages.add(message.get());
                }
                String plan = planOf(world.sweeper());
                assertThat(messages).allSatisfy(message -> assertThat(message).contains("confirm plan " + plan));
            } finally {
                executor.shutdownNow();
            }
            assertThat(RetentionOperations.of(world.sweeper()).plans()).hasSize(1);
        }

        @Test
        void sendsNothingByRecoveryOrErasureEither() {
            world.due("a", "b");
            RetentionSweeper before = world.sweeper();
            world.storage.answer("key-a", DeletionResult.tryLater("503", null, false));
            before.sweep();
            int calls = world.storage.calls().size();
            world.repository.setIdentity(STAGING);
            world.clock.advance(Duration.ofHours(1));

            assertThat(world.sweeper().recover()).isZero();
            org.assertj.core.api.Assertions.assertThatThrownBy(
                            () -> RetentionOperations.of(world.sweeper()).erase(List.of("a"), "dpo", "request"))
                    .isInstanceOf(RetentionException.class)
                    .hasMessageContaining("not those of the last sweep");
            assertThat(world.storage.calls()).hasSize(calls);
        }
    }

    @Test
    void aPlanShowsWhatIsConfirmedWithIt() {
        world.repository.setIdentity(PRODUCTION);
        sweeper(builder -> builder.firstRun(FirstRun.TRUST).environment("production"))
                .sweep();
        world.due("a", "b");
        world.repository.put(world.row("b").withAttribute("queue", "support"));

        RetentionSweeper changed = sweeper(builder -> builder.environment("production")
                .policy(RetentionPolicy.ofDays(30))
                .furtherPolicy(RetentionPolicy.of(Period.ofYears(1), ZoneOffset.UTC)
                        .named("support")
                        .matching("queue", "support")));
        assertThat(changed.sweep().end()).isEqualTo(SweepEnd.REFUSED);

        assertThat(RetentionOperations.of(changed).plans()).singleElement().satisfies(plan -> {
            assertThat(plan.target().database()).isEqualTo(PRODUCTION.text());
            assertThat(plan.target().storages()).containsExactly(world.storage.target());
            assertThat(plan.target().environment()).isEqualTo("production");
            assertThat(plan.target().changes())
                    .containsExactly(
                            "policy 'default' was 'kept for 90 d' and is 'kept for 30 d'",
                            "policy 'support' was not there and is 'kept for 365 d to 366 d for {queue=support}'");
            assertThat(plan.why()).contains(plan.target().changes());
            assertThat(plan.policies())
                    .containsExactly(
                            new SweepPlan.Policy("support", "365 d", Map.of("queue", "support"), 1, 0, null),
                            new SweepPlan.Policy(
                                    "default",
                                    "30 d",
                                    Map.of(),
                                    1,
                                    1,
                                    world.row("a").created()));
        });
    }

    @Test
    void aPlanBeforeTheFirstSweepDiffersFromNothing() {
        world.repository.setIdentity(PRODUCTION);
        world.due("a");
        RetentionSweeper first = world.sweeper();
        assertThat(first.sweep().end()).isEqualTo(SweepEnd.REFUSED);
        assertThat(RetentionOperations.of(first).plans())
                .singleElement()
                .satisfies(plan -> assertThat(plan.target().changes()).isEmpty());
    }

    /** What is the same is no news: a person looks for what is not. */
    @Test
    void anotherIdentityIsShownByWhatDiffers() {
        world.repository.setIdentity(PRODUCTION);
        sweeper(builder -> builder.firstRun(FirstRun.TRUST).environment("production"))
                .sweep();

        SweepReport report = sweeper(builder -> builder.environment("staging")).sweep();

        assertThat(report.message())
                .contains("not those of the last sweep: environment was 'production' and is 'staging'. A deletion");
    }

    @Nested
    class AnotherIdentity {

        private void sweptBefore() {
            world.repository.setIdentity(PRODUCTION);
            sweeper(builder -> builder.firstRun(FirstRun.TRUST).environment("production"))
                    .sweep();
            assertThat(world.repository.runs().latest()).isPresent();
            world.due("a");
        }

        private void assertNothingGoesOut(RetentionSweeper sweeper, String what) {
            SweepReport report = sweeper.sweep();
            assertThat(report.end()).isEqualTo(SweepEnd.REFUSED);
            assertThat(report.message()).contains(what);
            assertThat(world.storage.calls()).isEmpty();
            assertThat(world.state("a")).isNull();
        }

        @Test
        void ofTheDatabaseIsRefusedAlsoWhereFirstSweepsAreTrusted() {
            sweptBefore();
            world.repository.setIdentity(STAGING);
            assertNothingGoesOut(
                    sweeper(builder -> builder.firstRun(FirstRun.TRUST).environment("production")),
                    "jdbc:postgresql://staging/voice");
            assertNothingGoesOut(sweeper(builder -> builder.environment("production")), "set retention.identity");
        }

        @Test
        void ofTheEnvironmentIsRefused() {
            sweptBefore();
            RetentionSweeper staging = sweeper(builder -> builder.environment("staging"));
            assertNothingGoesOut(staging, "environment 'staging'");
            assertThat(staging.sweep().message()).as("the database is the same").doesNotContain("retention.identity");
        }

        @Test
        void ofTheStorageIsRefused() {
            sweptBefore();
            RetentionSweeper sweeper = RetentionSweeper.builder(
                            world.repository, world.storage, new FakeRecordingStorage("other"))
                    .clock(world.clock)
                    .ticker(world.ticker())
                    .environment("production")
                    .build();
            assertNothingGoesOut(sweeper, "storage other");
        }

        @Test
        void ofWhatTheStorageDeletesFromIsRefused() {
            world.repository.setIdentity(PRODUCTION);
            world.builder(deletingFrom("account one"))
                    .firstRun(FirstRun.TRUST)
                    .build()
                    .sweep();
            world.due("a");

            assertNothingGoesOut(world.builder(deletingFrom("account two")).build(), "account two");
            assertThat(world.builder(deletingFrom("account one"))
                            .build()
                            .sweep()
                            .deleted())
                    .isEqualTo(1);
        }

        private RecordingStorage deletingFrom(String target) {
            return new RecordingStorage() {
                @Override
                public String name() {
                    return "fake";
                }

                @Override
                public String target() {
                    return target;
                }

                @Override
                public DeletionResult delete(Recording recording) {
                    return world.storage.delete(recording);
                }
            };
        }

        @Test
        void isTheSameAgainWithoutAnyConfirmation() {
            sweptBefore();
            world.repository.setIdentity(STAGING);
            sweeper(builder -> builder.environment("production")).sweep();
            world.repository.setIdentity(PRODUCTION);

            assertThat(sweeper(builder -> builder.environment("production"))
                            .sweep()
                            .deleted())
                    .isEqualTo(1);
        }
    }

    @Nested
    class OtherPolicies {

        private SweepReport sweep(RetentionPolicy... policies) {
            return sweeper(builder -> {
                        builder.policy(policies[0]);
                        for (int i = 1; i < policies.length; i++) {
                            builder.furtherPolicy(policies[i]);
                        }
                        return builder;
                    })
                    .sweep();
        }

        private void assertRefusedAfter(SweepReport report) {
            assertThat(report.end()).isEqualTo(SweepEnd.REFUSED);
            assertThat(report.message()).contains("keep recordings for less time");
        }

        @Test
        void thatKeepForLessTimeAreRefused() {
            sweep(RetentionPolicy.ofDays(90));
            world.young("young");
            assertRefusedAfter(sweep(RetentionPolicy.ofDays(30)));
            assertThat(world.storage.calls()).isEmpty();
        }

        @Test
        void thatKeepLongerAreTakenAndGoingBackIsRefused() {
            sweep(RetentionPolicy.ofDays(90));
            assertThat(sweep(RetentionPolicy.ofDays(365)).end()).isEqualTo(SweepEnd.COMPLETED);
            assertRefusedAfter(sweep(RetentionPolicy.ofDays(90)));
        }

        @Test
        void thatKeepSomeForLessTimeAreRefused() {
            RetentionPolicy tenant = RetentionPolicy.ofDays(400).named("tenant").matching("tenant", "acme");
            sweep(RetentionPolicy.ofDays(90), tenant);
            assertRefusedAfter(sweep(RetentionPolicy.ofDays(90)));
        }

        @Test
        void thatKeepSomeLongerAreTaken() {
            sweep(RetentionPolicy.ofDays(90));
            RetentionPolicy tenant = RetentionPolicy.ofDays(400).named("tenant").matching("tenant", "acme");
            assertThat(sweep(RetentionPolicy.ofDays(90), tenant).end()).isEqualTo(SweepEnd.COMPLETED);
        }

        @Test
        void areComparedByWhatTheyMatchWhateverItIsCalled() {
            RetentionPolicy odd = RetentionPolicy.ofDays(400)
                    .named("odd")
                    .matching("ten&ant", "a=b & c%20d")
                    .matching("queue", "ü+");
            sweep(RetentionPolicy.ofDays(90), odd);
            assertThat(sweep(RetentionPolicy.ofDays(100), odd).end()).isEqualTo(SweepEnd.COMPLETED);
            RetentionPolicy less = RetentionPolicy.ofDays(399)
                    .named("odd")
                    .matching("ten&ant", "a=b & c%20d")
                    .matching("queue", "ü+");
            assertRefusedAfter(sweep(RetentionPolicy.ofDays(100), less));
        }

        /** Nobody can say then whether some recording would be deleted earlier. */
        @Test
        void thatAreTooManyToCompareAreRefusedWhereTheyDiffer() {
            List<RetentionPolicy> many = new ArrayList<>(List.of(RetentionPolicy.ofDays(90)));
            for (int attribute = 0; attribute < 6; attribute++) {
                for (int value = 0; value < 10; value++) {
                    many.add(RetentionPolicy.ofDays(400)
                            .named("policy-" + attribute + "-" + value)
                            .matching("attribute-" + attribute, "value-" + value));
                }
            }
            RetentionPolicy[] policies = many.toArray(RetentionPolicy[]::new);
            sweep(policies);
            assertThat(sweep(policies).end()).isEqualTo(SweepEnd.COMPLETED);
            policies[0] = RetentionPolicy.ofDays(100);
            assertRefusedAfter(sweep(policies));
        }

        /** A further policy governs instead of the default one, also where it keeps for less time. */
        @Test
        void thatTakeSomeOutOfALongerDefaultAreRefused() {
            sweep(RetentionPolicy.ofDays(90));
            RetentionPolicy tenant = RetentionPolicy.ofDays(30).named("tenant").matching("tenant", "acme");
            assertRefusedAfter(sweep(RetentionPolicy.ofDays(90), tenant));
        }

        @Test
        void areComparedByTheCalendarToo() {
            sweep(RetentionPolicy.of(java.time.Period.ofYears(1), java.time.ZoneOffset.UTC));
            assertRefusedAfter(sweep(RetentionPolicy.ofDays(365)));
        }

        @Test
        void thatKeepForEverNoMoreAreRefused() {
            sweep(RetentionPolicy.keep());
            assertRefusedAfter(sweep(RetentionPolicy.ofDays(7_000)));
        }

        @Test
        void areTakenOnceTheirPlanIsConfirmed() {
            sweep(RetentionPolicy.ofDays(90));
            RetentionSweeper shorter = sweeper(builder -> builder.policy(RetentionPolicy.ofDays(30)));
            shorter.sweep();
            String plan = planOf(shorter);
            assertRefusedAfter(sweep(RetentionPolicy.ofDays(20)));
            assertThat(RetentionOperations.of(shorter).confirm(plan, "ops")).isTrue();

            assertThat(shorter.sweep().end()).isEqualTo(SweepEnd.COMPLETED);
            assertRefusedAfter(sweep(RetentionPolicy.ofDays(20)));
        }
    }

    @Nested
    class TooManyDue {

        @Test
        void areRefusedAndSaySo() {
            table(1_001, 5_000);
            SweepReport report = world.sweeper().sweep();
            assertRefused(report, "of 5000 live recordings of policy 'default' 1001 can be deleted, which is 20.0 %");
            assertThat(report.message()).contains("allowed are 10.0 %").contains("up to 1102");
        }

        @Test
        void areNotLookedAtBelowTheFloor() {
            table(1_000, 1_500);
            assertThat(world.sweeper().sweep().deleted()).isEqualTo(1_000);
        }

        @Test
        void areNotRefusedWithinTheirShare() {
            table(1_050, 10_500);
            assertThat(world.sweeper().sweep().deleted()).isEqualTo(1_050);
        }

        @Test
        void areJudgedForEachPolicy() {
            table(0, 12_000);
            List<EngineRow> queue = new ArrayList<>();
            for (int n = 0; n < 1_200; n++) {
                queue.add(live(100_000 + n, Duration.ofDays(40)).withAttribute("queue", "short"));
            }
            world.repository.put(queue);
            SweepReport report = sweeper(builder -> builder.furtherPolicy(
                            RetentionPolicy.ofDays(30).named("short").matching("queue", "short")))
                    .sweep();
            assertRefused(report, "of 1200 live recordings of policy 'short' 1200 can be deleted");
        }

        @Test
        void ofManyPoliciesAreNotAllNamed() {
            List<EngineRow> rows = new ArrayList<>();
            for (int n = 0; n < 30; n++) {
                rows.add(live(n, Duration.ofDays(40)).withAttribute("queue", "queue-" + n));
            }
            world.repository.put(rows);
            SweepReport report = sweeper(builder -> {
                        for (int n = 0; n < 30; n++) {
                            builder.furtherPolicy(RetentionPolicy.ofDays(30)
                                    .named("policy-" + n)
                                    .matching("queue", "queue-" + n));
                        }
                        return builder.maxShareFloor(0);
                    })
                    .sweep();
            assertRefused(report, "of 10 further policies more can be deleted than is allowed");
            assertThat(report.message())
                    .contains("of 1 live recordings of policy 'policy-19'")
                    .doesNotContain("of policy 'policy-20'")
                    .contains("11 further policies govern 10 live recordings, 10 due");
        }

        @Test
        void doNotCountThoseThatAreHeld() {
            table(1_500, 5_000);
            List<String> held = new ArrayList<>();
            for (int n = 0; n < 1_100; n++) {
                held.add("row-" + n);
            }
            world.holds.place("case", held, "dpo", "dispute", null);

            SweepReport report = world.sweeper().sweep();

            assertThat(report.end()).isEqualTo(SweepEnd.COMPLETED);
            assertThat(report.deleted()).isEqualTo(400);
            assertThat(report.held()).isEqualTo(1_100);
        }

        @Test
        void areUsualWhenNoSweepRanForAWhile() {
            table(0, 5_000);
            world.sweeper().sweep();
            // Nine days of ninety: three times their tenth is allowed.
            world.clock.advance(Duration.ofDays(9));
            for (int n = 0; n < 1_250; n++) {
                world.repository.put(live(n, Duration.ofDays(85)));
                world.storage.put("key-" + n);
            }

            assertThat(world.sweeper().sweep().deleted()).isEqualTo(1_250);
        }

        @Test
        void areNeverUsualAboveAHalf() {
            table(0, 3_000);
            world.sweeper().sweep();
            world.clock.advance(Duration.ofDays(60));
            for (int n = 0; n < 1_600; n++) {
                world.repository.put(live(n, Duration.ofDays(85)));
            }

            SweepReport report = world.sweeper().sweep();
            assertThat(report.end()).isEqualTo(SweepEnd.REFUSED);
            assertThat(report.message()).contains("allowed are 50.0 %");
        }

        @Test
        void mayBeAllowedByTheShareAlone() {
            table(1_500, 2_000);
            assertThat(sweeper(builder -> builder.maxShare(0.8)).sweep().deleted())
                    .isEqualTo(1_500);
        }

        @Test
        void areDeletedUpToTheCeilingOfTheConfirmationOverSeveralRuns() {
            table(2_000, 4_000);
            RetentionSweeper night = sweeper(builder -> builder.maxDeletions(900L));
            night.sweep();
            assertThat(RetentionOperations.of(night).confirm(planOf(night), "ops"))
                    .isTrue();

            assertThat(night.sweep().deleted()).isEqualTo(900);
            // What came of age meanwhile is no part of what was confirmed.
            List<EngineRow> more = new ArrayList<>();
            for (int n = 10_000; n < 11_500; n++) {
                more.add(live(n, Duration.ofDays(91)));
                world.storage.put("key-" + n);
            }
            world.repository.put(more);
            assertThat(night.sweep().deleted()).isEqualTo(900);
            assertThat(night.sweep().deleted()).isEqualTo(400);
            assertThat(world.storage.deletes()).hasSize(2_200);

            SweepReport drained = night.sweep();
            assertThat(drained.end()).isEqualTo(SweepEnd.REFUSED);
            assertThat(drained.message()).contains("can be deleted");
        }

        @Test
        void areDeletedForFourteenDaysAfterAConfirmation() {
            table(2_000, 4_000);
            RetentionSweeper night = sweeper(builder -> builder.maxDeletions(100L));
            night.sweep();
            RetentionOperations.of(night).confirm(planOf(night), "ops");
            world.clock.advance(Duration.ofDays(14).minusHours(1));
            assertThat(night.sweep().deleted()).isEqualTo(100);

            world.clock.advance(Duration.ofHours(1));
            assertThat(night.sweep().end()).isEqualTo(SweepEnd.REFUSED);
        }

        @Test
        void doNotCapWhatIsUsualAgainAfterAConfirmation() {
            world.repository.setIdentity(PRODUCTION);
            world.due("a");
            RetentionSweeper sweeper = world.sweeper();
            sweeper.sweep();
            RetentionOperations.of(sweeper).confirm(planOf(sweeper), "ops");
            world.due(20);

            assertThat(sweeper.sweep().deleted()).isEqualTo(21);
        }

        @Test
        void aRunThatIsUnderWayIsJoinedWithoutBeingJudgedAgain() {
            table(100, 1_200);
            RetentionSweeper first = world.sweeper();
            Thread sweeping = Thread.currentThread();
            world.storage.answer("key-50", recording -> {
                sweeping.interrupt();
                return DeletionResult.deleted("yes");
            });
            SweepReport left = first.sweep();
            assertThat(Thread.interrupted()).isTrue();
            assertThat(left.end()).isEqualTo(SweepEnd.STOPPED);
            for (int n = 5_000; n < 7_000; n++) {
                world.repository.put(live(n, Duration.ofDays(91)));
                world.storage.put("key-" + n);
            }

            assertThat(world.sweeper().sweep().deleted()).isEqualTo(2_100);
            world.clock.advance(Duration.ofDays(1));
            for (int n = 10_000; n < 12_000; n++) {
                world.repository.put(live(n, Duration.ofDays(92)));
            }
            assertThat(world.sweeper().sweep().end()).isEqualTo(SweepEnd.REFUSED);
        }
    }

    @Nested
    class Confirmation {

        private RetentionSweeper refused() {
            world.repository.setIdentity(PRODUCTION);
            world.due("a");
            RetentionSweeper sweeper = world.sweeper();
            assertThat(sweeper.sweep().end()).isEqualTo(SweepEnd.REFUSED);
            return sweeper;
        }

        @Test
        void countsOnce() {
            RetentionSweeper sweeper = refused();
            String plan = planOf(sweeper);
            RetentionOperations operations = RetentionOperations.of(sweeper);

            assertThat(operations.confirm(plan, "ops")).isTrue();
            assertThat(operations.confirm(plan, "ops")).isFalse();
            assertThat(operations.plans()).isEmpty();
        }

        @Test
        void ofAnUnknownPlanChangesNothing() {
            RetentionSweeper sweeper = refused();
            var before = world.repository.controls().all();
            assertThat(RetentionOperations.of(sweeper).confirm("nonsense", "ops"))
                    .isFalse();
            assertThat(world.repository.controls().all()).isEqualTo(before);
            assertThat(sweeper.sweep().end()).isEqualTo(SweepEnd.REFUSED);
        }

        @Test
        void bySettingIsTakenByTheNextSweepAndIgnoredFromThenOn() {
            String plan = planOf(refused());
            RetentionSweeper configured = sweeper(builder -> builder.confirm(plan));

            assertThat(configured.sweep().deleted()).isEqualTo(1);
            world.repository.setIdentity(STAGING);
            world.due("b");
            assertThat(configured.sweep().end()).isEqualTo(SweepEnd.REFUSED);
            assertThat(world.isSoftDeleted("b")).isFalse();
        }

        @Test
        void byTheStatementIsTakenByTheNextSweep() {
            RetentionSweeper sweeper = refused();
            setByHand("confirm", planOf(sweeper));

            assertThat(sweeper.sweep().deleted()).isEqualTo(1);
            assertThat(world.repository.controls().all()).doesNotContainKey("confirm");
        }

        @Test
        void byTheStatementOfAnUnknownPlanIsThrownAway() {
            RetentionSweeper sweeper = refused();
            setByHand("confirm", "nonsense");

            assertThat(sweeper.sweep().end()).isEqualTo(SweepEnd.REFUSED);
            assertThat(world.repository.controls().all()).doesNotContainKey("confirm");
        }

        @Test
        void isWrittenDownWithThePerson() {
            RetentionSweeper sweeper = refused();
            RetentionOperations.of(sweeper).confirm(planOf(sweeper), "the operator");

            assertThat(world.repository.controls().all().get("confirmed"))
                    .extracting(Controls.Control::by)
                    .isEqualTo("the operator");
        }

        private void setByHand(String name, String setting) {
            world.repository
                    .controls()
                    .change(
                            List.of(new Controls.Change(name, null, setting)),
                            new LedgerEvent(World.NOW, "BY_HAND", null, null, null, null));
        }
    }

    @Test
    void aPreviewSaysWhatASweepWouldBeRefusedForAndDrawsNoPlan() {
        world.repository.setIdentity(PRODUCTION);
        world.due("a");
        RetentionSweeper sweeper = world.sweeper();

        SweepReport preview = sweeper.preview();

        assertThat(preview.deleted()).isEqualTo(1);
        assertThat(preview.message()).contains("would be refused").contains("never swept before");
        assertThat(RetentionOperations.of(sweeper).plans()).isEmpty();
    }

    @Test
    void aDatabaseThatWasConfirmedIsSweptNightAfterNight() {
        world.repository.setIdentity(PRODUCTION);
        RetentionSweeper sweeper = world.sweeper();
        sweeper.sweep();
        RetentionOperations.of(sweeper).confirm(planOf(sweeper), "ops");
        for (int night = 0; night < 20; night++) {
            world.repository.put(EngineRow.of(
                    "n" + night, "key-n" + night, world.clock.instant().minus(Duration.ofDays(91))));
            world.storage.put("key-n" + night);
            assertThat(sweeper.sweep().deleted()).isEqualTo(1);
            world.clock.advance(Duration.ofDays(1));
        }
    }

    @Nested
    class WhatIsUsual {

        private final RetentionSweeper careful = sweeper(builder -> builder.maxShareFloor(0));

        private SweepReport aWeekLaterWithDue(int due) {
            table(0, 100);
            assertThat(careful.sweep().end()).isEqualTo(SweepEnd.COMPLETED);
            world.clock.advance(Duration.ofDays(7));
            for (int n = 0; n < due; n++) {
                world.repository.put(EngineRow.of(
                        "row-" + n, "key-" + n, world.clock.instant().minus(Duration.ofDays(91))));
            }
            return careful.sweep();
        }

        /** Three times seven of ninety days are 23 percent. */
        @Test
        void isThreeTimesWhatCameOfAgeSinceTheLastSweep() {
            assertThat(aWeekLaterWithDue(23).deleted()).isEqualTo(23);
        }

        @Test
        void isNotMoreThanThat() {
            assertThat(aWeekLaterWithDue(24).message()).contains("24 can be deleted");
        }

        private SweepReport withDueAndFlagged(int due, int flagged) {
            table(due, 100);
            for (int n = 0; n < flagged; n++) {
                world.repository.put(world.row("row-" + n).withFlaggedHeld(true));
            }
            return careful.sweep();
        }

        @Test
        void countsNothingThatAFlagHolds() {
            assertThat(withDueAndFlagged(18, 8).deleted()).isEqualTo(10);
        }

        @Test
        void countsAllThatNoFlagHolds() {
            assertThat(withDueAndFlagged(18, 7).end()).isEqualTo(SweepEnd.REFUSED);
        }

        @Test
        void anErasureOfADatabaseThatWasNeverSweptIsRefused() {
            world.due("a").young("y");
            world.repository.setIdentity(PRODUCTION);
            org.assertj.core.api.Assertions.assertThatThrownBy(
                            () -> RetentionOperations.of(careful).erase(List.of("a"), "dpo", "gdpr"))
                    .isInstanceOf(RetentionException.class)
                    .hasMessageContaining("never swept before");
            assertThat(world.storage.calls()).isEmpty();
        }
    }

    @Nested
    class APlan {

        private final RetentionSweeper careful = sweeper(builder -> builder.maxShareFloor(0));

        private List<SweepPlan> plans() {
            return RetentionOperations.of(careful).plans();
        }

        @Test
        void lapsesWhenASweepIsNoLongerRefused() {
            table(5, 20);
            assertRefused(careful.sweep(), "can be deleted");
            String lapsed = planOf(careful);
            assertThat(careful.sweep().message()).contains(lapsed);
            world.holds.place("case", List.of("row-0", "row-1", "row-2", "row-3"), "dpo", "litigation", null);

            assertThat(careful.sweep().deleted()).isEqualTo(1);

            assertThat(plans()).isEmpty();
            assertThat(RetentionOperations.of(careful).confirm(lapsed, "ops")).isFalse();
        }

        @Test
        void lapsesTooWhenThePoliciesWereMendedInPlaceOfIt() {
            table(2, 20);
            careful.sweep();
            RetentionSweeper shorter = sweeper(builder -> builder.policy(RetentionPolicy.ofDays(30)));
            assertThat(shorter.sweep().end()).isEqualTo(SweepEnd.REFUSED);
            assertThat(plans()).hasSize(1);
            careful.sweep();
            assertThat(plans()).isEmpty();
        }

        @Test
        void ofAnotherDatabaseStandsUntilItsTimeIsOver() {
            world.due("a").young("y");
            RetentionSweeper usual = world.sweeper();
            usual.sweep();
            DatabaseIdentity own = world.repository.identity();
            world.repository.setIdentity(STAGING);
            assertThat(usual.sweep().end()).isEqualTo(SweepEnd.REFUSED);
            world.repository.setIdentity(own);
            world.clock.advance(Duration.ofDays(14).minusSeconds(1));
            usual.sweep();
            assertThat(plans()).hasSize(1);
            world.clock.advance(Duration.ofSeconds(1));
            usual.sweep();
            assertThat(plans()).isEmpty();
        }
    }
}
