package dev.retention.internal.account;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.internal.account.AccountState.Trust;
import dev.retention.spi.DeletionResult;
import org.junit.jupiter.api.Test;

/** When the first answers speak against the account, or against the mapping of keys. */
class SuspicionTest {

    private static final DeletionResult NOT_FOUND = DeletionResult.notFound();
    private static final DeletionResult UNSENT = DeletionResult.refusedUnsent("no key");
    private static final DeletionResult LATER = DeletionResult.tryLater("503", null, true);
    private static final DeletionResult DELETED = DeletionResult.deleted("204");
    private static final DeletionResult REFUSED = DeletionResult.refused("never");

    private final Suspicion suspicion = new Suspicion();

    private void note(int times, DeletionResult result) {
        for (int i = 0; i < times; i++) {
            suspicion.note(result);
        }
    }

    @Test
    void tenNotFoundInARowSpeakAgainstAnUntestedAccount() {
        note(9, NOT_FOUND);
        assertThat(suspicion.ofMismatch(Trust.UNTESTED)).isFalse();
        note(1, NOT_FOUND);
        assertThat(suspicion.ofMismatch(Trust.UNTESTED)).isTrue();
        assertThat(suspicion.ofMismatch(Trust.KNOWN)).isFalse();
    }

    @Test
    void whatSaysNothingAboutTheAccountDoesNotEndTheRow() {
        note(9, NOT_FOUND);
        note(3, LATER);
        note(3, UNSENT);
        note(1, NOT_FOUND);
        assertThat(suspicion.ofMismatch(Trust.UNTESTED)).isTrue();
    }

    @Test
    void anyOtherAnswerEndsTheRow() {
        note(9, NOT_FOUND);
        note(1, REFUSED);
        note(9, NOT_FOUND);
        assertThat(suspicion.ofMismatch(Trust.UNTESTED)).isFalse();
    }

    @Test
    void aProofSpeaksForTheAccountOnceAndForAll() {
        assertThat(suspicion.withholdsUnproven(Trust.UNTESTED)).isTrue();
        assertThat(suspicion.withholdsUnproven(Trust.KNOWN)).isTrue();
        note(1, DELETED);
        note(20, NOT_FOUND);
        assertThat(suspicion.ofMismatch(Trust.UNTESTED)).isFalse();
        assertThat(suspicion.withholdsUnproven(Trust.UNTESTED)).isFalse();
    }

    @Test
    void tenKeysThatAreNoneSpeakAgainstTheirMapping() {
        note(9, UNSENT);
        assertThat(suspicion.ofStorageKeys(Trust.UNTESTED)).isFalse();
        note(1, UNSENT);
        assertThat(suspicion.ofStorageKeys(Trust.UNTESTED)).isTrue();
        assertThat(suspicion.ofStorageKeys(Trust.KNOWN))
                .as("recent keys were found, so that they are mapped as they should be")
                .isFalse();
    }

    @Test
    void oneKeyThatTheStorageTookSpeaksForTheMapping() {
        note(1, NOT_FOUND);
        note(20, UNSENT);
        assertThat(suspicion.ofStorageKeys(Trust.UNTESTED)).isFalse();
    }

    @Test
    void tenNotFoundInARowSpeakAgainstAnAccountThatWasIdentified() {
        note(20, DELETED);
        note(9, NOT_FOUND);
        assertThat(suspicion.ofLostAccess()).isFalse();
        suspicion.confirmed();
        note(1, NOT_FOUND);
        assertThat(suspicion.ofLostAccess()).isTrue();
        suspicion.confirmed();
        assertThat(suspicion.ofLostAccess()).isFalse();
        note(19, NOT_FOUND);
        assertThat(suspicion.ofLostAccess())
                .as("twice as many after it was confirmed")
                .isFalse();
        note(1, NOT_FOUND);
        assertThat(suspicion.ofLostAccess()).isTrue();
    }
}
