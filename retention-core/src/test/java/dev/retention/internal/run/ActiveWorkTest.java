package dev.retention.internal.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retention.RetentionException;
import dev.retention.internal.run.ActiveWork.Turn;
import dev.retention.internal.support.StopSignal;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ActiveWorkTest {

    /** Only what hangs takes so long. */
    private static final long HUNG_MINUTES = 3;

    private final ActiveWork active = new ActiveWork();
    private final ExecutorService other = Executors.newSingleThreadExecutor();

    @AfterEach
    void stop() {
        other.shutdownNow();
    }

    private Turn sweep() throws InterruptedException {
        return active.beginSweep().orElseThrow();
    }

    private Turn recovery() {
        return active.beginRecovery().orElseThrow();
    }

    /** A sweep that waits for the recovery. */
    private Future<Optional<Turn>> waitingSweep(Turn recovery) {
        Future<Optional<Turn>> sweep = other.submit(active::beginSweep);
        while (!recovery.stop().isLeaving()) {
            Thread.onSpinWait();
        }
        return sweep;
    }

    @Test
    void oneSweepOrRecoveryAtATime() throws Exception {
        Turn sweep = sweep();
        assertThat(active.beginSweep()).isEmpty();
        assertThat(active.beginRecovery()).isEmpty();
        active.end(sweep);
        Turn recovery = recovery();
        assertThat(active.beginRecovery()).isEmpty();
        assertThat(recovery.stop().isLeaving()).isFalse();
        active.end(recovery);
        assertThat(active.beginSweep()).isPresent();
    }

    @Test
    void aSweepBeginsWhenTheRecoveryHasLeftAndNothingComesBetween() throws Exception {
        Turn recovery = recovery();
        Future<Optional<Turn>> sweep = waitingSweep(recovery);
        assertThat(recovery.stop().isRequested())
                .as("what is in flight is finished")
                .isFalse();
        // The waiting sweep can't go on before this thread gives the lock up.
        synchronized (active) {
            assertThat(active.beginSweep()).isEmpty();
            active.end(recovery);
            assertThat(active.beginSweep()).isEmpty();
            assertThat(active.beginRecovery()).isEmpty();
            assertThat(sweep).isNotDone();
        }
        assertThat(sweep.get(HUNG_MINUTES, TimeUnit.MINUTES)).isPresent();
        assertThat(active.beginRecovery()).isEmpty();
    }

    @Test
    void aSweepThatWasInterruptedWaitsNoMore() throws Exception {
        Turn recovery = recovery();
        Future<Optional<Turn>> sweep = waitingSweep(recovery);
        other.shutdownNow();
        assertThatThrownBy(() -> sweep.get(HUNG_MINUTES, TimeUnit.MINUTES))
                .hasCauseInstanceOf(InterruptedException.class);
        assertThat(active.beginRecovery()).isEmpty();
        active.end(recovery);
        assertThat(active.beginRecovery()).isPresent();
    }

    @Test
    void anErasureGoesBesideBoth() throws Exception {
        StopSignal erasure = active.beginErasure();
        Turn sweep = sweep();
        active.end(erasure);
        assertThat(active.beginSweep()).isEmpty();
        active.end(sweep);
    }

    @Test
    void saysWhichRunItWorksOn() throws Exception {
        Turn sweep = sweep();
        assertThat(active.whatSweeps()).contains("about to begin");
        sweep.worksOn("run-1");
        assertThat(active.whatSweeps()).contains("run run-1");
    }

    @Test
    void closingStopsWhatRunsAndWhatBeginsLater() throws Exception {
        Turn sweep = sweep();
        StopSignal erasure = active.beginErasure();
        active.close(Duration.ofMillis(1));
        assertThat(sweep.stop().isRequested()).isTrue();
        assertThat(erasure.isRequested()).isTrue();
        assertThat(active.isClosed()).isTrue();
        assertThatThrownBy(active::refuseIfClosed)
                .isInstanceOf(RetentionException.class)
                .hasMessageContaining("closed");
        assertThat(active.beginErasure().isRequested()).isTrue();
        active.end(sweep);
        assertThat(sweep().stop().isRequested()).isTrue();
    }

    @Test
    void closingReturnsWhenAllHasEnded() throws Exception {
        Turn sweep = sweep();
        FutureTask<?> closing = new FutureTask<>(() -> active.close(Duration.ofHours(1)), null);
        Thread closer = new Thread(closing, "closer");
        closer.setDaemon(true);
        closer.start();
        // It waits, and for nothing but the sweep, or has returned without waiting.
        while (closer.getState() != Thread.State.TIMED_WAITING && !closing.isDone()) {
            Thread.onSpinWait();
        }
        assertThat(sweep.stop().isRequested()).isTrue();
        assertThat(closing).isNotDone();
        active.end(sweep);
        closing.get(HUNG_MINUTES, TimeUnit.MINUTES);
    }
}
