package dev.retention;

import dev.retention.spi.SweepRuns.SweepRun;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/** What a report says about its end, in a sentence for a person, and what to do. */
final class Messages {

    /** Of several accounts that stopped, the end that a report names. */
    static final List<SweepEnd> WORST_FIRST = List.of(
            SweepEnd.ACCOUNT_MISMATCH_SUSPECTED,
            SweepEnd.CREDENTIALS_REFUSED,
            SweepEnd.CLOCKS_DISAGREE,
            SweepEnd.STORAGE_KEY_SUSPECTED);

    private Messages() {}

    static String of(SweepEnd end, long remaining, SweepRun run, Collection<Account> accounts) {
        String stopped = accounts.stream()
                .filter(Account::isStopped)
                .map(account -> account.label() + ": " + account.stopCause())
                .sorted()
                .collect(Collectors.joining("; "));
        return switch (end) {
            case COMPLETED ->
                remaining == 0
                        ? "all that was due was dealt with"
                        : remaining + " due recordings were left alone; the log names them";
            case OUT_OF_TIME -> "the time was up; " + remaining + " due recordings are the next run's";
            case CAPPED ->
                "the limit of " + run.maxDeletions() + " deletions was reached; " + remaining
                        + " due recordings are the next run's";
            case PAUSED -> "deleting is paused; " + remaining + " due recordings wait for it to be resumed";
            case PROVIDER_DOWN ->
                "the storage did not answer usefully until the time was up; " + remaining
                        + " due recordings are the next run's";
            case ACCOUNT_MISMATCH_SUSPECTED ->
                "nothing was recorded as deleted for it. " + stopped
                        + ". Check the account, the credentials and the region, then sweep again";
            case CREDENTIALS_REFUSED -> stopped + ". Check the credentials and their permissions, then sweep again";
            case CLOCKS_DISAGREE -> stopped + ". Set the clocks right, then sweep again";
            case STORAGE_KEY_SUSPECTED -> stopped + ". Check which attribute is mapped as the storage key";
            default -> end.name();
        };
    }
}
