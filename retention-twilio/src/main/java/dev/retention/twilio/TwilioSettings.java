package dev.retention.twilio;

import dev.retention.RetentionException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The settings of a storage, checked. */
final class TwilioSettings {

    private static final Duration LONGEST_TIMEOUT = Duration.ofMinutes(5);
    private static final int MOST_CONCURRENT = 1000;

    private static final Pattern NAME = Pattern.compile("[a-z0-9._-]{1,40}");

    final String name;
    final String accountSid;
    final @Nullable TwilioCredentials credentials;
    final @Nullable TwilioCredentialsLookup lookup;
    final Place place;
    final HttpClientFactory.Limits limits;
    final ExternalMedia externalMedia;
    final Map<String, String> match;
    final Clock clock;
    final LongSupplier ticker;
    private final List<TwilioRestClientCustomizer> customizers;

    /** @throws RetentionException if a setting is missing or makes no sense. It says which, and holds no secret */
    TwilioSettings(TwilioRecordingStorage.Builder given) {
        if (!Sids.isAccount(given.accountSid)) {
            throw RetentionException.configuration("Twilio: the account SID " + Sids.notAnAccount(given.accountSid));
        }
        if (!NAME.matcher(given.name).matches()) {
            throw RetentionException.configuration("Twilio: the storage name '" + given.name
                    + "' is not allowed; use 1 to 40 characters of a-z 0-9 . _ -");
        }
        name = given.name;
        accountSid = given.accountSid;
        credentials = credentials(given);
        lookup = given.lookup;
        if (credentials == null && lookup == null) {
            throw RetentionException.configuration("Twilio: no credentials for account " + accountSid
                    + "; give an auth token, an API key with its secret, or a credentials look-up");
        }
        place = Place.of(given.edge, given.region, given.baseUrl);
        limits = new HttpClientFactory.Limits(
                checked("connect time-out", given.connectTimeout),
                checked("request time-out", given.requestTimeout),
                checkedConcurrency(given.maxConcurrency));
        externalMedia = given.externalMedia;
        match = Map.copyOf(given.match);
        clock = given.clock;
        ticker = given.ticker;
        customizers = List.copyOf(given.customizers);
    }

    Account.ClientSettings clients() {
        return new Account.ClientSettings(customizers, place.edge(), place.region());
    }

    private static @Nullable TwilioCredentials credentials(TwilioRecordingStorage.Builder given) {
        if (given.authToken != null && (given.keySid != null || given.keySecret != null)) {
            throw RetentionException.configuration(
                    "Twilio: both an auth token and an API key are given; give one of them");
        }
        if (given.keySid == null && given.keySecret != null) {
            throw RetentionException.configuration(
                    "Twilio: an API key secret is given without the API key SID; give both");
        }
        if (given.keySid != null && given.keySecret == null) {
            throw RetentionException.configuration(
                    "Twilio: an API key SID is given without the API key secret; give both");
        }
        try {
            if (given.authToken != null) {
                return TwilioCredentials.authToken(given.accountSid, given.authToken);
            }
            return given.keySid != null && given.keySecret != null
                    ? TwilioCredentials.apiKey(given.keySid, given.keySecret)
                    : null;
        } catch (IllegalArgumentException e) {
            throw RetentionException.configuration("Twilio: " + e.getMessage());
        }
    }

    private static int checkedConcurrency(int requests) {
        if (requests < 1 || requests > MOST_CONCURRENT) {
            throw RetentionException.configuration(
                    "Twilio: max concurrency is " + requests + "; it must be 1 to " + MOST_CONCURRENT);
        }
        return requests;
    }

    private static Duration checked(String what, Duration value) {
        if (value.isNegative() || value.isZero() || value.compareTo(LONGEST_TIMEOUT) > 0) {
            throw RetentionException.configuration("Twilio: the " + what + " is " + millis(value)
                    + "; it must be above zero and at most " + millis(LONGEST_TIMEOUT));
        }
        return value;
    }

    private static String millis(Duration value) {
        return value.toMillis() % 1_000 == 0 ? value.toSeconds() + " s" : value.toMillis() + " ms";
    }
}
