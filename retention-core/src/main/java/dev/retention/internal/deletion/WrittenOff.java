package dev.retention.internal.deletion;

import dev.retention.Cause;
import dev.retention.DeletionOutcome;
import dev.retention.WrittenOffAccount;
import dev.retention.internal.account.AccountState;
import dev.retention.internal.deletion.AccountIdentification.Refused;
import dev.retention.internal.deletion.AccountIdentification.Verdict;
import dev.retention.spi.Claim;
import dev.retention.spi.ClaimOutcome;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accounts that a person has written off, and that the storage refuses. Nothing is sent for them; their recordings
 * become unproven with that cause, so that they are accepted in the person's name. Used by the sweeping thread alone.
 */
final class WrittenOff {

    private static final Logger log = LoggerFactory.getLogger(WrittenOff.class);

    private final Dispatcher dispatcher;
    private final Withheld withheld;
    private final OutcomeRecorder recorder;
    private final Map<AccountState, Cause> causes = new IdentityHashMap<>();

    WrittenOff(Dispatcher dispatcher, Withheld withheld, OutcomeRecorder recorder) {
        this.dispatcher = dispatcher;
        this.withheld = withheld;
        this.recorder = recorder;
    }

    /**
     * Takes the account over, if it was written off and is refused. One that answers is deleted from as always.
     *
     * @param decided what a person has decided about it; null for nothing
     */
    boolean takes(AccountState account, Verdict verdict, @Nullable WrittenOffAccount decided) {
        if (decided == null || !(verdict instanceof Refused refused) || !refused.accountIsRefused()) {
            return false;
        }
        log.warn(
                "{} was written off by={}, and its storage refuses it: {}. Its due recordings are recorded as accepted"
                        + " by this person",
                account.label(),
                decided.by(),
                refused.why());
        Cause cause = Causes.writtenOff(decided);
        causes.put(account, cause);
        account.writeOff();
        dispatcher.takeReady(account).forEach(each -> leave(each.claim, each.isInDoubt(), cause));
        withheld.take(account)
                .forEach(each -> leave(each.deletion().claim, each.deletion().isInDoubt(), cause));
        return true;
    }

    /** The accounts that were taken over: in this work the storage has refused them. */
    Set<String> accounts() {
        return causes.keySet().stream()
                .flatMap(account -> Stream.ofNullable(account.name()))
                .collect(Collectors.toSet());
    }

    /** Takes a claim of such an account; returns false for that of any other. */
    boolean takes(Claim claim, AccountState account) {
        Cause cause = causes.get(account);
        if (cause == null) {
            return false;
        }
        leave(claim, claim.inDoubt(), cause);
        return true;
    }

    /** Under a hold that came late, it waits for the end of the hold, as always. */
    private void leave(Claim claim, boolean inDoubt, Cause cause) {
        recorder.add(at -> (claim.late()
                        ? ClaimOutcome.retry(claim, DeletionOutcome.KEPT, cause, at, at.plus(Backoff.LATER))
                                .uncounted()
                        : ClaimOutcome.quarantine(claim, DeletionOutcome.UNPROVEN, cause, at))
                .inDoubt(inDoubt));
    }
}
