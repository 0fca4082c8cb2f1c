package dev.retention.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class ContestTest {

    private final Random random = new Random(1);

    @Test
    void goesOnForItsRoundsWhenEachSideHasWon() {
        Contest contest = new Contest(random, 7, "one", "two");
        int rounds = 0;
        while (contest.goesOn()) {
            assertThat(contest.round()).isEqualTo(rounds++);
            contest.won("one");
            contest.won("two");
        }
        assertThat(rounds).isEqualTo(7);
        assertThat(contest.round()).isEqualTo(7);
    }

    @Test
    void goesOnUntilTheLastSideHasWon() {
        Contest contest = new Contest(random, 1, "one", "two");
        while (contest.goesOn()) {
            contest.won(contest.round() < 20 ? "one" : "two");
        }
        assertThat(contest.round()).isEqualTo(21);
    }

    @Test
    void failsWhenASideNeverWins() {
        Contest contest = new Contest(random, 1, "one", "two");
        assertThatThrownBy(() -> {
                    while (contest.goesOn()) {
                        contest.won("one");
                    }
                })
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("without a win of [two]");
    }

    /** The second has more to do before it gets there, by far. */
    @Test
    void letsTheSlowerSideWinToo() throws Exception {
        AtomicInteger work = new AtomicInteger();
        Contest contest = new Contest(random, 1, "fast", "slow");
        while (contest.goesOn()) {
            AtomicReference<String> first = new AtomicReference<>();
            contest.start(List.of(
                    contest.entrant("fast", () -> first.compareAndSet(null, "fast")), contest.entrant("slow", () -> {
                        for (int i = 0; i < 500_000; i++) {
                            work.incrementAndGet();
                        }
                        return first.compareAndSet(null, "slow");
                    })));
            contest.won(first.get());
        }
        assertThat(work.get()).isEqualTo(contest.round() * 500_000);
    }

    @Test
    void startsItsThreadsForTheSidesInTurnAndHandsOutWhatTheyReturn() throws Exception {
        Contest contest = new Contest(random, 1, "even", "odd");
        contest.goesOn();
        assertThat(contest.byThreads(thread -> contest.sideOf(thread) + thread))
                .containsExactly("even0", "odd1", "even2", "odd3");
    }

    @Test
    void throwsWhatAThreadThrows() {
        Contest contest = new Contest(random, 1, "one", "two");
        contest.goesOn();
        assertThatThrownBy(() -> contest.byThreads(thread -> {
                    if (thread == 2) {
                        throw new IllegalStateException("broken");
                    }
                    return thread;
                }))
                .isInstanceOf(ExecutionException.class)
                .hasRootCauseMessage("broken");
    }
}
