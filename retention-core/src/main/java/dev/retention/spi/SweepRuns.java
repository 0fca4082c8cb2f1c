package dev.retention.spi;

import dev.retention.SweepReport;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The runs that the instances on one database share. At most one is open at a time.
 */
public interface SweepRuns {

    /**
     * Joins or opens a run: the run with the request's key if there is one, open or ended; else the open run; else a new one,
     * with the request's values. Instances that call this at once get the same run.
     */
    SweepRun joinOrOpen(RunRequest request);

    /** The run with this key, open or ended. */
    Optional<SweepRun> withKey(String key);

    /** The run with this id. */
    Optional<SweepRun> find(String runId);

    /** The open run. */
    Optional<SweepRun> open();

    /** The run that was started last, open or ended. */
    Optional<SweepRun> latest();

    /** The runs that were started last, newest first, open or ended.
     *
     * @param limit the most to return, at least 1
     */
    List<SweepRun> recent(int limit);

    /** The run with the end {@code COMPLETED} that ended last. */
    Optional<SweepRun> lastCompleted();

    /** How many recordings were claimed by all runs that started at this time or later. */
    long claimedSince(Instant started);

    /**
     * Moves the run's cursor by compare-and-set; who moves it owns the page between. It also shows that the run is alive.
     *
     * @param from the run as it was read
     * @param next where the page ends; null when it was the last of the pass
     * @return false when somebody else moved it, or the run has ended
     */
    boolean advance(SweepRun from, @Nullable String next, Instant now);

    /**
     * Starts another pass over the run's table from the beginning, by compare-and-set.
     *
     * @return false when somebody else did, or the run has ended
     */
    boolean nextPass(SweepRun from, Instant now);

    /** Whether recordings of this run are in {@code DELETING} with a lease that lasts beyond now. */
    boolean hasLiveClaims(String runId, Instant now);

    /**
     * Ends the run and keeps its report.
     *
     * @return false when it has ended already; then its report is the one that stands
     */
    boolean end(String runId, SweepReport report);

    /**
     * A run to open.
     *
     * @param key what makes it one run: its fire time, or something random
     * @param owner the instance
     * @param judgedAt the run's one now, by which ages are judged
     * @param now the database's time
     * @param deadline when its time is up, by the database's time
     * @param policies the policies as text; only instances with the same text work on the run
     * @param maxDeletions how many recordings it may claim, over all instances; null for no limit
     */
    record RunRequest(
            String key,
            String owner,
            Instant judgedAt,
            Instant now,
            Instant deadline,
            String policies,
            @Nullable Long maxDeletions) {}

    /**
     * A run.
     *
     * @param id its id
     * @param key what makes it one run
     * @param judgedAt its one now
     * @param started when it was opened, by the database's time
     * @param deadline when its time is up
     * @param policies the policies as text
     * @param maxDeletions its budget; null for no limit
     * @param claimed how many recordings it has claimed
     * @param claimedBeforePass how many it had claimed when this pass began
     * @param pass 1 for the first
     * @param cursor where the next page begins; null for the start
     * @param passDone whether the last page of this pass was taken
     * @param aliveAt when an instance was last seen working on it
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
            @Nullable SweepReport report) {}
}
