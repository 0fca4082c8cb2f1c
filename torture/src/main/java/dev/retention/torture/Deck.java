package dev.retention.torture;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The errands of a run. An errand is done when the journal has counted what it wants, whoever caused it. One that an
 * instance was given goes to the next instance when the first has died of something else.
 */
final class Deck {

    /** After so many further deletions, a fault that did not lead to what was wanted is tried on another recording. */
    private static final int PATIENCE = 40;

    private final Journal journal;
    private final List<Errand> errands;
    /** By instance, for as long as it lives. */
    private final Map<Integer, List<Errand>> inHand = new HashMap<>();

    private final Map<Errand, Integer> faultsTried = new HashMap<>();
    private final Set<String> directed = new HashSet<>();
    private int deletionsSeen;

    Deck(Journal journal, List<Errand> errands, Random random) {
        this.journal = journal;
        this.errands = new ArrayList<>(errands);
        Collections.shuffle(this.errands, random);
    }

    boolean isOpen(Errand errand) {
        return journal.counted(errand.wanted()) < errand.times();
    }

    /** Whether this is wanted and has not happened. */
    boolean isOpen(String wanted) {
        return errands.stream().anyMatch(errand -> errand.wanted().equals(wanted) && isOpen(errand));
    }

    /** What has not happened so far. */
    List<String> missing() {
        return errands.stream().filter(this::isOpen).map(Errand::wanted).toList();
    }

    /** What this new instance shall do: be odd, or lose a commit and then die at some point. May be empty. */
    synchronized List<Errand> deal(int instance) {
        Errand odd = next(Errand.By.ODD);
        List<Errand> dealt = new ArrayList<>();
        if (odd != null && anotherWorks(instance)) {
            dealt.add(odd);
        } else {
            // One that is frozen shall not die before.
            Errand stalling = next(Errand.By.STALLING);
            List<Errand.By> further = List.of(Errand.By.LOSING, Errand.By.DYING);
            for (Errand.By by : stalling == null ? further : List.of(Errand.By.STALLING)) {
                Errand errand = next(by);
                if (errand != null) {
                    dealt.add(errand);
                }
            }
        }
        inHand.put(instance, dealt);
        return dealt;
    }

    private @Nullable Errand next(Errand.By by) {
        return errands.stream()
                .filter(errand -> errand.by() == by && isOpen(errand))
                .filter(errand -> inHand.values().stream().noneMatch(dealt -> dealt.contains(errand)))
                .findFirst()
                .orElse(null);
    }

    /** Whether this instance has done everything that it was given, and something waits for a new one. */
    synchronized boolean isDone(int instance) {
        boolean done = inHand.getOrDefault(instance, List.of()).stream().noneMatch(this::isOpen);
        return done
                && (anotherWorks(instance) && next(Errand.By.ODD) != null
                        || Stream.of(Errand.By.STALLING, Errand.By.LOSING, Errand.By.DYING)
                                .anyMatch(by -> next(by) != null));
    }

    /** Odd ones do no work, so that one at least of the others is not odd. */
    private boolean anotherWorks(int instance) {
        return inHand.entrySet().stream()
                .filter(entry -> entry.getKey() != instance)
                .anyMatch(entry -> entry.getValue().stream().noneMatch(errand -> errand.by() == Errand.By.ODD));
    }

    /** The instance is gone: what it has not done is for others. */
    synchronized void handBack(int instance) {
        inHand.remove(instance);
    }

    /** How this deletion shall fail; null for as it comes. */
    synchronized @Nullable String faultFor(String sid) {
        deletionsSeen++;
        for (Errand errand : errands) {
            if (errand.by() != Errand.By.FAULT || !isOpen(errand) || directed.contains(sid)) {
                continue;
            }
            Integer tried = faultsTried.get(errand);
            if (tried == null || deletionsSeen - tried > PATIENCE) {
                faultsTried.put(errand, deletionsSeen);
                directed.add(sid);
                return errand.detail();
            }
        }
        return null;
    }

    /** Whether it has failed as it was told to, so that it does not fail by chance too. */
    synchronized boolean isDirected(String sid) {
        return directed.contains(sid);
    }
}
