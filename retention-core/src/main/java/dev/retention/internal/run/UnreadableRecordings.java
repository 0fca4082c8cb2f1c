package dev.retention.internal.run;

import dev.retention.internal.support.Texts;
import java.util.Collection;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The due recordings that are kept in a run because this instance can't read their row or their ledger entry. */
final class UnreadableRecordings {

    private static final Logger log = LoggerFactory.getLogger(UnreadableRecordings.class);

    /** As many are counted. */
    static final int MOST_COUNTED = 10_000;

    private final TreeSet<String> ids = new TreeSet<>();

    /** The log says so when the first ones are met; the report of the run names all. */
    void add(Collection<String> unreadable) {
        boolean first = ids.isEmpty();
        unreadable.stream().limit(MOST_COUNTED - ids.size()).forEach(ids::add);
        if (first && !ids.isEmpty()) {
            log.warn("{}. All others are deleted", text());
        }
    }

    boolean isEmpty() {
        return ids.isEmpty();
    }

    /** For people; not for none. */
    String text() {
        String many = ids.size() < MOST_COUNTED ? "" : "at least ";
        return many + ids.size() + " due recordings are kept, because this instance can't read a value of their row or"
                + " their ledger entry, as when a newer version has written it, or does not find a row to which theirs"
                + " refers: " + Texts.named(ids) + ". Correct the values and references, or start a version of the"
                + " application that has them; the repository's log has the reason of each";
    }
}
