package dev.retention.spi;

import dev.retention.SweepReport;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The runs that the instances on one database share. At most one is open at a time. Times are the database's.
 *
 * <p>Threads, transactions, precision of times and errors are as in {@link RecordingRepository}.
 */
public interface SweepRuns {

    /**
     * Joins or opens a run: the run with the request's key if it exists, open or ended; else the open run; else a new
     * run with the request's values. Instances that call this at the same time get the same run.
     *
     * <p>Opens a run only if none was started since the caller judged the request: if the run that was started last is
     * still this one. Otherwise the request may allow more than is left, since the runs that were started meanwhile
     * have claimed recordings too.
     *
     * @param latestRunId the id of the {@link #latest} run when the request was judged; null if there was none
     * @return empty if there is no run to join, and another run was started and has ended meanwhile
     */
    Optional<SweepRun> joinOrOpenAfter(@Nullable String latestRunId, RunRequest request);

    /** The run with this key, open or ended; empty if there is none. */
    Optional<SweepRun> withKey(String key);

    /** The run with this id; empty if there is none. */
    Optional<SweepRun> find(String runId);

    /** The open run; empty if none is open. */
    Optional<SweepRun> open();

    /** The run that was started last, open or ended; empty if there was none. */
    Optional<SweepRun> latest();

    /**
     * The runs that were started last, newest first, open or ended.
     *
     * @param limit the most to return, at least 1
     */
    List<SweepRun> recent(int limit);

    /** The run with the end {@code COMPLETED} that ended last; empty if there was none. */
    Optional<SweepRun> lastCompleted();

    /** How many recordings the runs have claimed that started at this time or later. */
    long claimedSince(Instant started);

    /**
     * Moves the run's cursor by compare-and-set; the instance that moves it owns the page. This also records that an
     * instance is working on the run.
     *
     * @param from the run as it was read
     * @param next where the next page begins; null if the page was the last of the pass
     * @param now the database's time
     * @return false if another instance moved it, or the run has ended
     */
    boolean advance(SweepRun from, @Nullable String next, Instant now);

    /**
     * Starts another pass over the engine's table from the beginning, by compare-and-set.
     *
     * @param from the run as it was read
     * @param now the database's time
     * @return false if another instance did so, or the run has ended
     */
    boolean nextPass(SweepRun from, Instant now);

    /** Whether recordings of this run are in {@code DELETING} with a lease that has not expired. */
    boolean hasLiveClaims(String runId, Instant now);

    /**
     * Ends the run and stores its report.
     *
     * @return false if it has ended already; then its report remains
     */
    boolean end(String runId, SweepReport report);

    /**
     * A run to open.
     *
     * @param key what identifies it for all instances: its fire time, or a random text
     * @param owner the instance
     * @param judgedAt the instant by which the run judges ages
     * @param now the database's time
     * @param deadline when its time is over
     * @param policies the policies as text, of 100,000 characters at most: only instances with the same text work on
     *     the run, so that it is stored whole
     * @param maxDeletions how many recordings it may claim, over all instances; null for no limit
     */
    record RunRequest(
            String key,
            String owner,
            Instant judgedAt,
            Instant now,
            Instant deadline,
            String policies,
            @Nullable Long maxDeletions) {

        private static final int LONGEST_POLICIES = 100_000;

        /**
         * A request.
         *
         * @throws IllegalArgumentException for policies whose text is too long
         */
        public RunRequest {
            if (policies.length() > LONGEST_POLICIES) {
                throw new IllegalArgumentException("policies of " + policies.length() + " characters; at most "
                        + LONGEST_POLICIES + " are possible");
            }
        }
    }

    /**
     * A run.
     *
     * @param id its id
     * @param key what identifies it for all instances: its fire time, or a random text
     * @param judgedAt the instant by which it judges ages
     * @param started when it was opened
     * @param deadline when its time is over
     * @param policies the policies as text
     * @param maxDeletions how many recordings it may claim, over all instances; null for no limit
     * @param claimed how many recordings it has claimed
     * @param claimedBeforePass how many it had claimed when this pass began
     * @param pass the number of the current pass; 1 for the first
     * @param cursor where the next page begins; null for the start
     * @param passDone whether the last page of this pass was taken
     * @param aliveAt when an instance last worked on it
     * @param report how it ended; null while it is open
     */
    record SweepRun(
            String id,
            String key,
            Instant judgedAt,
            Instant started,
            Instant deadline,
            String policies,
            @Nullable Long maxDeletions,
            long claimed,
            long claimedBeforePass,
            int pass,
            @Nullable String cursor,
            boolean passDone,
            Instant aliveAt,
            @Nullable SweepReport report) {
        /** Starts building a run. What is not set is null, false or zero. */
        public static Builder builder(
                String id,
                String key,
                Instant judgedAt,
                Instant started,
                Instant deadline,
                String policies,
                Instant aliveAt) {
            return new Builder(id, key, judgedAt, started, deadline, policies, aliveAt);
        }

        /** A builder that starts with these values. */
        public Builder toBuilder() {
            return builder(id, key, judgedAt, started, deadline, policies, aliveAt)
                    .maxDeletions(maxDeletions)
                    .claimed(claimed)
                    .claimedBeforePass(claimedBeforePass)
                    .pass(pass)
                    .cursor(cursor)
                    .passDone(passDone)
                    .report(report);
        }

        /** Builds a run. Not thread-safe. */
        public static final class Builder {
            private final String id;
            private final String key;
            private final Instant judgedAt;
            private final Instant started;
            private final Instant deadline;
            private final String policies;
            private @Nullable Long maxDeletions;
            private long claimed;
            private long claimedBeforePass;
            private int pass;
            private @Nullable String cursor;
            private boolean passDone;
            private Instant aliveAt;
            private @Nullable SweepReport report;

            private Builder(
                    String id,
                    String key,
                    Instant judgedAt,
                    Instant started,
                    Instant deadline,
                    String policies,
                    Instant aliveAt) {
                this.id = id;
                this.key = key;
                this.judgedAt = judgedAt;
                this.started = started;
                this.deadline = deadline;
                this.policies = policies;
                this.aliveAt = aliveAt;
            }

            /** When an instance last worked on it. */
            public Builder aliveAt(Instant aliveAt) {
                this.aliveAt = aliveAt;
                return this;
            }

            /** How many recordings it may claim; null, the default, for no limit. */
            public Builder maxDeletions(@Nullable Long maxDeletions) {
                this.maxDeletions = maxDeletions;
                return this;
            }

            /** How many recordings it has claimed; 0 by default. */
            public Builder claimed(long claimed) {
                this.claimed = claimed;
                return this;
            }

            /** How many recordings it had claimed when this pass began; 0 by default. */
            public Builder claimedBeforePass(long claimedBeforePass) {
                this.claimedBeforePass = claimedBeforePass;
                return this;
            }

            /** The number of the current pass: 1 for the first. To be set always. */
            public Builder pass(int pass) {
                this.pass = pass;
                return this;
            }

            /** Where the next page begins; null, the default, for the start. */
            public Builder cursor(@Nullable String cursor) {
                this.cursor = cursor;
                return this;
            }

            /** Whether the last page of this pass was taken; false by default. */
            public Builder passDone(boolean passDone) {
                this.passDone = passDone;
                return this;
            }

            /** How it ended; null, the default, while it is open. */
            public Builder report(@Nullable SweepReport report) {
                this.report = report;
                return this;
            }

            /** The run with these values. */
            public SweepRun build() {
                return new SweepRun(
                        id,
                        key,
                        judgedAt,
                        started,
                        deadline,
                        policies,
                        maxDeletions,
                        claimed,
                        claimedBeforePass,
                        pass,
                        cursor,
                        passDone,
                        aliveAt,
                        report);
            }
        }
    }
}
