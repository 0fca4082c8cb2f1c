package dev.retention.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retention.HoldSummary;
import dev.retention.LedgerEntry;
import dev.retention.LedgerEvent;
import dev.retention.LegalHold;
import dev.retention.RetentionException;
import dev.retention.spi.Claim;
import dev.retention.spi.HoldRegister.Scope;
import dev.retention.test.RepositoryFixture.Capability;
import org.junit.jupiter.api.Test;

/** Holds on all recordings with an attribute: {@link dev.retention.spi.HoldRegister#placeWhere}. */
abstract class HoldsByAttributeContract extends PortContract {

    HoldsByAttributeContract(RepositoryFixture fixture) {
        super(fixture);
    }

    private HoldSummary holdTenant(String tenant) {
        return repository.holds().placeWhere("case", TENANT, tenant, "dpo", "litigation", dbNow);
    }

    private EngineRow of(int n, String tenant) {
        needs(Capability.ATTRIBUTES);
        return insert(dueRow(n).withAttribute(TENANT, tenant));
    }

    @Test
    void holdWhatIsThereAndWhatIsToCome() {
        EngineRow there = of(1, "acme");
        EngineRow other = of(2, "other");
        EngineRow lookalike = of(3, "acme-inc");
        assertThat(holdTenant("acme")).isEqualTo(new HoldSummary("case", 1, 0, 0));
        EngineRow toCome = of(4, "acme");

        assertThat(ids(claim(openRun(), there, other, lookalike, toCome).claims()))
                .containsExactlyInAnyOrder(other.id(), lookalike.id());

        assertThat(entry(there).held()).isTrue();
        assertThat(entry(toCome).held()).isTrue();
        assertThat(repository.ledger().unfinished(null, 10))
                .extracting(LedgerEntry::recordingId)
                .contains(there.id(), toCome.id());
        assertThat(repository.ledger().events(there.id()))
                .extracting(LedgerEvent::kind)
                .containsExactly("HOLD_PLACED");
    }

    @Test
    void markWhatTheyMeetOnce() {
        EngineRow row = of(1, "acme");
        holdTenant("acme");
        claim(openRun(), row);
        claim(openRun(), row);
        assertThat(repository.ledger().events(row.id())).hasSize(1);
        assertThat(only(repository.holds().list(0, 9)).recordings()).isEqualTo(1);
    }

    @Test
    void areLateForWhatIsInTheDoor() {
        EngineRow row = of(1, "acme");
        Claim claim = only(claim(openRun(), row).claims());

        assertThat(holdTenant("acme")).isEqualTo(new HoldSummary("case", 0, 1, 0));

        assertThat(entry(row).held()).isTrue();
        assertThat(verified(claim)).isEmpty();
        assertThat(only(reclaim(dbNow.plus(LEASE))).late()).isTrue();
    }

    @Test
    void refuseTheSendOfWhatCameUnderThemLater() {
        needs(Capability.ATTRIBUTES);
        EngineRow row = insert(dueRow(1).withAttribute(TENANT, "other"));
        Claim claim = only(claim(openRun(), row).claims());
        holdTenant("acme");
        assertThat(verified(claim)).containsExactly(row.id());
        updateRow(row.withAttribute(TENANT, "acme"));
        assertThat(verified(claim)).isEmpty();
    }

    @Test
    void countWhatIsDeleted() {
        EngineRow row = of(1, "acme");
        record(deleted(only(claim(openRun(), row).claims())));
        assertThat(holdTenant("acme")).isEqualTo(new HoldSummary("case", 0, 0, 1));
    }

    @Test
    void freeAllWhenTheyEnd() {
        EngineRow row = of(1, "acme");
        EngineRow late = of(2, "acme");
        claim(openRun(), late);
        holdTenant("acme");
        claim(openRun(), row);

        assertThat(repository.holds().release("case", "dpo", dbNow)).isTrue();

        assertThat(repository.holds().scopes()).isEmpty();
        assertThat(entry(row).held()).isFalse();
        assertThat(entry(late).held()).isFalse();
        assertThat(claim(openRun(), row).claims()).hasSize(1);
    }

    @Test
    void areListedWithWhatTheyLieOn() {
        needs(Capability.ATTRIBUTES);
        holdTenant("acme");
        assertThat(only(repository.holds().list(0, 9)))
                .isEqualTo(LegalHold.builder("case", "dpo", "litigation", dbNow)
                        .attribute(TENANT)
                        .value("acme")
                        .build());
        assertThat(repository.holds().scopes()).containsExactly(new Scope("case", TENANT, "acme"));
    }

    @Test
    void mayBeRepeatedAndNotChanged() {
        EngineRow row = of(1, "acme");
        holdTenant("acme");
        assertThat(holdTenant("acme").held()).isEqualTo(1);
        assertThatThrownBy(() -> holdTenant("other")).isInstanceOf(RetentionException.class);
        assertThatThrownBy(() -> hold("case", row)).isInstanceOf(RetentionException.class);
        hold("by id", row);
        assertThatThrownBy(() -> repository.holds().placeWhere("by id", TENANT, "acme", "dpo", "dispute", dbNow))
                .isInstanceOf(RetentionException.class);
        repository.holds().release("case", "dpo", dbNow);
        assertThatThrownBy(() -> holdTenant("acme")).isInstanceOf(RetentionException.class);
        assertThat(repository.holds().scopes()).isEmpty();
    }
}
