package dev.retention.test;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * A race in rounds between sides that start at once. It continues until each side has won, since a race that one side
 * always wins shows nothing. The side that wins alone starts later in the next round, so that the sides stay close to
 * each other on any machine, and a side that is slower wins too.
 *
 * <p>Time decides nothing here but who starts first. The number of rounds is bounded, and a side that never won fails
 * the test.
 */
final class Contest {

    /** How many {@link #byThreads} starts. */
    static final int THREADS = 4;

    /** So many rounds with the longest head start for one side are no bad luck any more. */
    private static final int FURTHER_ROUNDS = 300;

    private static final int JITTER_NANOS = 200_000;
    private static final long SHORTEST_DELAY_NANOS = 20_000;
    private static final long LONGEST_DELAY_NANOS = 100_000_000;
    /** Only a thread that hangs needs this long. */
    private static final long HUNG_MINUTES = 3;

    private final Random random;
    private final int rounds;
    private final List<String> sides;
    private final long[] delays;
    private final boolean[] wonOnce;
    private final boolean[] wonNow;
    private int round = -1;

    /**
     * A contest of at least so many rounds.
     *
     * @param random varies who starts first
     * @param sides their names
     */
    Contest(Random random, int rounds, String... sides) {
        this.random = random;
        this.rounds = rounds;
        this.sides = List.of(sides);
        this.delays = new long[sides.length];
        this.wonOnce = new boolean[sides.length];
        this.wonNow = new boolean[sides.length];
    }

    /** Begins the next round, unless there were enough and each side has won. */
    synchronized boolean goesOn() {
        if (round >= 0) {
            adjustDelays();
        }
        round++;
        List<String> losers = IntStream.range(0, sides.size())
                .filter(side -> !wonOnce[side])
                .mapToObj(sides::get)
                .toList();
        if (round >= rounds && losers.isEmpty()) {
            return false;
        }
        assertThat(round)
                .as("rounds without a win of %s, however late the others started", losers)
                .isLessThan(rounds + FURTHER_ROUNDS);
        return true;
    }

    /** The number of this round, 0 for the first; after the last round how many there were. */
    synchronized int round() {
        return round;
    }

    /** This side won this round, or some of it. May be called by several threads. */
    synchronized void won(String side) {
        int index = sides.indexOf(side);
        wonOnce[index] = true;
        wonNow[index] = true;
    }

    /** Something that a thread does for a side. */
    <T> Entrant<T> entrant(String side, Callable<T> work) {
        return new Entrant<>(delays[sides.indexOf(side)] + random.nextInt(JITTER_NANOS), work);
    }

    /** Runs all of them at once and waits for them. */
    void start(Collection<? extends Entrant<?>> entrants) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(entrants.size());
        try {
            CyclicBarrier start = new CyclicBarrier(entrants.size());
            List<Future<?>> futures = new ArrayList<>();
            for (Entrant<?> entrant : entrants) {
                futures.add(executor.submit(() -> {
                    start.await(HUNG_MINUTES, TimeUnit.MINUTES);
                    entrant.run();
                    return null;
                }));
            }
            for (Future<?> future : futures) {
                future.get(HUNG_MINUTES, TimeUnit.MINUTES);
            }
        } finally {
            executor.shutdownNow();
        }
    }

    /** Runs this in several threads at once, which belong to the sides in turn. */
    <T> List<T> byThreads(ThreadWork<T> work) throws Exception {
        List<Entrant<T>> entrants = IntStream.range(0, THREADS)
                .mapToObj(thread -> entrant(sideOf(thread), () -> work.of(thread)))
                .toList();
        start(entrants);
        return entrants.stream().map(Entrant::result).toList();
    }

    /** The side of a thread of {@link #byThreads}. */
    String sideOf(int thread) {
        return sides.get(thread % sides.size());
    }

    private void adjustDelays() {
        int winners = 0;
        for (boolean won : wonNow) {
            winners += won ? 1 : 0;
        }
        for (int side = 0; side < wonNow.length; side++) {
            if (winners == 1) {
                delays[side] = wonNow[side]
                        ? Math.min(LONGEST_DELAY_NANOS, Math.max(SHORTEST_DELAY_NANOS, delays[side] * 2))
                        : delays[side] / 2;
            }
            wonNow[side] = false;
        }
    }

    interface ThreadWork<T> {
        T of(int thread) throws Exception;
    }

    /** One thread's part in a round. */
    static final class Entrant<T> {

        private final long delayNanos;
        private final Callable<T> work;
        private final List<T> result = new ArrayList<>();

        private Entrant(long delayNanos, Callable<T> work) {
            this.delayNanos = delayNanos;
            this.work = work;
        }

        private void run() throws Exception {
            long start = System.nanoTime();
            while (System.nanoTime() - start < delayNanos) {
                Thread.onSpinWait();
            }
            result.add(work.call());
        }

        /** What the work returned, after the start has returned. */
        T result() {
            return result.get(0);
        }
    }
}
