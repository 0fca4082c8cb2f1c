package dev.retention.test;

import dev.retention.SweepEnd;
import dev.retention.SweepReport;
import dev.retention.spi.SweepRuns;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The table of runs. */
final class InMemorySweepRuns implements SweepRuns {

    private final InMemoryDatabase database;

    InMemorySweepRuns(InMemoryDatabase database) {
        this.database = database;
    }

    @Override
    public SweepRun joinOrOpen(RunRequest request) {
        return database.commit(() -> ofKey(request.key()).or(this::onlyOpen).orElseGet(() -> {
            SweepRun opened = new SweepRun(
                    UUID.randomUUID().toString(),
                    request.key(),
                    request.judgedAt(),
                    request.now(),
                    request.deadline(),
                    request.policies(),
                    request.maxDeletions(),
                    0,
                    0,
                    1,
                    null,
                    false,
                    request.now(),
                    null);
            database.runs.put(opened.id(), opened);
            return opened;
        }));
    }

    @Override
    public Optional<SweepRun> withKey(String key) {
        return database.read(() -> ofKey(key));
    }

    @Override
    public Optional<SweepRun> find(String runId) {
        return database.read(() -> Optional.ofNullable(database.runs.get(runId)));
    }

    @Override
    public Optional<SweepRun> open() {
        return database.read(this::onlyOpen);
    }

    @Override
    public Optional<SweepRun> latest() {
        return database.read(() -> database.runs.all().stream().reduce((earlier, later) -> later));
    }

    @Override
    public List<SweepRun> recent(int limit) {
        return database.read(() -> {
            List<SweepRun> newestFirst = new ArrayList<>(database.runs.all());
            Collections.reverse(newestFirst);
            return newestFirst.stream().limit(limit).toList();
        });
    }

    @Override
    public Optional<SweepRun> lastCompleted() {
        return database.read(() -> database.runs.all().stream()
                .filter(InMemorySweepRuns::isCompleted)
                .max(Comparator.comparing(InMemorySweepRuns::endedAt)));
    }

    private static boolean isCompleted(SweepRun run) {
        SweepReport report = run.report();
        return report != null && report.end() == SweepEnd.COMPLETED;
    }

    private static Instant endedAt(SweepRun run) {
        SweepReport report = run.report();
        return report == null ? Instant.MAX : report.ended();
    }

    @Override
    public long claimedSince(Instant started) {
        return database.read(() -> database.runs.all().stream()
                .filter(run -> !run.started().isBefore(started))
                .mapToLong(SweepRun::claimed)
                .sum());
    }

    @Override
    public boolean advance(SweepRun from, @Nullable String next, Instant now) {
        return database.commit(() -> {
            SweepRun run = database.runs.get(from.id());
            if (run == null || run.passDone() || !isWhereItWasRead(run, from)) {
                return false;
            }
            database.runs.put(
                    run.id(),
                    moved(
                            run,
                            run.claimedBeforePass(),
                            run.pass(),
                            next == null ? run.cursor() : next,
                            next == null,
                            now));
            return true;
        });
    }

    @Override
    public boolean nextPass(SweepRun from, Instant now) {
        return database.commit(() -> {
            SweepRun run = database.runs.get(from.id());
            if (run == null || !isWhereItWasRead(run, from)) {
                return false;
            }
            database.runs.put(run.id(), moved(run, run.claimed(), run.pass() + 1, null, false, now));
            return true;
        });
    }

    @Override
    public boolean hasLiveClaims(String runId, Instant now) {
        return database.read(() ->
                database.gate.all().stream().anyMatch(row -> runId.equals(row.runId) && row.leaseLastsBeyond(now)));
    }

    @Override
    public boolean end(String runId, SweepReport report) {
        return database.commit(() -> {
            SweepRun run = database.runs.get(runId);
            if (run == null || run.report() != null) {
                return false;
            }
            database.runs.put(
                    runId,
                    new SweepRun(
                            run.id(),
                            run.key(),
                            run.judgedAt(),
                            run.started(),
                            run.deadline(),
                            run.policies(),
                            run.maxDeletions(),
                            run.claimed(),
                            run.claimedBeforePass(),
                            run.pass(),
                            run.cursor(),
                            run.passDone(),
                            run.aliveAt(),
                            report));
            return true;
        });
    }

    private Optional<SweepRun> ofKey(String key) {
        return database.runs.all().stream().filter(run -> run.key().equals(key)).findFirst();
    }

    private Optional<SweepRun> onlyOpen() {
        return database.runs.all().stream().filter(run -> run.report() == null).findFirst();
    }

    private static boolean isWhereItWasRead(SweepRun run, SweepRun read) {
        return run.report() == null
                && run.pass() == read.pass()
                && run.passDone() == read.passDone()
                && Objects.equals(run.cursor(), read.cursor());
    }

    private static SweepRun moved(
            SweepRun run, long claimedBeforePass, int pass, @Nullable String cursor, boolean passDone, Instant now) {
        return new SweepRun(
                run.id(),
                run.key(),
                run.judgedAt(),
                run.started(),
                run.deadline(),
                run.policies(),
                run.maxDeletions(),
                run.claimed(),
                claimedBeforePass,
                pass,
                cursor,
                passDone,
                now,
                run.report());
    }

    /** The run with so many more claims. */
    static SweepRun claimed(SweepRun run, long more) {
        return new SweepRun(
                run.id(),
                run.key(),
                run.judgedAt(),
                run.started(),
                run.deadline(),
                run.policies(),
                run.maxDeletions(),
                run.claimed() + more,
                run.claimedBeforePass(),
                run.pass(),
                run.cursor(),
                run.passDone(),
                run.aliveAt(),
                run.report());
    }
}
