package dev.retention.test.twilio;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A server on loopback that speaks the part of Twilio's API {@code 2010-04-01} that deletes recordings, as Twilio's OpenAPI document
 * describes it: {@code DELETE} and {@code GET} of a recording, and the list of an account's recordings.
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
 * {@code deleted} for 40 days of the server's clock. Only completed recordings can be deleted; others are refused with code 20009,
 * whose HTTP status Twilio does not document: here it is 409. Credentials are basic: an account SID and its token, which reach the
 * account's sub-accounts too, or an API key and its secret, which do not. Credentials that are not known answer 401, accounts that are
 * not known 404. A list is ordered by newest first and its pages are positions in what existed when they were asked for, which Twilio
 * does not document either.
 *
 * <p>Faults are chosen in this order: one that a {@link TwilioObserver} names, one set for the recording's SID, one for the next requests, one for a share of the requests.
 *
 * <p>Every method may be called from any thread. The server uses one daemon thread per connection; {@link #close()} ends them.
 */
public final class LoopbackTwilio implements AutoCloseable {

    /** How long Twilio keeps showing the metadata of a deleted recording. */
    public static final Duration SOFT_DELETED_FOR = Duration.ofDays(40);

    private static final Pattern RECORDING =
            Pattern.compile("/2010-04-01/Accounts/([^/?]*)/Recordings/([^/?]*)\\.json(?:\\?(.*))?");
    private static final Pattern LIST = Pattern.compile("/2010-04-01/Accounts/([^/?]*)/Recordings\\.json(?:\\?(.*))?");
    private static final Pattern ACCOUNT_SID = Pattern.compile("AC[0-9a-fA-F]{32}");
    private static final Pattern KEY_SID = Pattern.compile("SK[0-9a-fA-F]{32}");
    private static final Pattern RECORDING_SID = Pattern.compile("RE[0-9a-fA-F]{32}");
    private static final DateTimeFormatter RFC_2822 = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss Z", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter HTTP_DATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);
    private static final int DEFAULT_PAGE_SIZE = 50;
    private static final int MAX_PAGE_SIZE = 1000;
    private static final int MAX_HEAD = 64 * 1024;

    private final Clock clock;
    private final ServerSocket server;
    private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
    private final Object lock = new Object();

    // Everything below is guarded by the lock.
    private final Map<String, Account> accounts = new HashMap<>();
    private final Map<String, ApiKey> keys = new HashMap<>();
    private final Map<String, TwilioRecording> recordings = new LinkedHashMap<>();
    private final List<JournalEntry> journal = new ArrayList<>();
    private final Map<String, ArrayDeque<TwilioFault>> faultsBySid = new HashMap<>();
    private final Map<String, TwilioFault> lastingFaultBySid = new HashMap<>();
    private final ArrayDeque<TwilioFault> nextFaults = new ArrayDeque<>();
    private final List<JournalEntry> lateDeletions = new ArrayList<>();
    private @Nullable TwilioFault sharedFault;
    private double share;
    private Predicate<TwilioRequest> concerned = request -> true;
    private final Map<String, String> shownAccounts = new HashMap<>();
    private Duration dateOffset = Duration.ZERO;
    private Random random = new Random(0);
    private final Random sids = new Random(20100401);
    private long connectionsAccepted;
    private long journalOffset;
    private int inFlight;
    private int mostInFlight;
    private boolean paused;
    private boolean closed;
    private volatile @Nullable TwilioObserver observer;

    private static final class Account {
        final String token;
        final @Nullable String parent;
        int concurrencyLimit = Integer.MAX_VALUE;
        int inFlight;

        Account(String token, @Nullable String parent) {
            this.token = token;
            this.parent = parent;
        }
    }

    private record ApiKey(String account, String secret) {}

    private static final class JournalEntry {
        final TwilioRequest request;
        int status;
        boolean applied;

        JournalEntry(TwilioRequest request) {
            this.request = request;
        }

        TwilioRequest seen() {
            return new TwilioRequest(
                    request.number(),
                    request.time(),
                    request.method(),
                    request.rawPath(),
                    request.account(),
                    request.sid(),
                    status,
                    applied);
        }
    }

    private record Head(String method, String target, Map<String, String> headers) {}

    private record Answer(int status, String contentType, byte @Nullable [] body, Map<String, String> headers) {}

    private LoopbackTwilio(Clock clock) throws IOException {
        this.clock = clock;
        this.server = new ServerSocket();
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 200);
        Thread acceptor = new Thread(this::accept, "loopback-twilio-" + server.getLocalPort());
        acceptor.setDaemon(true);
        threads.add(acceptor);
        acceptor.start();
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

    /** The address that stands in for {@code https://api.twilio.com}, without a slash at its end. */
    public URI baseUrl() {
        return URI.create("http://127.0.0.1:" + server.getLocalPort());
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
        matches(ACCOUNT_SID, accountSid, "account SID");
        synchronized (lock) {
            if (parent != null) {
                account(parent);
            }
            accounts.put(accountSid, new Account(authToken, parent));
        }
        return this;
    }

    /** Adds a standard API key, which reaches this account only. */
    public LoopbackTwilio addApiKey(String accountSid, String keySid, String secret) {
        matches(KEY_SID, keySid, "API key SID");
        synchronized (lock) {
            account(accountSid);
            keys.put(keySid, new ApiKey(accountSid, secret));
        }
        return this;
    }

    /** From now on more requests at once for this account than {@code limit} are answered with 429, unprocessed. */
    public void limitConcurrency(String accountSid, int limit) {
        synchronized (lock) {
            account(accountSid).concurrencyLimit = limit;
        }
    }

    private Account account(String sid) {
        Account account = accounts.get(sid);
        if (account == null) {
            throw new IllegalArgumentException("no account " + sid + " was added");
        }
        return account;
    }

    // Recordings

    /** Adds a completed recording with a SID that the server draws, and returns the SID. */
    public String addRecording(String accountSid, Instant created) {
        synchronized (lock) {
            String sid = newSid("RE");
            addRecording(TwilioRecording.completed(accountSid, sid, created));
            return sid;
        }
    }

    /** Adds a recording as given, or replaces the one with its SID. */
    public void addRecording(TwilioRecording recording) {
        matches(RECORDING_SID, recording.sid(), "recording SID");
        synchronized (lock) {
            account(recording.account());
            recordings.put(recording.sid(), recording);
        }
    }

    /**
     * Adds completed recordings, the first made at {@code first} and each further one {@code step} later.
     *
     * @return their SIDs in that order
     */
    public List<String> addRecordings(String accountSid, int count, Instant first, Duration step) {
        synchronized (lock) {
            List<String> added = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                added.add(addRecording(accountSid, first.plus(step.multipliedBy(i))));
            }
            return added;
        }
    }

    /** The recording, deleted or not; empty when there never was one with this SID. */
    public Optional<TwilioRecording> recording(String sid) {
        synchronized (lock) {
            return Optional.ofNullable(recordings.get(sid));
        }
    }

    /** All recordings in the order in which they were added, deleted ones too. */
    public List<TwilioRecording> recordings() {
        synchronized (lock) {
            return List.copyOf(recordings.values());
        }
    }

    /** How many recordings of the account are not deleted. */
    public long stored(String accountSid) {
        synchronized (lock) {
            return recordings.values().stream()
                    .filter(r -> r.account().equals(accountSid) && r.deleted() == null)
                    .count();
        }
    }

    /** Deletes a recording behind everybody's back, as somebody at the provider's console would. */
    public void deleteByHand(String sid) {
        synchronized (lock) {
            TwilioRecording recording = recordings.get(sid);
            if (recording == null) {
                throw new IllegalArgumentException("no recording " + sid);
            }
            recordings.put(sid, recording.deletedAt(clock.instant()));
        }
    }

    // Faults

    /**
     * From now on look-ups and lists show this recording with the SID of another account, though it stays where it is, until {@link #heal()}.
     * What a mixed-up gateway or cache does.
     */
    public void showUnder(String accountSid, String recordingSid) {
        matches(ACCOUNT_SID, accountSid, "account SID");
        synchronized (lock) {
            if (!recordings.containsKey(recordingSid)) {
                throw new IllegalArgumentException("no recording " + recordingSid);
            }
            shownAccounts.put(recordingSid, accountSid);
        }
    }

    /** From now on {@code Date} headers are ahead of the server's clock by this, or behind when it is negative, until {@link #heal()}. Nothing else is. */
    public void setDateOffset(Duration offset) {
        synchronized (lock) {
            dateOffset = offset;
        }
    }

    /** Every request for this recording fails so, until {@link #heal()}. */
    public void failOn(String sid, TwilioFault fault) {
        synchronized (lock) {
            lastingFaultBySid.put(sid, fault);
        }
    }

    /** The next requests for this recording fail so, one fault each; {@link TwilioFault#none()} lets one pass. */
    public void failNextOn(String sid, TwilioFault... faults) {
        synchronized (lock) {
            faultsBySid.computeIfAbsent(sid, s -> new ArrayDeque<>()).addAll(List.of(faults));
        }
    }

    /** The next {@code n} requests fail so, whatever they are for. */
    public void failNext(int n, TwilioFault fault) {
        synchronized (lock) {
            for (int i = 0; i < n; i++) {
                nextFaults.add(fault);
            }
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

    /** The same, for those requests only that {@code concerned} says. */
    public void failShare(double share, long seed, TwilioFault fault, Predicate<TwilioRequest> concerned) {
        synchronized (lock) {
            this.share = share;
            this.random = new Random(seed);
            this.sharedFault = fault;
            this.concerned = concerned;
        }
    }

    /** Tells an observer of every request from now on, and lets it choose faults; null ends that. */
    public void observe(@Nullable TwilioObserver newObserver) {
        observer = newObserver;
    }

    /** Ends all faults. What was applied late and is still waiting stays so. */
    public void heal() {
        synchronized (lock) {
            faultsBySid.clear();
            lastingFaultBySid.clear();
            nextFaults.clear();
            sharedFault = null;
            shownAccounts.clear();
            dateOffset = Duration.ZERO;
        }
    }

    /**
     * Holds all requests after their head was read and before anything is decided, until {@link #resume()}. To let a test see
     * that many are under way at once.
     */
    public void pause() {
        synchronized (lock) {
            paused = true;
        }
    }

    /** Lets the held requests go on. */
    public void resume() {
        synchronized (lock) {
            paused = false;
            lock.notifyAll();
        }
    }

    /** Deletes now what was to be {@linkplain TwilioFault#appliedLate() applied late}. */
    public void applyLate() {
        synchronized (lock) {
            TwilioObserver watching = observer;
            for (JournalEntry entry : lateDeletions) {
                apply(entry);
                if (watching != null && entry.applied) {
                    watching.appliedLate(entry.seen());
                }
            }
            lateDeletions.clear();
        }
    }

    // What was seen

    /** All requests so far, in the order in which their heads were read. */
    public List<TwilioRequest> journal() {
        synchronized (lock) {
            return journal.stream().map(JournalEntry::seen).toList();
        }
    }

    /** The requests for this recording. */
    public List<TwilioRequest> journal(String sid) {
        return journal().stream().filter(r -> sid.equals(r.sid())).toList();
    }

    /** Forgets the requests so far, not their effects. Numbers go on. */
    public void clearJournal() {
        synchronized (lock) {
            journalOffset += journal.size();
            journal.clear();
        }
    }

    /** How many connections were opened to the server so far. */
    public long connectionsAccepted() {
        synchronized (lock) {
            return connectionsAccepted;
        }
    }

    /** How many connections are open now. */
    public int connectionsOpen() {
        return connections.size();
    }

    /** The most requests that were under way at once so far. */
    public int mostInFlight() {
        synchronized (lock) {
            return mostInFlight;
        }
    }

    /**
     * Waits until so many requests have been read.
     *
     * @return whether there were so many in time
     */
    public boolean awaitRequests(int count, Duration atMost) throws InterruptedException {
        long deadline = System.nanoTime() + atMost.toNanos();
        synchronized (lock) {
            while (journalOffset + journal.size() < count) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    return false;
                }
                TimeUnit.NANOSECONDS.timedWait(lock, left);
            }
            return true;
        }
    }

    /** Stops the server, cuts all connections, and returns when its threads have ended. */
    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
            paused = false;
            lock.notifyAll();
        }
        closeQuietly(server);
        connections.forEach(LoopbackTwilio::closeQuietly);
        boolean interrupted = false;
        for (Thread thread : threads) {
            thread.interrupt();
            try {
                thread.join(5_000);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    // Connections

    private void accept() {
        while (true) {
            Socket socket;
            try {
                socket = server.accept();
            } catch (IOException e) {
                threads.remove(Thread.currentThread());
                return;
            }
            Thread thread = new Thread(() -> serve(socket), "loopback-twilio-" + server.getLocalPort() + "-connection");
            thread.setDaemon(true);
            synchronized (lock) {
                if (closed) {
                    closeQuietly(socket);
                    continue;
                }
                connectionsAccepted++;
                connections.add(socket);
                threads.add(thread);
            }
            thread.start();
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            OutputStream out = socket.getOutputStream();
            while (true) {
                Head head = readHead(in);
                if (head == null || !answer(head, socket, out)) {
                    return;
                }
            }
        } catch (IOException e) {
            // The client went away, or the server was closed.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            connections.remove(socket);
            threads.remove(Thread.currentThread());
        }
    }

    private static @Nullable Head readHead(InputStream in) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int newlines = 0;
        while (newlines < 2) {
            int b = in.read();
            if (b < 0 || bytes.size() > MAX_HEAD) {
                return null;
            }
            bytes.write(b);
            if (b == '\n') {
                newlines++;
            } else if (b != '\r') {
                newlines = 0;
            }
        }
        String[] lines = bytes.toString(StandardCharsets.ISO_8859_1).split("\r?\n");
        String[] request = lines[0].split(" ", 3);
        if (request.length != 3) {
            return null;
        }
        Map<String, String> headers = new HashMap<>();
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            if (colon > 0) {
                headers.put(
                        lines[i].substring(0, colon).trim().toLowerCase(Locale.ROOT),
                        lines[i].substring(colon + 1).trim());
            }
        }
        in.skipNBytes(Long.parseLong(headers.getOrDefault("content-length", "0")));
        return new Head(request[0], request[1], headers);
    }

    /** Returns whether the connection can serve another request. */
    private boolean answer(Head head, Socket socket, OutputStream out) throws IOException, InterruptedException {
        JournalEntry entry = enter(head);
        Account counted = null;
        try {
            TwilioFault fault;
            Answer answer;
            int concurrent;
            TwilioObserver watching = observer;
            TwilioFault chosen = watching == null ? null : watching.received(entry.request, user(head));
            synchronized (lock) {
                while (paused) {
                    lock.wait();
                }
                fault = closed ? null : chosen != null ? chosen : faultFor(entry.request);
                counted = entry.request.account() == null ? null : accounts.get(entry.request.account());
                concurrent = counted == null ? 1 : counted.inFlight;
                answer = decide(head, entry, fault, counted);
                if (fault == null || answersAtAll(fault)) {
                    entry.status = answer.status();
                }
                if (watching != null) {
                    watching.decided(entry.seen());
                }
            }
            return send(answer, fault, concurrent, socket, out);
        } finally {
            synchronized (lock) {
                inFlight--;
                if (counted != null) {
                    counted.inFlight--;
                }
            }
        }
    }

    private static boolean answersAtAll(TwilioFault fault) {
        return fault.delivery != TwilioFault.Delivery.RESET && fault.delivery != TwilioFault.Delivery.NO_ANSWER;
    }

    private JournalEntry enter(Head head) {
        Matcher one = RECORDING.matcher(head.target());
        Matcher list = LIST.matcher(head.target());
        String account = one.matches() ? one.group(1) : list.matches() ? list.group(1) : null;
        String sid = one.matches() ? one.group(2) : null;
        synchronized (lock) {
            JournalEntry entry = new JournalEntry(new TwilioRequest(
                    journalOffset + journal.size() + 1,
                    clock.instant(),
                    head.method(),
                    head.target(),
                    account,
                    sid,
                    0,
                    false));
            journal.add(entry);
            inFlight++;
            mostInFlight = Math.max(mostInFlight, inFlight);
            Account known = account == null ? null : accounts.get(account);
            if (known != null) {
                known.inFlight++;
            }
            lock.notifyAll();
            return entry;
        }
    }

    private @Nullable TwilioFault faultFor(TwilioRequest request) {
        ArrayDeque<TwilioFault> queued = request.sid() == null ? null : faultsBySid.get(request.sid());
        if (queued != null && !queued.isEmpty()) {
            return queued.poll();
        }
        TwilioFault lasting = request.sid() == null ? null : lastingFaultBySid.get(request.sid());
        if (lasting != null) {
            return lasting;
        }
        if (!nextFaults.isEmpty()) {
            return nextFaults.poll();
        }
        if (sharedFault != null && concerned.test(request) && random.nextDouble() < share) {
            return sharedFault;
        }
        return null;
    }

    // What Twilio would answer. All with the lock held.

    private Answer decide(Head head, JournalEntry entry, @Nullable TwilioFault fault, @Nullable Account counted) {
        if (fault == null || (fault.status == 0 && fault.delivery == TwilioFault.Delivery.WHOLE)) {
            if (counted != null && counted.inFlight > counted.concurrencyLimit) {
                return error(429, 20429, "Too Many Requests");
            }
            Answer answer = deserved(head, entry, true);
            return fault == null
                    ? answer
                    : new Answer(answer.status(), answer.contentType(), answer.body(), fault.headers);
        }
        if (fault.effect == TwilioFault.Effect.APPLIED) {
            deserved(head, entry, true);
        } else if (fault.effect == TwilioFault.Effect.APPLIED_LATE
                && deserved(head, entry, false).status() == 204) {
            lateDeletions.add(entry);
        }
        return new Answer(fault.status, fault.contentType, fault.body, fault.headers);
    }

    private Answer deserved(Head head, JournalEntry entry, boolean effective) {
        Caller caller = authenticate(head.headers().get("authorization"));
        if (caller == null) {
            return error(401, 20003, "Authenticate");
        }
        TwilioRequest request = entry.request;
        Account account = request.account() == null ? null : accounts.get(request.account());
        if (request.account() == null || account == null) {
            return notFound(request.rawPath());
        }
        boolean own = request.account().equals(caller.account());
        boolean child = !caller.byKey() && caller.account().equals(account.parent);
        if (!own && !child) {
            return error(401, 20003, "Authenticate");
        }
        Map<String, String> query = query(request.rawPath());
        if (request.sid() == null) {
            return head.method().equals("GET")
                    ? list(request.account(), request.rawPath(), query)
                    : error(405, 20004, "Method not allowed");
        }
        TwilioRecording recording = recordings.get(request.sid());
        if (recording == null || !recording.account().equals(request.account())) {
            return notFound(request.rawPath());
        }
        return switch (head.method()) {
            case "GET" -> {
                boolean soft = "true".equalsIgnoreCase(query.get("IncludeSoftDeleted"));
                yield recording.deleted() == null || (soft && shown(recording))
                        ? json(200, recordingJson(recording))
                        : notFound(request.rawPath());
            }
            case "DELETE" -> {
                if (recording.deleted() != null) {
                    yield notFound(request.rawPath());
                }
                if (!recording.status().equals("completed")) {
                    yield error(409, 20009, "Cannot delete this resource before it is complete");
                }
                if (effective) {
                    apply(entry);
                }
                yield new Answer(204, "", null, Map.of());
            }
            default -> error(405, 20004, "Method not allowed");
        };
    }

    private void apply(JournalEntry entry) {
        String sid = entry.request.sid();
        TwilioRecording recording = sid == null ? null : recordings.get(sid);
        if (sid != null && recording != null && recording.deleted() == null) {
            recordings.put(sid, recording.deletedAt(clock.instant()));
            entry.applied = true;
        }
    }

    private boolean shown(TwilioRecording recording) {
        Instant deleted = recording.deleted();
        return deleted == null || clock.instant().isBefore(deleted.plus(SOFT_DELETED_FOR));
    }

    /** Whom the request claims to come from, whether or not that is so. */
    private static String user(Head head) {
        String header = head.headers().getOrDefault("authorization", "");
        if (!header.startsWith("Basic ")) {
            return "";
        }
        try {
            String decoded =
                    new String(Base64.getDecoder().decode(header.substring(6).trim()), StandardCharsets.UTF_8);
            return decoded.substring(0, Math.max(0, decoded.indexOf(':')));
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    private record Caller(String account, boolean byKey) {}

    private @Nullable Caller authenticate(@Nullable String header) {
        if (header == null || !header.startsWith("Basic ")) {
            return null;
        }
        String decoded;
        try {
            decoded = new String(Base64.getDecoder().decode(header.substring(6).trim()), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return null;
        }
        int colon = decoded.indexOf(':');
        if (colon < 0) {
            return null;
        }
        String user = decoded.substring(0, colon);
        String secret = decoded.substring(colon + 1);
        Account account = accounts.get(user);
        if (account != null && account.token.equals(secret)) {
            return new Caller(user, false);
        }
        ApiKey key = keys.get(user);
        return key != null && key.secret().equals(secret) ? new Caller(key.account(), true) : null;
    }

    private Answer list(String account, String target, Map<String, String> query) {
        int size;
        int page;
        Predicate<TwilioRecording> wanted = r -> r.account().equals(account);
        try {
            size = Integer.parseInt(query.getOrDefault("PageSize", String.valueOf(DEFAULT_PAGE_SIZE)));
            page = Integer.parseInt(query.getOrDefault("Page", "0"));
            for (String name : List.of("DateCreated", "DateCreated<", "DateCreated>")) {
                String value = query.get(name);
                if (value != null) {
                    wanted = wanted.and(dateFilter(name, value));
                }
            }
        } catch (NumberFormatException | DateTimeException e) {
            return error(400, 20001, "Invalid parameter");
        }
        if (size < 1 || size > MAX_PAGE_SIZE) {
            return error(400, 20007, "Page size too large");
        }
        if (page > 0 && !("PT" + page).equals(query.get("PageToken"))) {
            return error(400, 21481, "Invalid page token");
        }
        boolean soft = "true".equalsIgnoreCase(query.get("IncludeSoftDeleted"));
        List<TwilioRecording> all = recordings.values().stream()
                .filter(wanted)
                .filter(r -> r.deleted() == null || (soft && shown(r)))
                .sorted(Comparator.comparing(TwilioRecording::created)
                        .reversed()
                        .thenComparing(TwilioRecording::sid))
                .toList();
        int start = (int) Math.min((long) page * size, all.size());
        List<TwilioRecording> shown = all.subList(start, Math.min(start + size, all.size()));
        String path = "/2010-04-01/Accounts/" + account + "/Recordings.json";
        String filters = filters(target);
        String next = start + size < all.size()
                ? quoted(path + "?" + filters + "PageSize=" + size + "&Page=" + (page + 1) + "&PageToken=PT"
                        + (page + 1))
                : "null";
        String previous = page > 0
                ? quoted(path + "?" + filters + "PageSize=" + size + "&Page=" + (page - 1)
                        + (page > 1 ? "&PageToken=PT" + (page - 1) : ""))
                : "null";
        StringBuilder body = new StringBuilder("{\"recordings\": [");
        for (int i = 0; i < shown.size(); i++) {
            body.append(i == 0 ? "" : ", ").append(recordingJson(shown.get(i)));
        }
        body.append("], \"page\": ").append(page);
        body.append(", \"page_size\": ").append(size);
        body.append(", \"start\": ").append(start);
        body.append(", \"end\": ").append(Math.max(start, start + shown.size() - 1));
        body.append(", \"uri\": ").append(quoted(path + "?" + filters + "PageSize=" + size + "&Page=" + page));
        body.append(", \"first_page_uri\": ").append(quoted(path + "?" + filters + "PageSize=" + size + "&Page=0"));
        body.append(", \"next_page_uri\": ").append(next);
        body.append(", \"previous_page_uri\": ").append(previous);
        return json(200, body.append('}').toString());
    }

    /** Days in GMT for dates; instants for times. Bounds belong to the range, as "on or before midnight of this date" has it. */
    private static Predicate<TwilioRecording> dateFilter(String name, String value) {
        Instant from;
        Instant to;
        if (value.length() == 10) {
            LocalDate day = LocalDate.parse(value);
            from = day.atStartOfDay(ZoneOffset.UTC).toInstant();
            to = day.plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant();
        } else {
            from = Instant.parse(value.endsWith("Z") ? value : value + "Z");
            to = from.plusNanos(1);
        }
        return switch (name) {
            case "DateCreated<" -> r -> !r.created().isAfter(from);
            case "DateCreated>" -> r -> !r.created().isBefore(from);
            default -> r -> !r.created().isBefore(from) && r.created().isBefore(to);
        };
    }

    private static String filters(String target) {
        int mark = target.indexOf('?');
        if (mark < 0) {
            return "";
        }
        StringBuilder kept = new StringBuilder();
        for (String pair : target.substring(mark + 1).split("&")) {
            if (!pair.isEmpty() && !pair.startsWith("Page")) {
                kept.append(pair).append('&');
            }
        }
        return kept.toString();
    }

    private static Map<String, String> query(String target) {
        int mark = target.indexOf('?');
        Map<String, String> query = new HashMap<>();
        if (mark >= 0) {
            for (String pair : target.substring(mark + 1).split("&")) {
                int equals = pair.indexOf('=');
                if (equals > 0) {
                    query.put(decoded(pair.substring(0, equals)), decoded(pair.substring(equals + 1)));
                }
            }
        }
        return query;
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }

    private String recordingJson(TwilioRecording r) {
        String uri = "/2010-04-01/Accounts/" + r.account() + "/Recordings/" + r.sid();
        String media = r.mediaUrl() == null ? "https://api.twilio.com" + uri : r.mediaUrl();
        String created = RFC_2822.format(r.created());
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("account_sid", quoted(shownAccounts.getOrDefault(r.sid(), r.account())));
        fields.put("api_version", quoted("2010-04-01"));
        fields.put("call_sid", quoted("CA" + r.sid().substring(2)));
        fields.put("conference_sid", "null");
        fields.put("channels", "1");
        fields.put("date_created", quoted(created));
        fields.put("date_updated", quoted(r.deleted() == null ? created : RFC_2822.format(r.deleted())));
        fields.put("start_time", quoted(created));
        fields.put("price", quoted("-0.00250"));
        fields.put("price_unit", quoted("USD"));
        fields.put("duration", quoted("4"));
        fields.put("sid", quoted(r.sid()));
        fields.put("source", quoted("RecordVerb"));
        fields.put("status", quoted(r.status()));
        fields.put("error_code", r.status().equals("absent") ? "16101" : "null");
        fields.put("uri", quoted(uri + ".json"));
        fields.put(
                "subresource_uris",
                "{\"add_on_results\": " + quoted(uri + "/AddOnResults.json") + ", \"transcriptions\": "
                        + quoted(uri + "/Transcriptions.json") + "}");
        fields.put("encryption_details", "null");
        fields.put("media_url", quoted(media));
        StringBuilder json = new StringBuilder("{");
        fields.forEach((name, value) -> json.append(json.length() == 1 ? "" : ", ")
                .append(quoted(name))
                .append(": ")
                .append(value));
        return json.append('}').toString();
    }

    private static Answer notFound(String target) {
        int mark = target.indexOf('?');
        String path = mark < 0 ? target : target.substring(0, mark);
        return error(404, 20404, "The requested resource " + path + " was not found");
    }

    private static Answer error(int status, int code, String message) {
        return json(
                status,
                "{\"code\": " + code + ", \"message\": " + quoted(message) + ", \"more_info\": "
                        + quoted("https://www.twilio.com/docs/errors/" + code) + ", \"status\": " + status + "}");
    }

    private static Answer json(int status, String body) {
        return new Answer(status, "application/json", body.getBytes(StandardCharsets.UTF_8), Map.of());
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ') {
                quoted.append(String.format("\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }

    // Sending

    private boolean send(Answer answer, @Nullable TwilioFault fault, int concurrent, Socket socket, OutputStream out)
            throws IOException, InterruptedException {
        TwilioFault.Delivery delivery = fault == null ? TwilioFault.Delivery.WHOLE : fault.delivery;
        if (delivery == TwilioFault.Delivery.RESET) {
            socket.setSoLinger(true, 0);
            return false;
        }
        if (delivery == TwilioFault.Delivery.NO_ANSWER) {
            awaitEnd(socket);
            return false;
        }
        byte[] body = answer.body() == null ? new byte[0] : answer.body();
        long filler = fault == null ? 0 : fault.filler;
        long announced = delivery == TwilioFault.Delivery.UNANNOUNCED ? 0 : body.length + filler;
        Duration interval = fault == null ? Duration.ZERO : fault.dripInterval;
        byte[] head = head(answer, announced, concurrent).getBytes(StandardCharsets.ISO_8859_1);
        switch (delivery) {
            case DRIP_HEAD -> {
                drip(head, interval, out);
                return true;
            }
            case DRIP_BODY -> {
                out.write(head);
                drip(body, interval, out);
                return true;
            }
            case TRUNCATED -> {
                out.write(head);
                out.write(body, 0, body.length / 2);
                out.flush();
                return false;
            }
            default -> {
                // In one piece: a client that may keep the connection must find a body that follows a 204 right away.
                ByteArrayOutputStream whole = new ByteArrayOutputStream(head.length + body.length);
                whole.write(head);
                whole.write(body);
                out.write(whole.toByteArray());
                fill(filler, out);
                out.flush();
                return true;
            }
        }
    }

    private String head(Answer answer, long length, int concurrent) {
        // A fault's own header takes the place of ours.
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        synchronized (lock) {
            headers.put("Date", HTTP_DATE.format(clock.instant().plus(dateOffset)));
            headers.put("Twilio-Request-Id", newSid("RQ"));
        }
        headers.put("Twilio-Concurrent-Requests", String.valueOf(concurrent));
        headers.put("Twilio-Request-Duration", "0.080");
        headers.put("X-Home-Region", "us1");
        if (!answer.contentType().isEmpty()) {
            headers.put("Content-Type", answer.contentType());
        }
        if (answer.status() != 204 || length > 0) {
            headers.put("Content-Length", String.valueOf(length));
        }
        headers.putAll(answer.headers());
        StringBuilder head = new StringBuilder("HTTP/1.1 " + answer.status() + " " + reason(answer.status()) + "\r\n");
        headers.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        return head.append("\r\n").toString();
    }

    private static String reason(int status) {
        return switch (status) {
            case 200 -> "OK";
            case 204 -> "No Content";
            case 401 -> "Unauthorized";
            case 404 -> "Not Found";
            case 429 -> "Too Many Requests";
            default -> "Status";
        };
    }

    private static void drip(byte[] bytes, Duration interval, OutputStream out)
            throws IOException, InterruptedException {
        for (byte b : bytes) {
            out.write(b);
            out.flush();
            Thread.sleep(interval.toMillis());
        }
    }

    private static void fill(long count, OutputStream out) throws IOException {
        byte[] block = "x".repeat(8192).getBytes(StandardCharsets.US_ASCII);
        for (long left = count; left > 0; left -= block.length) {
            out.write(block, 0, (int) Math.min(left, block.length));
        }
    }

    private static void awaitEnd(Socket socket) throws IOException {
        // Ends when the client gives up or the server is closed.
        while (socket.getInputStream().read() >= 0) {
            continue;
        }
    }

    private String newSid(String prefix) {
        return String.format("%s%016x%016x", prefix, sids.nextLong(), sids.nextLong());
    }

    private static void matches(Pattern pattern, String value, String what) {
        if (!pattern.matcher(value).matches()) {
            throw new IllegalArgumentException("not a Twilio " + what + ": " + value);
        }
    }

    private static void closeQuietly(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception e) {
            // Nothing is left to be done about it.
        }
    }
}
