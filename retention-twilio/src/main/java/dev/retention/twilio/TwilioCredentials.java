package dev.retention.twilio;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The credentials of a request to Twilio. {@link #toString()} contains the SID, never the secret. */
public final class TwilioCredentials {

    private final String username;
    private final String secret;

    private TwilioCredentials(String username, String secret) {
        this.username = username;
        this.secret = secret;
    }

    /**
     * An account's auth token.
     *
     * @param accountSid the account itself, or its parent
     * @throws IllegalArgumentException if it is not an account SID, or the token is blank; no value is repeated
     */
    public static TwilioCredentials authToken(String accountSid, String authToken) {
        if (!Sids.isAccount(accountSid)) {
            throw new IllegalArgumentException("the account SID of an auth token " + Sids.notAnAccount(accountSid));
        }
        return new TwilioCredentials(accountSid, secret("auth token", authToken));
    }

    /**
     * A standard API key, or a restricted one with the permissions to list, read and delete recordings. A key that may
     * not list them is noticed before the first deletion of a run, and nothing is deleted. A key works for the account
     * that it was created in, and for none of its sub-accounts.
     *
     * @throws IllegalArgumentException if it is not a key SID, or the secret is blank; no value is repeated
     */
    public static TwilioCredentials apiKey(String keySid, String keySecret) {
        if (!Sids.isApiKey(keySid)) {
            throw new IllegalArgumentException("the API key SID " + Sids.notAnApiKey(keySid));
        }
        return new TwilioCredentials(keySid, secret("API key secret", keySecret));
    }

    private static String secret(String what, String value) {
        if (value.isBlank()) {
            throw new IllegalArgumentException("the " + what + " is blank; give it");
        }
        if (!value.equals(value.strip()) || value.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    "the " + what + " has spaces around it or control characters in it; remove them");
        }
        return value;
    }

    /** The SID of the account or of the API key. */
    public String username() {
        return username;
    }

    String secret() {
        return secret;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TwilioCredentials that && username.equals(that.username) && secret.equals(that.secret);
    }

    @Override
    public int hashCode() {
        return Objects.hash(username, secret);
    }

    @Override
    public String toString() {
        return "TwilioCredentials[" + username + "]";
    }
}
