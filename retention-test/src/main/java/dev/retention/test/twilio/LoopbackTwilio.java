package dev.retention.test.twilio;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A server on loopback that speaks the part of Twilio's API {@code 2010-04-01} that deletes recordings, as Twilio's
 * OpenAPI document describes it: {@code DELETE} and {@code GET} of a recording, and the list of an account's
 * recordings.
 *
 * <pre>{@code
 * try (LoopbackTwilio twilio = LoopbackTwilio.start()) {
 *     twilio.addAccount(accountSid, authToken);
 *     String sid = twilio.addRecording(accountSid, Instant.parse("2026-01-01T00:00:00Z"));
 *     twilio.failNext(1, TwilioFault.error(429, 20429).withRetryAfter("3600"));
 *     // a client with twilio.baseUrl() as its base URL …
 *     assertThat(twilio.journal(sid)).hasSize(1);
 * }
 * }</pre>
 *
 * <p>It keeps state: a deleted recording answers 404, and with {@code IncludeSoftDeleted=true} it is shown with status
 * {@code deleted} for 40 days of the server's clock. Only completed recordings can be deleted; others are refused with
 * code 20009, whose HTTP status Twilio does not document: here it is 409. Credentials are basic: an account SID and its
 * token, which reach the account's sub-accounts too, or an API key and its secret, which do not. Credentials that are
 * not known answer 401, accounts that are not known 404. A list is ordered by newest first and its pages are positions
 * in what existed when they were asked for, which Twilio does not document either. Each parameter of the document is
 * honoured, and any other is answered with 400, where Twilio disregards it. A path that the server does not have is
 * answered with 501, and a message that says so.
 *
 * <p>Faults are chosen in this order: one that a {@link TwilioObserver} names, one set for the recording's SID, one for
 * the next requests, one for a share of the requests.
 *
 * <p>Every method may be called from any thread. The server uses one daemon thread per connection; {@link #close()}
 * ends them.
 */
public final class LoopbackTwilio implements AutoCloseable {

    /** How long Twilio keeps showing the metadata of a deleted recording. */
    public static final Duration SOFT_DELETED_FOR = Duration.ofDays(40);

    private final RequestDesk desk;
    private final LoopbackServer server;
    private final Random sids = new Random(20100401);

    private LoopbackTwilio(Clock clock) throws IOException {
        this.desk = new RequestDesk(clock);
        this.server = new LoopbackServer(desk);
        server.start();
    }

    /** Starts a server on a free port, with the system's time. */
    public static LoopbackTwilio start() {
        return start(Clock.systemUTC());
    }

    /**
     * Starts a server on a free port.
     *
     * @param clock what its {@code Date} headers and the 40 days of a deleted recording follow
     */
    public static LoopbackTwilio start(Clock clock) {
        try {
            return new LoopbackTwilio(clock);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The address to use in place of {@code https://api.twilio.com}, without a slash at its end. */
    public URI baseUrl() {
        return URI.create("http://127.0.0.1:" + server.port());
    }

    // Accounts

    /** Adds an account. */
    public LoopbackTwilio addAccount(String accountSid, String authToken) {
        return add(accountSid, authToken, null);
    }

    /** Adds a sub-account. Its parent's SID and token reach it; its own reach nothing else. */
    public LoopbackTwilio addSubaccount(String parentSid, String accountSid, String authToken) {
        return add(accountSid, authToken, parentSid);
    }

    private LoopbackTwilio add(String accountSid, String authToken, @Nullable String parent) {
        synchronized (desk.lock) {
            desk.accounts.add(accountSid, authToken, parent);
        }
        return this;
    }

    /** Adds a standard API key, which reaches this account only. */
    public LoopbackTwilio addApiKey(String accountSid, String keySid, String secret) {
        synchronized (desk.lock) {
            desk.accounts.addKey(accountSid, keySid, secret);
        }
        return this;
    }

    /** From now on more requests at once for this account than {@code limit} are answered with 429, unprocessed. */
    public void limitConcurrency(String accountSid, int limit) {
        synchronized (desk.lock) {
            desk.accounts.require(accountSid).concurrencyLimit = limit;
        }
    }

    // Recordings

    /** Adds a completed recording with a SID that the server draws, and returns the SID. */
    public String addRecording(String accountSid, Instant created) {
        synchronized (desk.lock) {
            String sid = String.format("RE%016x%016x", sids.nextLong(), sids.nextLong());
            addRecording(TwilioRecording.completed(accountSid, sid, created));
            return sid;
        }
    }

    /** Adds a recording as given, or replaces the one with its SID. */
    public void addRecording(TwilioRecording recording) {
        synchronized (desk.lock) {
            desk.accounts.require(recording.account());
            desk.store.put(recording);
        }
    }

    /**
     * Adds completed recordings, the first made at {@code first} and each further one {@code step} later.
     *
     * @return their SIDs in that order
     */
    public List<String> addRecordings(String accountSid, int count, Instant first, Duration step) {
        synchronized (desk.lock) {
            List<String> added = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                added.add(addRecording(accountSid, first.plus(step.multipliedBy(i))));
            }
            return added;
        }
    }

    /** The recording, deleted or not; empty when there never was one with this SID. */
    public Optional<TwilioRecording> recording(String sid) {
        synchronized (desk.lock) {
            return Optional.ofNullable(desk.store.find(sid));
        }
    }

    /** All recordings in the order in which they were added, deleted ones too. */
    public List<TwilioRecording> recordings() {
        synchronized (desk.lock) {
            return desk.store.all();
        }
    }

    /** How many recordings of the account are not deleted. */
    public long stored(String accountSid) {
        synchronized (desk.lock) {
            return desk.store.all().stream()
                    .filter(r -> r.account().equals(accountSid) && r.deleted() == null)
                    .count();
        }
    }

    /** Deletes a recording behind everybody's back, as somebody at the provider's console would. */
    public void deleteByHand(String sid) {
        synchronized (desk.lock) {
            desk.store.delete(desk.store.require(sid));
        }
    }

    /**
     * The SIDs of the recordings whose media is in the customer's bucket. It has a truth of its own: a deletion answers
     * 204, and leaves it as it is.
     */
    public Set<String> bucket() {
        synchronized (desk.lock) {
            return Set.copyOf(desk.store.bucket());
        }
    }

    /** Deletes from the customer's bucket, as the customer does. */
    public void deleteFromBucket(String sid) {
        synchronized (desk.lock) {
            desk.store.bucket().remove(sid);
        }
    }

    // Faults

    /**
     * From now on look-ups and lists show this recording with the SID of another account, though it stays where it is,
     * until {@link #heal()}. A faulty gateway or cache does this.
     */
    public void showUnder(String accountSid, String recordingSid) {
        synchronized (desk.lock) {
            desk.store.showUnder(accountSid, recordingSid);
        }
    }

    /**
     * From now on {@code Date} headers are ahead of the server's clock by this, or behind when it is negative, until
     * {@link #heal()}. Nothing else is.
     */
    public void setDateOffset(Duration offset) {
        desk.setDateOffset(offset);
    }

    /** Every request for this recording fails so, until {@link #heal()}. */
    public void failOn(String sid, TwilioFault fault) {
        synchronized (desk.lock) {
            desk.faults.always(sid, fault);
        }
    }

    /**
     * The next requests for this recording fail with these faults, one each; {@link TwilioFault#none()} is for a
     * request without a fault.
     */
    public void failNextOn(String sid, TwilioFault... faults) {
        synchronized (desk.lock) {
            desk.faults.next(sid, List.of(faults));
        }
    }

    /** The next {@code n} requests fail so, whatever they are for. */
    public void failNext(int n, TwilioFault fault) {
        synchronized (desk.lock) {
            desk.faults.next(n, fault);
        }
    }

    /**
     * A share of all requests fails so, until {@link #heal()}.
     *
     * @param share from 0 to 1
     * @param seed which ones: the same seed and order of requests fail alike
     */
    public void failShare(double share, long seed, TwilioFault fault) {
        failShare(share, seed, fault, request -> true);
    }

    /** The same, only for requests that {@code concerned} accepts. */
    public void failShare(double share, long seed, TwilioFault fault, Predicate<TwilioRequest> concerned) {
        synchronized (desk.lock) {
            desk.faults.share(share, seed, fault, concerned);
        }
    }

    /** Tells an observer of every request from now on, and lets it choose faults; null ends that. */
    public void observe(@Nullable TwilioObserver newObserver) {
        desk.observe(newObserver);
    }

    /** Ends all faults. What was applied late and is still waiting stays so. */
    public void heal() {
        desk.heal();
    }

    /**
     * Holds all requests after their head was read and before anything is decided, until {@link #resume()}. To let a
     * test see that many are in flight at once.
     */
    public void pause() {
        desk.pause();
    }

    /** Lets the held requests go on. */
    public void resume() {
        desk.resume();
    }

    /** Deletes now what was to be {@linkplain TwilioFault#appliedLate() applied late}. */
    public void applyLate() {
        desk.applyLate();
    }

    // What was seen

    /** All requests so far, in the order in which their heads were read. */
    public List<TwilioRequest> journal() {
        synchronized (desk.lock) {
            return desk.journal.requests();
        }
    }

    /** The requests for this recording. */
    public List<TwilioRequest> journal(String sid) {
        return journal().stream().filter(r -> sid.equals(r.sid())).toList();
    }

    /** Forgets the requests so far, not their effects. Numbers go on. */
    public void clearJournal() {
        synchronized (desk.lock) {
            desk.journal.clear();
        }
    }

    /** How many connections were opened to the server so far. */
    public long connectionsAccepted() {
        return server.connectionsAccepted();
    }

    /** How many connections are open now. */
    public int connectionsOpen() {
        return server.connectionsOpen();
    }

    /** The most requests that were in flight at once so far. */
    public int mostInFlight() {
        synchronized (desk.lock) {
            return desk.journal.mostInFlight();
        }
    }

    /**
     * Waits until so many requests have been read.
     *
     * @return whether there were so many in time
     */
    public boolean awaitRequests(int count, Duration atMost) throws InterruptedException {
        return desk.awaitRequests(count, atMost);
    }

    /** Stops the server, cuts all connections, and returns when its threads have ended. */
    @Override
    public void close() {
        desk.close();
        server.close();
    }

    static void requireSid(Pattern pattern, String value, String what) {
        if (!pattern.matcher(value).matches()) {
            throw new IllegalArgumentException("not a Twilio " + what + ": " + value);
        }
    }
}
