package dev.retention.jpa;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import dev.retention.DeletionState;
import dev.retention.HoldAnswer;
import dev.retention.LedgerEntry;
import dev.retention.spi.Claim;
import dev.retention.spi.ClaimOutcome;
import dev.retention.spi.DeletionGate.ClaimRequest;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.DueCriteria.Rule;
import dev.retention.spi.Evidence;
import dev.retention.spi.RecordingRepository;
import dev.retention.spi.SweepRuns.RunRequest;
import dev.retention.spi.SweepRuns.SweepRun;
import dev.retention.test.EngineRow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A driver that sends values within the text of a statement, without their types, as some poolers need it. */
class SimpleProtocolTest {

    private static final Instant NOW = Instant.parse("2026-11-23T03:00:00Z");
    private static final DueCriteria CRITERIA =
            new DueCriteria(NOW, List.of(), new Rule("default", Map.of(), NOW.minus(Duration.ofDays(90))));
    private static final Evidence PROOF = Evidence.NONE.with("fake", DeletionResult.deleted("204 \\ \"{NULL}\" '?'"));

    /** More than are written one by one. */
    private static final List<String> IDS =
            List.of("1", "NULL", "null", "{}", "a,b", "a\"b", "a\\b", "a'b", "?", "  ", "\uD83D\uDE00");

    private static Engine engine() {
        HikariConfig config = TestDatabase.POSTGRESQL.config(
                "simple_" + UUID.randomUUID().toString().substring(0, 8));
        config.addDataSourceProperty("preferQueryMode", "simple");
        Engine engine = new Engine(
                TestDatabase.POSTGRESQL, Calls.TextCall.class, TestDatabase.pool(config, "TRANSACTION_READ_COMMITTED"));
        List<EngineRow> rows = new ArrayList<>();
        for (String id : IDS) {
            rows.add(EngineRow.of(
                    id, "key " + id, NOW.minus(Duration.ofDays(100)).plusSeconds(rows.size())));
        }
        engine.insert(rows);
        return engine;
    }

    @Test
    void writesManyRowsByOneStatement() {
        Engine engine = engine();
        try {
            RecordingRepository repository = engine.builder().build();
            SweepRun run = repository
                    .runs()
                    .joinOrOpenAfter(null, new RunRequest("key", "me", NOW, NOW, NOW.plusSeconds(3600), "90d", 100L))
                    .orElseThrow();
            List<Claim> claims = repository
                    .gate()
                    .claim(new ClaimRequest(
                            run.id(),
                            "me",
                            repository.now().plusSeconds(600),
                            CRITERIA,
                            "retention_policy",
                            repository.recordings().find(IDS)))
                    .claims();
            assertThat(claims).extracting(Claim::id).containsExactlyInAnyOrderElementsOf(IDS);

            assertThat(repository.holds().place("h", IDS, "dpo", "dispute", null, NOW))
                    .hasSize(IDS.size())
                    .containsValue(HoldAnswer.LATE);
            List<ClaimOutcome> outcomes = claims.stream()
                    .map(claim -> ClaimOutcome.deleted(claim, PROOF, NOW))
                    .toList();
            assertThat(repository.gate().record(outcomes).refused()).isEmpty();

            assertThat(repository.ledger().find(IDS))
                    .hasSize(IDS.size())
                    .allSatisfy(entry -> assertThat(entry)
                            .returns(DeletionState.DELETED, LedgerEntry::state)
                            .returns("key " + entry.recordingId(), LedgerEntry::storageKey)
                            .returns(PROOF.text(), LedgerEntry::evidence));
        } finally {
            engine.factory.close();
            engine.dataSource.close();
        }
    }
}
