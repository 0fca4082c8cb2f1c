package dev.retention.internal.run;

import dev.retention.internal.deletion.DeletionPipeline;
import dev.retention.internal.support.Texts;
import dev.retention.internal.support.Ticker;
import dev.retention.spi.RecordingRepository;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How fast a sweep progresses, and the log line about it every half minute. */
final class Progress {

    private static final Logger log = LoggerFactory.getLogger(Progress.class);
    private static final Duration INTERVAL = Duration.ofSeconds(30);

    private final RecordingRepository repository;
    private final Ticker ticker;
    private final JoinedRun run;
    private final DeletionPipeline pipeline;
    private long dueAtStart;
    private double answersPerSecond;
    private long measuredNanos;
    private long measuredAnswers;
    private long saidNanos;

    Progress(Resources resources, JoinedRun run, DeletionPipeline pipeline) {
        this.repository = resources.repository();
        this.ticker = resources.settings().ticker();
        this.run = run;
        this.pipeline = pipeline;
        this.measuredNanos = ticker.nanos();
        this.saidNanos = measuredNanos;
    }

    /** Counts the due recordings, and returns their number. */
    long begin() {
        dueAtStart = repository.recordings().count(run.criteria()).due();
        return dueAtStart;
    }

    double answersPerSecond() {
        return answersPerSecond;
    }

    /** Measures the rate, once a second at most, and logs the progress every half minute. */
    void update() {
        long now = ticker.nanos();
        double seconds = (now - measuredNanos) / 1e9;
        if (seconds >= 1) {
            double latest = (pipeline.answers() - measuredAnswers) / seconds;
            answersPerSecond = answersPerSecond == 0 ? latest : (answersPerSecond + latest) / 2;
            measuredNanos = now;
            measuredAnswers = pipeline.answers();
        }
        if (now - saidNanos >= INTERVAL.toNanos()) {
            saidNanos = now;
            say();
        }
    }

    private void say() {
        long deleted = repository.ledger().deletedBy(run.id()).byOutcome().values().stream()
                .mapToLong(Long::longValue)
                .sum();
        long done = Math.min(dueAtStart, deleted);
        log.info(
                "sweep in progress run={} deleted={} due={} share={}% rate={}/s expectedEnd={}",
                run.id(),
                done,
                dueAtStart,
                dueAtStart == 0 ? 100 : done * 100 / dueAtStart,
                Math.round(answersPerSecond),
                expectedEnd(dueAtStart - done));
        pipeline.obstacles()
                .forEach(obstacle -> log.warn(
                        "sweep makes no progress run={}{} since={} code={} cause={}",
                        run.id(),
                        Texts.pair(" account", obstacle.account()),
                        obstacle.since(),
                        obstacle.cause().code(),
                        obstacle.cause()));
    }

    private Instant expectedEnd(long left) {
        Instant now = repository.now();
        Instant deadline = run.joined().deadline();
        double seconds = left / Math.max(answersPerSecond, 1e-6);
        return seconds < Duration.between(now, deadline).toSeconds() ? now.plusSeconds((long) seconds) : deadline;
    }
}
