package dev.retention.internal.account;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConcurrencyLimitTest {

    /**
     * A provider that answers after 50 ms, others who share the account, and us, for 40 s of virtual time in
     * milliseconds.
     */
    private static final class Simulation {

        private static final int DURATION = 40_000;
        private static final int LATENCY = 50;

        private final ConcurrencyLimit limit;
        private final int refusalLatency;
        private final IntUnaryOperator allowed;
        private final int others;
        private final Random random = new Random(1);
        private final PriorityQueue<Answer> answers = new PriorityQueue<>(Comparator.comparingInt(Answer::at));
        private final int[] done = new int[DURATION];
        private final int[] refused = new int[DURATION];
        private final int[] othersDone = new int[DURATION];
        private final int[] othersRefused = new int[DURATION];
        private boolean header;
        private int now;
        private int inProvider;
        private int othersUnderWay;
        private int mostUnderWay;

        private record Answer(int at, boolean ours, boolean refused, int sentAt, int concurrent) {}

        Simulation(ConcurrencyLimit limit, int refusalLatency, IntUnaryOperator allowed, int others) {
            this.limit = limit;
            this.refusalLatency = refusalLatency;
            this.allowed = allowed;
            this.others = others;
        }

        /** The provider says with each answer how many requests are under way. */
        Simulation withHeader() {
            header = true;
            return this;
        }

        void run() {
            for (now = 0; now < DURATION; now++) {
                while (!answers.isEmpty() && answers.peek().at() <= now) {
                    take(answers.poll());
                }
                while (othersUnderWay < others || limit.underWay() < limit.current()) {
                    send(limit.underWay() < limit.current() && (othersUnderWay >= others || random.nextBoolean()));
                }
            }
        }

        private void send(boolean ours) {
            boolean isRefused = inProvider >= allowed.applyAsInt(now);
            int concurrent = inProvider + 1;
            if (ours) {
                limit.sent();
                mostUnderWay = Math.max(mostUnderWay, limit.underWay());
            } else {
                othersUnderWay++;
            }
            if (!isRefused) {
                inProvider++;
            }
            int wait = isRefused ? refusalLatency : (int) (LATENCY * (0.9 + 0.2 * random.nextDouble()));
            answers.add(new Answer(now + wait, ours, isRefused, now, concurrent));
        }

        private void take(Answer answer) {
            if (!answer.refused()) {
                inProvider--;
            }
            if (answer.ours()) {
                limit.answered(
                        answer.refused(),
                        header ? answer.concurrent() : null,
                        answer.sentAt() * 1_000_000L,
                        now * 1_000_000L);
                (answer.refused() ? refused : done)[now]++;
            } else {
                othersUnderWay--;
                (answer.refused() ? othersRefused : othersDone)[now]++;
            }
        }

        double rate(int from, int to) {
            return sum(done, from, to) * 1000.0 / (to - from);
        }

        double refusedShare(int from, int to) {
            return share(refused, done, from, to);
        }

        long refusals(int from, int to) {
            return sum(refused, from, to) + sum(othersRefused, from, to);
        }

        double othersRefusedShare(int from, int to) {
            return share(othersRefused, othersDone, from, to);
        }

        private static double share(int[] some, int[] others, int from, int to) {
            double part = sum(some, from, to);
            return part / Math.max(1, part + sum(others, from, to));
        }

        private static long sum(int[] counts, int from, int to) {
            return Arrays.stream(counts, from, to).sum();
        }
    }

    private static Simulation simulation(
            ConcurrencyLimit limit, int refusalLatency, IntUnaryOperator allowed, int live) {
        Simulation simulation = new Simulation(limit, refusalLatency, allowed, live);
        simulation.run();
        return simulation;
    }

    /** Refusals come at once, or as late as other answers. */
    @ParameterizedTest
    @ValueSource(ints = {1, 50})
    void reachesWhatIsConfiguredWhereMoreIsAllowed(int refusalLatency) {
        Simulation simulation = simulation(new ConcurrencyLimit(100, 0, null), refusalLatency, t -> 1_000, 0);
        assertThat(simulation.rate(3_000, 20_000)).isGreaterThan(0.98 * 100 * 20);
        assertThat(simulation.refusedShare(0, 20_000)).isZero();
        assertThat(simulation.mostUnderWay).isEqualTo(100);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 50})
    void findsWhatIsAllowedAndIsSeldomRefused(int refusalLatency) {
        Simulation simulation = simulation(new ConcurrencyLimit(100, 0, null), refusalLatency, t -> 15, 0);
        assertThat(simulation.rate(5_000, 20_000)).isGreaterThan(0.9 * 15 * 20);
        assertThat(simulation.refusedShare(5_000, 20_000)).isLessThan(0.01);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 50})
    void followsWhatIsAllowedWithinThreeSecondsBothWays(int refusalLatency) {
        Simulation simulation = simulation(
                new ConcurrencyLimit(100, 0, null), refusalLatency, t -> t < 5_000 || t > 12_000 ? 100 : 5, 0);
        assertThat(simulation.rate(3_000, 5_000)).isGreaterThan(0.95 * 100 * 20);
        assertThat(simulation.rate(8_000, 12_000)).isGreaterThan(0.85 * 5 * 20);
        assertThat(simulation.refusedShare(8_000, 12_000)).isLessThan(0.05);
        assertThat(simulation.rate(15_000, 20_000)).isGreaterThan(0.95 * 100 * 20);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 50})
    void usesAllThatIsAllowedWhereItIsToldThatNobodyElseIsThere(int refusalLatency) {
        Simulation simulation = new Simulation(
                        new ConcurrencyLimit(100, 0, null), refusalLatency, t -> t < 5_000 || t > 12_000 ? 15 : 5, 0)
                .withHeader();
        simulation.run();
        assertThat(simulation.rate(3_000, 5_000)).isGreaterThan(0.92 * 15 * 20);
        assertThat(simulation.refusedShare(3_000, 5_000)).isLessThan(0.02);
        assertThat(simulation.rate(8_000, 12_000)).isGreaterThan(0.92 * 5 * 20);
        assertThat(simulation.refusedShare(8_000, 12_000)).isLessThan(0.02);
        assertThat(simulation.rate(15_000, 20_000)).isGreaterThan(0.92 * 15 * 20);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 50})
    void givesWayToOthers(int refusalLatency) {
        Simulation simulation = simulation(new ConcurrencyLimit(100, 0, null), refusalLatency, t -> 100, 60);
        assertThat(simulation.rate(3_000, 20_000)).isGreaterThan(0.85 * 40 * 20);
        assertThat(simulation.othersRefusedShare(3_000, 20_000)).isLessThan(0.001);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 50})
    void leavesRoomToOthersWhereItIsToldHowManyThereAre(int refusalLatency) {
        ConcurrencyLimit limit = new ConcurrencyLimit(100, 0.2, 100);
        Simulation simulation = new Simulation(limit, refusalLatency, t -> 100, 60).withHeader();
        simulation.run();
        assertThat(simulation.rate(3_000, 20_000)).isGreaterThan(0.85 * 20 * 20);
        assertThat(simulation.othersRefusedShare(0, 20_000)).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 50})
    void learnsHowMuchRoomThereIsFromARefusal(int refusalLatency) {
        Simulation simulation =
                new Simulation(new ConcurrencyLimit(100, 0.2, null), refusalLatency, t -> 100, 60).withHeader();
        simulation.run();
        assertThat(simulation.rate(3_000, 20_000)).isBetween(0.7 * 20 * 20, 1.3 * 20 * 20);
        assertThat(simulation.othersRefusedShare(3_000, 20_000)).isLessThan(0.001);
    }

    /** Each try whether more is allowed is felt by others too. */
    @ParameterizedTest
    @ValueSource(ints = {1, 50})
    void triesMoreAndMoreSeldomWhereOthersAreThere(int refusalLatency) {
        Simulation simulation =
                new Simulation(new ConcurrencyLimit(100, 0.2, null), refusalLatency, t -> 20, 12).withHeader();
        simulation.run();
        assertThat(simulation.othersRefusedShare(3_000, 33_000)).isLessThan(0.001);
        assertThat(simulation.rate(3_000, 33_000)).isGreaterThan(0.7 * 4 * 20);
        assertThat(simulation.refusals(8_000, 40_000)).isLessThan(8);
    }

    /** The twin of the above: nobody else is hurt by a try. */
    @ParameterizedTest
    @ValueSource(ints = {1, 50})
    void goesOnTryingWhereItIsToldThatNobodyElseIsThere(int refusalLatency) {
        Simulation simulation = new Simulation(
                        new ConcurrencyLimit(100, 0.2, null), refusalLatency, t -> t < 25_000 ? 15 : 100, 0)
                .withHeader();
        simulation.run();
        assertThat(simulation.rate(30_000, 40_000)).isGreaterThan(0.9 * 80 * 20);
    }

    @Test
    void alwaysLetsOneGo() {
        ConcurrencyLimit limit = new ConcurrencyLimit(10, 0.9, 5);
        for (int i = 0; i < 100; i++) {
            limit.sent();
            limit.answered(true, 50, i, i);
        }
        assertThat(limit.current()).isEqualTo(1);
        assertThat(limit.underWay()).isZero();
    }

    private static void answerAll(ConcurrencyLimit limit, int rounds, long tookMillis) {
        long took = tookMillis * 1_000_000;
        for (int round = 1; round <= rounds; round++) {
            long now = round * took;
            int sent = 0;
            for (; limit.trySend(limit, 1, now); sent++) {
                assertThat(sent).isLessThan(1_000);
            }
            for (; sent > 0; sent--) {
                limit.answered(false, null, now - took, now);
            }
        }
    }

    @Test
    void risesNoMoreWhileAnswersTakeMuchLongerThanBefore() {
        ConcurrencyLimit limit = new ConcurrencyLimit(100, 0, null);
        answerAll(limit, 4, 300);
        int before = limit.current();
        assertThat(before).isBetween(5, 50);
        answerAll(limit, 1, 9_000);
        int slow = limit.current();
        answerAll(limit, 2, 9_000);
        assertThat(limit.current()).isEqualTo(slow);
        answerAll(limit, 9, 300);
        assertThat(limit.current()).as("fast again").isEqualTo(100);
    }

    @Test
    void risesWhereAnswersAlwaysTakeLong() {
        ConcurrencyLimit limit = new ConcurrencyLimit(100, 0, null);
        answerAll(limit, 12, 9_000);
        assertThat(limit.current()).isEqualTo(100);
    }

    /** A sweep and an erasure, say. */
    @Test
    void leavesTheNextRoomToWorkThatHasNone() {
        ConcurrencyLimit limit = new ConcurrencyLimit(1, 0, null);
        Object sweep = "sweep";
        Object erasure = "erasure";
        assertThat(limit.trySend(sweep, 0, 0)).isTrue();
        assertThat(limit.trySend(erasure, 0, 0)).isFalse();
        limit.withdrawn();
        assertThat(limit.trySend(sweep, 0, 1))
                .as("left to the erasure, also if it was the only one")
                .isFalse();
        assertThat(limit.trySend(erasure, 0, 1)).isTrue();
        limit.withdrawn();
        assertThat(limit.trySend(sweep, 1, 1)).as("nobody waits").isTrue();
    }

    @Test
    void leavesNoRoomForLongToWorkThatDoesNotAskAgain() {
        ConcurrencyLimit limit = new ConcurrencyLimit(1, 0, null);
        limit.sent();
        assertThat(limit.trySend("erasure", 0, 0)).isFalse();
        limit.withdrawn();
        assertThat(limit.trySend("sweep", 1, 1_999_999_999L)).isFalse();
        assertThat(limit.trySend("sweep", 1, 2_000_000_000L)).isTrue();
    }
}
