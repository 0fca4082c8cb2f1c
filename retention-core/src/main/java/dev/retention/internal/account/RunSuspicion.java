package dev.retention.internal.account;

import dev.retention.SweepEnd;
import dev.retention.internal.account.AccountState.Trust;
import dev.retention.spi.DeletionResult;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the accounts of one work show together. If another attribute than the account is mapped as the account, each
 * recording seems to be of an account of its own, and none of them shows enough by itself. Accounts are counted here
 * and not recordings, so that one bad account stops no other. Safe for use by several threads.
 */
final class RunSuspicion {

    /**
     * So many accounts that are of no use, and none that is, indicate that they are no accounts. Accounts that were
     * closed come first each night: their recordings are never deleted, so they are the oldest. So the accounts of the
     * newest recordings are asked for first.
     */
    static final int ACCOUNTS = 30;

    /** After so many, those of the newest recordings are asked for. */
    private static final int FIRST_ACCOUNTS = 5;

    /** Whether a storage has accepted a key. */
    private boolean keyAccepted;
    /** Whether an account was identified by a recording, or a storage knew a recording: the mapping is right. */
    private boolean useful;

    private final Set<AccountState> withInvalidKeys = new HashSet<>();
    private final Set<AccountState> withoutRecordings = new HashSet<>();
    /** Accounts of the newest recordings that were not identified yet; null as long as they were not asked for. */
    private @Nullable Set<AccountState> references;

    private int stoppedAccounts;
    private @Nullable SweepEnd lastEnd;
    private String lastCause = "";
    private @Nullable SweepEnd stopped;
    private String stopCause = "";

    synchronized void note(AccountState account, Trust trust, DeletionResult result) {
        if (useful) {
            return;
        }
        switch (result.kind()) {
            case REFUSED_UNSENT -> {
                if (Suspicion.saysThatTheKeyIsInvalid(result)) {
                    add(withInvalidKeys, account);
                }
            }
            case NOT_FOUND -> {
                keyAccepted = true;
                if (trust == Trust.UNTESTED) {
                    add(withoutRecordings, account);
                }
            }
            case STOP, MISMATCH, TRY_LATER -> {}
            case REFUSED -> keyAccepted = true;
            default -> useful();
        }
    }

    private static void add(Set<AccountState> accounts, AccountState account) {
        if (accounts.size() < ACCOUNTS) {
            accounts.add(account);
        }
    }

    /** The mapping is right, so that each account is judged by itself alone. */
    synchronized void useful() {
        useful = true;
        withInvalidKeys.clear();
        withoutRecordings.clear();
    }

    /** Whether the first keys of enough accounts were invalid, and no storage has accepted any. */
    synchronized boolean ofStorageKeys() {
        return !useful && !keyAccepted && withInvalidKeys.size() >= AccountState.IN_A_ROW;
    }

    /** Whether enough accounts could not be identified by recordings, and none has found one. */
    synchronized boolean ofMismatch() {
        return !useful && withoutRecordings.size() >= ACCOUNTS;
    }

    /** Whether the accounts of the newest recordings are to be asked for now: several others are of no use. */
    synchronized boolean needsReferences() {
        return references == null
                && !useful
                && stoppedAccounts + withInvalidKeys.size() + withoutRecordings.size() >= FIRST_ACCOUNTS;
    }

    /**
     * These accounts should be of use, whatever the oldest ones are. Until each of them is identified or stopped, no
     * account is stopped for what others show.
     */
    synchronized void refer(Set<AccountState> accounts) {
        references = new HashSet<>(accounts);
        judge();
    }

    /** Those that were not identified yet. */
    synchronized Set<AccountState> references() {
        return references == null ? Set.of() : Set.copyOf(references);
    }

    /** An account was identified, or could not be for lack of recordings. */
    synchronized void identified(AccountState account, boolean known) {
        if (known) {
            useful();
        }
        settled(account);
    }

    /** An account was stopped. If so many were, and none was of use, all others are stopped too. */
    synchronized void stopped(AccountState account, SweepEnd end, String cause) {
        stoppedAccounts++;
        lastEnd = end;
        lastCause = cause;
        settled(account);
    }

    private void settled(AccountState account) {
        if (references != null) {
            references.remove(account);
        }
        judge();
    }

    private void judge() {
        if (lastEnd == null || useful || references == null || !references.isEmpty()) {
            return;
        }
        if (lastEnd == SweepEnd.STORAGE_KEY_SUSPECTED && ofStorageKeys()
                || lastEnd == SweepEnd.ACCOUNT_MISMATCH_SUSPECTED && ofMismatch()
                || stoppedAccounts >= ACCOUNTS) {
            stopAll(
                    lastEnd,
                    "no recording of the first accounts was found, nor of the newest recordings' accounts. The"
                            + " attribute that is mapped as the account may be the wrong one. The last cause: "
                            + lastCause);
        }
    }

    synchronized void stopAll(SweepEnd end, String cause) {
        if (stopped == null) {
            stopped = end;
            stopCause = cause;
        }
    }

    /** Why all accounts are stopped; null if they are not. */
    synchronized @Nullable SweepEnd stopped() {
        return stopped;
    }

    synchronized String stopCause() {
        return stopCause;
    }
}
