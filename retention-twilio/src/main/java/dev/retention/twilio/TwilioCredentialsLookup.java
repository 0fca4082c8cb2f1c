package dev.retention.twilio;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

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

    /**
     * Finds the credentials to use for an account in one of Twilio's regions, each of which has keys and an auth token
     * of its own. This is the method that the storage calls. By default the region does not matter.
     *
     * @param accountSid a well-formed account SID
     * @param region the {@linkplain TwilioRecordingStorage.Builder#region region} of the storage; null if none is set,
     *     which is Twilio's {@code us1}, or a base URL
     * @return as {@link #find(String)}
     * @throws RuntimeException as {@link #find(String)}
     */
    default Optional<TwilioCredentials> find(String accountSid, @Nullable String region) {
        return find(accountSid);
    }
}
