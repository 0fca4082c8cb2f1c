package dev.retention;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a run did, over all instances that shared it. {@code checked} is the sum of the outcomes from {@code deleted} to
 * {@code held}; the number of due recordings is {@code checked + withoutKey + remaining}. In a preview, {@code deleted}
 * is the number of deletions that would be sent. Counts are recordings; times are the database's.
 *
 * @param checked recordings that were processed
 * @param deleted deleted, as the storage's own answer says
 * @param alreadyGone proven to have been deleted before
 * @param nothingStored without media, as the storage says
 * @param failed not deleted after a failure and tried again later, or kept where no storage can delete it
 * @param deferred not deletable yet, or kept for another row with the same key; tried again later
 * @param unproven not found by the storage, which proves nothing; needs a decision
 * @param quarantined refused permanently, or out of attempts; needs a decision, or another storage key
 * @param held due, and kept by a hold
 * @param withoutKey due, without a storage key
 * @param remaining due, and not processed in this run
 * @param undated live rows without a creation time, or with one in the future or too early; kept
 * @param engineDeleted recordings that have reached their age, whose rows the engine has soft-deleted itself, without a
 *     proof that their audio is deleted, and without a hold; not among the due ones
 * @param cutoffs the cutoff of each policy by its name; a policy that keeps permanently is absent
 * @param audioFreed the sum of the durations of the deleted recordings, as far as they are known; zero if none is
 * @param started when the run began
 * @param ended when it ended
 * @param end why it ended
 * @param message for people: what happened, and what to do if something must be done
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
        long engineDeleted,
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

    /** One line of {@code key=value} for the log. What is zero or empty is mostly left out. */
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
        append(text, "engineDeleted", engineDeleted);
        String single = cutoffs.size() == 1 ? cutoffs.values().iterator().next().toString() : null;
        if (!cutoffs.isEmpty()) {
            text.append(" cutoff=")
                    .append(
                            single != null
                                    ? single
                                    : cutoffs.entrySet().stream()
                                            .sorted(Map.Entry.comparingByKey())
                                            .map(e -> e.getKey() + ":" + e.getValue())
                                            .collect(Collectors.joining(",", "[", "]")));
        }
        if (!audioFreed.isZero()) {
            // Such as 76h30m: without spaces, or what reads the log would cut the value.
            String hours = audioFreed.truncatedTo(ChronoUnit.SECONDS).toString().substring(2);
            text.append(" audioFreed=").append(hours.toLowerCase(Locale.ROOT));
        }
        return text.append(" end=").append(end).toString();
    }

    private static void append(StringBuilder text, String name, long count) {
        if (count != 0) {
            text.append(' ').append(name).append('=').append(count);
        }
    }

    /** Starts building a report. Counts that are not set are zero; {@code checked} is the sum of the outcomes. */
    public static Builder builder(Instant started, Instant ended, SweepEnd end, String message) {
        return new Builder(started, ended, end, message);
    }

    /** Builds a report. Not thread-safe. */
    public static final class Builder {
        private long deleted;
        private long alreadyGone;
        private long nothingStored;
        private long failed;
        private long deferred;
        private long unproven;
        private long quarantined;
        private long held;
        private long withoutKey;
        private long remaining;
        private long undated;
        private long engineDeleted;
        private Map<String, Instant> cutoffs = Map.of();
        private Duration audioFreed = Duration.ZERO;
        private final Instant started;
        private final Instant ended;
        private final SweepEnd end;
        private final String message;

        private Builder(Instant started, Instant ended, SweepEnd end, String message) {
            this.started = started;
            this.ended = ended;
            this.end = end;
            this.message = message;
        }

        /** Deleted, as the storage's own answer says. */
        public Builder deleted(long deleted) {
            this.deleted = deleted;
            return this;
        }

        /** Proven to have been deleted before. */
        public Builder alreadyGone(long alreadyGone) {
            this.alreadyGone = alreadyGone;
            return this;
        }

        /** Without media, as the storage says. */
        public Builder nothingStored(long nothingStored) {
            this.nothingStored = nothingStored;
            return this;
        }

        /** Not deleted after a failure, or kept where no storage can delete it. */
        public Builder failed(long failed) {
            this.failed = failed;
            return this;
        }

        /** Not deletable yet. */
        public Builder deferred(long deferred) {
            this.deferred = deferred;
            return this;
        }

        /** Not found by the storage, which proves nothing. */
        public Builder unproven(long unproven) {
            this.unproven = unproven;
            return this;
        }

        /** Refused permanently, or out of attempts. */
        public Builder quarantined(long quarantined) {
            this.quarantined = quarantined;
            return this;
        }

        /** Due, and kept by a hold. */
        public Builder held(long held) {
            this.held = held;
            return this;
        }

        /** Due, without a storage key. */
        public Builder withoutKey(long withoutKey) {
            this.withoutKey = withoutKey;
            return this;
        }

        /** Due, and not processed in this run. */
        public Builder remaining(long remaining) {
            this.remaining = remaining;
            return this;
        }

        /** Live rows without a creation time, or with one in the future. */
        public Builder undated(long undated) {
            this.undated = undated;
            return this;
        }

        /** Soft-deleted by the engine itself, and not proven to be deleted. */
        public Builder engineDeleted(long engineDeleted) {
            this.engineDeleted = engineDeleted;
            return this;
        }

        /** The cutoff of each policy by its name; none for a policy that keeps permanently. */
        public Builder cutoffs(Map<String, Instant> cutoffs) {
            this.cutoffs = cutoffs;
            return this;
        }

        /** The sum of the durations of the deleted recordings; zero unless set. */
        public Builder audioFreed(Duration audioFreed) {
            this.audioFreed = audioFreed;
            return this;
        }

        /** The report, with the sum of the outcomes as {@code checked}. */
        public SweepReport build() {
            return new SweepReport(
                    deleted + alreadyGone + nothingStored + failed + deferred + unproven + quarantined + held,
                    deleted,
                    alreadyGone,
                    nothingStored,
                    failed,
                    deferred,
                    unproven,
                    quarantined,
                    held,
                    withoutKey,
                    remaining,
                    undated,
                    engineDeleted,
                    cutoffs,
                    audioFreed,
                    started,
                    ended,
                    end,
                    message);
        }
    }
}
