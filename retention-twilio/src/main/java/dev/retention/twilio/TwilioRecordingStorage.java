package dev.retention.twilio;

import com.twilio.http.TwilioRestClient;
import com.twilio.rest.api.v2010.account.Recording;
import dev.retention.RetentionException;
import dev.retention.spi.DeletionPermit;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.RecordingLookup;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Deletes recordings at Twilio, over Twilio's own library.
 *
 * <pre>{@code
 * TwilioRecordingStorage storage = TwilioRecordingStorage.builder(accountSid).apiKey(keySid, keySecret).build();
 * }</pre>
 *
 * <p>A recording's storage key is its SID ({@code RE…}), its account the SID of the account that holds it ({@code AC…}), or null for
 * the configured one. A key that is no SID reaches no URL.
 *
 * <p><b>What counts.</b> A deletion succeeded when the status is 204, and by nothing else. A 404 is followed by a look-up: only
 * a recording that Twilio shows as deleted, which it does for 40 days, is proven gone. What Twilio answers is told apart by
 * the HTTP status and Twilio's error code; its messages are read by nobody and repeated nowhere. A wait that Twilio asks for by
 * {@code Retry-After} is handed on, a day at most.
 *
 * <p><b>Requests.</b> Each request is sent once: Twilio's library retries a DELETE up to six times by itself, and this adapter
 * switches that off. Redirects are not followed. The proxy of the {@code https.proxyHost} system property is used, without
 * authentication. A call of {@link #delete} sends at most one DELETE, and up to three look-ups. The credentials must be allowed to list,
 * read and delete recordings; nothing else is asked for.
 *
 * <p><b>Media elsewhere.</b> Twilio answers 204 also for a recording whose media lies in a customer's own bucket, and leaves the bucket
 * alone. See {@link ExternalMedia}. The evidence says for each recording whether it was looked at.
 *
 * <p><b>Time.</b> A call comes back within {@linkplain Builder#requestTimeout the request time-out}, whatever the other side does. An
 * interrupt ends a call at once with {@link DeletionResult#tryLater}, and the thread's interrupt flag stays set.
 *
 * <p><b>Secrets.</b> No credentials, phone numbers or media URLs are in any log, exception, text form or evidence of this adapter, at
 * any level of any logger: the HTTP library's wire log is left out. The JVM's own {@code javax.net.debug} prints what TLS carries,
 * credentials included, and must stay off.
 *
 * <p>Instances are safe for use by many threads. They share nothing with {@code com.twilio.Twilio}'s global client.
 */
public final class TwilioRecordingStorage implements RecordingLookup, AutoCloseable {

    /** The default of {@link Builder#connectTimeout}. */
    public static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(5);

    /** The default of {@link Builder#requestTimeout}. */
    public static final Duration DEFAULT_REQUEST_TIMEOUT = Duration.ofSeconds(20);

    /** The default of {@link Builder#maxConcurrency}. */
    public static final int DEFAULT_MAX_CONCURRENCY = 10;

    private static final String DELETE = "DELETE";
    private static final String LOOK_UP = "look-up";
    private static final String LIST = "list of recordings";
    private static final Set<Integer> THROTTLED = Set.of(20429, 70005);
    private static final Set<Integer> NOT_COMPLETE = Set.of(20009, 20409);
    private static final int UNPROCESSABLE = 20422;

    /** Enough to tell whose they are, and little enough to fit into what is read of an answer. */
    private static final long INTRODUCTION_SIZE = 20;

    private static final int LONGEST_TARGET = 200;

    /** Credentials, account, permission and TLS: what is wrong for one recording is wrong for all of the account. */
    private static final Set<Integer> STOPPING =
            Set.of(10001, 20003, 20005, 20006, 20008, 20011, 20012, 20151, 20160, 20403, 20426, 70051, 90010);

    private final String accountSid;
    private final @Nullable TwilioCredentials credentials;
    private final @Nullable TwilioCredentialsLookup lookup;
    private final @Nullable String edge;
    private final @Nullable String region;
    private final @Nullable URI base;
    private final long timeoutNanos;
    private final ExternalMedia externalMedia;
    private final Clock clock;
    private final List<TwilioRestClientCustomizer> customizers;
    private final Transport transport;
    private final MediaSpans spans = new MediaSpans();

    private TwilioRecordingStorage(Builder builder, @Nullable TwilioCredentials credentials, @Nullable URI base) {
        this.accountSid = builder.accountSid;
        this.credentials = credentials;
        this.lookup = builder.lookup;
        this.edge = builder.edge;
        this.region = builder.region;
        this.base = base;
        this.timeoutNanos = builder.requestTimeout.toNanos();
        this.externalMedia = builder.externalMedia;
        this.clock = builder.clock;
        this.customizers = List.copyOf(builder.customizers);
        this.transport = new Transport(base, builder.connectTimeout, builder.requestTimeout, builder.maxConcurrency);
    }

    /**
     * Starts a configuration.
     *
     * @param accountSid the SID of the account ({@code AC…}) whose recordings are those that name no account. Not the SID of an API
     *     key
     */
    public static Builder builder(String accountSid) {
        return new Builder(accountSid);
    }

    /** Always {@code twilio}. */
    @Override
    public String name() {
        return "twilio";
    }

    /**
     * The account that is configured, and where it is asked for: edge and region, or the base URL's scheme, host and port. A path of the base
     * URL is not shown, since it may hold what it should not; eight digits of its SHA-256 stand for it.
     */
    @Override
    public String target() {
        String place = "";
        if (edge != null && region != null) {
            place = " at edge " + edge + ", region " + region;
        } else if (base != null) {
            place = " at " + origin(base) + (base.getRawPath().isEmpty() ? "" : ", path " + digest(base.getRawPath()));
        }
        String text = "twilio account " + accountSid + place;
        return text.length() <= LONGEST_TARGET ? text : text.substring(0, LONGEST_TARGET - 9) + "…" + digest(text);
    }

    /** The same address has one form only. */
    private static String origin(URI url) {
        String scheme = url.getScheme().toLowerCase(Locale.ROOT);
        boolean usualPort = url.getPort() == -1 || url.getPort() == (scheme.equals("https") ? 443 : 80);
        return scheme + "://" + url.getHost().toLowerCase(Locale.ROOT) + (usualPort ? "" : ":" + url.getPort());
    }

    private static String digest(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 4);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /**
     * Deletes the recording at Twilio.
     *
     * <p>Looks at it first where {@link ExternalMedia} says so; then nothing is sent but the look-up when the recording is found
     * to be gone, to hold no media, to be unfinished, or to lie elsewhere.
     */
    @Override
    public DeletionResult delete(dev.retention.spi.Recording recording) {
        return delete(recording, () -> true);
    }

    /** The same. After a look the permit is asked for again, right before the DELETE. */
    @Override
    public DeletionResult delete(dev.retention.spi.Recording recording, DeletionPermit permit) {
        Conversation conversation = new Conversation(timeoutNanos);
        try {
            return conversation.told(delete(targetOf(recording), permit, conversation));
        } catch (Answered answered) {
            return answered.result;
        }
    }

    private DeletionResult delete(Target target, DeletionPermit permit, Conversation conversation) {
        String looked = "media not looked at, found at Twilio before and after it";
        boolean asked = lookAhead(target, conversation);
        if (looksFirst(target)) {
            DeletionResult found = look(target, conversation);
            if (found.kind() != DeletionResult.Kind.STILL_THERE) {
                return found.kind() == DeletionResult.Kind.TRY_LATER ? undeleted(found) : found;
            }
            // Whatever this look finds, the recording may be deleted: its own media was seen.
            if (!asked) {
                lookAhead(target, conversation);
            }
            looked = "media looked at and found at Twilio";
            asked = true;
        } else if (externalMedia == ExternalMedia.NONE) {
            looked = "media not looked at";
        }
        if (asked && conversation.deadline - System.nanoTime() < timeoutNanos / 2) {
            return DeletionResult.tryLater(
                    "the look before the deletion took too long; no DELETE was sent", null, true);
        }
        if (asked && !permit.lasts()) {
            return DeletionResult.tryLater(
                    "not allowed any more after the look before the deletion; no DELETE was sent", null, true);
        }
        Outcome outcome = exchange(
                target.access,
                conversation,
                client -> Recording.deleter(target.account(), target.sid).delete(client));
        if (outcome instanceof Outcome.Failure failure) {
            return failed(DELETE, failure);
        }
        Outcome.Answer answer = (Outcome.Answer) outcome;
        return answer.status() == 204
                ? DeletionResult.deleted("DELETE 204, " + answer.requestIdText() + ", " + looked + ", " + now())
                : notDeleted(target, answer, conversation);
    }

    /** Remembers them, so that the first and the last of a day can be looked at and stand for those between. */
    @Override
    public void announce(List<dev.retention.spi.Recording> recordings) {
        Map<String, NavigableMap<Instant, dev.retention.spi.Recording>> next = new HashMap<>();
        for (dev.retention.spi.Recording recording : recordings) {
            String account = recording.account() == null ? accountSid : recording.account();
            next.computeIfAbsent(account, name -> new TreeMap<>()).put(recording.created(), recording);
        }
        spans.announce(next);
    }

    /** Asks Twilio for the recording, deleted ones included. Sends one GET and changes nothing. */
    @Override
    public DeletionResult lookUp(dev.retention.spi.Recording recording) {
        Conversation conversation = new Conversation(timeoutNanos);
        try {
            return conversation.told(look(targetOf(recording), conversation));
        } catch (Answered answered) {
            return answered.result;
        }
    }

    /**
     * Asks Twilio for a page of the account's newest recordings: each must be of the account that was asked for. Sends one GET and
     * changes nothing. The Account resource is not asked, since API keys are refused there and its answer carries the auth token.
     *
     * <p>A page without recordings speaks neither for nor against the account. That Twilio does not know the account is a
     * {@linkplain DeletionResult#refused refusal}, credentials that may not list are a {@linkplain DeletionResult#stop stop}. An account
     * that is none, or that there are no credentials for, draws no objection: each of its recordings is refused by itself, unsent.
     *
     * <p>The time is that of the answer's {@code Date} header, to the second, and up to {@linkplain Builder#requestTimeout the request
     * time-out} old.
     */
    @Override
    public Introduction introduce(@Nullable String account) {
        Conversation conversation = new Conversation(timeoutNanos);
        Access access;
        try {
            access = access(account);
        } catch (Answered answered) {
            return answered.result.kind() == DeletionResult.Kind.REFUSED_UNSENT
                    ? Introduction.NOTHING_KNOWN
                    : new Introduction(answered.result, null);
        }
        Outcome outcome = exchange(
                access,
                conversation,
                client -> Recording.reader(access.account)
                        .setPageSize(INTRODUCTION_SIZE)
                        .firstPage(client));
        if (outcome instanceof Outcome.Failure failure) {
            return new Introduction(failed(LIST, failure), null);
        }
        Outcome.Answer answer = (Outcome.Answer) outcome;
        return new Introduction(objection(access, answer), answer.date());
    }

    private @Nullable DeletionResult objection(Access access, Outcome.Answer answer) {
        Integer code = RecordingState.errorCode(answer);
        DeletionResult known = inGeneral(LIST, access, answer, code);
        if (known != null) {
            return known;
        }
        String said = said(LIST, answer, code);
        if (isNotFound(answer)) {
            return DeletionResult.refused(said + ": no account " + access.account + " is known where it was asked for"
                    + (code == null
                            ? ", though not in Twilio's words: the account or the base URL is wrong"
                            : ": the account, the region or the base URL is wrong"));
        }
        if (answer.status() != 200) {
            return code == null
                    ? DeletionResult.tryLater(said + ", which is no answer of Twilio's", null, false)
                    : DeletionResult.stop(said + ": the recordings of account " + access.account + " are not listed");
        }
        Set<String> shown = RecordingState.accountsOfPage(answer);
        if (shown == null) {
            return DeletionResult.tryLater(said + ", which is no page of recordings", null, false);
        }
        for (String other : shown) {
            if (!other.equals(access.account)) {
                return DeletionResult.refused(said + ": it was asked for account " + access.account
                        + " and shows recordings of account " + other);
            }
        }
        return null;
    }

    /**
     * Cuts what is under way, whose outcome is then unknown, and gives back all threads and connections. A later call answers
     * {@link DeletionResult#tryLater} and sends nothing. Closing twice is harmless.
     */
    @Override
    public void close() {
        transport.close();
    }

    @Override
    public String toString() {
        return "TwilioRecordingStorage[" + accountSid + "]";
    }

    // Whom to ask about what

    private record Access(String account, TwilioCredentials credentials) {}

    private record Target(Access access, String sid, Instant created) {

        String account() {
            return access.account;
        }
    }

    /** All that is asked within one call of the sweeper. Confined to its thread. */
    private static final class Conversation {
        final long deadline;
        private @Nullable Integer concurrency;

        Conversation(long timeoutNanos) {
            deadline = System.nanoTime() + timeoutNanos;
        }

        void heard(@Nullable Outcome outcome) {
            if (outcome instanceof Outcome.Answer answer) {
                concurrency = answer.concurrentRequests();
            }
        }

        /** The result, with what the last answer told of the account's requests. */
        DeletionResult told(DeletionResult result) {
            return concurrency == null ? result : result.atConcurrency(concurrency);
        }
    }

    /** An answer that is known before anything is sent. */
    private static final class Answered extends Exception {
        private final transient DeletionResult result;

        Answered(DeletionResult result) {
            super(null, null, false, false);
            this.result = result;
        }
    }

    private Target targetOf(dev.retention.spi.Recording recording) throws Answered {
        String sid = recording.storageKey();
        if (sid == null || !Sids.isRecording(sid)) {
            throw new Answered(DeletionResult.refusedUnsent("the storage key "
                    + (sid == null ? "is missing" : Sids.shape(sid) + " is no Twilio recording SID")
                    + "; one is RE and 32 hexadecimal digits"));
        }
        return new Target(access(recording.account()), sid, recording.created());
    }

    private Access access(@Nullable String named) throws Answered {
        String account = named == null ? accountSid : named;
        if (!Sids.isAccount(account)) {
            throw new Answered(DeletionResult.refusedUnsent("the account " + Sids.shape(account)
                    + " is no Twilio account SID; one is AC and 32 hexadecimal digits"));
        }
        if (Thread.currentThread().isInterrupted()) {
            throw new Answered(DeletionResult.tryLater("interrupted before anything was sent", null, true));
        }
        if (account.equals(accountSid) && credentials != null) {
            return new Access(account, credentials);
        }
        if (lookup == null) {
            throw new Answered(DeletionResult.refusedUnsent("the account " + account
                    + " is not the configured one, and no credentials look-up is configured for others"));
        }
        return new Access(account, credentialsOf(account, lookup));
    }

    private static TwilioCredentials credentialsOf(String account, TwilioCredentialsLookup lookup) throws Answered {
        try {
            Optional<TwilioCredentials> found = lookup.find(account);
            if (found.isPresent()) {
                return found.get();
            }
        } catch (RuntimeException e) {
            throw new Answered(DeletionResult.tryLater(
                    "the credentials look-up failed for account " + account + ": "
                            + e.getClass().getSimpleName(),
                    null,
                    true));
        }
        throw new Answered(DeletionResult.stop("the credentials look-up knows no account " + account));
    }

    // Asking

    private interface Call {
        void on(TwilioRestClient client);
    }

    private Outcome exchange(Access access, Conversation conversation, Call call) {
        Exchange exchange = new Exchange(transport, conversation.deadline);
        try {
            TwilioRestClient.Builder client =
                    new TwilioRestClient.Builder(access.credentials.username(), access.credentials.secret());
            customizers.forEach(customizer -> customizer.customize(client));
            // After them: what is deleted, and where, is never theirs to say.
            client.accountSid(access.account).httpClient(exchange).edge(edge).region(region);
            call.on(client.build());
        } catch (RuntimeException e) {
            // The library's own view of the answer, or of there being none. Ours is in the exchange.
            if (exchange.outcome() == null) {
                return new Outcome.Failure(
                        "Twilio's library failed: " + e.getClass().getSimpleName(), false);
            }
        }
        Outcome outcome = exchange.outcome();
        conversation.heard(outcome);
        return outcome == null ? new Outcome.Failure("Twilio's library asked nothing", false) : outcome;
    }

    private boolean looksFirst(Target target) {
        return switch (externalMedia) {
            case NONE -> false;
            case CHECK -> true;
            case AUTO -> !spans.covers(target.account(), target.created);
        };
    }

    /**
     * Looks at the last of those that are announced for the day after a recording that is covered, so that those between are covered when their turn comes: else
     * all that are sent until the first of them is answered would be looked at one by one.
     *
     * @return whether Twilio may have been asked
     */
    private boolean lookAhead(Target near, Conversation conversation) {
        if (externalMedia != ExternalMedia.AUTO || !spans.covers(near.account(), near.created)) {
            return false;
        }
        Optional<dev.retention.spi.Recording> far = spans.takeFarEnd(near.account(), near.created);
        far.ifPresent(recording -> {
            try {
                look(targetOf(recording), conversation);
            } catch (Answered answered) {
                // What can't be looked at stands for nothing: those between are looked at one by one.
            }
        });
        return far.isPresent();
    }

    private DeletionResult look(Target target, Conversation conversation) {
        Outcome outcome = exchange(
                target.access,
                conversation,
                client -> Recording.fetcher(target.account(), target.sid)
                        .setIncludeSoftDeleted(true)
                        .fetch(client));
        if (outcome instanceof Outcome.Failure failure) {
            return failed(LOOK_UP, failure);
        }
        Outcome.Answer answer = (Outcome.Answer) outcome;
        Integer code = RecordingState.errorCode(answer);
        DeletionResult known = inGeneral(LOOK_UP, target.access, answer, code);
        if (known != null) {
            return known;
        }
        if (isNotFound(answer)) {
            return DeletionResult.notFound();
        }
        RecordingState state =
                answer.status() == 200 ? RecordingState.read(answer, target.account(), target.sid) : null;
        if (state == null) {
            return DeletionResult.tryLater(
                    said(LOOK_UP, answer, code) + ", which does not describe this recording", null, false);
        }
        return seen(target, answer, state);
    }

    private DeletionResult seen(Target target, Outcome.Answer answer, RecordingState state) {
        String elsewhere = state.elsewhere();
        if (elsewhere != null) {
            // Whatever the status: a bucket keeps its file when Twilio forgets the recording.
            spans.sawElsewhere(target.account());
            return DeletionResult.keptElsewhere(elsewhere);
        }
        String evidence = "look-up 200, status " + Sids.word(state.status()) + ", " + answer.requestIdText()
                + ", media looked at and not found elsewhere, " + now();
        return switch (state.status()) {
            case "completed" -> {
                spans.sawAtTwilio(target.account(), target.created, state.created());
                yield DeletionResult.stillThere();
            }
            case "deleted" -> DeletionResult.alreadyGone(evidence);
            case "absent", "failed" -> DeletionResult.nothingStored(evidence);
            case "in-progress", "processing", "paused", "stopped" ->
                DeletionResult.notYet("Twilio says that it is " + state.status());
            default ->
                DeletionResult.tryLater(
                        "look-up 200 with the unknown status " + Sids.word(state.status()), null, false);
        };
    }

    // What an answer means

    /** A DELETE was answered by something else than 204. */
    private DeletionResult notDeleted(Target target, Outcome.Answer answer, Conversation conversation) {
        Integer code = RecordingState.errorCode(answer);
        String said = said(DELETE, answer, code);
        DeletionResult known = inGeneral(DELETE, target.access, answer, code);
        if (known != null) {
            return known;
        }
        if (isNotFound(answer)) {
            return afterNotFound(said, look(target, conversation));
        }
        boolean notComplete = answer.status() == 409 || (code != null && NOT_COMPLETE.contains(code));
        if (notComplete || answer.status() == 422 || (code != null && code == UNPROCESSABLE)) {
            return afterWrongState(said, notComplete, look(target, conversation));
        }
        return code == null
                ? DeletionResult.tryLater(said + ", which is no answer of Twilio's", null, false)
                : DeletionResult.refused(said);
    }

    private static boolean isNotFound(Outcome.Answer answer) {
        return answer.status() == 404 || answer.status() == 410;
    }

    /** A wrong account or region answers 404 to everything: only a look-up that shows the recording proves anything. */
    private static DeletionResult afterNotFound(String said, DeletionResult found) {
        return switch (found.kind()) {
            case ALREADY_GONE -> DeletionResult.alreadyGone(said + "; then " + found.detail());
            case STILL_THERE -> DeletionResult.tryLater(said + ", yet a look-up shows the recording", null, false);
            case TRY_LATER -> DeletionResult.tryLater(said + "; then " + found.detail(), found.after(), false);
            default -> found;
        };
    }

    /** Twilio deletes completed recordings only. Some others never will be: those without media. */
    private static DeletionResult afterWrongState(String said, boolean notComplete, DeletionResult found) {
        return switch (found.kind()) {
            case ALREADY_GONE, NOTHING_STORED, KEPT_ELSEWHERE, NOT_YET, STOP -> found;
            case STILL_THERE -> notComplete ? DeletionResult.notYet(said) : DeletionResult.refused(said);
            default -> notComplete ? DeletionResult.notYet(said) : DeletionResult.tryLater(said, found.after(), true);
        };
    }

    /** What means the same for a deletion, a look-up and a list; null when the answer is none of that. */
    private @Nullable DeletionResult inGeneral(
            String request, Access access, Outcome.Answer answer, @Nullable Integer code) {
        int status = answer.status();
        String said = said(request, answer, code);
        if (status < 400) {
            return status == 200 && !request.equals(DELETE)
                    ? null
                    : DeletionResult.tryLater(said + ", which proves nothing", answer.retryAfter(clock), false);
        }
        if (status >= 500) {
            return DeletionResult.tryLater(said, answer.retryAfter(clock), false);
        }
        if (status == 429 || (code != null && THROTTLED.contains(code))) {
            return DeletionResult.throttled(said, answer.retryAfter(clock));
        }
        if (status == 401
                || status == 403
                || status == 405
                || status == 407
                || (code != null && STOPPING.contains(code))) {
            String user = access.credentials.username();
            return DeletionResult.stop(said + ": credentials, account or endpoint are wrong for account "
                    + access.account + " as " + user
                    + (request.equals(LIST) && Sids.isApiKey(user)
                            ? "; a restricted API key needs the permissions to list, read and delete recordings"
                            : ""));
        }
        return status == 408 ? DeletionResult.tryLater(said, answer.retryAfter(clock), false) : null;
    }

    private static DeletionResult failed(String request, Outcome.Failure failure) {
        return DeletionResult.tryLater(
                request + (failure.sent() ? " sent, outcome unknown: " : " not sent: ") + failure.cause(),
                null,
                !failure.sent());
    }

    /** A look before the deletion failed: no DELETE has left. */
    private static DeletionResult undeleted(DeletionResult look) {
        String cause = look.detail() + "; no DELETE was sent";
        return look.isThrottled()
                ? DeletionResult.throttled(cause, look.after())
                : DeletionResult.tryLater(cause, look.after(), true);
    }

    private static String said(String request, Outcome.Answer answer, @Nullable Integer code) {
        return request + " " + answer.status() + (code == null ? "" : ", code " + code) + ", " + answer.requestIdText();
    }

    private String now() {
        return clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /**
     * Configures a storage. What is missing or contradicts itself is found by {@link #build()}.
     *
     * <p>A credential that is null counts as not given, so that optional settings can be handed over as they are.
     */
    public static final class Builder {

        private static final Pattern LABEL = Pattern.compile("[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?");
        private static final Pattern LOOPBACK = Pattern.compile("localhost|127(\\.[0-9]{1,3}){3}|\\[::1]");
        private static final Duration LONGEST_TIMEOUT = Duration.ofMinutes(5);
        private static final int MOST_CONCURRENT = 1000;

        private final String accountSid;
        private @Nullable String authToken;
        private @Nullable String keySid;
        private @Nullable String keySecret;
        private @Nullable TwilioCredentialsLookup lookup;
        private @Nullable String edge;
        private @Nullable String region;
        private @Nullable URI baseUrl;
        private Duration connectTimeout = DEFAULT_CONNECT_TIMEOUT;
        private Duration requestTimeout = DEFAULT_REQUEST_TIMEOUT;
        private int maxConcurrency = DEFAULT_MAX_CONCURRENCY;
        private ExternalMedia externalMedia = ExternalMedia.AUTO;
        private Clock clock = Clock.systemUTC();
        private final List<TwilioRestClientCustomizer> customizers = new ArrayList<>();

        private Builder(String accountSid) {
            this.accountSid = accountSid;
        }

        /** The account's auth token. Either this or {@link #apiKey}, or {@link #credentials} alone. */
        public Builder authToken(@Nullable String token) {
            this.authToken = token;
            return this;
        }

        /**
         * A standard API key of the account, or a restricted one with the permissions to list, read and delete recordings; and its
         * secret. Twilio recommends keys over the auth token.
         */
        public Builder apiKey(@Nullable String sid, @Nullable String secret) {
            this.keySid = sid;
            this.keySecret = secret;
            return this;
        }

        /** Where to find the credentials of other accounts, and of this one when no others are given for it. */
        public Builder credentials(@Nullable TwilioCredentialsLookup credentialsLookup) {
            this.lookup = credentialsLookup;
            return this;
        }

        /** Twilio's edge, such as {@code dublin}. With {@link #region} or not at all. */
        public Builder edge(@Nullable String name) {
            this.edge = name;
            return this;
        }

        /** Twilio's region, such as {@code ie1}. Recordings and keys exist in one region only. With {@link #edge} or not at all. */
        public Builder region(@Nullable String name) {
            this.region = name;
            return this;
        }

        /**
         * The address that stands in for {@code https://api.twilio.com}: a private gateway, or a server in a test. It gets the
         * credentials, so plain HTTP is allowed to {@code localhost}, {@code 127.x.x.x} and {@code [::1]} only. A path is put
         * before Twilio's own.
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
         * The total time of one call: waiting for a connection, sending, the whole answer however slowly it comes, and the look-ups
         * around a deletion. 20 s by default, 5 minutes at most. The sweeper's lease must be at least twice as long.
         */
        public Builder requestTimeout(Duration timeout) {
            this.requestTimeout = timeout;
            return this;
        }

        /** The most requests at once, and the size of the connection pool. 10 by default. Twilio's limit is per account. */
        public Builder maxConcurrency(int requests) {
            this.maxConcurrency = requests;
            return this;
        }

        /** Whether to look for media outside of Twilio before a deletion. {@link ExternalMedia#AUTO} by default. */
        public Builder externalMedia(ExternalMedia when) {
            this.externalMedia = when;
            return this;
        }

        /** Adds what changes the clients by which Twilio is asked. */
        public Builder customizer(TwilioRestClientCustomizer customizer) {
            this.customizers.add(customizer);
            return this;
        }

        /** What evidence is dated by. The system's clock by default. */
        public Builder clock(Clock source) {
            this.clock = source;
            return this;
        }

        /**
         * Builds the storage. Nothing is sent to Twilio yet.
         *
         * @throws RetentionException if a setting is missing or makes no sense. It says which, and repeats no secret
         */
        public TwilioRecordingStorage build() {
            if (!Sids.isAccount(accountSid)) {
                throw new RetentionException("Twilio: the account SID " + Sids.notAnAccount(accountSid));
            }
            TwilioCredentials own = ownCredentials();
            if (own == null && lookup == null) {
                throw new RetentionException("Twilio: no credentials for account " + accountSid
                        + ": an auth token, an API key with its secret, or a credentials look-up is needed");
            }
            checkPlace();
            between("connect time-out", connectTimeout);
            between("request time-out", requestTimeout);
            if (maxConcurrency < 1 || maxConcurrency > MOST_CONCURRENT) {
                throw new RetentionException(
                        "Twilio: max concurrency is " + maxConcurrency + "; it must be 1 to " + MOST_CONCURRENT);
            }
            return new TwilioRecordingStorage(this, own, baseUrl == null ? null : withoutSlash(baseUrl));
        }

        private @Nullable TwilioCredentials ownCredentials() {
            if (authToken != null && (keySid != null || keySecret != null)) {
                throw new RetentionException("Twilio: both an auth token and an API key are given; give one of them");
            }
            if (keySid == null && keySecret != null) {
                throw new RetentionException("Twilio: an API key secret is given without the API key SID");
            }
            if (keySid != null && keySecret == null) {
                throw new RetentionException("Twilio: an API key SID is given without the API key secret");
            }
            try {
                if (authToken != null) {
                    return TwilioCredentials.authToken(accountSid, authToken);
                }
                return keySid != null && keySecret != null ? TwilioCredentials.apiKey(keySid, keySecret) : null;
            } catch (IllegalArgumentException e) {
                throw new RetentionException("Twilio: " + e.getMessage());
            }
        }

        private void checkPlace() {
            if ((edge == null) != (region == null)) {
                throw new RetentionException("Twilio: " + (edge == null ? "a region is" : "an edge is")
                        + " given alone; edge and region go together, or neither is given");
            }
            if (edge != null
                    && region != null
                    && !(LABEL.matcher(edge).matches() && LABEL.matcher(region).matches())) {
                throw new RetentionException("Twilio: the edge " + Sids.shape(edge) + " or the region "
                        + Sids.shape(region) + " is no name such as dublin or ie1");
            }
            if (baseUrl == null) {
                return;
            }
            if (edge != null) {
                throw new RetentionException(
                        "Twilio: a base URL leaves no room for edge and region; give one or the other");
            }
            String scheme = baseUrl.getScheme();
            String host = baseUrl.getHost();
            if (host == null || !("https".equalsIgnoreCase(scheme) || "http".equalsIgnoreCase(scheme))) {
                throw new RetentionException("Twilio: the base URL is no absolute https URL with a host");
            }
            if (baseUrl.getRawUserInfo() != null || baseUrl.getRawQuery() != null || baseUrl.getRawFragment() != null) {
                throw new RetentionException(
                        "Twilio: the base URL has a user, a query or a fragment; it must have none");
            }
            if ("http".equalsIgnoreCase(scheme) && !LOOPBACK.matcher(host).matches()) {
                throw new RetentionException("Twilio: the base URL would carry the credentials to " + host
                        + " over plain http, which is for loopback only; use https");
            }
        }

        private static void between(String what, Duration value) {
            if (value.isNegative() || value.isZero() || value.compareTo(LONGEST_TIMEOUT) > 0) {
                throw new RetentionException("Twilio: the " + what + " is " + value
                        + "; it must be above zero and at most " + LONGEST_TIMEOUT);
            }
        }

        private static URI withoutSlash(URI url) {
            String text = url.toString();
            return URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
        }
    }
}
