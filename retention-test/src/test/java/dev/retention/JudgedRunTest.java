package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.spi.RecordingRepository;
import dev.retention.spi.SweepRuns.SweepRun;
import org.junit.jupiter.api.Test;

/** A sweep works on the run for which it was judged, also if other instances start and end runs meanwhile. */
class JudgedRunTest {

    private final World world = new World();
    private Runnable afterwards = () -> {};

    /** A sweeper with which something happens right after it has called this method of a port for the first time. */
    private RetentionSweeper interruptedAfter(String method, Runnable meanwhile) {
        afterwards = meanwhile;
        return careful(watched(RecordingRepository.class, world.repository, method));
    }

    private RetentionSweeper careful(RecordingRepository repository) {
        return RetentionSweeper.builder(repository, world.storage)
                .clock(world.clock)
                .ticker(world.ticker())
                .maxShareFloor(10)
                .build();
    }

    private <T> T watched(Class<T> port, Object real, String watchedMethod) {
        return InterceptedPort.of(port, real, (method, args, call) -> {
            Object answer = call.run();
            if (port == RecordingRepository.class && method.getReturnType().isInterface()) {
                return watched(method.getReturnType(), answer, watchedMethod);
            }
            if (method.getName().equals(watchedMethod)) {
                Runnable once = afterwards;
                afterwards = () -> {};
                once.run();
            }
            return answer;
        });
    }

    private SweepRun openedByAnother() {
        return world.opened("other", "other");
    }

    private void end(SweepRun run) {
        SweepReport report = SweepReport.builder(World.NOW, World.NOW, SweepEnd.STOPPED, "ended")
                .build();
        assertThat(world.repository.runs().end(run.id(), report)).isTrue();
    }

    private void due(String prefix, int count) {
        for (int n = 0; n < count; n++) {
            world.due(prefix + n);
        }
    }

    private void young(int count) {
        for (int n = 0; n < count; n++) {
            world.young("young-" + n);
        }
    }

    @Test
    void aSweepThatWasJudgedForJoiningOpensNoRunOfItsOwn() {
        due("due-", 60);
        young(40);
        SweepRun other = openedByAnother();

        SweepReport report = interruptedAfter("all", () -> end(other)).sweep();

        assertThat(report.end()).isEqualTo(SweepEnd.REFUSED);
        assertThat(report.message()).contains("60 can be deleted");
        assertThat(world.storage.calls()).isEmpty();
        assertThat(world.repository.runs().recent(10)).hasSize(1);
    }

    @Test
    void aSweepThatWasJudgedForJoiningJoinsTheRunThatIsStillOpen() {
        due("due-", 60);
        young(40);
        SweepRun other = openedByAnother();

        SweepReport report = interruptedAfter("all", () -> {}).sweep();

        assertThat(report.deleted()).isEqualTo(60);
        assertThat(world.repository.runs().recent(10)).singleElement().returns(other.id(), SweepRun::id);
    }

    @Test
    void aSweepThatWasJudgedForJoiningIsJudgedAgainAndOpensWhatIsAllowed() {
        due("due-", 9);
        young(40);
        SweepRun other = openedByAnother();

        SweepReport report = interruptedAfter("all", () -> end(other)).sweep();

        assertThat(report.deleted()).isEqualTo(9);
        assertThat(world.repository.runs().recent(10)).hasSize(2);
    }

    /** Confirms twenty recordings, and a tenth more. */
    private RetentionSweeper confirmed() {
        due("due-", 20);
        young(40);
        RetentionSweeper sweeper = careful(world.repository);
        assertThat(sweeper.sweep().end()).isEqualTo(SweepEnd.REFUSED);
        RetentionOperations operations = RetentionOperations.of(sweeper);
        assertThat(operations.confirm(operations.plans().get(0).id(), "ops")).isTrue();
        due("later-", 40);
        return sweeper;
    }

    @Test
    void ofTwoThatWereJudgedAtOnceOnlyOneUsesTheConfirmation() {
        RetentionSweeper first = confirmed();

        SweepReport second = interruptedAfter(
                        "claimedSince",
                        () -> assertThat(first.sweep().deleted()).isEqualTo(22))
                .sweep();

        assertThat(second.end()).isEqualTo(SweepEnd.REFUSED);
        assertThat(second.message()).contains("38 can be deleted");
        assertThat(world.storage.deletes()).hasSize(22);
    }

    @Test
    void aConfirmationIsUsedByTheSecondWhereTheFirstDoesNothing() {
        confirmed();

        assertThat(interruptedAfter("claimedSince", () -> {}).sweep().deleted()).isEqualTo(22);
    }

    @Test
    void aSweepThatFindsTheOpenRunOfAnotherJoinsItWithThatRunsLimit() {
        confirmed();
        SweepRun[] other = new SweepRun[1];

        SweepReport report = interruptedAfter("claimedSince", () -> other[0] = openedByAnother())
                .sweep();

        assertThat(report.deleted()).isEqualTo(60);
        assertThat(world.repository.runs().recent(10)).extracting(SweepRun::id).containsExactly(other[0].id());
    }
}
