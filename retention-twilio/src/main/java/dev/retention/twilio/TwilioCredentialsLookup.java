package dev.retention.twilio;

import java.util.Optional;

/**
 * Finds the credentials of an account, such as a sub-account of a customer's. Called before each request, from many threads at
 * once: an implementation that asks a vault should cache, and may rotate at any time.
 *
 * <p>The auth token of a parent account reaches its sub-accounts' recordings; an API key of the parent does not.
 */
@FunctionalInterface
public interface TwilioCredentialsLookup {

    /**
     * Finds the credentials to be used for an account.
     *
     * @param accountSid a well-formed account SID
     * @return empty when there are none, which stops the sweep of that account and blames no recording
     * @throws RuntimeException when they can't be told now. Nothing is sent and the recording is tried again later. The exception's
     *     message is not used, since it may hold what it should not
     */
    Optional<TwilioCredentials> find(String accountSid);
}
