package dev.retention.twilio;

import com.twilio.http.Request;
import dev.retention.spi.DeletionPermit;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URL;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.hc.client5.http.ClientProtocolException;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.MessageConstraintException;
import org.apache.hc.core5.http.Method;
import org.apache.hc.core5.http.impl.io.HttpRequestExecutor;
import org.apache.hc.core5.http.io.HttpClientConnection;
import org.apache.hc.core5.http.io.HttpResponseInformationCallback;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.io.CloseMode;
import org.jspecify.annotations.Nullable;

/**
 * Sends one HTTP request, once, and returns before the deadline. The outcome says whether anything was sent: a request
 * that fails before its first byte can't have been applied.
 *
 * <p>The exchange runs on the caller's thread: on a busy machine each change of threads delays a request. A request
 * that continues after the deadline, or after an interrupt, is aborted by the {@link Watch}; a name look-up, which
 * can't be aborted, has a thread of its own. There are as many connections as requests in flight, and no more.
 */
final class Transport implements AutoCloseable {

    private static final long WARY_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final int LONGEST_BODY = 1024 * 1024;
    private static final String FLIGHT = "dev.retention.twilio.flight";

    private final @Nullable URI base;
    private final LongSupplier ticker;
    private final Semaphore permits;
    private final Watch watch = new Watch();
    private final NameLookUps names = new NameLookUps();
    private final Supplier<CloseableHttpClient> clients;
    private volatile @Nullable CloseableHttpClient client;
    private volatile boolean closed;
    /** Until then the server is not trusted to keep connections open: it has closed one without notice. */
    private volatile long waryUntilNanos = System.nanoTime();

    /** @param ticker the time that deadlines are measured by, such as {@link System#nanoTime()} */
    Transport(@Nullable URI base, HttpClientFactory.Limits limits, LongSupplier ticker) {
        this.base = base;
        this.ticker = ticker;
        this.permits = new Semaphore(limits.maxConcurrency(), true);
        this.clients = () -> HttpClientFactory.create(
                limits, names, new OnceExecutor(), () -> System.nanoTime() - waryUntilNanos >= 0);
    }

    /**
     * Created at first use: loading its classes, and those of TLS, would be the largest part of what this library adds
     * to an application's start.
     */
    private CloseableHttpClient client() {
        CloseableHttpClient made = client;
        return made != null ? made : makeClient();
    }

    private synchronized CloseableHttpClient makeClient() {
        CloseableHttpClient made = client;
        if (made == null) {
            made = clients.get();
            client = made;
        }
        return made;
    }

    /**
     * Sends the request once.
     *
     * @param deadline by the ticker; the call returns by then
     * @param permit asked on this thread when the connection is ready, as the last thing before the first byte
     */
    Outcome send(Request request, long deadline, DeletionPermit permit) {
        Flight flight = new Flight(httpRequest(request), deadline, permit);
        try {
            // A request that gets a connection late has too little time left for its answer.
            if (!permits.tryAcquire((deadline - ticker.getAsLong()) / 2, TimeUnit.NANOSECONDS)) {
                return Outcome.Failure.unsent(
                        TwilioCauseCodes.NO_FREE_CONNECTION,
                        "all connections were in use for half of the remaining time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Outcome.Failure.unsent(TwilioCauseCodes.INTERRUPTED, "interrupted");
        }
        try {
            watch.begin(flight);
            return flight.outcome();
        } finally {
            watch.end(flight);
            permits.release();
        }
    }

    private HttpUriRequestBase httpRequest(Request request) {
        URL url = request.constructURL();
        URI uri = base == null ? URI.create(url.toString()) : URI.create(base + url.getFile());
        HttpUriRequestBase http = new HttpUriRequestBase(request.getMethod().toString(), uri);
        http.setHeader("Authorization", request.getAuthString());
        http.setHeader("Accept", "application/json");
        return http;
    }

    /** Aborts what is in flight; the callers return at once. */
    @Override
    public void close() {
        closed = true;
        watch.close();
        names.close();
        CloseableHttpClient made;
        synchronized (this) {
            made = client;
        }
        if (made != null) {
            made.close(CloseMode.IMMEDIATE);
        }
    }

    /** A request in flight. Confined to its caller's thread, except for what aborts it. */
    private final class Flight implements Watch.Watched {

        private final HttpUriRequestBase request;
        private final long deadline;
        private final DeletionPermit permit;
        private final Thread caller = Thread.currentThread();
        private volatile Watch.@Nullable Reason cutBy;
        private boolean sent;
        private boolean refused;
        private Outcome.@Nullable Answer head;

        Flight(HttpUriRequestBase request, long deadline, DeletionPermit permit) {
            this.request = request;
            this.deadline = deadline;
            this.permit = permit;
        }

        /** Called once, before the first byte is written. If false, nothing may be written. */
        boolean maySend() {
            if (closed || cutBy != null || sent) {
                return false;
            }
            refused = !permit.lasts();
            // The permit may have needed the database, and much time.
            sent = !refused && !closed && cutBy == null;
            return sent;
        }

        @Override
        public Watch.@Nullable Reason reasonToCut() {
            if (caller.isInterrupted()) {
                return Watch.Reason.INTERRUPTED;
            }
            return deadline - ticker.getAsLong() <= 0 ? Watch.Reason.DEADLINE : null;
        }

        @Override
        public void cut(Watch.Reason reason) {
            cutBy = reason;
            names.giveUp(caller);
            request.abort();
        }

        Outcome outcome() {
            try {
                return exchange();
            } catch (IOException | RuntimeException | Error e) {
                if (sent && head == null && cutBy == null && !(e instanceof InterruptedIOException)) {
                    waryUntilNanos = System.nanoTime() + WARY_NANOS;
                }
                Outcome.Answer answered = head;
                return answered != null ? answered : failure(e);
            }
        }

        private Outcome.Failure failure(Throwable thrown) {
            // Not its message: the message may repeat what the server sent.
            String name = thrown.getClass().getSimpleName();
            // A virtual thread's socket is closed by the interrupt itself.
            Watch.Reason cut = caller.isInterrupted() ? Watch.Reason.INTERRUPTED : cutBy;
            if (cut == Watch.Reason.INTERRUPTED) {
                return new Outcome.Failure(TwilioCauseCodes.INTERRUPTED, "interrupted", sent);
            }
            if (cut == Watch.Reason.CLOSED || closed) {
                return new Outcome.Failure(TwilioCauseCodes.CLOSED, "the storage is closed", sent);
            }
            if (refused) {
                return Outcome.Failure.unsent(TwilioCauseCodes.PERMIT_ENDED, "the deletion was no longer permitted");
            }
            boolean late = cut == Watch.Reason.DEADLINE || thrown instanceof SocketTimeoutException;
            if (!sent) {
                return thrown instanceof IOException
                        ? Outcome.Failure.unsent(
                                TwilioCauseCodes.NO_CONNECTION,
                                late ? "no connection in time" : "no connection (" + name + ")")
                        : Outcome.Failure.unsent(TwilioCauseCodes.NOT_SENT, "the HTTP library threw " + name);
            }
            if (late) {
                return new Outcome.Failure(
                        TwilioCauseCodes.TIMEOUT, "no complete answer within the request time-out", true);
            }
            return thrown instanceof ClientProtocolException || thrown instanceof MessageConstraintException
                    ? new Outcome.Failure(
                            TwilioCauseCodes.UNREADABLE_ANSWER, "the answer is not readable HTTP (" + name + ")", true)
                    : new Outcome.Failure(TwilioCauseCodes.RESET, "the connection broke (" + name + ")", true);
        }

        private Outcome exchange() throws IOException {
            if (closed) {
                return Outcome.Failure.unsent(TwilioCauseCodes.CLOSED, "the storage is closed");
            }
            HttpClientContext context = HttpClientContext.create();
            context.setAttribute(FLIGHT, this);
            try (ClassicHttpResponse response = client().executeOpen(null, request, context)) {
                if (!sent) {
                    // A proxy's answer to CONNECT is returned like any other, even a 204.
                    request.abort();
                    return Outcome.Failure.unsent(
                            TwilioCauseCodes.PROXY_REFUSED,
                            "a proxy answered " + response.getCode() + " in place of a tunnel; check its settings");
                }
                Outcome.Answer answer = new Outcome.Answer(
                        response.getCode(),
                        header(response, "Content-Type"),
                        header(response, "Twilio-Request-Id"),
                        header(response, "Retry-After"),
                        header(response, "Date"),
                        header(response, "Twilio-Concurrent-Requests"),
                        null);
                head = answer;
                byte[] body = body(response.getEntity());
                if (body == null) {
                    // Otherwise closing the response would read the rest of it.
                    request.abort();
                    return answer;
                }
                return answer.withBody(body);
            }
        }

        private static byte @Nullable [] body(@Nullable HttpEntity entity) throws IOException {
            if (entity == null) {
                return new byte[0];
            }
            InputStream content = entity.getContent();
            byte[] read = content.readNBytes(LONGEST_BODY + 1);
            return read.length > LONGEST_BODY ? null : read;
        }

        private static @Nullable String header(ClassicHttpResponse response, String name) {
            Header header = response.getFirstHeader(name);
            return header == null ? null : header.getValue();
        }
    }

    /** Lets each flight write its request once. A second try fails before a byte is written. */
    private static final class OnceExecutor extends HttpRequestExecutor {

        @Override
        public ClassicHttpResponse execute(
                ClassicHttpRequest request,
                HttpClientConnection connection,
                @Nullable HttpResponseInformationCallback informed,
                HttpContext context)
                throws IOException, HttpException {
            boolean opensTunnel = Method.CONNECT.isSame(request.getMethod());
            if (!opensTunnel && !(context.getAttribute(FLIGHT) instanceof Flight flight && flight.maySend())) {
                throw new InterruptedIOException("aborted, or sent before");
            }
            return super.execute(request, connection, informed, context);
        }
    }
}
