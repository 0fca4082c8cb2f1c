package dev.retention.jpa;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.FirstRun;
import dev.retention.HoldSummary;
import dev.retention.LegalHolds;
import dev.retention.RetentionPolicy;
import dev.retention.RetentionSweeper;
import dev.retention.SweepEnd;
import dev.retention.SweepReport;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.DueCriteria.Rule;
import dev.retention.spi.Recording;
import dev.retention.test.EngineRow;
import dev.retention.test.FakeRecordingStorage;
import dev.retention.test.RecordingRepositoryContract;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Columns that store texts in another character set than connections send them: texts are compared, not encodings. */
class OtherCharacterSetsTest {

    private static final String QUEUE = RecordingRepositoryContract.QUEUE;
    private static final String NAME = "Müller";

    static Stream<Arguments> databasesAndCharacterSets() {
        return Stream.of(TestDatabase.MARIADB, TestDatabase.MYSQL)
                .flatMap(database -> Stream.of("latin1", "utf8mb3", "utf16").map(set -> Arguments.of(database, set)));
    }

    private final Instant old = Instant.now().minus(Duration.ofDays(100));
    private final FakeRecordingStorage storage =
            new FakeRecordingStorage().put("key-1", "key-2", "key-3", "key-4", "key-5");

    private EngineRow row(String id, String queue) {
        return EngineRow.builder(id)
                .storageKey("key-" + id)
                .account("Konto für " + queue)
                .created(old)
                .attribute(QUEUE, queue)
                .build();
    }

    private JpaRecordingRepository repository(TestDatabase database, String characterSet) {
        Engine engine = new Engine(database, Calls.TextCall.class, "TRANSACTION_READ_COMMITTED");
        for (String column : List.of("queue_name varchar(100)", "account varchar(300)", "sid varchar(300)")) {
            engine.execute("alter table TextCall modify " + column + " character set " + characterSet);
        }
        // To the columns' collations, some of these are the same.
        engine.insert(List.of(
                row("1", NAME),
                row("2", "Muller"),
                row("3", "MÜLLER"),
                row("4", NAME + "-Lüdenscheidt"),
                row("5", NAME)));
        return engine.builder().build();
    }

    private RetentionSweeper.Builder sweeper(JpaRecordingRepository repository) {
        return RetentionSweeper.builder(repository, storage)
                .firstRun(FirstRun.TRUST)
                .maxShare(1);
    }

    @ParameterizedTest
    @MethodSource("databasesAndCharacterSets")
    void areHeldByWhatTheySay(TestDatabase database, String characterSet) {
        JpaRecordingRepository repository = repository(database, characterSet);
        LegalHolds holds = LegalHolds.of(repository);

        HoldSummary summary = holds.placeWhere("case", QUEUE, NAME, "dpo", "litigation");
        SweepReport report = sweeper(repository).build().sweep();

        assertThat(summary).isEqualTo(new HoldSummary("case", 4, 0, 0));
        assertThat(report).returns(SweepEnd.COMPLETED, SweepReport::end).returns(4L, SweepReport::held);
        assertThat(storage.keys()).containsExactlyInAnyOrder("key-1", "key-2", "key-3", "key-5");
    }

    @ParameterizedTest
    @MethodSource("databasesAndCharacterSets")
    void areGovernedByWhatTheySay(TestDatabase database, String characterSet) {
        JpaRecordingRepository repository = repository(database, characterSet);

        SweepReport report = sweeper(repository)
                .policy(RetentionPolicy.keep())
                .furtherPolicy(RetentionPolicy.ofDays(90).named("name").matching(QUEUE, NAME))
                .build()
                .sweep();

        assertThat(report).returns(SweepEnd.COMPLETED, SweepReport::end).returns(2L, SweepReport::deleted);
        assertThat(storage.keys()).containsExactlyInAnyOrder("key-2", "key-3", "key-4");
    }

    @ParameterizedTest
    @MethodSource("databasesAndCharacterSets")
    void belongToTheAccountThatTheySay(TestDatabase database, String characterSet) {
        JpaRecordingRepository repository = repository(database, characterSet);
        DueCriteria nothing =
                new DueCriteria(Instant.now(), List.of(), new Rule("default", Map.of(), old.minus(Duration.ofDays(1))));

        assertThat(repository.recordings().recentNotDue(nothing, "Konto für " + NAME, 10))
                .extracting(Recording::id)
                .containsExactlyInAnyOrder("1", "5");
    }
}
