package dev.retention.jpa;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.spi.DueCriteria;
import dev.retention.spi.DueCriteria.Rule;
import dev.retention.test.EngineRow;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Local times around changes of the clock: the query and the criteria must agree on every one of them. */
class TimeTypeTest {

    private static final ZoneId BERLIN = Engine.BERLIN;

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void agreesWithTheCriteriaInHoursThatComeTwiceOrNever(TestDatabase database) {
        Engine engine = new Engine(database, Calls.UuidCall.class, "TRANSACTION_READ_COMMITTED");
        JpaRecordingRepository repository = engine.builder().build();
        // 2026-03-29: 02:00 becomes 03:00. 2026-10-25: 03:00 becomes 02:00.
        Map<String, LocalDateTime> started = new TreeMap<>();
        for (String day : List.of("2026-03-29T", "2026-10-25T")) {
            for (int quarter = 0; quarter < 24; quarter++) {
                String id = UUID.randomUUID().toString();
                started.put(id, LocalDateTime.parse(day + "00:00").plusMinutes(15L * quarter));
                engine.insert(List.of(EngineRow.of(id, "RE" + id, Instant.EPOCH)));
            }
        }
        started.forEach((id, local) -> engine.execute("update UuidCall set started = '"
                + local.toString().replace('T', ' ') + ":00' where call_id = " + engine.literal(id)));

        int seen = 0;
        for (Instant day : List.of(Instant.parse("2026-03-28T22:00:00Z"), Instant.parse("2026-10-24T21:00:00Z"))) {
            for (int step = 0; step < 40; step++) {
                Instant cutoff = day.plus(Duration.ofMinutes(15L * step)).plusSeconds(step % 3 - 1);
                Rule rule = new Rule("default", Map.of(), cutoff);
                DueCriteria criteria = new DueCriteria(Instant.parse("2026-12-01T00:00:00Z"), List.of(), rule);
                List<String> due = started.entrySet().stream()
                        .filter(row -> later(row.getValue()).isBefore(cutoff))
                        .map(Map.Entry::getKey)
                        .sorted()
                        .toList();

                assertThat(repository.recordings().page(criteria, null, 100).candidates())
                        .as("cutoff %s", cutoff)
                        .extracting(candidate -> candidate.id())
                        .containsExactlyInAnyOrderElementsOf(due);
                assertThat(repository.recordings().count(criteria).due())
                        .as("cutoff %s", cutoff)
                        .isEqualTo(due.size());
                seen += due.size();
            }
        }
        assertThat(seen).isPositive();
    }

    /**
     * Reckoned without the library: each reading of the local time that a clock could have meant, and the later of
     * them.
     */
    private static Instant later(LocalDateTime local) {
        return List.of("+01:00", "+02:00").stream()
                .map(offset -> local.toInstant(java.time.ZoneOffset.of(offset)))
                .filter(instant -> LocalDateTime.ofInstant(instant, BERLIN).equals(local))
                .max(Instant::compareTo)
                // A local time that never comes: the clock had not been set yet.
                .orElseGet(() -> local.toInstant(java.time.ZoneOffset.of("+01:00")));
    }
}
