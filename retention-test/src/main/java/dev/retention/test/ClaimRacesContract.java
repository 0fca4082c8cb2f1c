package dev.retention.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.SweepEnd;
import dev.retention.spi.Claim;
import dev.retention.spi.DeletionGate;
import dev.retention.spi.SweepRuns.SweepRun;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Two instances that claim at once. Each claims something in one round at least. */
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

    private static List<Claim> winners(Contest contest, List<List<Claim>> perThread) {
        IntStream.range(0, perThread.size())
                .filter(thread -> !perThread.get(thread).isEmpty())
                .forEach(thread -> contest.won(contest.sideOf(thread)));
        return perThread.stream().flatMap(List::stream).toList();
    }
}
