package dev.retention.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.DeletionOutcome;
import dev.retention.LedgerEntry;
import dev.retention.spi.Claim;
import dev.retention.spi.SweepRuns.SweepRun;
import dev.retention.test.RepositoryFixture.Capability;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What every {@link dev.retention.spi.LedgerReader} must do, as tests. */
public abstract class LedgerReaderContract extends PortContract {

    /** Its tests use this fixture. */
    protected LedgerReaderContract(RepositoryFixture fixture) {
        super(fixture);
    }

    @Test
    void findsEntriesOfNoneOneAndManyIds() {
        List<EngineRow> rows = IntStream.range(0, 1100).mapToObj(this::dueRow).toList();
        insertRows(rows);
        hold("h", rows);
        for (int count : new int[] {0, 1, 500, 501, 1100}) {
            List<String> ids = rows.stream().limit(count).map(EngineRow::id).toList();
            assertThat(repository.ledger().find(ids))
                    .extracting(LedgerEntry::recordingId)
                    .containsExactlyInAnyOrderElementsOf(ids);
        }
        assertThat(repository.ledger().find(List.of(newId(1101)))).isEmpty();
    }

    @Test
    void listsWhatStandsInTheWayOfTheNextClaimById() {
        List<EngineRow> rows = insertDue(7);
        SweepRun run = openRun();
        List<Claim> claims = claim(run, rows.subList(0, 5)).claims();
        record(deleted(claims.get(0)), quarantine(claims.get(1)), refusedUnsent(claims.get(2)));
        releaseClaim(claims.get(3));
        hold("h", rows.get(5));
        Set<String> expected = Set.of(
                claims.get(1).id(),
                claims.get(2).id(),
                claims.get(4).id(),
                rows.get(5).id());

        List<String> paged = new ArrayList<>();
        List<LedgerEntry> page = repository.ledger().unfinished(null, 3);
        // A cursor that does not advance must fail the test, not hang it.
        while (!page.isEmpty() && paged.size() <= expected.size()) {
            assertThat(page).hasSizeLessThanOrEqualTo(3);
            page.forEach(entry -> paged.add(entry.recordingId()));
            page = repository.ledger().unfinished(paged.get(paged.size() - 1), 3);
        }

        assertThat(paged).containsExactlyInAnyOrderElementsOf(expected);
    }

    @Test
    void sumsUpWhatARunHasDeleted() {
        List<EngineRow> rows = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            rows.add(insert(fit(dueRow(i).withDuration(i == 0 ? null : Duration.ofSeconds(10)))));
        }
        SweepRun run = openRun();
        List<Claim> claims = claim(run, rows).claims();
        record(
                deleted(claimOf(claims, rows.get(0))),
                deleted(claimOf(claims, rows.get(1))),
                deleted(claimOf(claims, rows.get(2)), DeletionOutcome.ALREADY_GONE, dbNow),
                quarantine(claimOf(claims, rows.get(3))));

        assertThat(repository.ledger().deletedBy(run.id()).byOutcome())
                .isEqualTo(Map.of(DeletionOutcome.DELETED, 2L, DeletionOutcome.ALREADY_GONE, 1L));
        assertThat(repository.ledger().deletedBy(run.id()).audio())
                .isEqualTo(supports(Capability.DURATION) ? Duration.ofSeconds(20) : Duration.ZERO);
        assertThat(repository.ledger().deletedBy("another").byOutcome()).isEmpty();
        assertThat(repository.ledger().deletedBy("another").audio()).isZero();
    }

    @Test
    void hasNoEventsOfWhatWentAsItShould() {
        Claim claim = claimOne();
        record(deleted(claim));

        assertThat(repository.ledger().events(claim.id())).isEmpty();
    }
}
