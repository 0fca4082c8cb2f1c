package dev.retention.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.LedgerEvent;
import dev.retention.spi.Controls;
import dev.retention.spi.Controls.Change;
import dev.retention.spi.Controls.Control;
import dev.retention.spi.DeletionGate.Signal;
import dev.retention.spi.SweepRuns.SweepRun;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What every {@link dev.retention.spi.Controls} must do, as tests. */
public abstract class ControlsContract extends PortContract {

    /** Its tests use this fixture. */
    protected ControlsContract(RepositoryFixture fixture) {
        super(fixture);
    }

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
