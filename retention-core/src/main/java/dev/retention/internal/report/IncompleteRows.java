package dev.retention.internal.report;

import dev.retention.Backlog.Some;
import dev.retention.internal.support.Texts;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.RecordingRepository;
import dev.retention.spi.RecordingSource.Counts;
import dev.retention.spi.RecordingSource.Incomplete;
import java.util.ArrayList;
import java.util.List;

/**
 * The live rows that no sweep can delete, since they have no storage key or no creation time. Nothing of them is in the
 * ledger, so that nobody would look at them if the report did not name them.
 */
public final class IncompleteRows {

    private IncompleteRows() {}

    static Incomplete of(RecordingRepository repository, DueCriteria criteria, Counts counts) {
        return counts.withoutKey() + counts.undated() == 0
                ? Incomplete.NONE
                : repository.recordings().incomplete(criteria, Some.MOST_NAMED);
    }

    /** A sentence for each kind of which there are any, for people. */
    public static List<String> sentences(RecordingRepository repository, DueCriteria criteria, Counts counts) {
        Incomplete rows = of(repository, criteria, counts);
        List<String> sentences = new ArrayList<>();
        if (counts.withoutKey() > 0) {
            sentences.add(counts.withoutKey() + " due recordings have no storage key, so that no storage can be asked: "
                    + named(counts.withoutKey(), rows.withoutKey())
                    + ". Give them their key, or soft-delete the rows if nothing was recorded");
        }
        if (counts.undated() > 0) {
            sentences.add(
                    counts.undated() + " recordings have no creation time, or one in the future or too early, so that"
                            + " they are kept: " + named(counts.undated(), rows.undated())
                            + ". Correct their creation time");
        }
        return sentences;
    }

    private static String named(long count, List<String> first) {
        return Texts.named(first) + (count > first.size() ? ", …" : "");
    }
}
