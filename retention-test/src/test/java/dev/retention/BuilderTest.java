package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retention.internal.policy.Policies;
import dev.retention.test.FakeRecordingStorage;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BuilderTest {

    private final World world = new World();

    @Test
    void everyFaultIsNamedAtOnce() {
        assertThatThrownBy(() -> RetentionSweeper.builder(world.repository)
                        .batchSize(0)
                        .maxConcurrency(-1)
                        .maxRate(0.0)
                        .lease(Duration.ofSeconds(1))
                        .policy(RetentionPolicy.ofDays(6))
                        .build())
                .isInstanceOf(RetentionException.class)
                .hasMessageContaining("batchSize is 0")
                .hasMessageContaining("maxConcurrency is -1")
                .hasMessageContaining("maxRate is 0.0")
                .hasMessageContaining("lease is 1 s")
                .hasMessageContaining("no storage")
                .hasMessageContaining("shortest period allowed");
    }

    @Test
    void theFloorIsLoweredOnlyByWhoSaysSo() {
        world.builder(world.storage).policy(RetentionPolicy.ofDays(7)).build();
        world.builder(world.storage)
                .policy(RetentionPolicy.ofDays(2))
                .minimumPeriod(Duration.ofDays(1))
                .build();
    }

    @Test
    void policiesAndStoragesNeedNamesOfTheirOwn() {
        assertThatThrownBy(() -> world.builder(world.storage, new FakeRecordingStorage())
                        .furtherPolicy(RetentionPolicy.ofDays(30).matching("a", "b"))
                        .furtherPolicy(RetentionPolicy.ofDays(30).named("all"))
                        .build())
                .hasMessageContaining("two storages are named 'fake'")
                .hasMessageContaining("two policies are named 'default'")
                .hasMessageContaining("policy 'all' matches every recording");
    }

    private RetentionSweeper.Builder withPolicies(int policies, int lengthOfValue) {
        RetentionSweeper.Builder builder = world.builder(world.storage);
        for (int i = 1; i < policies; i++) {
            builder.furtherPolicy(
                    RetentionPolicy.ofDays(100).named("p" + i).matching("tenant", i + "-" + "x".repeat(lengthOfValue)));
        }
        return builder;
    }

    @Test
    void manyPoliciesAreSweptWithAndNoMoreThanAllowed() {
        world.due("a").young("y");
        assertThat(withPolicies(250, 10).maxShare(1).build().sweep().deleted()).isEqualTo(1);
        RetentionSweeper.Builder oneMore = withPolicies(251, 10);
        assertThatThrownBy(oneMore::build)
                .isInstanceOf(RetentionException.class)
                .hasMessageContaining("there are 251 policies: at most 250 are possible");
    }

    /** Their text does not fit where it is stored, and is never cut: a hash of it is compared. */
    @Test
    void policiesThatMatchLongValuesAreSweptWithAndOthersDoNotJoin() {
        world.due("a").young("y");
        RetentionSweeper sweeper = withPolicies(250, 4_000).maxShare(1).build();
        assertThat(sweeper.sweep().deleted()).isEqualTo(1);
        Policies one = new Policies(RetentionPolicy.ofDays(90), longValues("x"));
        Policies other = new Policies(RetentionPolicy.ofDays(90), longValues("y"));
        assertThat(Policies.text(one.at(World.NOW)))
                .isEqualTo(Policies.text(new Policies(RetentionPolicy.ofDays(90), longValues("x")).at(World.NOW)))
                .isNotEqualTo(Policies.text(other.at(World.NOW)))
                .hasSizeLessThan(100_001);
    }

    /** They differ at their end alone. */
    private static List<RetentionPolicy> longValues(String end) {
        return IntStream.range(0, 249)
                .mapToObj(i -> RetentionPolicy.ofDays(100)
                        .named("p" + i)
                        .matching("tenant", i + "-" + "x".repeat(4_000) + end))
                .toList();
    }

    @Test
    void policiesThatMatchOtherAttributesHaveAnotherText() {
        RetentionPolicy policy = RetentionPolicy.ofDays(100).named("p");
        Policies one = new Policies(RetentionPolicy.ofDays(90), List.of(policy.matching("a", "b, c=d")));
        Policies both = new Policies(
                RetentionPolicy.ofDays(90), List.of(policy.matching("a", "b").matching("c", "d")));
        assertThat(Policies.text(one.at(World.NOW))).isNotEqualTo(Policies.text(both.at(World.NOW)));
    }

    @Test
    void ninetyDaysUnlessSomebodySaysOtherwise() {
        world.due("a").young("y");
        assertThat(world.sweeper().preview().cutoffs()).containsEntry("default", World.CUTOFF);
    }
}
