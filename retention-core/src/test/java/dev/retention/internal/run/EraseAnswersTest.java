package dev.retention.internal.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.Cause;
import dev.retention.DeletionOutcome;
import dev.retention.DeletionState;
import dev.retention.EraseAnswer;
import dev.retention.LedgerEntry;
import dev.retention.spi.Candidate;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.HoldRegister.Scope;
import dev.retention.spi.Recording;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EraseAnswersTest {

    private static final Instant NOW = Instant.parse("2026-11-22T03:00:00Z");
    private static final Instant CREATED = NOW.minus(Duration.ofDays(100));
    private static final Duration TICK = Duration.ofNanos(1_000);

    private final EraseAnswers rules =
            new EraseAnswers(NOW, List.of(new Scope("case", "tenant", "acme")), DueCriteria.erasure(NOW));

    private static Candidate row(String key, String account, String tenant, boolean flagged) {
        Recording recording = new Recording("r", key, account, CREATED, Map.of("tenant", tenant));
        return new Candidate(recording, null, flagged, null, null);
    }

    private static final Candidate ROW = row("key", "AC1", "other", false);

    private static LedgerEntry.Builder entry(DeletionState state) {
        return LedgerEntry.builder("r", state)
                .storageKey("key")
                .account("AC1")
                .recordingCreated(CREATED)
                .policy("default");
    }

    @ParameterizedTest
    @EnumSource(names = {"DELETING", "QUARANTINED"})
    void whateverHoldsItIsLateOnceItMayHaveBeenSent(DeletionState state) {
        LedgerEntry entry = entry(state).build();
        for (Candidate held : List.of(row("key", "AC1", "acme", false), row("key", "AC1", "other", true))) {
            assertThat(rules.before(held, entry)).contains(EraseAnswer.LATE);
            assertThat(rules.after(held, entry)).isEqualTo(EraseAnswer.LATE);
            assertThat(rules.before(held, null)).contains(EraseAnswer.HELD);
            assertThat(rules.after(held, null)).isEqualTo(EraseAnswer.HELD);
        }
        LedgerEntry byId = entry(state).held(true).build();
        assertThat(rules.before(ROW, byId)).contains(EraseAnswer.LATE);
        assertThat(rules.after(ROW, byId)).isEqualTo(EraseAnswer.LATE);
        assertThat(rules.after(null, byId)).isEqualTo(EraseAnswer.LATE);
        assertThat(rules.after(ROW, entry)).isNotEqualTo(EraseAnswer.LATE);
    }

    @Test
    void onlyTheLedgerProvesADeletion() {
        Candidate softDeleted = new Candidate(ROW.recording(), null, false, NOW, null);
        LedgerEntry proven = entry(DeletionState.DELETED).build();
        assertThat(rules.before(softDeleted, null)).isEmpty();
        assertThat(rules.before(softDeleted, entry(DeletionState.ACTIVE).build()))
                .isEmpty();
        assertThat(rules.before(softDeleted, proven)).contains(EraseAnswer.ALREADY_DELETED);
        assertThat(rules.before(ROW, proven)).contains(EraseAnswer.ALREADY_DELETED);
        assertThat(rules.before(null, proven)).contains(EraseAnswer.ALREADY_DELETED);
        assertThat(rules.before(null, null)).contains(EraseAnswer.UNKNOWN);
        assertThat(rules.after(ROW, proven)).isEqualTo(EraseAnswer.ERASED);
    }

    @Test
    void aRowWithoutAPossibleCreationTimeIsNotTheDeletedRecording() {
        LedgerEntry proven = entry(DeletionState.DELETED).build();
        assertThat(EraseAnswers.ofUndated(proven)).isEqualTo(EraseAnswer.CHANGED);
        assertThat(EraseAnswers.ofUndated(entry(DeletionState.ACTIVE).build())).isEqualTo(EraseAnswer.UNKNOWN);
        assertThat(EraseAnswers.ofUndated(null)).isEqualTo(EraseAnswer.UNKNOWN);
    }

    @ParameterizedTest
    @EnumSource(names = {"DELETING", "DELETED"})
    void anEntryAboutAnotherRecordingSaysNothing(DeletionState state) {
        LedgerEntry entry = entry(state).build();
        assertThat(rules.before(row("new", "AC1", "other", false), entry)).contains(EraseAnswer.CHANGED);
        assertThat(rules.before(row("key", "AC2", "other", false), entry)).contains(EraseAnswer.CHANGED);
        assertThat(rules.before(ROW, entry)).isNotEqualTo(Optional.of(EraseAnswer.CHANGED));
        LedgerEntry older = entry(state).recordingCreated(CREATED.minus(TICK)).build();
        assertThat(rules.before(ROW, older)).contains(EraseAnswer.CHANGED);
        LedgerEntry sameMicrosecond =
                entry(state).recordingCreated(CREATED.plusNanos(999)).build();
        assertThat(rules.before(ROW, sameMicrosecond)).isEqualTo(rules.before(ROW, entry));
    }

    @Test
    void aHoldOnARecordingWhoseIdWasUsedBeforeIsInTime() {
        LedgerEntry before = entry(DeletionState.DELETED).storageKey("before").build();
        assertThat(rules.before(row("key", "AC1", "acme", false), before)).contains(EraseAnswer.HELD);
        assertThat(rules.before(row("key", "AC1", "other", true), before)).contains(EraseAnswer.HELD);
        assertThat(rules.before(
                        ROW,
                        entry(DeletionState.DELETED)
                                .storageKey("before")
                                .held(true)
                                .build()))
                .contains(EraseAnswer.HELD);
        assertThat(rules.before(ROW, entry(DeletionState.DELETED).held(true).build()))
                .as("the hold came too late")
                .contains(EraseAnswer.ALREADY_DELETED);
    }

    @Test
    void anAccountThatTheLedgerShortensIsTheSame() {
        String account = "A".repeat(256);
        LedgerEntry entry =
                entry(DeletionState.DELETED).account("A".repeat(64) + "...").build();
        assertThat(rules.before(row("key", account, "other", false), entry)).contains(EraseAnswer.ALREADY_DELETED);
        assertThat(rules.before(row("key", account.substring(1), "other", false), entry))
                .contains(EraseAnswer.CHANGED);
    }

    @Test
    void whatIsInFlightIsErasedUnlessAnInstanceWorksOnIt() {
        LedgerEntry.Builder ofSweep = entry(DeletionState.DELETING).nextAttempt(NOW.plus(Duration.ofDays(30)));
        assertThat(rules.before(ROW, ofSweep.build())).isEmpty();
        assertThat(rules.after(ROW, ofSweep.build())).isEqualTo(EraseAnswer.NOT_STARTED);
        assertThat(rules.before(ROW, ofSweep.leaseUntil(NOW).build())).isEmpty();
        LedgerEntry owned = ofSweep.leaseUntil(NOW.plus(TICK)).build();
        assertThat(rules.before(ROW, owned)).contains(EraseAnswer.BUSY);
        assertThat(rules.after(ROW, owned)).isEqualTo(EraseAnswer.BUSY);
    }

    @Test
    void anErasureInFlightIsPendingUntilItsNextAttempt() {
        LedgerEntry.Builder ofErasure = entry(DeletionState.DELETING).policy(DueCriteria.ERASURE);
        assertThat(rules.before(ROW, ofErasure.build())).isEmpty();
        assertThat(rules.before(ROW, ofErasure.nextAttempt(NOW).build())).isEmpty();
        assertThat(rules.before(ROW, ofErasure.nextAttempt(NOW.plus(TICK)).build()))
                .contains(EraseAnswer.PENDING);
        LedgerEntry owned =
                ofErasure.nextAttempt(null).leaseUntil(NOW.plus(TICK)).build();
        assertThat(rules.before(ROW, owned)).contains(EraseAnswer.PENDING);
        assertThat(rules.after(ROW, owned)).isEqualTo(EraseAnswer.PENDING);
    }

    @Test
    void whatNeedsADecisionIsNamed() {
        LedgerEntry unproven = entry(DeletionState.QUARANTINED)
                .outcome(DeletionOutcome.UNPROVEN)
                .build();
        LedgerEntry refused = entry(DeletionState.QUARANTINED)
                .outcome(DeletionOutcome.REFUSED)
                .build();
        LedgerEntry unsent = entry(DeletionState.ACTIVE)
                .outcome(DeletionOutcome.REFUSED_UNSENT)
                .cause(Cause.of("REFUSED_UNSENT", "no key"))
                .build();
        assertThat(rules.before(ROW, unproven)).contains(EraseAnswer.UNPROVEN);
        assertThat(rules.after(ROW, unproven)).isEqualTo(EraseAnswer.UNPROVEN);
        assertThat(rules.before(ROW, refused)).contains(EraseAnswer.QUARANTINED);
        assertThat(rules.before(ROW, unsent)).as("tried again").isEmpty();
        assertThat(rules.after(ROW, unsent)).isEqualTo(EraseAnswer.QUARANTINED);
        LedgerEntry shared =
                entry(DeletionState.ACTIVE).outcome(DeletionOutcome.KEY_SHARED).build();
        assertThat(rules.before(ROW, shared)).as("tried again").isEmpty();
        assertThat(rules.after(ROW, shared)).isEqualTo(EraseAnswer.SHARED);
        assertThat(rules.after(ROW, null)).isEqualTo(EraseAnswer.NOT_STARTED);
    }

    @Test
    void whatCanNotBeReadIsKept() {
        LedgerEntry unreadable =
                LedgerEntry.builder("r", DeletionState.UNREADABLE).held(true).build();
        assertThat(rules.before(ROW, unreadable)).contains(EraseAnswer.UNREADABLE);
        assertThat(rules.after(ROW, unreadable)).isEqualTo(EraseAnswer.UNREADABLE);
        assertThat(rules.ofUnreadable(null)).isEqualTo(EraseAnswer.UNREADABLE);
        assertThat(rules.ofUnreadable(unreadable)).isEqualTo(EraseAnswer.UNREADABLE);
        assertThat(rules.ofUnreadable(entry(DeletionState.DELETED).build()))
                .as("nobody knows whether it is the recording that was deleted")
                .isEqualTo(EraseAnswer.UNREADABLE);
        assertThat(rules.ofUnreadable(entry(DeletionState.ACTIVE).held(true).build()))
                .isEqualTo(EraseAnswer.HELD);
        assertThat(rules.ofUnreadable(entry(DeletionState.DELETING).held(true).build()))
                .isEqualTo(EraseAnswer.LATE);
        assertThat(rules.ofUnreadable(entry(DeletionState.DELETING).build())).isEqualTo(EraseAnswer.UNREADABLE);
        assertThat(rules.ofUnreadable(entry(DeletionState.DELETING)
                        .policy(DueCriteria.ERASURE)
                        .build()))
                .isEqualTo(EraseAnswer.PENDING);
    }

    @Test
    void aCreationTimeThatNoRecordingCanHaveIsNone() {
        Recording zero = new Recording("r", "key", "AC1", Instant.EPOCH, Map.of());
        assertThat(rules.before(new Candidate(zero, null, false, null, null), null))
                .contains(EraseAnswer.UNKNOWN);
    }
}
