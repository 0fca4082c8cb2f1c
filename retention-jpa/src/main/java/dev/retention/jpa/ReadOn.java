package dev.retention.jpa;

import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/** Reads the first usable rows of a query: the very first may be ones that can't be read. */
final class ReadOn {

    /** So many times the wanted rows are read at most: a table of which nothing is usable is not read as a whole. */
    private static final int MOST = 256;

    private ReadOn() {}

    /**
     * The first usable rows.
     *
     * @param wanted how many, at most
     * @param read reads the first rows of the query, at most so many
     * @param usable what is usable of them, in their order
     */
    static <T> List<T> until(int wanted, IntFunction<List<Object[]>> read, Function<List<Object[]>, Stream<T>> usable) {
        for (int factor = 1; ; factor *= 4) {
            int most = wanted * factor;
            List<Object[]> rows = read.apply(most);
            List<T> found = usable.apply(rows).limit(wanted).toList();
            if (found.size() == wanted || rows.size() < most || factor >= MOST) {
                return found;
            }
        }
    }
}
