package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import ch.qos.logback.classic.Level;
import dev.retention.spi.DeletionResult;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** An instance that does not map the attribute of a hold, such as an older version during a rolling deployment. */
class UnmappedHoldsTest {

    private final World world = new World();
    private final RetentionSweeper unaware = builder().instanceName("unaware").build();

    @RegisterExtension
    private final CapturedLog log = new CapturedLog("dev.retention.internal.deletion.Obstacles");

    private RetentionSweeper.Builder builder() {
        return RetentionSweeper.builder(world.repository.withoutAttribute("tenant"), world.storage)
                .clock(world.clock)
                .ticker(world.ticker());
    }

    private void dueOf(String tenant, String... ids) {
        world.due(ids);
        for (String id : ids) {
            world.repository.put(world.row(id).withAttribute("tenant", tenant));
        }
    }

    private void hold() {
        world.holds.placeWhere("case-18", "tenant", "acme", "dpo", "litigation");
    }

    @Test
    void doesNotSweepAndSaysWhichHoldAndAttribute() {
        dueOf("other", "o1");
        hold();
        dueOf("acme", "a1");

        SweepReport refused = unaware.sweep();

        assertThat(refused.end()).isEqualTo(SweepEnd.REFUSED);
        assertThat(refused.message()).contains("'case-18'", "'tenant'").contains("Map the attribute");
        assertThat(unaware.preview().message()).contains("A sweep would be refused", "'case-18'", "'tenant'");
        assertThat(world.storage.deletes()).isEmpty();
        assertThat(world.sweeper().sweep().deleted()).isEqualTo(1);
        assertThat(world.deletedKeys()).containsExactly("key-o1");
        world.holds.release("case-18", "dpo");
        assertThat(unaware.sweep().deleted()).isEqualTo(1);
    }

    @Test
    void erasesNothingAndSaysWhichHoldAndAttribute() {
        dueOf("acme", "a1");
        hold();
        RetentionOperations operations = RetentionOperations.of(unaware);

        assertThatThrownBy(() -> operations.erase(List.of("a1"), "dpo", "request"))
                .isInstanceOf(RetentionException.class)
                .hasMessageContaining("'case-18'")
                .hasMessageContaining("'tenant'");

        assertThat(world.storage.deletes()).isEmpty();
    }

    @Test
    void recoversNothingAndLeavesItToOthersWithoutDelay() {
        dueOf("other", "o1");
        world.storage.answer("key-o1", DeletionResult.tryLater("504", null, false));
        world.sweeper().sweep();
        world.storage.answer("key-o1", DeletionResult.deleted("204"));
        int deletes = world.storage.deletes().size();
        hold();
        world.clock.advance(Duration.ofDays(2));

        assertThat(unaware.recover()).isZero();

        assertThat(world.storage.deletes()).hasSize(deletes);
        assertThat(world.sweeper().recover()).isEqualTo(1);
        assertThat(world.isSoftDeleted("o1")).isTrue();
    }

    @Test
    void stopsSendingWhenTheHoldComesWhileItSweepsAndLeavesTheRunToOthers() {
        for (int n = 0; n < 60; n++) {
            dueOf(n < 50 ? "other" : "acme", "due-%02d".formatted(n));
        }
        RetentionSweeper one = builder().maxConcurrency(1).batchSize(5).build();
        world.storage.answer("key-due-00", recording -> {
            hold();
            world.clock.advance(Duration.ofSeconds(3));
            return DeletionResult.deleted("yes");
        });

        SweepReport report = one.sweep();

        assertThat(report.end()).isEqualTo(SweepEnd.REFUSED);
        assertThat(report.message()).contains("'case-18'", "'tenant'");
        assertThat(world.deletedKeys()).containsExactly("key-due-00");
        String run = world.repository.runs().latest().orElseThrow().id();
        assertThat(log.linesOfRun(run, Level.WARN, "makes no progress"))
                .singleElement(STRING)
                .contains("cause=HOLD_UNMAPPED", "'case-18'", "'tenant'");

        SweepReport others = world.sweeper().sweep();

        assertThat(others.end()).isEqualTo(SweepEnd.COMPLETED);
        assertThat(others.deleted()).as("of the same run").isEqualTo(50);
        assertThat(others.held()).isEqualTo(10);
    }
}
