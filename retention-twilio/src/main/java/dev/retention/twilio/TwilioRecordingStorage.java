package dev.retention.twilio;

import dev.retention.RetentionException;
import dev.retention.spi.DeletionPermit;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.Recording;
import dev.retention.spi.RecordingLookup;
import dev.retention.spi.RecordingStorage;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Deletes recordings at Twilio, using Twilio's own library.
 *
 * <pre>{@code
 * TwilioRecordingStorage storage = TwilioRecordingStorage.builder(accountSid).apiKey(keySid, keySecret).build();
 * }</pre>
 *
 * <p>A recording's storage key is its SID ({@code RE…}). Its account is the SID of the account that holds it
 * ({@code AC…}), or null for the configured one. A key that is not a SID is never put into a URL.
 *
 * <p><b>What counts.</b> A deletion succeeded if the HTTP status is 204, and only then. A 404 is followed by a look-up:
 * only a recording that Twilio shows as deleted, which it does for 40 days, is proven gone. An answer about another
 * recording or account than the one asked about is a {@linkplain DeletionResult#mismatch mismatch}. Answers are
 * classified by HTTP status, Twilio's error code and the fields of the recording; Twilio's messages are neither read
 * nor repeated. {@link TwilioCauseCodes} lists the codes of the results. A {@code Retry-After} is passed on, a day at
 * most.
 *
 * <p><b>Requests.</b> Each request is sent once: Twilio's library retries a DELETE up to six times, and this adapter
 * switches that off. Redirects are not followed. The proxy of the {@code https.proxyHost} system property is used,
 * without authentication. A call of {@link #delete} sends at most one DELETE, two look-ups, and one request for a list
 * of 500 recordings. If an answer is a 403 or a 405, a page of the account's recordings is asked for, too: if that is
 * answered, this recording alone is refused, unless many in a row were. The credentials need the permissions to list,
 * read and delete recordings, and no others.
 *
 * <p><b>Media elsewhere.</b> Twilio also answers 204 for a recording whose media is stored in a customer's own bucket,
 * and leaves the bucket as it is. See {@link ExternalMedia}. The evidence of each recording says whether its media was
 * looked at.
 *
 * <p><b>Time.</b> A call returns within {@linkplain Builder#requestTimeout the request time-out}, whatever the server
 * does. An interrupt ends a call at once with {@link DeletionResult#tryLater}, and the thread's interrupt flag stays
 * set.
 *
 * <p><b>Secrets.</b> No log, exception, text form or evidence of this adapter holds credentials, phone numbers or media
 * URLs, at any level of any logger; the HTTP library's wire log is not used. The JVM's own {@code javax.net.debug}
 * prints decrypted TLS traffic, credentials included, and must be off.
 *
 * <p>Instances are safe for use by many threads. They do not use {@code com.twilio.Twilio}'s global client.
 *
 * <p>One class, since most of it is the description of its builder's settings.
 */
public final class TwilioRecordingStorage implements RecordingLookup, AutoCloseable {

    /** The default of {@link Builder#connectTimeout}. */
    public static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(5);

    /** The default of {@link Builder#requestTimeout}. */
    public static final Duration DEFAULT_REQUEST_TIMEOUT = Duration.ofSeconds(20);

    /** The default of {@link Builder#maxConcurrency}. */
    public static final int DEFAULT_MAX_CONCURRENCY = 10;

    private static final int LONGEST_TARGET = 200;

    private final String name;
    private final String accountSid;
    private final Place place;
    private final AccountAccess access;
    private final TwilioApi api;
    private final Deletions deletions;
    private final Map<String, String> match;

    private TwilioRecordingStorage(TwilioSettings settings) {
        this.name = settings.name;
        this.accountSid = settings.accountSid;
        this.place = settings.place;
        this.access = new AccountAccess(settings);
        this.api = new TwilioApi(settings);
        this.deletions = new Deletions(access, api, settings);
        this.match = settings.match;
    }

    /**
     * Starts a configuration.
     *
     * @param accountSid the SID of the account ({@code AC…}) that holds the recordings that name no account. Not the
     *     SID of an API key
     */
    public static Builder builder(String accountSid) {
        return new Builder(accountSid);
    }

    /** {@code twilio}, or the name that it {@linkplain Builder#name was given}. */
    @Override
    public String name() {
        return name;
    }

    /**
     * The configured account, and where requests go: edge and region, or the base URL's scheme, host and port. The path
     * of the base URL is replaced by eight digits of its SHA-256, since it may hold a secret.
     */
    @Override
    public String target() {
        return cut("twilio account " + accountSid + place.description()
                + (match.isEmpty() ? "" : " for " + new TreeMap<>(match)));
    }

    /** A target of the allowed length that differs where the text does. */
    static String cut(String target) {
        return target.length() <= LONGEST_TARGET
                ? target
                : target.substring(0, LONGEST_TARGET - 9) + "…" + Place.digest(target);
    }

    /**
     * Deletes the recording at Twilio.
     *
     * <p>If {@link ExternalMedia} requires it, the recording is looked up first. If that shows the recording as gone,
     * without media, unfinished or stored elsewhere, no DELETE is sent.
     */
    @Override
    public DeletionResult delete(Recording recording) {
        return delete(recording, () -> true);
    }

    /** The same. The permit is asked when the connection is ready, as the last thing before the DELETE is sent. */
    @Override
    public DeletionResult delete(Recording recording, DeletionPermit permit) {
        return deletions.delete(recording, permit);
    }

    /** Whether no attribute has another value than {@linkplain Builder#match those that Twilio's have}. */
    @Override
    public boolean mayHold(Recording recording) {
        return match.entrySet().stream()
                .allMatch(each ->
                        each.getValue().equals(recording.attributes().getOrDefault(each.getKey(), each.getValue())));
    }

    /** Remembers them, so that a list can show where their media is. Sends nothing. */
    @Override
    public void announce(List<Recording> recordings) {
        deletions.announce(recordings);
    }

    /** Asks Twilio for the recording, even if it was deleted. Sends one GET and changes nothing. */
    @Override
    public DeletionResult lookUp(Recording recording) {
        return deletions.lookUp(recording);
    }

    /**
     * Asks Twilio for a page of the account's newest recordings, each of which must belong to that account. Sends one
     * GET and changes nothing. The Account resource is not used: it refuses API keys, and its answer holds the auth
     * token.
     *
     * <p>A page without recordings is no objection. A recording of another account on it is a
     * {@linkplain DeletionResult#mismatch mismatch}, a 404 a {@linkplain DeletionResult#refused refusal}, and
     * credentials that may not list are a {@linkplain DeletionResult#stop stop}. There is no objection either to an
     * account that is not an account SID, or that is not the configured one while no credentials look-up is configured:
     * each of its recordings is refused before anything is sent.
     *
     * <p>The time is that of the answer's {@code Date} header, to the second, and up to
     * {@linkplain Builder#requestTimeout the request time-out} old.
     */
    @Override
    public Identification identify(@Nullable String account) {
        return access.identify(account, api);
    }

    /**
     * Aborts requests in flight, whose outcome is then unknown, and releases all threads and connections. A later call
     * returns {@link DeletionResult#tryLater} and sends nothing. Closing twice is harmless.
     */
    @Override
    public void close() {
        api.close();
    }

    @Override
    public String toString() {
        return "TwilioRecordingStorage[" + accountSid + "]";
    }

    /**
     * Configures a storage. {@link #build()} finds what is missing or contradictory.
     *
     * <p>A credential that is null counts as not given, so that optional settings can be passed as they are.
     */
    public static final class Builder {

        final String accountSid;
        String name = "twilio";

        @Nullable
        String authToken;

        @Nullable
        String keySid;

        @Nullable
        String keySecret;

        @Nullable
        TwilioCredentialsLookup lookup;

        @Nullable
        String edge;

        @Nullable
        String region;

        @Nullable
        URI baseUrl;

        Duration connectTimeout = DEFAULT_CONNECT_TIMEOUT;
        Duration requestTimeout = DEFAULT_REQUEST_TIMEOUT;
        int maxConcurrency = DEFAULT_MAX_CONCURRENCY;
        ExternalMedia externalMedia = ExternalMedia.AUTO;
        Map<String, String> match = Map.of();
        Clock clock = Clock.systemUTC();
        LongSupplier ticker = System::nanoTime;
        final List<TwilioRestClientCustomizer> customizers = new ArrayList<>();

        private Builder(String accountSid) {
            this.accountSid = accountSid;
        }

        /**
         * The storage's {@linkplain RecordingStorage#name name}, such as {@code twilio-backup}, if a sweeper has
         * several of them. It must never change. {@code twilio} by default.
         */
        public Builder name(String storageName) {
            this.name = storageName;
            return this;
        }

        /** The account's auth token. Either this or {@link #apiKey}, or {@link #credentials} alone. */
        public Builder authToken(@Nullable String token) {
            this.authToken = token;
            return this;
        }

        /**
         * A standard API key of the account, or a restricted one with the permissions to list, read and delete
         * recordings; and its secret. Twilio recommends keys over the auth token.
         */
        public Builder apiKey(@Nullable String sid, @Nullable String secret) {
            this.keySid = sid;
            this.keySecret = secret;
            return this;
        }

        /** Where to find the credentials of other accounts, and of this one if none are given here. */
        public Builder credentials(@Nullable TwilioCredentialsLookup credentialsLookup) {
            this.lookup = credentialsLookup;
            return this;
        }

        /** Twilio's edge, such as {@code dublin}. Set both this and {@link #region}, or neither. */
        public Builder edge(@Nullable String name) {
            this.edge = name;
            return this;
        }

        /**
         * Twilio's region, such as {@code ie1}. Recordings and keys exist in one region only; for an application with
         * several there is {@link TwilioRegions}. Set both this and {@link #edge}, or neither.
         */
        public Builder region(@Nullable String name) {
            this.region = name;
            return this;
        }

        /**
         * The address to use in place of {@code https://api.twilio.com}: a private gateway, or a server in a test. It
         * receives the credentials, so plain HTTP is allowed to {@code localhost}, {@code 127.x.x.x} and {@code [::1]}
         * only. A path is put before Twilio's own.
         */
        public Builder baseUrl(@Nullable URI url) {
            this.baseUrl = url;
            return this;
        }

        /** How long to wait for a connection, and again for its TLS handshake. 5 s by default. */
        public Builder connectTimeout(Duration timeout) {
            this.connectTimeout = timeout;
            return this;
        }

        /**
         * The most time for one call: waiting for a connection, sending, reading the whole answer even if it is slow,
         * and the look-ups before and after a deletion. 20 s by default, 5 minutes at most. The sweeper's lease must be
         * at least twice as long.
         */
        public Builder requestTimeout(Duration timeout) {
            this.requestTimeout = timeout;
            return this;
        }

        /**
         * The most requests in flight, and the size of the connection pool. 10 by default. Twilio's limit is per
         * account.
         */
        public Builder maxConcurrency(int requests) {
            this.maxConcurrency = requests;
            return this;
        }

        /** When to look for media outside of Twilio before a deletion. {@link ExternalMedia#AUTO} by default. */
        public Builder externalMedia(ExternalMedia when) {
            this.externalMedia = when;
            return this;
        }

        /**
         * Which recordings are Twilio's, by values that their attributes have; empty, the default, for all. One with
         * another value of such an attribute is none of Twilio's: it is deleted at other storages, or refused if there
         * is none. One without a value may be.
         */
        public Builder match(Map<String, String> attributes) {
            this.match = attributes;
            return this;
        }

        /** Adds a customizer of the clients that call Twilio. */
        public Builder customizer(TwilioRestClientCustomizer customizer) {
            this.customizers.add(customizer);
            return this;
        }

        /** The clock of the times in the evidence. The system's clock by default. */
        public Builder clock(Clock source) {
            this.clock = source;
            return this;
        }

        /** The monotonic time in nanoseconds that time-outs are measured by, so that a test can control it. */
        Builder ticker(LongSupplier nanos) {
            this.ticker = nanos;
            return this;
        }

        /**
         * Builds the storage. Nothing is sent to Twilio yet.
         *
         * @throws RetentionException if a setting is missing or not allowed. The message names it, and holds no secret
         */
        public TwilioRecordingStorage build() {
            return new TwilioRecordingStorage(new TwilioSettings(this));
        }
    }
}
