package dev.retention.twilio;

import dev.retention.spi.DeletionResult;
import dev.retention.spi.Recording;
import dev.retention.spi.RecordingLookup.Identification;
import java.time.Clock;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Account access: which credentials are used for an account, and whether it is the account that was meant. Keys and
 * accounts that are not SIDs are refused here, before they can become part of a URL.
 */
final class AccountAccess {

    /** A recording of an account that may be asked about. */
    record Target(Account account, String sid) {

        Question asked(Question.Operation operation) {
            return new Question(operation, account.sid(), account.username(), sid);
        }

        Question askedAboutAll() {
            return new Question(Question.Operation.LIST, account.sid(), account.username(), null);
        }
    }

    private final String configured;
    private final @Nullable TwilioCredentials credentials;
    private final @Nullable TwilioCredentialsLookup lookup;
    private final @Nullable String region;
    private final Account.ClientSettings clients;
    private final Clock clock;

    AccountAccess(TwilioSettings settings) {
        this.configured = settings.accountSid;
        this.credentials = settings.credentials;
        this.lookup = settings.lookup;
        this.region = settings.place.region();
        this.clients = settings.clients();
        this.clock = settings.clock;
    }

    /** The account that a recording names, or the configured one. */
    String accountOf(Recording recording) {
        String named = recording.account();
        return named == null ? configured : named;
    }

    Target targetOf(Recording recording) throws AccessDenied {
        String sid = recording.storageKey();
        if (sid == null || !Sids.isRecording(sid)) {
            throw new AccessDenied(DeletionResult.refusedUnsent("the storage key "
                            + (sid == null ? "is missing; it must be" : Sids.shape(sid) + " is not")
                            + " a recording SID, RE and 32 hexadecimal digits; correct the row")
                    .withCode(TwilioCauseCodes.INVALID_STORAGE_KEY));
        }
        return new Target(account(accountOf(recording)), sid);
    }

    /** Asks for a page of the account's recordings, each of which must be of that account. */
    Identification identify(@Nullable String named, TwilioApi api) {
        Call call = api.begin();
        Account account;
        try {
            account = account(named == null ? configured : named);
        } catch (AccessDenied denied) {
            return denied.result().kind() == DeletionResult.Kind.REFUSED_UNSENT
                    ? Identification.NOTHING_KNOWN
                    : new Identification(denied.result(), null);
        }
        Question asked = new Question(Question.Operation.LIST, account.sid(), account.username(), null);
        Outcome outcome = api.listRecordings(account, call);
        DeletionResult objection = Answers.toList(asked, outcome, clock.instant());
        return new Identification(objection, outcome instanceof Outcome.Answer answer ? answer.date() : null);
    }

    private Account account(String sid) throws AccessDenied {
        if (!Sids.isAccount(sid)) {
            throw new AccessDenied(DeletionResult.refusedUnsent("the account " + Sids.shape(sid)
                            + " is not an account SID, AC and 32 hexadecimal digits; correct the row")
                    .withCode(TwilioCauseCodes.INVALID_ACCOUNT));
        }
        if (Thread.currentThread().isInterrupted()) {
            throw new AccessDenied(DeletionResult.tryLater("interrupted before anything was sent", null, true)
                    .withCode(TwilioCauseCodes.INTERRUPTED));
        }
        return new Account(sid, credentialsOf(sid), clients);
    }

    private TwilioCredentials credentialsOf(String sid) throws AccessDenied {
        if (sid.equals(configured) && credentials != null) {
            return credentials;
        }
        if (lookup == null) {
            throw new AccessDenied(DeletionResult.refusedUnsent("the account " + sid
                            + " is not the configured one, and no credentials look-up is configured for others;"
                            + " configure one, or correct the row")
                    .withCode(TwilioCauseCodes.ACCOUNT_NOT_CONFIGURED));
        }
        Optional<TwilioCredentials> found;
        try {
            found = lookup.find(sid, region);
        } catch (RuntimeException e) {
            throw new AccessDenied(DeletionResult.tryLater(
                            "nothing was sent: the credentials look-up for account " + sid + inRegion() + " threw "
                                    + e.getClass().getSimpleName() + "; correct the credentials look-up",
                            null,
                            true)
                    .withCode(TwilioCauseCodes.CREDENTIALS_LOOKUP_FAILED));
        }
        return found.orElseThrow(() -> new AccessDenied(
                DeletionResult.stop("nothing was sent: the credentials look-up returned no credentials for account "
                                + sid + inRegion() + "; add them")
                        .withCode(TwilioCauseCodes.NO_CREDENTIALS)));
    }

    private String inRegion() {
        return region == null ? "" : " in region " + region;
    }
}
