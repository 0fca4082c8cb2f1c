package dev.retention.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retention.Cause;
import dev.retention.DeletionOutcome;
import dev.retention.RetentionException;
import dev.retention.ReviewAnswer;
import dev.retention.spi.Claim;
import dev.retention.spi.ClaimOutcome;
import dev.retention.spi.DeletionGate.Claims;
import dev.retention.spi.DeletionGate.Objection;
import dev.retention.spi.DeletionGate.Signal;
import dev.retention.spi.HoldRegister.Scope;
import dev.retention.spi.RecordingRepository;
import dev.retention.spi.SweepRuns.SweepRun;
import dev.retention.test.RepositoryFixture.Capability;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Instances that do not map the attribute of a hold, beside one that does: nothing is deleted by them. */
abstract class UnmappedHoldsContract extends PortContract {

    private RecordingRepository unaware;

    UnmappedHoldsContract(RepositoryFixture fixture) {
        super(fixture);
    }

    @BeforeEach
    void startAnInstanceThatDoesNotMapTheTenant() {
        needs(Capability.ATTRIBUTES);
        unaware = createInstanceWithout(TENANT);
    }

    private void holdTenant() {
        repository.holds().placeWhere("case", TENANT, "acme", "dpo", "litigation", dbNow);
    }

    private Claims claimUnaware(SweepRun run, EngineRow... rows) {
        return claim(
                unaware,
                run,
                criteria(),
                candidates(List.of(rows)).stream()
                        .flatMap(row -> unaware.recordings().find(List.of(row.id())).stream())
                        .toList());
    }

    @Test
    void letThoseClaimNothingThatCanNotTell() {
        SweepRun run = openRun();
        EngineRow row = insert(dueRow(1).withAttribute(TENANT, "other"));
        holdTenant();

        Claims claims = claimUnaware(run, row);

        assertThat(claims.claims()).isEmpty();
        assertThat(claims.signal()).isEqualTo(Signal.HOLD_UNMAPPED);
        assertThat(run(run).claimed()).isZero();
        assertThat(unaware.holds().unmappedScopes()).containsExactly(new Scope("case", TENANT, "acme"));
        assertThat(repository.holds().unmappedScopes()).isEmpty();
        assertThat(claim(run, row).claims()).as("one that can tell").hasSize(1);
    }

    @Test
    void letThoseClaimAgainWhenTheHoldHasEnded() {
        EngineRow row = insert(dueRow(1).withAttribute(TENANT, "acme"));
        holdTenant();
        repository.holds().release("case", "dpo", dbNow);
        assertThat(unaware.holds().unmappedScopes()).isEmpty();
        assertThat(claimUnaware(openRun(), row).claims()).hasSize(1);
    }

    @Test
    void areNoneWhereTheAttributeIsMapped() {
        EngineRow row = insert(dueRow(1).withAttribute(QUEUE, "other"));
        repository.holds().placeWhere("case", QUEUE, "sales", "dpo", "litigation", dbNow);
        assertThat(unaware.holds().unmappedScopes()).isEmpty();
        assertThat(claimUnaware(openRun(), row).claims()).hasSize(1);
    }

    @Test
    void letThoseSendNothingThatCanNotTell() {
        EngineRow row = insert(dueRow(1).withAttribute(TENANT, "other"));
        Claim claim = only(claimUnaware(openRun(), row).claims());
        assertThat(unaware.gate().verify(List.of(claim), criteria())).containsExactly(row.id());

        holdTenant();

        assertThat(unaware.gate().verify(List.of(claim), criteria())).isEmpty();
        assertThat(unaware.gate().objections(List.of(claim), criteria()))
                .isEqualTo(Map.of(row.id(), Objection.HOLD_UNMAPPED));
        assertThat(verified(claim)).as("one that can tell").containsExactly(row.id());
    }

    @Test
    void leaveRecoveryToThoseThatCanTell() {
        EngineRow row = insert(dueRow(1).withAttribute(TENANT, "other"));
        claim(openRun(), row);
        holdTenant();

        assertThat(unaware.gate().reclaim("two", null, dbNow.plus(LEASE), dbNow.plus(LEASE.multipliedBy(2)), 10))
                .isEmpty();

        assertThat(ids(reclaim(dbNow.plus(LEASE)))).containsExactly(row.id());
    }

    @Test
    void letThoseAcceptNothingThatCanNotTell() {
        EngineRow row = insert(dueRow(1).withAttribute(TENANT, "other"));
        Claim claim = only(claim(openRun(), row).claims());
        record(ClaimOutcome.quarantine(
                        claim, DeletionOutcome.UNPROVEN, new Cause("NOT_FOUND", "fake", "not known"), dbNow)
                .inDoubt(true));
        holdTenant();

        assertThat(unaware.quarantine().acceptUnproven(List.of(row.id()), "dpo", dbNow))
                .containsEntry(row.id(), ReviewAnswer.HELD);

        assertThat(repository.quarantine().acceptUnproven(List.of(row.id()), "dpo", dbNow))
                .containsEntry(row.id(), ReviewAnswer.DONE);
    }

    @Test
    void areNotPlacedNorExtendedByThoseThatCanNotTell() {
        assertThatThrownBy(() -> unaware.holds().placeWhere("mine", TENANT, "acme", "dpo", "litigation", dbNow))
                .isInstanceOf(RetentionException.class);
        holdTenant();
        insert(dueRow(1).withAttribute(TENANT, "acme"));
        assertThat(unaware.holds().extendScopes(dbNow)).isZero();
        assertThat(repository.holds().extendScopes(dbNow)).isEqualTo(1);
    }
}
