package dev.retention.twilio;

import com.twilio.http.Request;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.ProxySelector;
import java.net.URI;
import java.net.URL;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
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
 * <p>The exchange runs on a thread of its own, so that what can't be interrupted, such as a name look-up, does not hold the caller
 * beyond the deadline. There are as many threads and connections as requests at once, and no more.
 */
final class Transport implements AutoCloseable {

    private static final int LONGEST_BODY = 256 * 1024;
    private static final int LONGEST_LINE = 16 * 1024;
    private static final int MOST_HEADERS = 200;
    private static final String FLIGHT = "dev.retention.twilio.flight";
    private static final AtomicInteger THREADS = new AtomicInteger();

    private final @Nullable URI base;
    private final Duration connectTimeout;
    private final Semaphore permits;
    private final ThreadPoolExecutor threads;
    private final Set<Thread> started = ConcurrentHashMap.newKeySet();
    private final CloseableHttpClient client;
    private volatile boolean closed;

    Transport(@Nullable URI base, Duration connectTimeout, Duration requestTimeout, int maxConcurrency) {
        this.base = base;
        this.connectTimeout = connectTimeout;
        this.permits = new Semaphore(maxConcurrency, true);
        this.threads = new ThreadPoolExecutor(
                0, Integer.MAX_VALUE, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), this::thread);
        Http1Config limits = Http1Config.custom()
                .setMaxLineLength(LONGEST_LINE)
                .setMaxHeaderCount(MOST_HEADERS)
                .build();
        HttpConnectionFactory<ManagedHttpClientConnection> quiet = socket -> {
            QuietConnection connection = new QuietConnection(limits);
            if (socket != null) {
                connection.bind(socket);
            }
            return connection;
        };
        Timeout read = Timeout.of(requestTimeout);
        this.client = HttpClients.custom()
                .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                        .setConnectionFactory(quiet)
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

    private Thread thread(Runnable work) {
        Thread thread = new Thread(work, "retention-twilio-" + THREADS.incrementAndGet());
        thread.setDaemon(true);
        started.removeIf(t -> t.getState() == Thread.State.TERMINATED);
        started.add(thread);
        return thread;
    }

    /**
     * Sends the request once.
     *
     * @param deadline by {@link System#nanoTime()}; the call is back by then
     */
    Outcome send(Request request, long deadline) {
        Flight flight = new Flight(httpRequest(request));
        try {
            // What gets a connection late has too little time left for its answer.
            if (!permits.tryAcquire((deadline - System.nanoTime()) / 2, TimeUnit.NANOSECONDS)) {
                return new Outcome.Failure("all connections were in use", false);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Outcome.Failure("interrupted", false);
        }
        try {
            threads.execute(flight);
        } catch (RejectedExecutionException e) {
            permits.release();
            return new Outcome.Failure("the storage is closed", false);
        }
        try {
            return flight.result.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return flight.giveUp("no complete answer in time");
        } catch (InterruptedException e) {
            Outcome outcome = flight.giveUp("interrupted");
            Thread.currentThread().interrupt();
            return outcome;
        } catch (ExecutionException e) {
            return flight.giveUp(words(e.getCause()));
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

    /** Cuts what is under way and returns when the threads have ended; one that is stuck in a name look-up ends by itself. */
    @Override
    public void close() {
        closed = true;
        threads.shutdown();
        client.close(CloseMode.IMMEDIATE);
        long patience = System.nanoTime() + connectTimeout.plusSeconds(1).toNanos();
        try {
            for (Thread thread : started) {
                // The pool's own end comes a moment before that of its last thread.
                thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(patience - System.nanoTime())));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String words(@Nullable Throwable failure) {
        // Not the message: it may repeat what the other side sent.
        return failure == null ? "unknown failure" : failure.getClass().getSimpleName();
    }

    private enum Phase {
        UNSENT,
        SENT,
        GIVEN_UP
    }

    /** One request on its way. */
    private final class Flight implements Runnable {

        final CompletableFuture<Outcome> result = new CompletableFuture<>();
        private final HttpUriRequestBase request;
        private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.UNSENT);
        private volatile Outcome.@Nullable Answer head;

        Flight(HttpUriRequestBase request) {
            this.request = request;
        }

        /** Asked once, before the first byte is written. Whoever is refused must not write. */
        boolean maySend() {
            return !closed && phase.compareAndSet(Phase.UNSENT, Phase.SENT);
        }

        Outcome giveUp(String cause) {
            boolean unsent = phase.compareAndSet(Phase.UNSENT, Phase.GIVEN_UP);
            request.abort();
            Outcome whole = result.isCompletedExceptionally() ? null : result.getNow(null);
            if (whole instanceof Outcome.Answer) {
                return whole;
            }
            Outcome.Answer answered = head;
            return answered != null ? answered : new Outcome.Failure(cause, !unsent);
        }

        @Override
        public void run() {
            try {
                result.complete(exchange());
            } catch (IOException | RuntimeException e) {
                Outcome.Answer answered = head;
                result.complete(answered != null ? answered : new Outcome.Failure(words(e), phase.get() == Phase.SENT));
            } catch (Throwable e) {
                result.completeExceptionally(e);
                throw e;
            } finally {
                permits.release();
            }
        }

        private Outcome exchange() throws IOException {
            if (closed) {
                return new Outcome.Failure("the storage is closed", false);
            }
            HttpClientContext context = HttpClientContext.create();
            context.setAttribute(FLIGHT, this);
            try (ClassicHttpResponse response = client.executeOpen(null, request, context)) {
                if (phase.get() != Phase.SENT) {
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
