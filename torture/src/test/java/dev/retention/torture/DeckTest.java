package dev.retention.torture;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DeckTest {

    private static final Errand DIE = Errand.dying(CrashPoint.C7_OUTCOME_NOT_COMMITTED);
    private static final Errand LOSE = Errand.losing("record");
    private static final Errand ODD = Errand.odd("brake CLONE", Odd.CLONE);
    private static final Errand CLOCK = Errand.odd("run CLOCKS_DISAGREE", Odd.CLOCK);
    private static final Errand NOT_YET = Errand.fault("answer NOT_YET", "409");

    private final Journal journal = new Journal();

    private Deck deck(Errand... errands) {
        return new Deck(journal, List.of(errands), new Random(1));
    }

    @Test
    void anErrandGoesToTheNextWhenItsInstanceHasDiedOfSomethingElse() {
        Deck deck = deck(DIE, LOSE);
        assertThat(deck.deal(1)).containsExactly(LOSE, DIE);
        assertThat(deck.deal(2)).isEmpty();
        journal.count(LOSE.wanted());
        deck.handBack(1);
        assertThat(deck.deal(3)).containsExactly(DIE);
        journal.count(DIE.wanted());
        deck.handBack(3);
        assertThat(deck.deal(4)).isEmpty();
        assertThat(deck.missing()).isEmpty();
    }

    @Test
    void oneThatDoesNothingIsStartedBesideOneThatWorks() {
        Deck deck = deck(ODD, DIE);
        assertThat(deck.deal(1)).containsExactly(DIE);
        assertThat(deck.deal(2)).containsExactly(ODD);
        deck.handBack(2);
        assertThat(deck.deal(3)).containsExactly(ODD);
    }

    @Test
    void severalDoNothingForAsLongAsOneWorks() {
        Deck deck = deck(ODD, CLOCK, DIE);
        assertThat(deck.deal(1)).containsExactly(DIE);
        assertThat(deck.deal(2)).containsAnyOf(ODD, CLOCK);
        assertThat(deck.isDone(2))
                .as("it has not shown yet that it does nothing")
                .isFalse();
        journal.count(DIE.wanted());
        assertThat(deck.isDone(1)).as("no other one works").isFalse();
        assertThat(deck.deal(3)).containsAnyOf(ODD, CLOCK);
        deck.handBack(1);
        assertThat(deck.deal(4)).isEmpty();
    }

    @Test
    void anInstanceThatHasDoneEverythingMakesRoomForTheNext() {
        Deck deck = deck(LOSE, DIE);
        deck.deal(1);
        assertThat(deck.isDone(1)).isFalse();
        deck.deal(2);
        assertThat(deck.isDone(2)).as("nothing waits for another one").isFalse();
        deck.handBack(1);
        assertThat(deck.isDone(2)).isTrue();
        deck.deal(3);
        assertThat(deck.isDone(2)).isFalse();
        assertThat(deck.isDone(3)).isFalse();
    }

    @Test
    void aFaultIsTriedOnAnotherRecordingUntilItHasLedToWhatIsWanted() {
        Deck deck = deck(NOT_YET);
        assertThat(deck.faultFor("first")).isEqualTo("409");
        assertThat(deck.isDirected("first")).isTrue();
        for (int i = 0; i < 40; i++) {
            assertThat(deck.faultFor("other-" + i)).isNull();
        }
        assertThat(deck.faultFor("second")).isEqualTo("409");
        journal.count(NOT_YET.wanted());
        for (int i = 0; i < 100; i++) {
            assertThat(deck.faultFor("later-" + i)).isNull();
        }
    }

    @Test
    void whatHasNotHappenedIsListed() {
        Deck deck = deck(DIE, Errand.others("freeze"));
        assertThat(deck.isOpen("freeze")).isTrue();
        journal.count("freeze");
        assertThat(deck.isOpen("freeze")).isFalse();
        assertThat(deck.missing()).containsExactly(DIE.wanted());
    }
}
