package dev.retention.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.ConcurrentModificationException;
import java.util.Iterator;
import java.util.PriorityQueue;
import java.util.StringJoiner;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A provider on loopback that answers Twilio's requests around a deletion, as fast as one thread can, or after a given
 * time. It permits a given number of requests at once, and answers 429 to more. It stores no recordings: every
 * recording that was not deleted yet exists.
 *
 * <p>One thread does everything. A delayed answer is an entry in a queue, and needs no thread. Counters may be read
 * from any thread.
 */
final class Provider implements AutoCloseable {

    /** The unit of the series. */
    static final long BUCKET_MILLIS = 100;

    private static final int BUCKETS = 10 * 60 * 60 * 12;
    private static final long LISTED = 500;
    private static final long NAP_NANOS = TimeUnit.MICROSECONDS.toNanos(100);
    private static final DateTimeFormatter DATE = DateTimeFormatter.RFC_1123_DATE_TIME.withZone(ZoneOffset.UTC);

    private final Selector selector;
    private final ServerSocketChannel server;
    private final Thread thread;
    private final PriorityQueue<Answer> delayed = new PriorityQueue<>();
    private final BitSet deletedNumbers = new BitSet();
    private final long start = System.nanoTime();

    private volatile Series series = Series.NONE;
    private volatile long latencyNanos;
    private volatile long intervalNanos;
    private volatile int permitted = Integer.MAX_VALUE;
    private volatile boolean held;
    private volatile long deleted;
    private volatile long deletedTwice;
    private volatile long throttledDeletes;
    private volatile long lookUps;
    private volatile long firstDeleteNanos;
    private volatile long lastDeleteNanos;
    private volatile int mostInFlight;
    private volatile long cpuNanos;

    private final AtomicIntegerArray deletes = new AtomicIntegerArray(BUCKETS);
    private final AtomicIntegerArray throttled = new AtomicIntegerArray(BUCKETS);
    private final AtomicIntegerArray live = new AtomicIntegerArray(BUCKETS);
    private final AtomicIntegerArray liveThrottled = new AtomicIntegerArray(BUCKETS);

    /** How long it took from an answer to the request that took its place, by tenths of a millisecond. */
    private final AtomicIntegerArray turnarounds = new AtomicIntegerArray(1_000);

    private volatile long lateNanos;
    private volatile long late;

    // Confined to the thread.
    private int inFlight;
    private long lastDueNanos = System.nanoTime();
    private final ArrayDeque<Long> answeredNanos = new ArrayDeque<>();
    private long sequence;
    private long requests;
    private String date = "";
    private long dateSecond;

    private record Answer(long dueNanos, long order, Connection connection, byte[] bytes, Kind kind, boolean counted)
            implements Comparable<Answer> {

        @Override
        public int compareTo(Answer other) {
            int byTime = Long.compare(dueNanos, other.dueNanos);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    private enum Kind {
        DELETED,
        GONE,
        THROTTLED,
        LOOKED_UP,
        LIVE,
        LIVE_THROTTLED
    }

    private static final class Connection {
        final SocketChannel channel;
        final ByteBuffer in = ByteBuffer.allocate(16 * 1024);

        @Nullable
        ByteBuffer out;

        Connection(SocketChannel channel) {
            this.channel = channel;
        }
    }

    private Provider() throws IOException {
        selector = Selector.open();
        server = ServerSocketChannel.open();
        server.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 2048);
        server.configureBlocking(false);
        server.register(selector, SelectionKey.OP_ACCEPT);
        thread = new Thread(this::run, "provider");
        thread.setDaemon(true);
        thread.start();
    }

    static Provider start() {
        try {
            return new Provider();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + port());
    }

    int port() {
        return server.socket().getLocalPort();
    }

    /** Which recordings its lists show. */
    Provider lists(Series recordings) {
        series = recordings;
        return this;
    }

    Provider latencyMillis(long millis) {
        latencyNanos = TimeUnit.MILLISECONDS.toNanos(millis);
        return this;
    }

    /** How many requests are answered in a second at most, evenly; no limit unless set. */
    Provider mostPerSecond(int answers) {
        intervalNanos = TimeUnit.SECONDS.toNanos(1) / answers;
        return this;
    }

    /** How many requests at once are permitted from now on. The others are answered with 429. */
    Provider permit(int requests) {
        permitted = requests;
        return this;
    }

    /** Keeps the answers back that are due, but for refusals, until {@link #release}. */
    Provider hold() {
        held = true;
        return this;
    }

    void release() {
        held = false;
        selector.wakeup();
    }

    long deleted() {
        return deleted;
    }

    long deletedTwice() {
        return deletedTwice;
    }

    long throttledDeletes() {
        return throttledDeletes;
    }

    long lookUps() {
        return lookUps;
    }

    int mostInFlight() {
        return mostInFlight;
    }

    long cpuNanos() {
        return cpuNanos;
    }

    /** Milliseconds on the provider's own clock, which the series count by. */
    long nowMillis() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    }

    /** When the first deletion was answered; -1 if none was. */
    long firstDeleteMillis() {
        return deleted == 0 ? -1 : TimeUnit.NANOSECONDS.toMillis(firstDeleteNanos - start);
    }

    double secondsOfDeleting() {
        return Math.max(1, lastDeleteNanos - firstDeleteNanos) / 1e9;
    }

    long deletes(long fromMillis, long toMillis) {
        return sum(deletes, fromMillis, toMillis);
    }

    long throttled(long fromMillis, long toMillis) {
        return sum(throttled, fromMillis, toMillis);
    }

    long live(long fromMillis, long toMillis) {
        return sum(live, fromMillis, toMillis);
    }

    long liveThrottled(long fromMillis, long toMillis) {
        return sum(liveThrottled, fromMillis, toMillis);
    }

    /** By how much this provider itself answered later than it should have. */
    double meanLateMillis() {
        return lateNanos / 1e6 / Math.max(1, late);
    }

    /** Resets the measurements of how late requests and answers come. */
    void forgetLateness() {
        lateNanos = 0;
        late = 0;
        for (int tenth = 0; tenth < turnarounds.length(); tenth++) {
            turnarounds.set(tenth, 0);
        }
    }

    /** How many milliseconds it took from an answer to the request that took its place; 100 at most. */
    double turnaroundMillis(double share) {
        long all = 0;
        for (int tenth = 0; tenth < turnarounds.length(); tenth++) {
            all += turnarounds.get(tenth);
        }
        long seen = 0;
        for (int tenth = 0; tenth < turnarounds.length(); tenth++) {
            seen += turnarounds.get(tenth);
            if (seen >= share * all) {
                return (tenth + 1) / 10.0;
            }
        }
        return 0;
    }

    private static long sum(AtomicIntegerArray series, long fromMillis, long toMillis) {
        long sum = 0;
        for (long bucket = fromMillis / BUCKET_MILLIS; bucket < toMillis / BUCKET_MILLIS; bucket++) {
            sum += series.get((int) bucket);
        }
        return sum;
    }

    @Override
    public void close() {
        try {
            selector.close();
            server.close();
            thread.join(2000);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        var threads = java.lang.management.ManagementFactory.getThreadMXBean();
        try {
            while (selector.isOpen()) {
                await();
                Iterator<SelectionKey> keys = selector.selectedKeys().iterator();
                while (keys.hasNext()) {
                    SelectionKey key = keys.next();
                    keys.remove();
                    serve(key);
                }
                answerDue();
                if ((++requests & 1023) == 0) {
                    cpuNanos = threads.getCurrentThreadCpuTime();
                }
            }
        } catch (ClosedSelectorException | ConcurrentModificationException e) {
            // Closed by its owner.
        } catch (IOException e) {
            if (selector.isOpen()) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /**
     * The time-out of a selector has whole milliseconds, which is two percent of a latency of 50 ms, so the rest is
     * slept.
     */
    private void await() throws IOException {
        Answer next = delayed.peek();
        if (next == null || held) {
            selector.select(500);
            return;
        }
        long left = next.dueNanos - System.nanoTime();
        if (left > TimeUnit.MILLISECONDS.toNanos(2)) {
            selector.select(TimeUnit.NANOSECONDS.toMillis(left) - 1);
        } else if (selector.selectNow() == 0 && left > 0) {
            LockSupport.parkNanos(Math.min(left, NAP_NANOS));
        }
    }

    private void serve(SelectionKey key) throws IOException {
        if (!key.isValid()) {
            return;
        }
        if (key.isAcceptable()) {
            SocketChannel channel = server.accept();
            if (channel != null) {
                channel.configureBlocking(false);
                channel.socket().setTcpNoDelay(true);
                channel.register(selector, SelectionKey.OP_READ, new Connection(channel));
            }
            return;
        }
        Connection connection = (Connection) key.attachment();
        try {
            if (key.isWritable()) {
                flush(connection);
            }
            if (key.isValid() && key.isReadable()) {
                if (connection.channel.read(connection.in) < 0) {
                    connection.channel.close();
                    return;
                }
                parse(connection);
            }
        } catch (IOException e) {
            connection.channel.close();
        }
    }

    private void parse(Connection connection) throws IOException {
        ByteBuffer in = connection.in;
        byte[] bytes = in.array();
        int from = 0;
        int end = in.position();
        for (int i = 3; i < end; i++) {
            if (bytes[i] == '\n'
                    && bytes[i - 1] == '\r'
                    && bytes[i - 2] == '\n'
                    && bytes[i - 3] == '\r'
                    && i - 3 >= from) {
                int line = from;
                while (bytes[line] != '\r') {
                    line++;
                }
                answer(connection, new String(bytes, from, line - from, StandardCharsets.ISO_8859_1));
                from = i + 1;
            }
        }
        in.limit(end).position(from);
        in.compact();
    }

    private void answer(Connection connection, String line) throws IOException {
        int method = line.indexOf(' ');
        int end = line.indexOf(' ', method + 1);
        String target = line.substring(method + 1, end);
        boolean isLive = target.contains("/Calls.json");
        boolean isDelete = line.startsWith("DELETE ");
        if (inFlight >= permitted) {
            send(new Answer(
                    0,
                    0,
                    connection,
                    json(
                            429,
                            "{\"code\":20429,\"message\":\"Too Many Requests\","
                                    + "\"more_info\":\"https://www.twilio.com/docs/errors/20429\",\"status\":429}"),
                    isLive ? Kind.LIVE_THROTTLED : Kind.THROTTLED,
                    false));
            return;
        }
        Long answered = answeredNanos.poll();
        if (answered != null) {
            long tenths = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - answered) / 100;
            turnarounds.incrementAndGet((int) Math.min(turnarounds.length() - 1, tenths));
        }
        inFlight++;
        if (inFlight > mostInFlight) {
            mostInFlight = inFlight;
        }
        Kind kind = isLive ? Kind.LIVE : Kind.LOOKED_UP;
        byte[] bytes;
        int sid = target.indexOf("/RE");
        if (isDelete && sid > 0) {
            int number = Sids.number(target.substring(sid + 1, sid + 35));
            kind = deletedNumbers.get(number) ? Kind.GONE : Kind.DELETED;
            deletedNumbers.set(number);
            bytes = kind == Kind.DELETED
                    ? head(204, "").getBytes(StandardCharsets.ISO_8859_1)
                    : json(404, "{\"code\":20404,\"message\":\"not found\",\"status\":404}");
        } else if (sid > 0) {
            bytes = json(200, recording(target.substring(sid + 1, sid + 35)));
        } else if (isLive) {
            bytes = json(200, "{\"calls\":[]}");
        } else if (target.contains("DateCreated")) {
            bytes = json(200, list(target));
        } else {
            bytes = json(
                    200,
                    "{\"recordings\":[" + recording("RE" + "0".repeat(32))
                            + "],\"page\":0,\"page_size\":20,\"start\":0,"
                            + "\"end\":0,\"uri\":\"/\",\"first_page_uri\":\"/\",\"next_page_uri\":null,"
                            + "\"previous_page_uri\":null}");
        }
        long now = System.nanoTime();
        long due = now + latencyNanos;
        if (intervalNanos > 0) {
            due = Math.max(due, lastDueNanos + intervalNanos);
            lastDueNanos = due;
        }
        Answer answer = new Answer(due, sequence++, connection, bytes, kind, true);
        if (due == now && !held) {
            send(answer);
        } else {
            delayed.add(answer);
        }
    }

    /** A page of the recordings between two times, the newest first. */
    private String list(String target) {
        long number = series.newestUntil(second(target, "<")) + LISTED * page(target);
        long last = series.oldestSince(second(target, ">"));
        StringJoiner recordings = new StringJoiner(",", "{\"recordings\":[", "]");
        for (int shown = 0; shown < LISTED && number <= last; shown++) {
            recordings.add(recording(series.sid(number++)));
        }
        String next = target.replaceFirst("&Page=.*", "") + "&Page=" + (page(target) + 1) + "&PageToken=PT";
        return recordings + ",\"page_size\":" + LISTED + ",\"next_page_uri\":"
                + (number <= last ? "\"" + next + "\"" : "null") + "}";
    }

    private static long page(String target) {
        int at = target.indexOf("&Page=");
        return at < 0 ? 0 : Long.parseLong(target.substring(at + 6, target.indexOf('&', at + 6)));
    }

    private static long second(String target, String comparison) {
        String query = URLDecoder.decode(target, StandardCharsets.UTF_8);
        int at = query.indexOf("DateCreated" + comparison + "=") + 13;
        return LocalDateTime.parse(query.substring(at, at + 19)).toEpochSecond(ZoneOffset.UTC);
    }

    private String recording(String sid) {
        boolean gone = !sid.endsWith("0".repeat(32)) && deletedNumbers.get(Sids.number(sid));
        return "{\"sid\":\"" + sid + "\",\"account_sid\":\"" + Sids.ACCOUNT + "\",\"status\":\""
                + (gone ? "deleted" : "completed") + "\",\"date_created\":\"" + DATE.format(Sids.created(sid))
                + "\",\"duration\":\"10\",\"channels\":1,\"source\":\"RecordVerb\",\"media_url\":"
                + "\"https://api.twilio.com/2010-04-01/Accounts/" + Sids.ACCOUNT + "/Recordings/" + sid + "\"}";
    }

    private void answerDue() throws IOException {
        if (held) {
            return;
        }
        long now = System.nanoTime();
        for (Answer next = delayed.peek(); next != null && next.dueNanos - now <= 0; next = delayed.peek()) {
            delayed.poll();
            lateNanos += now - next.dueNanos;
            late++;
            send(next);
        }
    }

    private void send(Answer answer) throws IOException {
        if (answer.counted) {
            inFlight--;
        }
        count(answer.kind);
        try {
            Connection connection = answer.connection;
            answeredNanos.add(System.nanoTime());
            ByteBuffer bytes = ByteBuffer.wrap(answer.bytes);
            if (connection.out == null) {
                connection.channel.write(bytes);
            }
            if (bytes.hasRemaining()) {
                ByteBuffer before = connection.out;
                ByteBuffer all = ByteBuffer.allocate(bytes.remaining() + (before == null ? 0 : before.remaining()));
                if (before != null) {
                    all.put(before);
                }
                connection.out = all.put(bytes).flip();
                SelectionKey key = connection.channel.keyFor(selector);
                key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
            }
        } catch (IOException e) {
            answer.connection.channel.close();
        }
    }

    private void flush(Connection connection) throws IOException {
        ByteBuffer out = connection.out;
        if (out != null) {
            connection.channel.write(out);
            if (!out.hasRemaining()) {
                connection.out = null;
                connection.channel.keyFor(selector).interestOps(SelectionKey.OP_READ);
            }
        }
    }

    @SuppressWarnings("NonAtomicOperationOnVolatileField")
    private void count(Kind kind) {
        long now = System.nanoTime();
        int bucket = (int) Math.min(BUCKETS - 1, TimeUnit.NANOSECONDS.toMillis(now - start) / BUCKET_MILLIS);
        switch (kind) {
            case DELETED -> {
                if (deleted == 0) {
                    firstDeleteNanos = now;
                }
                lastDeleteNanos = now;
                deleted++;
                deletes.incrementAndGet(bucket);
            }
            case GONE -> deletedTwice++;
            case THROTTLED -> {
                throttledDeletes++;
                throttled.incrementAndGet(bucket);
            }
            case LOOKED_UP -> lookUps++;
            case LIVE -> live.incrementAndGet(bucket);
            case LIVE_THROTTLED -> liveThrottled.incrementAndGet(bucket);
        }
    }

    private byte[] json(int status, String body) {
        return (head(status, "Content-Type: application/json\r\nContent-Length: " + body.length() + "\r\n") + body)
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    private String head(int status, String more) {
        long second = System.currentTimeMillis() / 1000;
        if (second != dateSecond) {
            dateSecond = second;
            date = DATE.format(Instant.ofEpochSecond(second));
        }
        String reason = switch (status) {
            case 200 -> "OK";
            case 204 -> "No Content";
            case 404 -> "Not Found";
            default -> "Too Many Requests";
        };
        return "HTTP/1.1 " + status + " " + reason + "\r\nDate: " + date + "\r\nTwilio-Concurrent-Requests: " + inFlight
                + "\r\nTwilio-Request-Id: RQ0123456789abcdef0123456789abcdef\r\n" + more + "\r\n";
    }
}
