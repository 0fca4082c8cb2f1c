package dev.retention.torture;

import java.util.List;
import java.util.Random;

/** What is drawn from the seed, by several threads. */
final class Draw {

    private final Random random;

    Draw(long seed) {
        random = new Random(seed);
    }

    synchronized int below(int bound) {
        return random.nextInt(bound);
    }

    <T> T oneOf(List<T> things) {
        return things.get(below(things.size()));
    }
}
