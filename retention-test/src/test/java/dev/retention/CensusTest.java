package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.spi.Census;
import dev.retention.spi.EvidenceEntry;
import dev.retention.spi.EvidenceLog;
import dev.retention.spi.EvidenceLog.Leaf;
import dev.retention.test.EngineRow;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The daily counts of recordings, and what happens when a day has fewer than it had. */
class CensusTest {

    private static final LocalDate TODAY = dayOf(World.NOW);
    private static final LocalDate DUE = dayOf(World.CUTOFF.minus(Duration.ofDays(10)));
    private static final LocalDate YOUNG = dayOf(World.CUTOFF.plus(Duration.ofDays(10)));

    private final World world = new World();
    private final RetentionEvidence evidence =
            RetentionEvidence.builder(world.repository).build();

    private static LocalDate dayOf(Instant instant) {
        return LocalDate.ofInstant(instant, ZoneOffset.UTC);
    }

    private List<String> entries() {
        EvidenceLog log = world.repository.evidence();
        return log.leaves(0, 1_000).stream()
                .map(Leaf::entry)
                .map(entry -> new String(entry, StandardCharsets.US_ASCII))
                .filter(entry -> entry.contains("\"kind\":\"census\""))
                .toList();
    }

    private void nextDay() {
        world.clock.advance(Duration.ofDays(1));
        evidence.seal();
    }

    private void put(String id, LocalDate day) {
        world.repository.put(EngineRow.of(
                id, "key-" + id, day.atStartOfDay(ZoneOffset.UTC).toInstant().plusSeconds(60)));
    }

    @Test
    void aSweepCountsTheDaysThatAreOver() {
        world.due("a", "b").young("c");
        put("today", TODAY);
        world.repository.put(EngineRow.of("never", "key", null));

        world.sweeper().sweep();

        assertThat(entries())
                .containsExactly("{\"v\":1,\"kind\":\"census\",\"at\":\"" + World.NOW + "\",\"from\":\"" + DUE
                        + "\",\"to\":\"" + DUE.plusDays(Census.MOST_DAYS) + "\",\"days\":{\"" + DUE + "\":2,\"" + YOUNG
                        + "\":1},\"recordings\":3,\"undated\":1}");
        assertThat(world.repository.evidence().unsealed().entries()).isZero();
        assertThat(world.repository.census().counts(LocalDate.EPOCH, TODAY.plusDays(9)))
                .isEqualTo(Map.of(DUE, 2L, YOUNG, 1L));
    }

    @Test
    void eachDayIsCountedOnceWhenItIsOver() {
        world.due("a");
        evidence.seal();
        put("b", TODAY);
        put("c", YOUNG);
        evidence.seal();
        assertThat(entries()).hasSize(1);

        nextDay();
        assertThat(entries()).hasSize(3);
        assertThat(entries().get(1)).contains("\"from\":\"" + YOUNG, "\"days\":{\"" + YOUNG + "\":1},");
        assertThat(entries().get(2)).contains("\"from\":\"" + TODAY, "\"days\":{\"" + TODAY + "\":1},");
        // Another instance finds nothing to count.
        RetentionEvidence.builder(world.repository).build().seal();
        nextDay();
        assertThat(entries()).hasSize(3);
    }

    @Test
    void theHistoryIsCountedInParts() {
        int months = 30;
        IntStream.range(0, months).forEach(n -> put("r" + n, TODAY.minusDays(1 + 31L * n)));

        evidence.seal();
        int first = entries().size();
        assertThat(first).isLessThan(months);
        evidence.seal();
        evidence.seal();

        assertThat(entries()).hasSize(months);
        assertThat(world.repository.census().counts(LocalDate.EPOCH, TODAY)).hasSize(months);
        assertThat(evidence.shrunkDays()).isEmpty();
    }

    @Test
    void aRowThatWasRemovedIsNoticedOnTheNextDay() {
        world.due("a", "b").young("c");
        world.sweeper().sweep();
        evidence.seal();
        assertThat(world.isSoftDeleted("a")).isTrue();
        nextDay();
        assertThat(evidence.shrunkDays()).as("deleted by the library").isEmpty();
        assertThat(entries()).hasSize(1);

        EngineRow removed = world.row("c");
        world.repository.remove("c");
        nextDay();
        assertThat(evidence.shrunkDays()).isEqualTo(Map.of(YOUNG, 1L));
        assertThat(entries()).hasSize(2);
        assertThat(entries().get(1)).contains("\"days\":{\"" + DUE + "\":2},", "\"again\":1}");
        nextDay();
        assertThat(entries()).as("said once").hasSize(2);

        world.repository.put(removed);
        nextDay();
        assertThat(evidence.shrunkDays()).isEmpty();
    }

    @Test
    void whatWasRemovedLongAgoIsNoticedInTurn() {
        IntStream.range(0, 200).forEach(n -> put("r" + n, TODAY.minusDays(1 + n)));
        evidence.seal();
        world.repository.remove("r150");
        int days = 0;
        while (evidence.shrunkDays().isEmpty() && days < 10) {
            nextDay();
            days++;
        }
        assertThat(evidence.shrunkDays()).isEqualTo(Map.of(TODAY.minusDays(151), 1L));
        // Six parts of 31 days precede the last 31 days.
        assertThat(days).isLessThanOrEqualTo(6);
        IntStream.range(0, 6).forEach(day -> nextDay());
        assertThat(evidence.shrunkDays()).hasSize(1);
        assertThat(entries()).filteredOn(entry -> entry.contains("\"again\":1")).hasSize(1);
    }

    @Test
    void aCountThatFailsIsMadeLater() {
        world.due("a");
        evidence.seal();
        nextDay();
        put("b", TODAY);
        world.clock.advance(Duration.ofDays(1));
        world.repository.evidence().append(List.of(EvidenceEntry.holdEnded("h", "dpo", World.NOW)));
        world.repository.failNextCommit();
        assertThat(evidence.seal()).as("what else there is, is sealed").isEqualTo(1);
        assertThat(entries()).hasSize(1);
        evidence.seal();
        assertThat(entries()).hasSize(2);
    }

    @Test
    void withoutEvidenceNothingIsCounted() {
        world.due("a");
        world.repository.setEvidence(false);
        evidence.seal();
        assertThat(world.repository.census().counted()).isEmpty();
        world.repository.setEvidence(true);
        evidence.seal();
        assertThat(world.repository.census().counted()).isPresent();
    }
}
