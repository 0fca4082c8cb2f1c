package dev.retention.twilio;

import com.twilio.http.Request;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.ProxySelector;
import java.net.URI;
import java.net.URL;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.impl.routing.SystemDefaultRoutePlanner;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.Method;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.HttpRequestExecutor;
import org.apache.hc.core5.http.io.HttpClientConnection;
import org.apache.hc.core5.http.io.HttpConnectionFactory;
import org.apache.hc.core5.http.io.HttpResponseInformationCallback;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * Sends one HTTP request, once, and comes back in time. It knows for each whether anything was sent: what fails before the first
 * byte can't have been applied.
 *
 * <p>The exchange runs on the caller's thread: on a busy machine each change of threads keeps a request waiting. What would
 * hold the caller beyond the deadline, or after an interrupt, is cut by the {@link Watch}; a name look-up, which can't be cut, is
 * left to a thread of its own. There are as many connections as requests at once, and no more.
 */
final class Transport implements AutoCloseable {

    private static final String INTERRUPTED = "interrupted";
    private static final long WARY_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final int LONGEST_BODY = 256 * 1024;
    private static final int LONGEST_LINE = 16 * 1024;
    private static final int MOST_HEADERS = 200;
    private static final String FLIGHT = "dev.retention.twilio.flight";

    private final @Nullable URI base;
    private final Semaphore permits;
    private final Watch watch = new Watch();
    private final NameLookUps names = new NameLookUps();
    private final Supplier<CloseableHttpClient> clients;
    private volatile @Nullable CloseableHttpClient client;
    private volatile boolean closed;
    /** Until then the other side is not trusted to keep connections open: it was seen to close one without saying so. */
    private volatile long waryUntilNanos = System.nanoTime();

    Transport(@Nullable URI base, Duration connectTimeout, Duration requestTimeout, int maxConcurrency) {
        this.base = base;
        this.permits = new Semaphore(maxConcurrency, true);
        this.clients = () -> newClient(connectTimeout, requestTimeout, maxConcurrency);
    }

    /** Made when it is used first: its classes, and those of TLS, would be the largest part of what we add to an application's start. */
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

    private CloseableHttpClient newClient(Duration connectTimeout, Duration requestTimeout, int maxConcurrency) {
        Http1Config limits = Http1Config.custom()
                .setMaxLineLength(LONGEST_LINE)
                .setMaxHeaderCount(MOST_HEADERS)
                .build();
        HttpConnectionFactory<ManagedHttpClientConnection> quiet = socket -> {
            QuietConnection connection = new QuietConnection(limits, () -> System.nanoTime() - waryUntilNanos >= 0);
            if (socket != null) {
                connection.bind(socket);
            }
            return connection;
        };
        Timeout read = Timeout.of(requestTimeout);
        return HttpClients.custom()
                .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                        .setConnectionFactory(quiet)
                        .setDnsResolver(names)
                        .setMaxConnTotal(maxConcurrency)
                        .setMaxConnPerRoute(maxConcurrency)
                        .setDefaultSocketConfig(SocketConfig.custom()
                                .setSoTimeout(read)
                                .setTcpNoDelay(true)
                                .setSoKeepAlive(true)
                                .build())
                        .setDefaultConnectionConfig(ConnectionConfig.custom()
                                .setConnectTimeout(Timeout.of(connectTimeout))
                                .setSocketTimeout(read)
                                // Checked before each use: see QuietConnection.isStale().
                                .setValidateAfterInactivity(TimeValue.ZERO_MILLISECONDS)
                                .setTimeToLive(TimeValue.ofMinutes(5))
                                .build())
                        .setDefaultTlsConfig(TlsConfig.custom()
                                .setHandshakeTimeout(Timeout.of(connectTimeout))
                                .build())
                        .build())
                .setDefaultRequestConfig(RequestConfig.custom()
                        .setConnectionRequestTimeout(read)
                        .setResponseTimeout(read)
                        .setRedirectsEnabled(false)
                        .setAuthenticationEnabled(false)
                        .setProtocolUpgradeEnabled(false)
                        .build())
                .setRequestExecutor(new OnceExecutor())
                // The proxy of https.proxyHost, as Twilio's own client takes it.
                .setRoutePlanner(new SystemDefaultRoutePlanner(ProxySelector.getDefault()))
                .disableAutomaticRetries()
                .disableRedirectHandling()
                .disableCookieManagement()
                .disableAuthCaching()
                .disableContentCompression()
                .setUserAgent("retention-twilio")
                .build();
    }

    /**
     * Sends the request once.
     *
     * @param deadline by {@link System#nanoTime()}; the call is back by then
     */
    Outcome send(Request request, long deadline) {
        Flight flight = new Flight(httpRequest(request), deadline);
        try {
            // What gets a connection late has too little time left for its answer.
            if (!permits.tryAcquire((deadline - System.nanoTime()) / 2, TimeUnit.NANOSECONDS)) {
                return new Outcome.Failure("all connections were in use", false);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Outcome.Failure(INTERRUPTED, false);
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

    /** Cuts what is under way, whose callers come back at once. */
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

    private static String words(Throwable failure) {
        // Not the message: it may repeat what the other side sent.
        return failure.getClass().getSimpleName();
    }

    /** One request on its way. Confined to its caller's thread, but for what cuts it short. */
    private final class Flight implements Watch.Watched {

        private final HttpUriRequestBase request;
        private final long deadline;
        private final Thread caller = Thread.currentThread();
        private volatile @Nullable String cutBy;
        private boolean sent;
        private Outcome.@Nullable Answer head;

        Flight(HttpUriRequestBase request, long deadline) {
            this.request = request;
            this.deadline = deadline;
        }

        /** Asked once, before the first byte is written. Whoever is refused must not write. */
        boolean maySend() {
            boolean may = !closed && cutBy == null && !sent;
            sent |= may;
            return may;
        }

        @Override
        public @Nullable String reasonToCut() {
            if (caller.isInterrupted()) {
                return INTERRUPTED;
            }
            return deadline - System.nanoTime() <= 0 ? "no complete answer in time" : null;
        }

        @Override
        public void cut(String reason) {
            cutBy = reason;
            names.giveUp(caller);
            request.abort();
        }

        Outcome outcome() {
            try {
                return exchange();
            } catch (IOException | RuntimeException | Error e) {
                String cut = cutBy;
                if (sent && head == null && cut == null && !(e instanceof InterruptedIOException)) {
                    waryUntilNanos = System.nanoTime() + WARY_NANOS;
                }
                // A virtual thread's socket is closed by the interrupt itself.
                String cause = caller.isInterrupted() ? INTERRUPTED : cut == null ? words(e) : cut;
                Outcome.Answer answered = head;
                return answered != null ? answered : new Outcome.Failure(cause, sent);
            }
        }

        private Outcome exchange() throws IOException {
            if (closed) {
                return new Outcome.Failure("the storage is closed", false);
            }
            HttpClientContext context = HttpClientContext.create();
            context.setAttribute(FLIGHT, this);
            try (ClassicHttpResponse response = client().executeOpen(null, request, context)) {
                if (!sent) {
                    // A proxy's answer to CONNECT comes back like any other, a 204 too.
                    request.abort();
                    return new Outcome.Failure(
                            "a proxy answered " + response.getCode() + " in place of a tunnel", false);
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

    /** Lets each flight write its request once. A second try, whoever thinks of it, fails before a byte is written. */
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
                throw new InterruptedIOException("given up, or sent before");
            }
            return super.execute(request, connection, informed, context);
        }
    }
}
