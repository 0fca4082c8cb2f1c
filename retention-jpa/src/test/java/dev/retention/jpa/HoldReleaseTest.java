package dev.retention.jpa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retention.LedgerEntry;
import dev.retention.LedgerEvent;
import dev.retention.LegalHold;
import dev.retention.RetentionException;
import dev.retention.spi.Claim;
import dev.retention.spi.DeletionGate.ClaimRequest;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.DueCriteria.Rule;
import dev.retention.test.EngineRow;
import dev.retention.test.RecordingRepositoryContract;
import jakarta.persistence.EntityManagerFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The release of a hold with more recordings than fit into one slice, and that is interrupted. */
class HoldReleaseTest {

    private static final Instant NOW = Instant.parse("2026-11-23T03:00:00Z");
    private static final DueCriteria CRITERIA =
            new DueCriteria(NOW, List.of(), new Rule("default", Map.of(), NOW.minus(Duration.ofDays(90))));
    private static final int MANY = 1_234;

    private static EngineRow row(int n) {
        return EngineRow.of("rec-%04d".formatted(n), "RE" + n, NOW.minus(Duration.ofDays(100))).toBuilder()
                .attribute(RecordingRepositoryContract.TENANT, "acme")
                .build();
    }

    private static long held(JpaRecordingRepository repository, List<String> ids) {
        return repository.ledger().find(ids).stream().filter(LedgerEntry::held).count();
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void isContinuedWhereItWasInterrupted(TestDatabase database) throws Exception {
        Engine engine = new Engine(database, Calls.TextCall.class, "TRANSACTION_READ_COMMITTED");
        FaultyConnections connections = new FaultyConnections(engine.dataSource);
        List<EngineRow> rows =
                IntStream.range(0, MANY).mapToObj(HoldReleaseTest::row).toList();
        List<String> ids = rows.stream().map(EngineRow::id).toList();
        engine.insert(rows);
        try (EntityManagerFactory factory = Engine.factory(
                database, connections.dataSource(), "none", Calls.TextCall.class, Calls.Customer.class)) {
            JpaRecordingRepository repository = engine.builder(factory).build();
            assertThat(repository
                            .holds()
                            .placeWhere("h", RecordingRepositoryContract.TENANT, "acme", "dpo", "dispute", NOW)
                            .held())
                    .isEqualTo(MANY);
            repository.holds().place("another", List.of("rec-0000"), "dpo", "dispute", null, NOW);
            assertThat(held(repository, ids)).isEqualTo(MANY);

            // The end of the hold, and one slice.
            connections.goAwayAfter(2);
            assertThatThrownBy(() -> repository.holds().release("h", "dpo", NOW))
                    .isInstanceOf(RetentionException.class)
                    .hasMessageContaining("hold 'h' has ended, but not all of its recordings are free yet");
            connections.comeBack();

            assertThat(repository.holds().scopes()).isEmpty();
            assertThat(repository.holds().list(0, 9))
                    .filteredOn(hold -> hold.id().equals("h"))
                    .extracting(LegalHold::releasedBy)
                    .containsExactly("dpo");
            assertThat(held(repository, ids)).isEqualTo(MANY - 499);
            assertThat(repository
                            .gate()
                            .claim(new ClaimRequest(
                                    null,
                                    "me",
                                    repository.now().plusSeconds(600),
                                    CRITERIA,
                                    "reason",
                                    repository.recordings().find(List.of("rec-0000", "rec-0001", "rec-0999"))))
                            .claims())
                    .as("what is not free yet remains held")
                    .extracting(Claim::id)
                    .containsExactly("rec-0001");

            assertThat(repository.holds().expire(NOW)).isZero();

            assertThat(held(repository, ids)).isEqualTo(1);
            for (String id : List.of("rec-0000", "rec-0001", "rec-0499", "rec-0500", "rec-1233")) {
                assertThat(repository.ledger().events(id))
                        .as(id)
                        .filteredOn(event -> event.kind().equals("HOLD_RELEASED"))
                        .singleElement()
                        .returns("dpo", LedgerEvent::actor);
            }
            assertThat(repository.holds().release("h", "dpo", NOW)).isFalse();
            assertThat(repository.holds().release("another", "dpo", NOW)).isTrue();
            assertThat(held(repository, ids)).isZero();
        }
    }

    /** Nobody waits for more than a slice. */
    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void commitsInSlices(TestDatabase database) throws Exception {
        Engine engine = new Engine(database, Calls.TextCall.class, "TRANSACTION_READ_COMMITTED");
        FaultyConnections connections = new FaultyConnections(engine.dataSource);
        List<EngineRow> rows =
                IntStream.range(0, MANY).mapToObj(HoldReleaseTest::row).toList();
        List<String> ids = rows.stream().map(EngineRow::id).toList();
        engine.insert(rows);
        try (EntityManagerFactory factory = Engine.factory(
                database, connections.dataSource(), "none", Calls.TextCall.class, Calls.Customer.class)) {
            JpaRecordingRepository repository = engine.builder(factory).build();
            repository.holds().place("h", ids, "dpo", "dispute", null, NOW);
            connections.transactions.set(0);
            assertThat(repository.holds().release("h", "dpo", NOW)).isTrue();
            assertThat(connections.transactions.get())
                    .as("the end, and three slices")
                    .isEqualTo(4);
            assertThat(held(repository, ids)).isZero();
        }
    }
}
