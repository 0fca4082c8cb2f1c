package dev.retention.internal.account;

import dev.retention.internal.account.AccountState.Trust;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.DeletionResult.Kind;

/**
 * Whether the first answers of an account indicate a wrong account or a wrong mapping of keys, rather than faults of
 * recordings. Used by its account alone, which locks it.
 */
final class Suspicion {

    private boolean answered;
    private boolean proven;
    private int unsentInRow;
    private int notFoundInRow;

    void note(DeletionResult result) {
        boolean unsent = result.kind() == Kind.REFUSED_UNSENT;
        answered |= !unsent;
        proven |= result.provesGone();
        unsentInRow = unsent ? unsentInRow + 1 : 0;
        if (result.kind() == Kind.NOT_FOUND) {
            notFoundInRow++;
        } else if (!unsent && result.kind() != Kind.TRY_LATER) {
            notFoundInRow = 0;
        }
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
        return mattersWhatOthersShow(trust) && notFoundInRow >= AccountState.IN_A_ROW;
    }

    /**
     * Whether an unproven recording says more about the account than about itself, as long as nothing has been proven.
     */
    boolean mattersWhatOthersShow(Trust trust) {
        return trust == Trust.UNTESTED && !proven;
    }
}
