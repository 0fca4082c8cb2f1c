package dev.retention.torture;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class LifeTest {

    private static final Row ROW = Row.of(1, Nature.DUE, "RE1", "AC1", Instant.EPOCH, "acme");
    private static final Row OTHER = ROW.ofTenant("other");

    private static List<Row> seen(Life life, long from, long to) {
        return life.seen(from, to).stream().map(Life.Version::row).toList();
    }

    @Test
    void whileAChangeIsBeingCommittedEitherVersionMayBeSeen() {
        Life life = Life.fromTheBeginning(ROW);
        long before = System.nanoTime();
        life.begin(OTHER);
        long between = System.nanoTime();
        assertThat(seen(life, before - 1, before - 1)).containsExactly(ROW);
        assertThat(seen(life, between, between)).containsExactly(ROW, OTHER);
        life.done();
        long after = System.nanoTime() + 1;
        assertThat(seen(life, between, between)).containsExactly(ROW, OTHER);
        assertThat(seen(life, after, after)).containsExactly(OTHER);
        assertThat(seen(life, before - 1, after)).containsExactly(ROW, OTHER);
        assertThat(life.isChanged()).isTrue();
        assertThat(life.isSameRecording()).isTrue();
    }

    @Test
    void whatWasNotDoneWasNeverSeen() {
        Life life = Life.fromTheBeginning(ROW);
        life.begin(ROW.named("RE2"));
        life.undone();
        assertThat(seen(life, Long.MIN_VALUE, Long.MAX_VALUE)).containsExactly(ROW);
        assertThat(life.latest()).isEqualTo(ROW);
        assertThat(life.isChanged()).isFalse();
    }

    @Test
    void aRowThatIsWrittenLaterIsNotThereBefore() {
        long before = System.nanoTime();
        Life life = Life.toBeWritten(ROW);
        assertThat(seen(life, before - 1, before - 1)).containsOnlyNulls();
        life.done();
        long after = System.nanoTime() + 1;
        assertThat(seen(life, after, after)).containsExactly(ROW);
        assertThat(life.isChanged()).isFalse();
    }

    @Test
    void aRowThatIsGoneIsStillKnown() {
        Life life = Life.fromTheBeginning(ROW);
        life.begin(null);
        life.done();
        assertThat(life.isGone()).isTrue();
        assertThat(life.latest()).isEqualTo(ROW);
        assertThat(life.isChanged()).isTrue();
    }

    @Test
    void anotherKeyIsAnotherRecording() {
        Life life = Life.fromTheBeginning(ROW);
        life.begin(ROW.named("RE2"));
        life.done();
        assertThat(life.isSameRecording()).isFalse();
    }
}
