package dev.retention;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a run did, over all instances that shared it. {@code checked} is the sum of the outcomes from {@code deleted} to {@code held}; what was due is
 * {@code checked + withoutKey + remaining}. In a preview {@code deleted} is what would be sent.
 *
 * @param checked recordings that were dealt with
 * @param deleted deleted by the storage's own answer
 * @param alreadyGone proven to have been deleted before
 * @param nothingStored without media, as the storage says
 * @param failed not deleted after a failure; tried again, or kept where no storage can delete it
 * @param deferred not deletable yet
 * @param unproven unknown to the storage, which proves nothing; left alone until a person acts
 * @param quarantined refused for good, or out of attempts; left alone until a person acts or its key changes
 * @param held due, and kept by a hold
 * @param withoutKey due, without a storage key
 * @param remaining due, and not dealt with in this run
 * @param undated live rows without a creation time or with one in the future; kept
 * @param cutoffs the cutoff of each policy by its name; a policy that keeps for ever is absent
 * @param audioFreed the sum of the durations of what was deleted, where known
 * @param started when the run began
 * @param ended when it ended
 * @param end why it ended
 * @param message what happened in one sentence, and what to do where something must be done
 */
public record SweepReport(
        long checked,
        long deleted,
        long alreadyGone,
        long nothingStored,
        long failed,
        long deferred,
        long unproven,
        long quarantined,
        long held,
        long withoutKey,
        long remaining,
        long undated,
        Map<String, Instant> cutoffs,
        Duration audioFreed,
        Instant started,
        Instant ended,
        SweepEnd end,
        String message) {

    public SweepReport {
        cutoffs = Map.copyOf(cutoffs);
        long sum = deleted + alreadyGone + nothingStored + failed + deferred + unproven + quarantined + held;
        if (checked != sum) {
            throw new IllegalArgumentException("checked=" + checked + " is not the sum of the outcomes, " + sum);
        }
    }

    /** One line of key=value. Only counts that are always of interest, or not zero. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder()
                .append("checked=")
                .append(checked)
                .append(" deleted=")
                .append(deleted);
        append(text, "alreadyGone", alreadyGone);
        append(text, "nothingStored", nothingStored);
        text.append(" failed=").append(failed);
        append(text, "deferred", deferred);
        append(text, "unproven", unproven);
        append(text, "quarantined", quarantined);
        text.append(" held=").append(held);
        append(text, "withoutKey", withoutKey);
        append(text, "remaining", remaining);
        append(text, "undated", undated);
        String single = cutoffs.size() == 1 ? cutoffs.values().iterator().next().toString() : null;
        text.append(" cutoff=")
                .append(
                        single != null
                                ? single
                                : cutoffs.entrySet().stream()
                                        .sorted(Map.Entry.comparingByKey())
                                        .map(e -> e.getKey() + ":" + e.getValue())
                                        .collect(Collectors.joining(",", "[", "]")));
        if (!audioFreed.isZero()) {
            text.append(" audioFreed=").append(audioFreed);
        }
        return text.append(" end=").append(end).toString();
    }

    private static void append(StringBuilder text, String name, long count) {
        if (count != 0) {
            text.append(' ').append(name).append('=').append(count);
        }
    }
}
