package dev.retention.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retention.SweepEnd;
import dev.retention.SweepReport;
import dev.retention.spi.Claim;
import dev.retention.spi.SweepRuns.RunRequest;
import dev.retention.spi.SweepRuns.SweepRun;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What every {@link dev.retention.spi.SweepRuns} must do, as tests. */
public abstract class SweepRunsContract extends PortContract {

    /** Its tests use this fixture. */
    protected SweepRunsContract(RepositoryFixture fixture) {
        super(fixture);
    }

    @Test
    void opensARunWithTheRequestsValues() {
        RunRequest request = new RunRequest(
                "2026-11-23T03:00Z", "one", NOW, dbNow, dbNow.plus(Duration.ofHours(4)), "default=90d", 50L);

        SweepRun run = joinOrOpen(request);

        assertThat(run)
                .isEqualTo(
                        SweepRun.builder(run.id(), request.key(), NOW, dbNow, request.deadline(), "default=90d", dbNow)
                                .maxDeletions(50L)
                                .pass(1)
                                .build());
        assertThat(repository.runs().find(run.id())).contains(run);
        assertThat(repository.runs().open()).contains(run);
        assertThat(repository.runs().latest()).contains(run);
    }

    @Test
    void areNoneAtFirst() {
        assertThat(repository.runs().open()).isEmpty();
        assertThat(repository.runs().latest()).isEmpty();
        assertThat(repository.runs().find("none")).isEmpty();
    }

    @Test
    void joinsTheOpenRunWhateverItsKey() {
        SweepRun run = openRun("first", null);

        assertThat(openRun("first", null).id()).isEqualTo(run.id());
        assertThat(openRun("second", 9L)).isEqualTo(run);
    }

    @Test
    void givesTheEndedRunOfTheSameKeyAndOpensAnotherForAnotherKey() {
        SweepRun run = openRun("first", null);
        SweepReport report = report(SweepEnd.COMPLETED);
        assertThat(repository.runs().end(run.id(), report)).isTrue();

        SweepRun ended = openRun("first", null);
        assertThat(ended.id()).isEqualTo(run.id());
        assertThat(ended.report()).isEqualTo(report);
        assertThat(repository.runs().open()).isEmpty();

        SweepRun second = openRun("second", null);
        assertThat(second.id()).isNotEqualTo(run.id());
        assertThat(repository.runs().open()).contains(second);
        assertThat(repository.runs().latest()).contains(second);
        assertThat(openRun("first", null).id())
                .as("the run of that key comes before the open one")
                .isEqualTo(run.id());
    }

    @Test
    void opensARunForAJudgementThatNoOtherRunHasOvertaken() {
        SweepRun first = openedAfter(null, "first");
        repository.runs().end(first.id(), report(SweepEnd.COMPLETED));

        assertThat(openedAfter(first.id(), "second").id()).isNotEqualTo(first.id());
    }

    @Test
    void opensNoRunForAJudgementThatAnotherRunHasOvertaken() {
        SweepRun first = openRun("first", null);
        repository.runs().end(first.id(), report(SweepEnd.COMPLETED));
        SweepRun second = openRun("second", null);
        repository.runs().end(second.id(), report(SweepEnd.COMPLETED));

        assertThat(repository.runs().joinOrOpenAfter(null, request("third", 9L)))
                .isEmpty();
        assertThat(repository.runs().joinOrOpenAfter(first.id(), request("third", 9L)))
                .isEmpty();

        assertThat(repository.runs().open()).isEmpty();
        assertThat(repository.runs().latest().map(SweepRun::id)).contains(second.id());
    }

    @Test
    void joinsTheRunOfTheKeyOrTheOpenOneWhicheverWasStartedLast() {
        SweepRun ended = openRun("ended", null);
        repository.runs().end(ended.id(), report(SweepEnd.COMPLETED));
        SweepRun open = openRun("open", null);

        assertThat(openedAfter(null, "ended").id()).isEqualTo(ended.id());
        assertThat(openedAfter(null, "another").id()).isEqualTo(open.id());
        assertThat(openedAfter(ended.id(), "another").id()).isEqualTo(open.id());
    }

    /** Instances join only what has the same text. Cut, that of other policies would be the same. */
    @Test
    void keepsPoliciesWhole() {
        String policies = "p".repeat(99_999) + "!";
        RunRequest request = new RunRequest("long", "one", NOW, dbNow, dbNow.plus(Duration.ofHours(4)), policies, null);
        assertThat(repository
                        .runs()
                        .joinOrOpenAfter(latestRunId(), request)
                        .orElseThrow()
                        .policies())
                .isEqualTo(policies);
        assertThat(repository.runs().latest().orElseThrow().policies()).isEqualTo(policies);
        assertThatThrownBy(() -> new RunRequest("k", "one", NOW, dbNow, dbNow, policies + "!", null))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private SweepRun openedAfter(@Nullable String latestRunId, String key) {
        return repository.runs().joinOrOpenAfter(latestRunId, request(key, 9L)).orElseThrow();
    }

    @Test
    void endsOnceWithTheReportThatStands() {
        SweepRun run = openRun();
        SweepReport first = report(SweepEnd.COMPLETED);

        assertThat(repository.runs().end(run.id(), first)).isTrue();
        assertThat(repository.runs().end(run.id(), report(SweepEnd.STOPPED))).isFalse();

        assertThat(run(run).report()).isEqualTo(first);
        assertThat(repository.runs().latest().map(SweepRun::report)).contains(first);
    }

    @Test
    void movesTheCursorForWhoReadItLast() {
        SweepRun read = openRun();
        Instant later = dbNow.plusSeconds(5);

        assertThat(repository.runs().advance(read, "page 2", later)).isTrue();
        assertThat(repository.runs().advance(read, "page 2", later)).isFalse();

        SweepRun moved = run(read);
        assertThat(moved.cursor()).isEqualTo("page 2");
        assertThat(moved.passDone()).isFalse();
        assertThat(moved.aliveAt()).isEqualTo(later);
    }

    @Test
    void hasDoneThePassWithItsLastPage() {
        SweepRun read = openRun();
        repository.runs().advance(read, "page 2", dbNow);
        SweepRun second = run(read);

        assertThat(repository.runs().advance(second, null, dbNow)).isTrue();
        assertThat(run(read).passDone()).isTrue();
        assertThat(repository.runs().advance(second, null, dbNow)).isFalse();
        assertThat(repository.runs().advance(run(read), "page 3", dbNow)).isFalse();
    }

    @Test
    void hasDoneThePassWithItsOnlyPage() {
        SweepRun read = openRun();

        assertThat(repository.runs().advance(read, null, dbNow)).isTrue();
        assertThat(repository.runs().advance(read, null, dbNow)).isFalse();
        assertThat(run(read).passDone()).isTrue();
    }

    @Test
    void startsAnotherPassFromTheBeginning() {
        List<EngineRow> rows = insertDue(2);
        SweepRun read = openRun();
        claim(read, rows);
        repository.runs().advance(read, "page 2", dbNow);
        repository.runs().advance(run(read), null, dbNow);
        SweepRun done = run(read);
        Instant later = dbNow.plusSeconds(5);

        assertThat(repository.runs().nextPass(done, later)).isTrue();
        assertThat(repository.runs().nextPass(done, later)).isFalse();

        SweepRun next = run(read);
        assertThat(next.pass()).isEqualTo(2);
        assertThat(next.cursor()).isNull();
        assertThat(next.passDone()).isFalse();
        assertThat(next.claimed()).isEqualTo(2);
        assertThat(next.claimedBeforePass()).isEqualTo(2);
        assertThat(repository.runs().advance(read, "page 2", later))
                .as("what was read in the first pass is outdated in the second")
                .isFalse();
    }

    @Test
    void movesNoMoreOnceItHasEnded() {
        SweepRun read = openRun();
        repository.runs().end(read.id(), report(SweepEnd.STOPPED));

        assertThat(repository.runs().advance(read, "page 2", dbNow)).isFalse();
        assertThat(repository.runs().nextPass(read, dbNow)).isFalse();
    }

    @Test
    void knowsItsLiveClaims() {
        SweepRun run = openRun();
        Claim claim = only(claim(run, insert(dueRow(1))).claims());

        assertThat(repository.runs().hasLiveClaims(run.id(), claim.leaseUntil().minus(TICK)))
                .isTrue();
        assertThat(repository.runs().hasLiveClaims(run.id(), claim.leaseUntil()))
                .isFalse();
        assertThat(repository.runs().hasLiveClaims("another", dbNow)).isFalse();

        record(deleted(claim));
        assertThat(repository.runs().hasLiveClaims(run.id(), dbNow)).isFalse();
    }

    @Test
    void areFoundByTheirKey() {
        SweepRun run = openRun("tonight", null);
        assertThat(repository.runs().withKey("tonight").map(SweepRun::id)).contains(run.id());
        assertThat(repository.runs().withKey("Tonight")).isEmpty();
    }

    @Test
    void thatCompletedAreToldFromOthers() {
        assertThat(repository.runs().lastCompleted()).isEmpty();
        SweepRun first = openRun("one", null);
        repository.runs().end(first.id(), report(SweepEnd.COMPLETED));
        repository.runs().end(openRun("two", null).id(), report(SweepEnd.CAPPED));
        openRun("three", null);
        assertThat(repository.runs().lastCompleted().map(SweepRun::id)).contains(first.id());
    }

    @Test
    void listTheLatestNewestFirst() {
        assertThat(repository.runs().recent(2)).isEmpty();
        SweepRun first = openRun("one", null);
        repository.runs().end(first.id(), report(SweepEnd.COMPLETED));
        SweepRun second = openRun("two", null);
        repository.runs().end(second.id(), report(SweepEnd.CAPPED));
        SweepRun third = openRun("three", null);
        assertThat(repository.runs().recent(2)).extracting(SweepRun::id).containsExactly(third.id(), second.id());
        assertThat(repository.runs().recent(9))
                .extracting(run -> run.report() == null ? null : run.report().end())
                .containsExactly(null, SweepEnd.CAPPED, SweepEnd.COMPLETED);
    }

    @Test
    void tellHowMuchTheyClaimedSince() {
        assertThat(repository.runs().claimedSince(dbNow)).isZero();
        claim(openRun(), insertDue(3));
        assertThat(repository.runs().claimedSince(dbNow)).isEqualTo(3);
        assertThat(repository.runs().claimedSince(dbNow.plus(TICK))).isZero();
    }
}
