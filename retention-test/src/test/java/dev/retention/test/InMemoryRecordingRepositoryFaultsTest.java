package dev.retention.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retention.DeletionState;
import dev.retention.LedgerEntry;
import dev.retention.RetentionException;
import dev.retention.spi.Claim;
import dev.retention.spi.ClaimOutcome;
import dev.retention.spi.DeletionGate.ClaimRequest;
import dev.retention.spi.DeletionGate.Recorded;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.Evidence;
import dev.retention.spi.SweepRuns.RunRequest;
import dev.retention.spi.SweepRuns.SweepRun;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class InMemoryRecordingRepositoryFaultsTest {

    private static final Instant NOW = Instant.parse("2026-11-23T03:00:00Z");
    private static final DueCriteria CRITERIA =
            new DueCriteria(NOW, List.of(), new DueCriteria.Rule("default", Map.of(), NOW.minus(Duration.ofDays(90))));

    private final MutableClock clock = new MutableClock(NOW);
    private final InMemoryRecordingRepository repository = new InMemoryRecordingRepository(clock);
    private final EngineRow row = EngineRow.of("1", "RE1", NOW.minus(Duration.ofDays(91)));
    private final SweepRun run = openRun();

    @BeforeEach
    void insertARow() {
        repository.put(row);
    }

    @Test
    void changesNothingWhenItsCommitFails() {
        repository.failNextCommit();

        assertThatThrownBy(this::claim).isInstanceOf(RetentionException.class);

        assertThat(repository.ledger().find(List.of("1"))).isEmpty();
        assertThat(repository.runs().find(run.id())).contains(run);
        assertThat(claim()).hasSize(1);
    }

    @Test
    void restoresWhatWasThereBeforeWhenItsCommitFails() {
        Claim claim = claim().get(0);
        LedgerEntry before = entry();
        repository.failNextCommits(2);

        assertThatThrownBy(() -> record(claim)).isInstanceOf(RetentionException.class);

        assertThat(entry()).isEqualTo(before);
        assertThat(repository.row("1")).contains(row);
    }

    @Test
    void hasCommittedWhenOnlyTheAnswerIsLost() {
        repository.loseAnswerOfNextCommit();

        assertThatThrownBy(this::claim).isInstanceOf(RetentionException.class);

        assertThat(entry().state()).isEqualTo(DeletionState.DELETING);
        assertThat(claim()).isEmpty();
    }

    @Test
    void recordsAProofOnceThoughTheAnswerToItsCommitIsLost() {
        Claim claim = claim().get(0);
        repository.loseAnswerOfNextCommit();

        assertThat(record(claim)).isEqualTo(Recorded.ALL);

        assertThat(entry().state()).isEqualTo(DeletionState.DELETED);
        assertThat(repository.row("1")).contains(row.withDeleted(NOW, "retention_policy"));
        assertThat(repository.ledger().events("1")).isEmpty();
    }

    @Test
    void throwsFromEveryMethodWhileItIsUnreachable() {
        repository.setUnreachable(true);

        assertThatThrownBy(repository::now).isInstanceOf(RetentionException.class);
        assertThatThrownBy(this::claim).isInstanceOf(RetentionException.class);
        assertThatThrownBy(() -> repository.ledger().find(List.of("1"))).isInstanceOf(RetentionException.class);
        assertThatThrownBy(() -> repository.runs().open()).isInstanceOf(RetentionException.class);
        assertThatThrownBy(() -> repository.recordings().count(CRITERIA)).isInstanceOf(RetentionException.class);
        assertThatThrownBy(() -> repository.holds().list(0, 1)).isInstanceOf(RetentionException.class);

        repository.setUnreachable(false);
        assertThat(claim()).hasSize(1);
    }

    @Test
    void tellsTheTimeOfADatabaseWhoseClockDiffers() {
        repository.setDatabaseOffset(Duration.ofMinutes(-7));
        clock.advance(Duration.ofMinutes(1));

        assertThat(repository.now()).isEqualTo(NOW.minus(Duration.ofMinutes(6)));
    }

    private SweepRun openRun() {
        return repository
                .runs()
                .joinOrOpenAfter(null, new RunRequest("run", "one", NOW, NOW, NOW.plusSeconds(60), "", null))
                .orElseThrow();
    }

    private List<Claim> claim() {
        return repository
                .gate()
                .claim(new ClaimRequest(
                        run.id(),
                        "one",
                        NOW.plusSeconds(60),
                        CRITERIA,
                        "retention_policy",
                        List.of(row.candidate().orElseThrow())))
                .claims();
    }

    private Recorded record(Claim claim) {
        return repository
                .gate()
                .record(List.of(
                        ClaimOutcome.deleted(claim, Evidence.NONE.with("fake", DeletionResult.deleted("204")), NOW)));
    }

    private LedgerEntry entry() {
        return repository.ledger().find(List.of("1")).get(0);
    }
}
