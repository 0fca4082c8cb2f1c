package dev.retention.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.SweepEnd;
import dev.retention.spi.Controls.Change;
import dev.retention.spi.RecordingSource.Page;
import dev.retention.spi.SweepRuns.RunRequest;
import dev.retention.spi.SweepRuns.SweepRun;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Two instances that share runs and controls. Each changes them in one round at least. */
abstract class RunRacesContract extends InstanceRaces {

    RunRacesContract(RepositoryFixture fixture) {
        super(fixture);
    }

    @Test
    void eachPageIsOwnedByOneOfThoseWhoMoveTheCursor() throws Exception {
        List<EngineRow> rows = insertDue(100);
        Contest contest = contest(1);
        while (contest.goesOn()) {
            SweepRun run = openRun("run " + contest.round(), null);

            List<List<String>> perThread = contest.byThreads(thread -> {
                List<String> owned = new ArrayList<>();
                for (SweepRun read = run(instance(thread), run); !read.passDone(); read = run(instance(thread), run)) {
                    Page page = instance(thread).recordings().page(criteria(), read.cursor(), 3);
                    if (instance(thread).runs().advance(read, page.next(), dbNow)) {
                        contest.won(contest.sideOf(thread));
                        page.candidates().forEach(candidate -> owned.add(candidate.id()));
                    }
                }
                return owned;
            });

            assertThat(perThread.stream().flatMap(List::stream).toList())
                    .containsExactlyInAnyOrderElementsOf(
                            rows.stream().map(EngineRow::id).toList());
            repository.runs().end(run.id(), report(SweepEnd.COMPLETED));
        }
    }

    @Test
    void oneOfThoseWhoStartAnotherPassDoes() throws Exception {
        SweepRun run = openRun();
        Contest contest = contest(1);
        while (contest.goesOn()) {
            repository.runs().advance(run(run), null, dbNow);
            SweepRun done = run(run);

            List<Boolean> won =
                    contest.byThreads(thread -> instance(thread).runs().nextPass(done, dbNow));

            assertThat(won).containsOnlyOnce(true);
            contest.won(contest.sideOf(won.indexOf(true)));
            assertThat(run(run).pass()).isEqualTo(contest.round() + 2);
        }
    }

    @Test
    void instancesThatStartAtOnceGetTheSameRun() throws Exception {
        Contest contest = contest(10);
        while (contest.goesOn()) {
            int round = contest.round();
            String latest = latestRunId();
            List<SweepRun> runs = contest.byThreads(thread -> {
                // The same key for some and another for others: only one run may be open either way.
                RunRequest request = new RunRequest(
                        "round " + round + " " + thread / 2,
                        "one",
                        NOW,
                        dbNow,
                        dbNow.plus(LEASE),
                        "instance " + thread % 2,
                        null);
                return instance(thread).runs().joinOrOpenAfter(latest, request).orElseThrow();
            });

            assertThat(new HashSet<>(runs.stream().map(SweepRun::id).toList())).hasSize(1);
            SweepRun opened = runs.get(0);
            contest.won(contest.sideOf(opened.policies().equals("instance 0") ? 0 : 1));
            assertThat(repository.runs().end(opened.id(), report(SweepEnd.COMPLETED)))
                    .isTrue();
            assertThat(repository.runs().open()).isEmpty();
        }
    }

    /** However fast the run of the other side opens and ends: both were judged by what was before it. */
    @Test
    void ofThoseWhoWereJudgedBeforeARunOnlyOneOpensIt() throws Exception {
        Contest contest = contest(20);
        while (contest.goesOn()) {
            int round = contest.round();
            String latest = latestRunId();

            List<Boolean> opened = contest.byThreads(thread -> {
                String key = "round " + round + " thread " + thread;
                Optional<SweepRun> run = instance(thread).runs().joinOrOpenAfter(latest, request(key, 10L));
                boolean own = run.filter(found -> found.key().equals(key)).isPresent();
                if (own) {
                    instance(thread).runs().end(run.orElseThrow().id(), report(SweepEnd.COMPLETED));
                }
                return own;
            });

            assertThat(opened).containsOnlyOnce(true);
            contest.won(contest.sideOf(opened.indexOf(true)));
        }
    }

    @Test
    void oneOfThoseWhoEndARunDoes() throws Exception {
        List<SweepEnd> ends = List.of(SweepEnd.COMPLETED, SweepEnd.STOPPED, SweepEnd.CAPPED, SweepEnd.OUT_OF_TIME);
        Contest contest = contest(1);
        while (contest.goesOn()) {
            SweepRun run = openRun("run " + contest.round(), null);

            List<Boolean> won =
                    contest.byThreads(thread -> instance(thread).runs().end(run.id(), report(ends.get(thread))));

            assertThat(won).containsOnlyOnce(true);
            contest.won(contest.sideOf(won.indexOf(true)));
            assertThat(run(run).report()).isEqualTo(report(ends.get(won.indexOf(true))));
        }
    }

    @Test
    void oneOfThoseWhoChangeAControlDoes() throws Exception {
        Contest adding = contest(10);
        while (adding.goesOn()) {
            changesOnce(adding, "control-" + adding.round(), null, "added");
        }
        Contest changing = contest(10);
        while (changing.goesOn()) {
            changesOnce(changing, "control-0", setting("control-0"), "changed");
        }
    }

    private void changesOnce(Contest contest, String name, @Nullable String from, String how) throws Exception {
        String to = how + " in round " + contest.round() + " by ";
        List<Boolean> changed = contest.byThreads(thread ->
                instance(thread).controls().change(List.of(new Change(name, from, to + thread)), event("X")));
        assertThat(changed).containsOnlyOnce(true);
        contest.won(contest.sideOf(changed.indexOf(true)));
        assertThat(setting(name)).isEqualTo(to + changed.indexOf(true));
    }
}
