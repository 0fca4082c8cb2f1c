package dev.retention.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.DeletionState;
import dev.retention.HoldAnswer;
import dev.retention.HoldSummary;
import dev.retention.LedgerEntry;
import dev.retention.LedgerEvent;
import dev.retention.spi.Claim;
import dev.retention.spi.DeletionGate.Claims;
import dev.retention.spi.RecordingRepository;
import dev.retention.spi.SweepRuns.SweepRun;
import dev.retention.test.Contest.Entrant;
import dev.retention.test.RepositoryFixture.Capability;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Holds that are placed and released while others claim. In one round at least the hold wins, in one the claim. */
abstract class HoldRacesContract extends InstanceRaces {

    private static final String CLAIM = "the claim";
    private static final String HOLD = "the hold";
    private static final String RELEASE = "the release";

    HoldRacesContract(RepositoryFixture fixture) {
        super(fixture);
    }

    @Test
    void noRecordingIsBothHeldAndClaimed() throws Exception {
        int width = 5;
        int rounds = Integer.getInteger("dev.retention.test.pairs", 1_000) / width;
        List<EngineRow> prepared = insertDue(rounds * width);
        SweepRun run = openRun();
        RecordingRepository other = instance(1);
        Set<String> claimed = new HashSet<>();
        Map<String, HoldAnswer> answers = new LinkedHashMap<>();

        Contest contest = new Contest(random, rounds, CLAIM, HOLD);
        while (contest.goesOn()) {
            int first = contest.round() * width;
            List<EngineRow> rows =
                    contest.round() < rounds ? prepared.subList(first, first + width) : insertDue(first, width);
            List<String> ids = new ArrayList<>(rows.stream().map(EngineRow::id).toList());
            Collections.shuffle(ids, random);
            String holdId = "h" + contest.round();
            Entrant<Claims> claim = contest.entrant(CLAIM, () -> claim(run, rows));
            Entrant<Map<String, HoldAnswer>> hold =
                    contest.entrant(HOLD, () -> other.holds().place(holdId, ids, "dpo", "dispute", null, dbNow));
            contest.start(List.of(claim, hold));

            if (claimed.addAll(ids(claim.result().claims()))) {
                contest.won(CLAIM);
            }
            if (hold.result().containsValue(HoldAnswer.HELD)) {
                contest.won(HOLD);
            }
            answers.putAll(hold.result());
        }

        assertThat(answers).hasSize(contest.round() * width);
        answers.forEach((id, answer) -> assertThat(answer)
                .as("seed %s, recording %s", seed, id)
                .isEqualTo(claimed.contains(id) ? HoldAnswer.LATE : HoldAnswer.HELD));
        assertThat(run(run).claimed()).isEqualTo(claimed.size());
        assertEvidenceIsInOrder(answers);
    }

    /** Whoever reads the evidence must be able to tell a hold that came too late from one that was not respected. */
    private void assertEvidenceIsInOrder(Map<String, HoldAnswer> answers) {
        sealAll();
        answers.forEach((id, answer) -> {
            List<String> kinds = repository.evidence().leavesOf(id).stream()
                    .map(leaf -> new String(leaf.entry(), StandardCharsets.UTF_8).split("\"")[5])
                    .toList();
            assertThat(kinds)
                    .as("seed %s, recording %s, %s", seed, id, answer)
                    .isEqualTo(answer == HoldAnswer.LATE ? List.of("claim", "hold") : List.of("hold"));
        });
    }

    /** Each pair of rows names one key: one is claimed while the other is held. */
    @Test
    void noKeyIsBothHeldAndClaimed() throws Exception {
        int rounds = Integer.getInteger("dev.retention.test.pairs", 1_000) / 10;
        SweepRun run = openRun();
        RecordingRepository other = instance(1);
        Contest contest = new Contest(random, rounds, CLAIM, HOLD);
        while (contest.goesOn()) {
            EngineRow claimed = dueRow(2 * contest.round());
            EngineRow held = dueRow(2 * contest.round() + 1).withStorageKey(claimed.storageKey());
            insertRows(List.of(claimed, held));
            String holdId = "h" + contest.round();
            Entrant<Claims> claim = contest.entrant(CLAIM, () -> claim(run, claimed));
            Entrant<Map<String, HoldAnswer>> hold = contest.entrant(
                    HOLD, () -> other.holds().place(holdId, List.of(held.id()), "dpo", "dispute", null, dbNow));
            contest.start(List.of(claim, hold));
            boolean won = !claim.result().claims().isEmpty();
            contest.won(won ? CLAIM : HOLD);

            assertThat(hold.result())
                    .as("seed %s, claimed %s", seed, won)
                    .containsEntry(held.id(), won ? HoldAnswer.LATE : HoldAnswer.HELD);
            assertThat(entry(claimed).held()).isTrue();
            assertThat(repository.gate().verify(claim.result().claims(), criteria()))
                    .isEmpty();
        }
    }

    /**
     * A hold by attribute is answered while others claim: what is claimed is late, and nothing is claimed afterwards.
     */
    @Test
    void whatAHoldByAttributeSaysIsHeldIsNeverClaimed() throws Exception {
        needs(Capability.ATTRIBUTES);
        int width = 12;
        RecordingRepository other = instance(1);
        RecordingRepository unaware = createInstanceWithout(TENANT);
        SweepRun run = openRun();
        long late = 0;
        Contest contest = new Contest(random, 15, CLAIM, HOLD);
        while (contest.goesOn()) {
            String tenant = "tenant" + contest.round();
            List<EngineRow> rows = insertDueOf(tenant, contest.round() * width, width);
            String holdId = "case" + contest.round();
            Entrant<Claims> one = contest.entrant(CLAIM, () -> claim(run, rows.subList(0, 4)));
            Entrant<Claims> two =
                    contest.entrant(CLAIM, () -> claim(unaware, run, criteria(), candidates(rows.subList(4, 8))));
            Entrant<HoldSummary> hold = contest.entrant(
                    HOLD, () -> other.holds().placeWhere(holdId, TENANT, tenant, "dpo", "litigation", dbNow));
            contest.start(List.of(one, two, hold));
            List<String> before = claimed(one, two);
            HoldSummary summary = hold.result();
            late += summary.late();
            if (!before.isEmpty()) {
                contest.won(CLAIM);
            }
            if (before.size() < 8) {
                contest.won(HOLD);
            }

            assertThat(summary)
                    .as("seed " + seed)
                    .isEqualTo(new HoldSummary(holdId, width - before.size(), before.size(), 0));
            assertThat(claim(run, rows).claims()).isEmpty();
            assertThat(before.stream().map(id -> entry(id).held())).doesNotContain(false);
            assertThat(other.gate().verify(reclaim(dbNow.plus(LEASE)), criteria()))
                    .isEmpty();
            // Else the next round's claims by those who can't tell are refused for this hold.
            other.holds().release(holdId, "dpo", dbNow);
        }
        assertThat(run(run).claimed()).isEqualTo(late);
    }

    /** A hold is LATE while a claim is in flight; once that has been released unsent, the recording is held. */
    @Test
    void aHoldAmongReleasesOfClaimsHoldsInTheEnd() throws Exception {
        SweepRun run = openRun();
        RecordingRepository other = instance(1);
        Contest contest = new Contest(random, 20, CLAIM, HOLD);
        while (contest.goesOn()) {
            EngineRow row = insertDue(contest.round(), 1).get(0);
            Claim claim = only(claim(run, row).claims());
            String holdId = "h" + contest.round();
            Entrant<Boolean> unsent = contest.entrant(CLAIM, () -> {
                repository.gate().release(List.of(claim), dbNow);
                return true;
            });
            Entrant<Map<String, HoldAnswer>> hold = contest.entrant(
                    HOLD, () -> other.holds().place(holdId, List.of(row.id()), "dpo", "dispute", null, dbNow));
            contest.start(List.of(unsent, hold));
            HoldAnswer answer = hold.result().get(row.id());
            contest.won(answer == HoldAnswer.LATE ? HOLD : CLAIM);

            assertThat(answer).as("seed " + seed).isIn(HoldAnswer.LATE, HoldAnswer.HELD);
            assertThat(entry(row))
                    .returns(DeletionState.ACTIVE, LedgerEntry::state)
                    .returns(true, LedgerEntry::held);
            assertThat(claim(run, row).claims()).isEmpty();
        }
        assertThat(run(run).claimed()).isZero();
    }

    @Test
    void aReleaseAmongClaimsLeavesNoMark() throws Exception {
        needs(Capability.ATTRIBUTES);
        RecordingRepository other = instance(1);
        SweepRun run = openRun();
        Contest contest = new Contest(random, 15, CLAIM, RELEASE);
        while (contest.goesOn()) {
            String tenant = "tenant" + contest.round();
            List<EngineRow> rows = insertDueOf(tenant, contest.round() * 6, 6);
            String holdId = "case" + contest.round();
            other.holds().placeWhere(holdId, TENANT, tenant, "dpo", "litigation", dbNow);
            Entrant<Claims> one = contest.entrant(CLAIM, () -> claim(run, rows.subList(0, 3)));
            Entrant<Claims> two =
                    contest.entrant(CLAIM, () -> claim(other, run, criteria(), candidates(rows.subList(3, 6))));
            Entrant<Boolean> release =
                    contest.entrant(RELEASE, () -> other.holds().release(holdId, "dpo", dbNow));
            contest.start(List.of(one, two, release));
            List<String> claimed = claimed(one, two);
            if (claimed.size() < 6) {
                contest.won(CLAIM);
            }
            if (!claimed.isEmpty()) {
                contest.won(RELEASE);
            }

            assertThat(release.result()).isTrue();
            assertThat(repository.ledger().find(rows.stream().map(EngineRow::id).toList()))
                    .as("seed " + seed)
                    .noneMatch(LedgerEntry::held);
            claimed.addAll(ids(claim(run, rows).claims()));
            assertThat(claimed).hasSize(6);
        }
    }

    /** Each instance releases a hold while others are placed, in one round at least. */
    @Test
    void holdsThatComeAndGoLeaveTheMarkOfThoseThatLast() throws Exception {
        List<String> ids = insertDue(6).stream().map(EngineRow::id).toList();
        hold("lasts", List.of(ids.get(0)));
        int holds = 10;

        Contest contest = contest(1);
        while (contest.goesOn()) {
            contest.byThreads(thread -> {
                RecordingRepository instance = instance(thread);
                List<String> mine = new ArrayList<>(ids);
                Collections.shuffle(mine, new Random(seed + thread));
                for (int i = 0; i < holds; i++) {
                    String holdId = "h" + contest.round() + "-" + thread + "-" + i;
                    instance.holds().place(holdId, mine, "dpo", "dispute", null, dbNow);
                    instance.holds().release(holdId, "dpo", dbNow);
                    if (only(instance.ledger().find(List.of(ids.get(1)))).held()) {
                        contest.won(contest.sideOf(thread));
                    }
                }
                return true;
            });

            assertThat(repository.ledger().find(ids))
                    .hasSize(ids.size())
                    .allSatisfy(entry -> assertThat(entry.held())
                            .as("seed %s, recording %s", seed, entry.recordingId())
                            .isEqualTo(entry.recordingId().equals(ids.get(0))));
            long placed = (contest.round() + 1L) * Contest.THREADS * holds;
            assertThat(events(ids.get(1), "HOLD_PLACED")).isEqualTo(placed);
            assertThat(events(ids.get(1), "HOLD_RELEASED")).isEqualTo(placed);
        }
    }

    private long events(String id, String kind) {
        return repository.ledger().events(id).stream()
                .map(LedgerEvent::kind)
                .filter(kind::equals)
                .count();
    }

    private List<EngineRow> insertDueOf(String tenant, int n, int count) {
        List<EngineRow> rows = new ArrayList<>();
        for (int i = n; i < n + count; i++) {
            rows.add(dueRow(i).withAttribute(TENANT, tenant));
        }
        insertRows(rows);
        return rows;
    }

    private static List<String> claimed(Entrant<Claims> one, Entrant<Claims> two) {
        List<String> claimed = new ArrayList<>(ids(one.result().claims()));
        claimed.addAll(ids(two.result().claims()));
        return claimed;
    }
}
