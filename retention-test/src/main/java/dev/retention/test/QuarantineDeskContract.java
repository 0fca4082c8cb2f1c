package dev.retention.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.Cause;
import dev.retention.DeletionOutcome;
import dev.retention.DeletionState;
import dev.retention.LedgerEntry;
import dev.retention.LedgerEvent;
import dev.retention.ReviewAnswer;
import dev.retention.spi.Claim;
import dev.retention.spi.ClaimOutcome;
import dev.retention.test.RepositoryFixture.Capability;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What every {@link dev.retention.spi.QuarantineDesk} must do, as tests. */
public abstract class QuarantineDeskContract extends PortContract {

    /** Its tests use this fixture. */
    protected QuarantineDeskContract(RepositoryFixture fixture) {
        super(fixture);
    }

    private EngineRow unproven(int n) {
        EngineRow row = insert(dueRow(n));
        Claim claim = only(claim(openRun(), row).claims());
        record(ClaimOutcome.quarantine(
                        claim, DeletionOutcome.UNPROVEN, new Cause("NOT_FOUND", "fake", "not known"), dbNow)
                .inDoubt(true));
        return row;
    }

    private EngineRow refused(int n) {
        EngineRow row = insert(dueRow(n));
        record(quarantine(only(claim(openRun(), row).claims())));
        return row;
    }

    private Map<String, ReviewAnswer> accept(EngineRow... rows) {
        return repository
                .quarantine()
                .acceptUnproven(Stream.of(rows).map(EngineRow::id).toList(), "dpo", dbNow);
    }

    private Map<String, ReviewAnswer> retryNow(EngineRow... rows) {
        return repository.quarantine().retry(Stream.of(rows).map(EngineRow::id).toList(), "ops", dbNow);
    }

    @Test
    void isListedPageByPage() {
        EngineRow one = refused(1);
        EngineRow two = unproven(2);
        EngineRow unsent = insert(dueRow(3));
        record(refusedUnsent(only(claim(openRun(), unsent).claims())));
        EngineRow inTheDoor = insert(dueRow(4));
        claim(openRun(), inTheDoor);
        hold("h", insert(dueRow(5)));

        List<String> paged = new ArrayList<>();
        String after = null;
        for (int page = 0; page < 4; page++) {
            List<LedgerEntry> entries = repository.quarantine().waiting(after, 1);
            entries.forEach(entry -> paged.add(entry.recordingId()));
            after = entries.isEmpty() ? after : entries.get(0).recordingId();
        }
        assertThat(paged).containsExactlyInAnyOrder(one.id(), two.id(), unsent.id());
    }

    @Test
    void isTriedAgainInDoubtAndAsASecondAttempt() {
        EngineRow row = refused(1);
        assertThat(retryNow(row)).containsEntry(row.id(), ReviewAnswer.DONE);
        Claim again = only(reclaim(dbNow));
        assertThat(again.attempt()).isEqualTo(2);
        assertThat(again.inDoubt()).isTrue();
        assertThat(only(repository.ledger().events(row.id())))
                .returns("RETRY_GRANTED", LedgerEvent::kind)
                .returns("ops", LedgerEvent::actor);
        assertThat(retryNow(row)).containsEntry(row.id(), ReviewAnswer.NOT_WAITING);
    }

    @Test
    void isTriedAgainWithTheKeyThatItsRowHasByThen() {
        EngineRow row = insert(dueRow(1));
        Claim first = only(claim(openRun(), row).claims());
        record(progress(first), quarantine(first).withEvidence(BUCKET));
        EngineRow corrected =
                row.withStorageKey("RE-corrected").withCreated(created(row).minusSeconds(60));
        updateRow(corrected);

        assertThat(retryNow(row)).containsEntry(row.id(), ReviewAnswer.DONE);

        Claim again = only(reclaim(dbNow));
        assertThat(again.recording()).isEqualTo(candidate(corrected).recording());
        assertThat(again.evidence().isEmpty()).isTrue();
        assertThat(again.inDoubt()).isTrue();
        assertThat(verified(again)).containsExactly(row.id());
        assertThat(only(repository.ledger().events(row.id())).detail()).contains(String.valueOf(row.storageKey()));
        record(deleted(again));
        assertThat(readRow(row.id()).map(EngineRow::deleted)).isPresent();
    }

    @Test
    void isTriedAgainAsItWasClaimedIfItsRowHasNoKeyOrIsDeleted() {
        EngineRow keyless = refused(1);
        EngineRow deleted = refused(2);
        updateRow(keyless.withStorageKey(null));
        updateRow(deleted.withStorageKey("RE-other").withDeleted(dbNow, "engine"));
        retryNow(keyless);
        retryNow(deleted);
        assertThat(reclaim(dbNow))
                .extracting(claim -> claim.recording().storageKey())
                .containsExactlyInAnyOrder(keyless.storageKey(), deleted.storageKey());
    }

    /** An id may have been used again, and an erasure deletes whatever the age. */
    @Test
    void isTriedAgainAsItWasClaimedIfAnErasuresRowIsAnotherRecordingThatNobodyWasShown() {
        EngineRow other = erased(1, DeletionOutcome.REFUSED);
        EngineRow corrected = erased(2, DeletionOutcome.REFUSED);
        EngineRow shown = erased(3, DeletionOutcome.ROW_CHANGED);
        updateRow(other.withStorageKey("RE-1").withCreated(dbNow.minusSeconds(60)));
        updateRow(corrected.withStorageKey("RE-2"));
        updateRow(shown.withStorageKey("RE-3").withCreated(dbNow.minusSeconds(60)));
        retryNow(other, corrected, shown);
        assertThat(reclaim(dbNow))
                .extracting(claim -> claim.recording().storageKey())
                .containsExactlyInAnyOrder(other.storageKey(), "RE-2", "RE-3");
    }

    private EngineRow erased(int n, DeletionOutcome outcome) {
        EngineRow row = insert(dueRow(n));
        Claim claim = only(erase(row));
        record(ClaimOutcome.quarantine(claim, outcome, new Cause(outcome.name(), "fake", "refused"), dbNow));
        return row;
    }

    @Test
    void forgetsAKeyThatWasRefusedUnsent() {
        EngineRow row = insert(dueRow(1));
        record(refusedUnsent(only(claim(openRun(), row).claims())));
        assertThat(retryNow(row)).containsEntry(row.id(), ReviewAnswer.DONE);
        assertThat(entry(row)).returns(DeletionState.ACTIVE, LedgerEntry::state).returns(null, LedgerEntry::outcome);
        assertThat(only(claim(openRun(), row).claims()).attempt()).isEqualTo(1);
    }

    @Test
    void isNotTriedAgainUnderAHold() {
        EngineRow row = refused(1);
        hold("h", row);
        assertThat(retryNow(row)).containsEntry(row.id(), ReviewAnswer.HELD);
        assertThat(entry(row).state()).isEqualTo(DeletionState.QUARANTINED);
        assertThat(repository.ledger().events(row.id()))
                .extracting(LedgerEvent::kind)
                .containsExactly("HOLD_PLACED");
    }

    @Test
    void answersForWhatDoesNotWait() {
        EngineRow active = insert(dueRow(1));
        EngineRow claimed = insert(dueRow(2));
        claim(openRun(), claimed);
        assertThat(retryNow(active, claimed))
                .containsEntry(active.id(), ReviewAnswer.UNKNOWN)
                .containsEntry(claimed.id(), ReviewAnswer.NOT_WAITING);
        assertThat(accept(active, claimed, refused(3)).values())
                .containsExactlyInAnyOrder(ReviewAnswer.UNKNOWN, ReviewAnswer.NOT_WAITING, ReviewAnswer.NOT_WAITING);
        assertThat(entry(claimed).state()).isEqualTo(DeletionState.DELETING);
    }

    @Test
    void isAcceptedAsGoneAndLabelled() {
        EngineRow row = unproven(1);
        EngineRow other = unproven(2);

        assertThat(accept(row)).containsEntry(row.id(), ReviewAnswer.DONE);

        assertThat(entry(row))
                .returns(DeletionState.DELETED, LedgerEntry::state)
                .returns(DeletionOutcome.ACCEPTED_UNPROVEN, LedgerEntry::outcome)
                .returns(dbNow, LedgerEntry::deletedAt);
        assertThat(entry(row).evidence()).contains("dpo", "nothing proves it");
        assertThat(readRow(row.id()).orElseThrow())
                .returns(dbNow, EngineRow::deleted)
                .returns(REASON, EngineRow::deletionReason);
        assertThat(only(repository.ledger().events(row.id())).kind()).isEqualTo("ACCEPTED_UNPROVEN");
        assertThat(readRow(other.id())).contains(other);
        assertThat(accept(row)).containsEntry(row.id(), ReviewAnswer.NOT_WAITING);
    }

    @Test
    void isNotAcceptedWhereItMustBeKept() {
        EngineRow held = unproven(1);
        hold("h", held);
        assertThat(accept(held)).containsEntry(held.id(), ReviewAnswer.HELD);
        if (supports(Capability.HOLD_FLAG)) {
            EngineRow flagged = unproven(2);
            updateRow(flagged.withFlaggedHeld(true));
            assertThat(accept(flagged)).containsEntry(flagged.id(), ReviewAnswer.HELD);
        }
        if (supports(Capability.RETAIN_UNTIL)) {
            EngineRow retained = unproven(3);
            updateRow(retained.withRetainUntil(dbNow.plus(Duration.ofDays(1))));
            assertThat(accept(retained)).containsEntry(retained.id(), ReviewAnswer.HELD);
        }
        if (supports(Capability.ATTRIBUTES)) {
            EngineRow scoped = unproven(4);
            updateRow(scoped.withAttribute(TENANT, "acme"));
            repository.holds().placeWhere("all", TENANT, "acme", "dpo", "litigation", dbNow);
            assertThat(accept(scoped)).containsEntry(scoped.id(), ReviewAnswer.HELD);
            assertThat(readRow(scoped.id()).orElseThrow().deleted()).isNull();
        }
        assertThat(readRow(held.id())).contains(held);
    }

    /** The person has decided about the recording that the entry names. */
    @Test
    void isNotAcceptedOnceTheRowNamesAnotherRecording() {
        EngineRow row = unproven(1);
        LedgerEntry before = entry(row);
        Instant created = Objects.requireNonNull(row.created());
        List<EngineRow> others = new ArrayList<>(List.of(
                row.withStorageKey("another"), row.withStorageKey(null), row.withCreated(created.plusSeconds(1))));
        if (supports(Capability.ACCOUNT)) {
            others.add(row.withAccount("another"));
        }
        for (EngineRow changed : others) {
            updateRow(changed);
            assertThat(accept(row)).as("%s", changed).containsEntry(row.id(), ReviewAnswer.ROW_CHANGED);
            assertThat(readRow(row.id())).contains(changed);
            assertThat(entry(row)).isEqualTo(before);
        }
        assertThat(repository.ledger().events(row.id())).isEmpty();

        updateRow(row);
        assertThat(accept(row)).containsEntry(row.id(), ReviewAnswer.DONE);
    }

    /** Nothing is left that could name another recording. */
    @Test
    void isAcceptedOnceTheRowIsGone() {
        EngineRow row = unproven(1);
        removeRow(row.id());
        assertThat(accept(row)).containsEntry(row.id(), ReviewAnswer.DONE);
        assertThat(repository.ledger().events(row.id()))
                .extracting(LedgerEvent::kind)
                .containsExactlyInAnyOrder("ACCEPTED_UNPROVEN", "ROW_NOT_UPDATED");
    }
}
