package dev.retention.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.HoldSummary;
import dev.retention.LedgerEntry;
import dev.retention.LedgerEvent;
import dev.retention.LegalHold;
import dev.retention.spi.Claim;
import dev.retention.spi.SweepRuns.SweepRun;
import dev.retention.test.RepositoryFixture.Capability;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a hold by attribute covered once stays held until its release, whatever the row says later. */
abstract class StickyHoldsContract extends PortContract {

    StickyHoldsContract(RepositoryFixture fixture) {
        super(fixture);
    }

    @BeforeEach
    void needAttributes() {
        needs(Capability.ATTRIBUTES);
    }

    private HoldSummary holdTenant(String tenant) {
        return repository.holds().placeWhere("case", TENANT, tenant, "dpo", "litigation", dbNow);
    }

    private EngineRow of(int n, @Nullable String tenant) {
        return insert(dueRow(n).withAttribute(TENANT, tenant));
    }

    private LegalHold listed() {
        return only(repository.holds().list(0, 9));
    }

    @Test
    void holdWhatTheyCoveredWhateverTheRowSaysLater() {
        EngineRow renamed = of(1, "acme");
        EngineRow emptied = of(2, "acme");
        EngineRow other = of(3, "other");
        assertThat(holdTenant("acme")).isEqualTo(new HoldSummary("case", 2, 0, 0));
        assertThat(listed().recordings()).isEqualTo(2);
        EngineRow renamedNow = renamed.withAttribute(TENANT, "acme-inc");
        EngineRow emptiedNow = emptied.withAttribute(TENANT, null);
        updateRow(renamedNow);
        updateRow(emptiedNow);

        SweepRun run = openRun();
        assertThat(ids(claim(run, renamedNow, emptiedNow, other).claims())).containsExactly(other.id());

        assertThat(entry(renamed).held()).isTrue();
        assertThat(repository.ledger().events(emptied.id()))
                .extracting(LedgerEvent::kind)
                .containsExactly("HOLD_PLACED");
        assertThat(repository.holds().release("case", "dpo", dbNow)).isTrue();
        assertThat(claim(run, renamedNow, emptiedNow).claims()).hasSize(2);
    }

    @Test
    void holdWhatIsNotDueYet() {
        EngineRow young = insert(row(1, NOW).withAttribute(TENANT, "acme"));
        assertThat(holdTenant("acme").held()).isEqualTo(1);
        EngineRow agedAndRenamed = young.withCreated(dueRow(1).created()).withAttribute(TENANT, null);
        updateRow(agedAndRenamed);
        assertThat(claim(openRun(), agedAndRenamed).claims()).isEmpty();
    }

    @Test
    void holdFromThenOnWhatAClaimMetInTheirScope() {
        holdTenant("acme");
        EngineRow later = of(1, "acme");
        SweepRun run = openRun();
        assertThat(claim(run, later).claims()).isEmpty();

        EngineRow renamed = later.withAttribute(TENANT, "other");
        updateRow(renamed);

        assertThat(claim(run, renamed).claims()).isEmpty();
        assertThat(listed().recordings()).isEqualTo(1);
    }

    @Test
    void holdFromThenOnWhatACheckMetInTheirScope() {
        EngineRow row = of(1, "other");
        EngineRow never = of(2, "other");
        List<Claim> claims = claim(openRun(), row, never).claims();
        Claim claim = claimOf(claims, row);
        holdTenant("acme");
        updateRow(row.withAttribute(TENANT, "acme"));
        assertThat(verified(claim)).isEmpty();

        updateRow(row);

        assertThat(verified(claim)).isEmpty();
        assertThat(entry(row).held()).isTrue();
        assertThat(verified(claimOf(claims, never))).containsExactly(never.id());
    }

    @Test
    void areExtendedToWhatCameIntoTheirScope() {
        EngineRow before = of(1, "acme");
        holdTenant("acme");
        assertThat(repository.holds().extendScopes(dbNow)).isZero();
        EngineRow added = of(2, "acme");
        EngineRow other = of(3, "other");

        assertThat(repository.holds().extendScopes(dbNow)).isEqualTo(1);

        assertThat(repository.holds().extendScopes(dbNow)).isZero();
        assertThat(listed().recordings()).isEqualTo(2);
        List<EngineRow> renamed = Stream.of(before, added, other)
                .map(row -> row.withAttribute(TENANT, null))
                .toList();
        renamed.forEach(this::updateRow);
        assertThat(ids(claim(openRun(), renamed).claims())).containsExactly(other.id());
    }

    @Test
    void areExtendedNoMoreWhenTheyHaveEnded() {
        holdTenant("acme");
        repository.holds().release("case", "dpo", dbNow);
        EngineRow row = of(1, "acme");
        assertThat(repository.holds().extendScopes(dbNow)).isZero();
        assertThat(claim(openRun(), row).claims()).hasSize(1);
    }

    @Test
    void countWhatWasStampedAndNothingElse() {
        EngineRow held = of(1, "acme");
        EngineRow late = of(2, "acme");
        EngineRow deleted = of(3, "acme");
        EngineRow deletedByThem = insert(dueRow(4).withAttribute(TENANT, "acme").withDeleted(NOW, "asked for"));
        of(5, "other");
        insert(dueRow(6).withAttribute(TENANT, "other").withDeleted(NOW, "asked for"));
        List<Claim> claims = claim(openRun(), late, deleted).claims();
        record(deleted(claimOf(claims, deleted)));

        assertThat(holdTenant("acme"))
                .as("a soft-deleted row proves nothing")
                .isEqualTo(new HoldSummary("case", 2, 1, 1));

        assertThat(listed().recordings()).isEqualTo(3);
        assertThat(repository.ledger().find(ids(List.of(held, late, deleted, deletedByThem), 0, 1, 2, 3)))
                .filteredOn(LedgerEntry::held)
                .extracting(LedgerEntry::recordingId)
                .containsExactlyInAnyOrder(held.id(), late.id(), deletedByThem.id());
    }

    /** A column or a collation may take these for the same value, and so may the engine that holds a tenant's id. */
    @Test
    void coverValuesThatSomeDatabaseTakesForTheSame() {
        List<EngineRow> same = new ArrayList<>();
        for (String tenant : List.of("acme", "acme      ", "ACME", " Acme", "acm\u00e9", "\uff41cme")) {
            same.add(of(same.size(), tenant));
        }
        List<EngineRow> others = List.of(of(20, "acme-inc"), of(21, "acm"), of(22, "a cme"), of(23, null));

        assertThat(holdTenant("acme")).isEqualTo(new HoldSummary("case", same.size(), 0, 0));

        List<EngineRow> all = new ArrayList<>(same);
        all.addAll(others);
        assertThat(ids(claim(openRun(), all).claims()))
                .containsExactlyInAnyOrderElementsOf(
                        others.stream().map(EngineRow::id).toList());
    }

    @Test
    void coverMoreThanOnePageOfRows() {
        List<EngineRow> rows = new ArrayList<>();
        for (int n = 0; n < 2100; n++) {
            rows.add(dueRow(n).withAttribute(TENANT, n % 2 == 0 ? "acme" : "other"));
        }
        insertShuffled(rows);
        assertThat(holdTenant("acme")).isEqualTo(new HoldSummary("case", 1050, 0, 0));
        assertThat(listed().recordings()).isEqualTo(1050);
    }
}
