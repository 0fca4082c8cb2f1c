package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retention.internal.policy.Policies;
import dev.retention.spi.DeletionGate.ClaimRequest;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.RecordingMapping;
import dev.retention.spi.RecordingMapping.Part;
import dev.retention.spi.SweepRuns.RunRequest;
import dev.retention.spi.SweepRuns.SweepRun;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * Nothing is deleted with policies, a mapping or an identity that nobody has confirmed: not by a sweep, and by no other
 * way.
 */
class ConfirmedTermsTest {

    private static final RetentionPolicy YEAR = RetentionPolicy.ofDays(365);
    private static final RetentionPolicy QUARTER = RetentionPolicy.ofDays(90);

    private final World world = new World();
    private final RetentionSweeper year = sweeper(YEAR);

    private RetentionSweeper sweeper(RetentionPolicy policy) {
        return world.builder(world.storage).policy(policy).maxConcurrency(1).build();
    }

    /** Recordings that are due under both policies. */
    private void old(int count) {
        for (int n = 0; n < count; n++) {
            world.repository.put(
                    dev.retention.test.EngineRow.of("old-" + n, "key-old-" + n, World.NOW.minus(Duration.ofDays(400))));
            world.storage.put("key-old-" + n);
        }
        world.young("young");
    }

    /** A run that was judged by this policy and then left, with these recordings in flight. */
    private SweepRun leftBehind(RetentionPolicy policy, String... claimed) {
        Instant now = world.clock.instant();
        Policies policies = new Policies(policy, List.of());
        String latest = world.repository.runs().latest().map(SweepRun::id).orElse(null);
        String text = Policies.text(policies.at(now));
        SweepRun run = world.repository
                .runs()
                .joinOrOpenAfter(
                        latest, new RunRequest("left", "dead", now, now, now.plus(Duration.ofHours(4)), text, null))
                .orElseThrow();
        String confirmed = fingerprint();
        assertThat(world.repository
                        .gate()
                        .claim(new ClaimRequest(
                                run.id(),
                                "dead",
                                now.plus(Duration.ofMinutes(10)),
                                policies.at(now).under(confirmed),
                                "retention_policy",
                                world.repository.recordings().find(List.of(claimed))))
                        .claims())
                .hasSize(claimed.length);
        world.clock.advance(Duration.ofMinutes(11));
        return run;
    }

    private @Nullable String fingerprint() {
        var control = world.repository.controls().all().get("fingerprint");
        return control == null ? null : control.setting();
    }

    private static List<String> obstacles(RetentionSweeper sweeper) {
        return sweeper.obstacles().stream()
                .map(obstacle -> obstacle.cause().code())
                .toList();
    }

    private void assertNothingDeleted() {
        assertThat(world.storage.deletes()).isEmpty();
        assertThat(world.repository.rows()).allMatch(row -> row.deleted() == null);
    }

    @Nested
    class ShorterPolicies {

        private final RetentionSweeper quarter = sweeper(QUARTER);

        @Test
        void continueNothingThatIsInFlight() {
            year.sweep();
            old(3);
            leftBehind(YEAR, "old-0", "old-1", "old-2");

            assertThat(quarter.recover()).isZero();

            assertNothingDeleted();
            year.recover();
            assertThat(world.storage.deletes()).hasSize(3);
        }

        @Test
        void continueNoRunThatIsLeft() {
            year.sweep();
            world.due(30);
            SweepRun left = leftBehind(QUARTER);

            quarter.recover();

            assertNothingDeleted();
            assertThat(world.repository.runs().find(left.id()).orElseThrow().report())
                    .isNull();
        }

        @Test
        void continueARunThatIsLeftOnceTheyAreConfirmed() {
            year.sweep();
            world.due(30);
            confirm(quarter);
            leftBehind(QUARTER);

            quarter.recover();

            assertThat(world.storage.deletes()).hasSize(30);
        }

        @Test
        void eraseNothing() {
            year.sweep();
            world.young("a");

            assertThatThrownBy(() -> RetentionOperations.of(quarter).erase(List.of("a"), "dpo", "request"))
                    .isInstanceOf(RetentionException.class)
                    .hasMessageContaining("nothing is erased")
                    .hasMessageContaining("for less time");

            assertNothingDeleted();
            assertThat(RetentionOperations.of(year).erase(List.of("a"), "dpo", "request"))
                    .containsEntry("a", EraseAnswer.ERASED);
        }

        @Test
        void areListedAsAnObstacleUntilTheyAreConfirmed() {
            year.sweep();
            assertThat(quarter.obstacles()).isEmpty();
            Instant now = world.clock.instant();

            quarter.recover();

            assertThat(obstacles(quarter)).containsExactly("NOT_CONFIRMED");
            assertThat(quarter.obstacles().get(0).cause().detail()).contains("for less time", "start a sweep");
            assertThat(quarter.obstacles().get(0).since()).isEqualTo(now);
            assertThat(year.obstacles()).isEmpty();
            confirm(quarter);
            assertThat(quarter.obstacles()).isEmpty();
            year.recover();
            assertThat(quarter.obstacles()).as("as of its last judgement").isEmpty();
            quarter.recover();
            assertThat(obstacles(quarter))
                    .as("others keep for longer since then")
                    .containsExactly("NOT_CONFIRMED");
        }
    }

    private void confirm(RetentionSweeper sweeper) {
        assertThat(sweeper.sweep().end()).isEqualTo(SweepEnd.REFUSED);
        RetentionOperations operations = RetentionOperations.of(sweeper);
        List<SweepPlan> plans = operations.plans();
        assertThat(operations.confirm(plans.get(plans.size() - 1).id(), "ops")).isTrue();
    }

    @Nested
    class LongerPolicies {

        private final RetentionSweeper quarter = sweeper(QUARTER);

        /** The instances of a deployment meet. */
        private void meanwhile(String key, Runnable deployment) {
            world.storage.answer(key, recording -> {
                deployment.run();
                return DeletionResult.deleted("yes");
            });
        }

        @Test
        void stopAnInstanceThatIsSweepingWithShorterOnes() {
            world.due(100).young("y");
            meanwhile("key-due-0000", year::recover);

            SweepReport report = quarter.sweep();

            assertThat(report.end()).isEqualTo(SweepEnd.REFUSED);
            assertThat(report.message()).contains("for less time", "confirm plan");
            assertThat(world.storage.deletes()).hasSizeLessThan(10);
            assertThat(world.repository.rows().stream().filter(row -> row.deleted() != null))
                    .hasSameSizeAs(world.storage.deletes());
            assertThat(obstacles(quarter)).containsExactly("NOT_CONFIRMED");
        }

        @Test
        void stopAnInstanceThatIsRecoveringWithShorterOnes() {
            quarter.sweep();
            world.due(100).young("y");
            String[] ids = new String[100];
            for (int n = 0; n < ids.length; n++) {
                ids[n] = "due-%04d".formatted(n);
            }
            SweepRun left = leftBehind(QUARTER, ids);
            world.repository
                    .runs()
                    .end(
                            left.id(),
                            SweepReport.builder(World.NOW, World.NOW, SweepEnd.STOPPED, "left")
                                    .build());
            meanwhile("key-due-0000", () -> {
                world.clock.advance(Duration.ofSeconds(3));
                year.recover();
            });

            quarter.recover();

            assertThat(world.storage.deletes()).hasSizeLessThan(60);
            assertThat(obstacles(quarter)).containsExactly("NOT_CONFIRMED");
        }

        /** In a deployment one night may be lost, and each instance says so; but not the next. */
        @Test
        void deleteInTheNextNightWhatTheStoppedInstanceLeft() {
            old(30);
            meanwhile("key-old-0", year::recover);
            assertThat(quarter.sweep().end()).isEqualTo(SweepEnd.REFUSED);
            SweepReport refused = year.sweep();
            assertThat(refused.end()).isEqualTo(SweepEnd.REFUSED);
            assertThat(refused.message()).contains("open with other policies");
            int before = world.storage.deletes().size();
            assertThat(before).isLessThan(10);

            world.clock.advance(Duration.ofHours(24));

            assertThat(quarter.sweep().end()).isEqualTo(SweepEnd.REFUSED);
            assertThat(world.storage.deletes()).hasSize(before);
            SweepReport night = year.sweep();
            assertThat(night.end()).isEqualTo(SweepEnd.COMPLETED);
            assertThat(world.storage.deletes()).hasSize(30);
            assertThat(obstacles(quarter)).containsExactly("NOT_CONFIRMED");
            assertThat(year.obstacles()).isEmpty();
        }

        @Test
        void doNotStopAnInstanceThatHasTheSame() {
            world.due(100).young("y");
            meanwhile("key-due-0000", sweeper(QUARTER)::recover);

            assertThat(quarter.sweep().deleted()).isEqualTo(100);
            assertThat(quarter.obstacles()).isEmpty();
        }

        @Test
        void areKnownFromARecoveryOn() {
            quarter.sweep();
            year.recover();
            world.due("a");

            assertThat(quarter.sweep().message()).contains("for less time");
        }

        @Test
        void areNotKnownFromADryRun() {
            quarter.sweep();
            RetentionSweeper dry =
                    world.builder(world.storage).policy(YEAR).dryRun(true).build();
            dry.recover();
            dry.sweep();
            world.due("a");

            assertThat(quarter.sweep().deleted()).isEqualTo(1);
        }
    }

    @Nested
    class Mapping {

        private final Map<Part, String> parts = new EnumMap<>(Map.of(
                Part.ENTITY, "Call",
                Part.ID, "id Long",
                Part.STORAGE_KEY, "sid String",
                Part.CREATED, "createdAt LocalDateTime in UTC",
                Part.DELETED, "deletedAt Instant",
                Part.HOLD, "legalHold Boolean"));
        private final Map<String, String> attributes = new HashMap<>(Map.of("tenant", "tenant String"));

        private RetentionSweeper mapped() {
            world.repository.setMapping(new RecordingMapping(parts, attributes));
            return world.sweeper();
        }

        private void changedAfterASweep(Consumer<Mapping> change) {
            world.due("swept").young("y");
            assertThat(mapped().sweep().deleted()).isEqualTo(1);
            world.due("a");
            world.storage.clearJournal();
            change.accept(this);
        }

        private void assertRefused(String what, Consumer<Mapping> change) {
            changedAfterASweep(change);

            SweepReport report = mapped().sweep();

            assertThat(report.end()).isEqualTo(SweepEnd.REFUSED);
            assertThat(report.message())
                    .contains("the mapping is not the one that was confirmed", what, "confirm plan");
            assertThat(mapped().recover()).isZero();
            assertThatThrownBy(() -> RetentionOperations.of(mapped()).erase(List.of("a"), "dpo", "request"))
                    .hasMessageContaining(what);
            assertThat(world.storage.calls()).isEmpty();
            assertThat(world.isSoftDeleted("a")).isFalse();
        }

        private void assertSwept(Consumer<Mapping> change) {
            changedAfterASweep(change);
            assertThat(mapped().sweep().deleted()).isEqualTo(1);
        }

        @Test
        void withoutTheHoldFlagIsRefused() {
            assertRefused("hold was 'legalHold Boolean' and is not mapped", mapping -> mapping.parts.remove(Part.HOLD));
        }

        @Test
        void withAnotherZoneIsRefused() {
            assertRefused(
                    "created was 'createdAt LocalDateTime in UTC' and is 'createdAt LocalDateTime in Asia/Tokyo'",
                    mapping -> mapping.parts.put(Part.CREATED, "createdAt LocalDateTime in Asia/Tokyo"));
        }

        @Test
        void withAnotherPathOfAnAttributeIsRefused() {
            assertRefused(
                    "attribute 'tenant' was 'tenant String' and is 'queue String'",
                    mapping -> mapping.attributes.put("tenant", "queue String"));
        }

        @Test
        void withoutAnAttributeIsRefused() {
            assertRefused(
                    "attribute 'tenant' was 'tenant String' and is not mapped",
                    mapping -> mapping.attributes.remove("tenant"));
        }

        @Test
        void withAnAccountThatWasNotMappedIsRefused() {
            assertRefused(
                    "account was not mapped and is 'account String'",
                    mapping -> mapping.parts.put(Part.ACCOUNT, "account String"));
        }

        @Test
        void ofAnotherEntityIsRefused() {
            assertRefused(
                    "entity was 'Call' and is 'Voicemail'", mapping -> mapping.parts.put(Part.ENTITY, "Voicemail"));
        }

        @Test
        void thatIsTheSameIsSwept() {
            assertSwept(mapping -> {});
        }

        @Test
        void withMoreAttributesIsSwept() {
            assertSwept(mapping -> mapping.attributes.put("queue", "queue String"));
        }

        @Test
        void withMoreThatKeepsIsSweptAndGoingBackIsRefused() {
            assertSwept(mapping -> mapping.parts.put(Part.RETAIN_UNTIL, "keepUntil Instant"));
            parts.remove(Part.RETAIN_UNTIL);
            assertThat(mapped().sweep().message()).contains("retain-until was 'keepUntil Instant' and is not mapped");
        }

        @Test
        void isSweptOnceItsPlanIsConfirmed() {
            changedAfterASweep(mapping -> mapping.parts.remove(Part.HOLD));
            confirm(mapped());

            assertThat(mapped().sweep().deleted()).isEqualTo(1);
            parts.put(Part.HOLD, "legalHold Boolean");
            assertThat(mapped().sweep().end()).isEqualTo(SweepEnd.COMPLETED);
        }

        @Test
        void isNamedInAPlanOfItsOwn() {
            changedAfterASweep(mapping -> mapping.parts.remove(Part.HOLD));
            String first = planOf(mapped());
            assertThat(planOf(mapped())).isEqualTo(first);
            attributes.remove("tenant");
            assertThat(planOf(mapped())).isNotEqualTo(first);
        }

        private String planOf(RetentionSweeper sweeper) {
            String message = sweeper.sweep().message();
            return message.replaceAll("(?s).*confirm plan (\\w+) .*", "$1");
        }

        @Test
        void mustHaveTheAttributesOfThePolicies() {
            attributes.put("queue", "queue String");
            mapped();
            RetentionPolicy misspelt = RetentionPolicy.ofDays(400).named("long").matching("tennant", "acme");

            assertThatThrownBy(() ->
                            world.builder(world.storage).furtherPolicy(misspelt).build())
                    .isInstanceOf(RetentionException.class)
                    .hasMessageContaining("policy 'long' matches the attribute 'tennant', which is not mapped")
                    .hasMessageContaining("the mapped attributes are queue, tenant");
            world.builder(world.storage)
                    .furtherPolicy(RetentionPolicy.ofDays(400).named("long").matching("tenant", "acme"))
                    .build();
            attributes.clear();
            mapped();
            assertThatThrownBy(() ->
                            world.builder(world.storage).furtherPolicy(misspelt).build())
                    .hasMessageContaining("the mapped attributes are none");
        }
    }
}
