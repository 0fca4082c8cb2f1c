package dev.retention.jpa;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.RetentionOperations;
import dev.retention.RetentionPolicy;
import dev.retention.RetentionSweeper;
import dev.retention.SweepEnd;
import dev.retention.SweepReport;
import dev.retention.test.EngineRow;
import dev.retention.test.FakeRecordingStorage;
import dev.retention.test.RecordingRepositoryContract;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Many policies, each with a name as long as is allowed. */
class ManyPoliciesTest {

    /** With the default policy 130: the queries of 250 take four times as long. */
    private static final int LAST = 128;

    private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    private final FakeRecordingStorage storage = new FakeRecordingStorage();

    private static String tenant(int i) {
        return "tenant/" + i + "-" + "x".repeat(30);
    }

    private static String name(int i) {
        return "p" + i + "-" + "n".repeat(50);
    }

    private static int days(int i) {
        return 100 + i;
    }

    private EngineRow row(String id, String tenant, int daysOld) {
        storage.put("key-" + id);
        return EngineRow.of(id, "key-" + id, now.minus(Duration.ofDays(daysOld)).minusSeconds(60)).toBuilder()
                .attribute(RecordingRepositoryContract.TENANT, tenant)
                .build();
    }

    private RetentionSweeper sweeper(JpaRecordingRepository repository) {
        RetentionSweeper.Builder builder =
                RetentionSweeper.builder(repository, storage).maxShare(1);
        IntStream.rangeClosed(0, LAST)
                .mapToObj(i -> RetentionPolicy.ofDays(days(i))
                        .named(name(i))
                        .matching(RecordingRepositoryContract.TENANT, tenant(i)))
                .forEach(builder::furtherPolicy);
        return builder.build();
    }

    /** The first sweep of a real database stores a plan, the next one a run; a later one compares both. */
    @ParameterizedTest
    @EnumSource(value = TestDatabase.class, names = "POSTGRESQL")
    void areRefusedConfirmedAndSweptLikeFew(TestDatabase database) {
        refuseConfirmAndSweep(database);
    }

    @ParameterizedTest
    @Tag("wide")
    @EnumSource(value = TestDatabase.class, mode = EnumSource.Mode.EXCLUDE, names = "POSTGRESQL")
    void areRefusedConfirmedAndSweptLikeFewOnOtherDatabases(TestDatabase database) {
        refuseConfirmAndSweep(database);
    }

    private void refuseConfirmAndSweep(TestDatabase database) {
        Engine engine = new Engine(database, Calls.TextCall.class, "TRANSACTION_READ_COMMITTED");
        engine.insert(List.of(
                row("due", tenant(0), days(0)),
                row("due-of-the-last", tenant(LAST), days(LAST)),
                row("young-of-the-last", tenant(LAST), days(LAST) - 1),
                row("due-by-default", "another", 90),
                row("young", "another", 89)));
        JpaRecordingRepository repository = engine.builder().build();
        RetentionSweeper sweeper = sweeper(repository);

        SweepReport report = sweeper.sweep(now.minusSeconds(1));
        assertThat(report.end()).isEqualTo(database == TestDatabase.H2 ? SweepEnd.COMPLETED : SweepEnd.REFUSED);
        if (report.end() == SweepEnd.REFUSED) {
            assertThat(report.message()).contains("110 further policies").hasSizeLessThan(10_000);
            assertThat(storage.calls()).isEmpty();
            RetentionOperations operations = RetentionOperations.of(sweeper);
            assertThat(operations.confirm(operations.plans().get(0).id(), "operator"))
                    .isTrue();
            report = sweeper.sweep(now);
        }

        assertThat(report).returns(SweepEnd.COMPLETED, SweepReport::end).returns(3L, SweepReport::deleted);
        assertThat(storage.keys()).containsExactlyInAnyOrder("key-young-of-the-last", "key-young");
        SweepReport next = sweeper(repository).sweep(now.plusSeconds(1));
        assertThat(next).returns(SweepEnd.COMPLETED, SweepReport::end).returns(0L, SweepReport::checked);
        assertThat(repository.runs().latest().orElseThrow().policies()).contains(name(LAST));
    }
}
