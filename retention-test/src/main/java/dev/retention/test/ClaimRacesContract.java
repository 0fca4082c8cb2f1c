package dev.retention.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.SweepEnd;
import dev.retention.spi.Claim;
import dev.retention.spi.Controls;
import dev.retention.spi.Controls.Change;
import dev.retention.spi.DeletionGate;
import dev.retention.spi.DeletionGate.Claims;
import dev.retention.spi.DeletionGate.Signal;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.SweepRuns.SweepRun;
import dev.retention.test.Contest.Entrant;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Two instances that claim at once, and those who want the same. Each side gets something in one round at least. */
abstract class ClaimRacesContract extends InstanceRaces {

    ClaimRacesContract(RepositoryFixture fixture) {
        super(fixture);
    }

    @Test
    void eachCandidateIsClaimedOnce() throws Exception {
        int count = 200;
        SweepRun run = openRun();
        Contest contest = contest(1);
        while (contest.goesOn()) {
            List<EngineRow> rows = insertDue(contest.round() * count, count);

            List<List<Claim>> perThread = contest.byThreads(thread -> {
                List<EngineRow> mine = new ArrayList<>(rows);
                Collections.shuffle(mine, new Random(seed + thread));
                List<Claim> won = new ArrayList<>();
                for (int from = 0; from < mine.size(); from += 20) {
                    won.addAll(claim(instance(thread), run, criteria(), candidates(mine.subList(from, from + 20)))
                            .claims());
                }
                return won;
            });

            List<Claim> all = winners(contest, perThread);
            assertThat(ids(all))
                    .as("seed " + seed)
                    .containsExactlyInAnyOrderElementsOf(
                            rows.stream().map(EngineRow::id).toList());
            assertThat(run(run).claimed()).isEqualTo((contest.round() + 1L) * count);
            assertThat(repository.gate().verify(all, criteria())).hasSize(count);
        }
    }

    @Test
    void theBudgetIsNeverExceeded() throws Exception {
        Contest contest = contest(1);
        while (contest.goesOn()) {
            List<EngineRow> rows = insertDue(contest.round() * 120, 120);
            SweepRun run = openRun("capped " + contest.round(), 50L);

            List<List<Claim>> perThread = contest.byThreads(thread -> {
                DeletionGate gate = instance(thread).gate();
                List<Claim> won = new ArrayList<>();
                for (int from = thread * 30; from < (thread + 1) * 30; from += 6) {
                    List<Claim> claims = claim(
                                    instance(thread), run, criteria(), candidates(rows.subList(from, from + 6)))
                            .claims();
                    won.addAll(claims);
                    if (!claims.isEmpty() && from % 12 == 0) {
                        Claim unsent = won.remove(won.size() - 1);
                        gate.release(List.of(unsent), dbNow);
                    }
                }
                return won;
            });

            List<Claim> kept = new ArrayList<>(winners(contest, perThread));
            assertThat(kept).hasSizeLessThanOrEqualTo(50);
            assertThat(run(run).claimed()).isEqualTo(kept.size());
            kept.addAll(claim(run, rows).claims());
            assertThat(kept).as("what was released can be claimed").hasSize(50);
            assertThat(claim(run, rows).claims()).isEmpty();
            repository.runs().end(run.id(), report(SweepEnd.CAPPED));
        }
    }

    @Test
    void eachRowIsReclaimedOnce() throws Exception {
        Instant now = dbNow.plus(LEASE);
        Contest contest = contest(1);
        while (contest.goesOn()) {
            claim(openRun(), insertDue(contest.round() * 100, 100));

            List<List<Claim>> perThread = contest.byThreads(thread -> {
                List<Claim> won = new ArrayList<>();
                for (int i = 0; i < 30; i++) {
                    won.addAll(instance(thread).gate().reclaim("instance " + thread, null, now, now.plus(LEASE), 7));
                }
                return won;
            });

            List<Claim> all = new ArrayList<>(winners(contest, perThread));
            assertThat(ids(all)).doesNotHaveDuplicates();
            all.addAll(repository.gate().reclaim("last", null, now, now.plus(LEASE), 100));
            assertThat(ids(all)).hasSize(100).doesNotHaveDuplicates();
            assertThat(repository.gate().verify(all, criteria())).hasSize(100);
        }
    }

    /** Each recording goes to the sweep or to the erasure; both get some. */
    @Test
    void aSweepAndAnErasureNeverClaimTheSame() throws Exception {
        SweepRun run = openRun();
        Contest contest = new Contest(random, 10, "the sweep", "the erasure");
        while (contest.goesOn()) {
            List<EngineRow> rows = insertDue(contest.round() * 8, 8);
            Entrant<Claims> sweep = contest.entrant("the sweep", () -> claim(run, rows));
            Entrant<List<Claim>> erasure = contest.entrant("the erasure", () -> erase(instance(1), rows));
            contest.start(List.of(sweep, erasure));
            List<Claim> swept = sweep.result().claims();
            List<Claim> erased = erasure.result();
            if (!swept.isEmpty()) {
                contest.won("the sweep");
            }
            if (!erased.isEmpty()) {
                contest.won("the erasure");
            }

            List<Claim> all = new ArrayList<>(swept);
            all.addAll(erased);
            assertThat(ids(all)).as("seed " + seed).doesNotHaveDuplicates();
            assertThat(repository.gate().verify(swept, criteria())).hasSize(swept.size());
            assertThat(repository.gate().verify(erased, DueCriteria.erasure(NOW)))
                    .hasSize(erased.size());
            all.addAll(claim(run, rows).claims());
            assertThat(ids(all)).hasSize(rows.size()).doesNotHaveDuplicates();
        }
    }

    /** What a claim gets before a pause is not permitted after it, and a later one gets nothing. */
    @Test
    void afterAPauseNothingIsClaimedOrPermitted() throws Exception {
        SweepRun run = openRun();
        Contest contest = new Contest(random, 10, "the claim", "the pause");
        while (contest.goesOn()) {
            List<EngineRow> rows = insertDue(contest.round() * 4, 4);
            String why = "round " + contest.round();
            Entrant<Claims> claim = contest.entrant("the claim", () -> claim(run, rows));
            Entrant<Boolean> pause = contest.entrant(
                    "the pause",
                    () -> instance(1)
                            .controls()
                            .change(List.of(new Change(Controls.PAUSED, null, why)), event("PAUSED")));
            contest.start(List.of(claim, pause));
            List<Claim> claims = claim.result().claims();
            contest.won(claims.isEmpty() ? "the pause" : "the claim");

            assertThat(pause.result()).as("seed " + seed).isTrue();
            assertThat(claims.isEmpty() || claims.size() == rows.size())
                    .as("all, or none")
                    .isTrue();
            assertThat(repository.gate().verify(claims, criteria())).isEmpty();
            assertThat(claim(run, rows)).isEqualTo(new Claims(List.of(), Signal.PAUSED));
            instance(1).controls().change(List.of(new Change(Controls.PAUSED, why, null)), event("RESUMED"));
            assertThat(repository.gate().verify(claims, criteria())).hasSize(claims.size());
        }
    }

    private static List<Claim> winners(Contest contest, List<List<Claim>> perThread) {
        IntStream.range(0, perThread.size())
                .filter(thread -> !perThread.get(thread).isEmpty())
                .forEach(thread -> contest.won(contest.sideOf(thread)));
        return perThread.stream().flatMap(List::stream).toList();
    }
}
