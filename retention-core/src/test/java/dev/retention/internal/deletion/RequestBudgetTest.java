package dev.retention.internal.deletion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.internal.deletion.RequestBudget.Share;
import dev.retention.internal.deletion.RequestBudget.Turn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RequestBudgetTest {

    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final Duration A_LITTLE = Duration.ofNanos(1);

    private final Fixture fixture = new Fixture();
    private final List<String> woken = new ArrayList<>();
    private final RequestBudget budget = budget(4, null);
    private final Share sweep = share("sweep");
    private final Share erasure = share("erasure");

    private RequestBudget budget(int slots, Double rate) {
        return new RequestBudget(slots, rate, fixture.ticker());
    }

    private Share share(String work) {
        return new Share(work, () -> woken.add(work));
    }

    private void take(RequestBudget from, Share share, int times) {
        for (int i = 0; i < times; i++) {
            assertThat(from.takeTurn(share)).isEqualTo(Turn.TAKEN);
        }
    }

    @Test
    void oneMayTakeAllWhileNoOtherWaits() {
        take(budget, sweep, 4);
        assertThat(budget.takeTurn(sweep)).isEqualTo(Turn.NO_SLOT);
        assertThat(budget.taken()).isEqualTo(4);
        budget.give(sweep);
        take(budget, sweep, 1);
    }

    @Test
    void whoeverHasFewestComesFirst() {
        take(budget, sweep, 4);
        assertThat(budget.takeTurn(erasure)).isEqualTo(Turn.NO_SLOT);
        budget.give(sweep);
        assertThat(woken).containsExactly("erasure");
        assertThat(budget.takeTurn(sweep)).as("left to the erasure").isEqualTo(Turn.NO_SLOT);
        take(budget, erasure, 1);
        assertThat(budget.takeTurn(erasure)).isEqualTo(Turn.NO_SLOT);
        budget.give(sweep);
        take(budget, erasure, 1);
        assertThat(budget.takeTurn(sweep)).isEqualTo(Turn.NO_SLOT);
        budget.give(sweep);
        take(budget, sweep, 1);
        assertThat(budget.takeTurn(sweep)).as("two each").isEqualTo(Turn.NO_SLOT);
        assertThat(budget.takeTurn(erasure)).isEqualTo(Turn.NO_SLOT);
    }

    /** Else work that waits for its account would use up the rate of those that can send. */
    @Test
    void aTurnThatWasNotUsedIsLeftToOthers() {
        RequestBudget one = budget(4, 1.0);
        take(one, erasure, 1);
        assertThat(one.takeTurn(sweep)).isEqualTo(Turn.TOO_EARLY);
        one.giveBackTurn(erasure);
        assertThat(woken).containsExactly("sweep");
        take(one, sweep, 1);
        assertThat(one.takeTurn(sweep)).isEqualTo(Turn.TOO_EARLY);
        assertThat(one.taken()).isEqualTo(1);
    }

    @Test
    void thoseThatHaveEquallyManyTakeTurns() {
        RequestBudget one = budget(1, null);
        take(one, sweep, 1);
        assertThat(one.takeTurn(erasure)).isEqualTo(Turn.NO_SLOT);
        one.give(sweep);
        assertThat(one.takeTurn(sweep)).isEqualTo(Turn.NO_SLOT);
        take(one, erasure, 1);
        one.give(erasure);
        assertThat(one.takeTurn(erasure)).isEqualTo(Turn.NO_SLOT);
        take(one, sweep, 1);
    }

    @Test
    void whatIsFreeForAllIsLeftToNobody() {
        take(budget, sweep, 4);
        budget.takeTurn(erasure);
        budget.give(sweep);
        budget.give(sweep);
        assertThat(budget.takeTurn(sweep))
                .as("one of two is left to the erasure")
                .isEqualTo(Turn.TAKEN);
        assertThat(budget.takeTurn(sweep)).isEqualTo(Turn.NO_SLOT);
    }

    @Test
    void oneThatDoesNotAskAgainIsNotWaitedForForLong() {
        take(budget, sweep, 4);
        budget.takeTurn(erasure);
        budget.give(sweep);
        fixture.pass(PATIENCE);
        assertThat(budget.takeTurn(sweep)).isEqualTo(Turn.NO_SLOT);
        fixture.pass(A_LITTLE);
        take(budget, sweep, 1);
    }

    @Test
    void oneThatLeavesIsNotWaitedFor() {
        take(budget, sweep, 4);
        budget.takeTurn(erasure);
        Share third = share("third");
        budget.takeTurn(third);
        budget.leave(erasure);
        assertThat(woken).containsExactly("third");
        budget.give(sweep);
        assertThat(woken).as("woken once").containsExactly("third");
        assertThat(budget.takeTurn(third)).isEqualTo(Turn.TAKEN);
        budget.give(sweep);
        take(budget, sweep, 1);
    }

    @Test
    void itsOwnWorkIsNotWoken() {
        take(budget, sweep, 4);
        Share another = new Share("sweep", () -> woken.add("another of the sweep"));
        budget.takeTurn(another);
        budget.give(sweep);
        assertThat(woken).isEmpty();
        assertThat(budget.takeTurn(sweep)).as("it comes first all the same").isEqualTo(Turn.NO_SLOT);
        assertThat(budget.takeTurn(another)).isEqualTo(Turn.TAKEN);
    }

    @Test
    void theRateIsOneForAll() {
        RequestBudget slow = budget(4, 2.0);
        take(slow, sweep, 1);
        assertThat(slow.takeTurn(erasure)).isEqualTo(Turn.TOO_EARLY);
        assertThat(slow.nanosToNextTurn()).isEqualTo(Duration.ofMillis(500).toNanos());
        fixture.pass(Duration.ofMillis(500));
        assertThat(slow.takeTurn(sweep)).as("left to the erasure").isEqualTo(Turn.TOO_EARLY);
        assertThat(slow.nanosToNextTurn())
                .as("no wait without time, and none for long")
                .isEqualTo(Duration.ofMillis(50).toNanos());
        take(slow, erasure, 1);
        assertThat(slow.takeTurn(sweep)).isEqualTo(Turn.TOO_EARLY);
        assertThat(slow.takeSlot(sweep)).as("identifications are not limited").isEqualTo(Turn.TAKEN);
        assertThat(slow.taken()).isEqualTo(3);
    }

    @Test
    void aShareReturnsAllAtOnce() {
        take(budget, sweep, 3);
        take(budget, erasure, 1);
        budget.giveAll(sweep);
        assertThat(budget.taken()).isEqualTo(1);
        take(budget, erasure, 3);
    }
}
