package dev.retention.internal.report;

import dev.retention.SweepEnd;
import dev.retention.internal.account.AccountState;
import dev.retention.spi.SweepRuns.SweepRun;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The messages of reports: why the run ended, for people, and what to do. */
public final class EndMessages {

    /** If several accounts stopped, the report has the first of these ends. */
    public static final List<SweepEnd> WORST_FIRST = List.of(
            SweepEnd.ACCOUNT_MISMATCH_SUSPECTED,
            SweepEnd.CREDENTIALS_REFUSED,
            SweepEnd.CLOCKS_DISAGREE,
            SweepEnd.STORAGE_KEY_SUSPECTED);

    private static final int MOST_NAMED = 10;

    private EndMessages() {}

    public static String of(SweepEnd end, Tally tally, SweepRun run, Collection<AccountState> accounts) {
        long remaining = tally.remaining();
        String stopped = stopped(accounts);
        return switch (end) {
            case COMPLETED -> completed(tally.left());
            case OUT_OF_TIME ->
                "the run reached its maximum duration; " + remaining + " due recordings remain for the next run";
            case CAPPED ->
                "the limit of " + run.maxDeletions() + " deletions was reached; " + remaining
                        + " due recordings remain for the next run";
            case PAUSED -> "deleting is paused; " + remaining + " due recordings remain. Resume deleting to continue";
            case PROVIDER_DOWN ->
                "the storage gave no useful answer until the run reached its maximum duration; " + remaining
                        + " due recordings remain for the next run. Check the storage if this continues";
            case ACCOUNT_MISMATCH_SUSPECTED ->
                stopped
                        + ". Nothing is deleted for this account until that is corrected. Check the account, the"
                        + " credentials and the region, then sweep again";
            case CREDENTIALS_REFUSED -> stopped + ". Check the credentials and their permissions, then sweep again";
            case CLOCKS_DISAGREE -> stopped + ". Correct the clocks, then sweep again";
            case STORAGE_KEY_SUSPECTED ->
                stopped + ". Check which attribute is mapped as the storage key, then sweep again";
            default -> end.name();
        };
    }

    private static String completed(Map<String, Long> left) {
        if (left.isEmpty()) {
            return "every due recording was deleted";
        }
        long remain = left.values().stream().mapToLong(Long::longValue).sum();
        return "done; " + remain + " due recordings remain: "
                + left.entrySet().stream()
                        .map(entry -> entry.getValue() + " " + entry.getKey())
                        .collect(Collectors.joining(", "));
    }

    /** The causes of all accounts that are stopped. Of many, the first ones are enough. */
    private static String stopped(Collection<AccountState> accounts) {
        List<String> causes = accounts.stream()
                .filter(AccountState::isStoppedItself)
                .map(account -> account.label() + ": " + account.stopCause())
                .sorted()
                .toList();
        Stream<String> named = causes.stream().limit(MOST_NAMED);
        Stream<String> unnamed = Stream.of(causes.size() - MOST_NAMED)
                .filter(count -> count > 0)
                .map(count -> count + " more accounts are stopped; the log names them");
        Stream<String> all = accounts.stream()
                .filter(account -> account.isStopped() && !account.isStoppedItself())
                .map(account -> "all accounts: " + account.stopCause())
                .limit(1);
        return Stream.of(all, named, unnamed).flatMap(part -> part).collect(Collectors.joining("; "));
    }
}
