package dev.retention.twilio;

import java.util.Optional;

/**
 * Finds the credentials of an account, such as a customer's sub-account. Called before each deletion and look-up, by
 * many threads at once: an implementation that asks a vault should cache. The credentials may change at any time.
 *
 * <p>The auth token of a parent account works for its sub-accounts; an API key of the parent does not.
 */
@FunctionalInterface
public interface TwilioCredentialsLookup {

    /**
     * Finds the credentials to use for an account.
     *
     * @param accountSid a well-formed account SID
     * @return empty if there are none, which stops the run for that account; no recording is blamed
     * @throws RuntimeException if they can't be found now. Nothing is sent, and the recording is tried again later. The
     *     exception's message is not used, since it may hold a secret
     */
    Optional<TwilioCredentials> find(String accountSid);
}
