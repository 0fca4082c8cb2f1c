package dev.retention.test;

import dev.retention.SweepEnd;
import dev.retention.SweepReport;
import dev.retention.spi.EvidenceEntry;
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
    public Optional<SweepRun> joinOrOpenAfter(@Nullable String latestRunId, RunRequest request) {
        return database.commit(() -> ofKey(request.key()).or(this::onlyOpen).or(() -> {
            String latest = lastStarted().map(SweepRun::id).orElse(null);
            return Objects.equals(latest, latestRunId) ? Optional.of(opened(request)) : Optional.empty();
        }));
    }

    private SweepRun opened(RunRequest request) {
        SweepRun opened = SweepRun.builder(
                        UUID.randomUUID().toString(),
                        request.key(),
                        request.judgedAt(),
                        request.now(),
                        request.deadline(),
                        request.policies(),
                        request.now())
                .maxDeletions(request.maxDeletions())
                .pass(1)
                .build();
        database.runs.put(opened.id(), opened);
        EvidenceEntry.runStart(opened).forEach(database.evidence::add);
        return opened;
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
        return database.read(this::lastStarted);
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
                    run.toBuilder()
                            .cursor(next == null ? run.cursor() : next)
                            .passDone(next == null)
                            .aliveAt(now)
                            .build());
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
            database.runs.put(
                    run.id(),
                    run.toBuilder()
                            .claimedBeforePass(run.claimed())
                            .pass(run.pass() + 1)
                            .cursor(null)
                            .passDone(false)
                            .aliveAt(now)
                            .build());
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
            database.runs.put(runId, run.toBuilder().report(report).build());
            database.evidence.add(EvidenceEntry.runEnd(runId, report, database.now()));
            return true;
        });
    }

    private Optional<SweepRun> ofKey(String key) {
        return database.runs.all().stream().filter(run -> run.key().equals(key)).findFirst();
    }

    private Optional<SweepRun> lastStarted() {
        return database.runs.all().stream().reduce((earlier, later) -> later);
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

    /** The run with so many more claims. */
    static SweepRun claimed(SweepRun run, long more) {
        return run.toBuilder().claimed(run.claimed() + more).build();
    }
}
