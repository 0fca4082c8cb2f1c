package dev.retention.internal.account;

import dev.retention.internal.account.AccountState.Trust;
import dev.retention.spi.CreationCheck;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.DeletionResult.Kind;

/**
 * Whether the answers of an account indicate a wrong account, lost rights or a wrong mapping of keys, rather than
 * faults of recordings. Used by its account alone, which locks it.
 */
final class Suspicion {

    private boolean answered;
    private boolean proven;
    private int unsentInRow;
    private int notFoundInRow;
    /** Recordings in a row that were not found, or were refused. */
    private int keptInRow;
    /** So many in a row make an account that was identified be identified again. */
    private int patience = AccountState.IN_A_ROW;

    /** Not if it was refused for its row, after the storage has shown the recording: then its key is right. */
    static boolean saysThatTheKeyIsInvalid(DeletionResult result) {
        return result.kind() == Kind.REFUSED_UNSENT && !result.code().equals(CreationCheck.CODE);
    }

    void note(DeletionResult result) {
        boolean unsent = saysThatTheKeyIsInvalid(result);
        answered |= !unsent;
        proven |= result.provesGone();
        unsentInRow = unsent ? unsentInRow + 1 : 0;
        if (unsent || result.kind() == Kind.TRY_LATER) {
            return;
        }
        boolean notFound = result.kind() == Kind.NOT_FOUND;
        notFoundInRow = notFound ? notFoundInRow + 1 : 0;
        keptInRow = notFound || result.kind() == Kind.REFUSED ? keptInRow + 1 : 0;
    }

    /**
     * Whether enough keys were seen so far, and all were invalid for the storage. If the storage found recent
     * recordings, keys are mapped correctly, and only these few are invalid.
     */
    boolean ofStorageKeys(Trust trust) {
        return trust != Trust.KNOWN && !answered && unsentInRow >= AccountState.IN_A_ROW;
    }

    /**
     * Whether an account that could not be identified by recent recordings has found nothing so far, in enough
     * requests.
     */
    boolean ofMismatch(Trust trust) {
        return trust == Trust.UNTESTED && !proven && notFoundInRow >= AccountState.IN_A_ROW;
    }

    /**
     * Whether an unproven recording may say more about the account than about itself. Of an account that could not be
     * identified, as long as nothing has been proven. Of one that was identified, always: it may have lost rights that
     * it had then.
     */
    boolean withholdsUnproven(Trust trust) {
        return trust != Trust.UNTESTED || !proven;
    }

    /** Whether a refused recording may say more about the account than about itself: it may have lost rights. */
    boolean withholdsRefused(Trust trust) {
        return trust != Trust.UNTESTED;
    }

    /** Whether an account that was identified must be identified again, since it finds or deletes nothing any more. */
    boolean ofLostAccess() {
        return keptInRow >= patience;
    }

    /** It is the right one all the same: more in a row are needed to doubt it again. */
    void confirmed() {
        if (ofLostAccess()) {
            patience *= 2;
            keptInRow = 0;
        }
    }
}
