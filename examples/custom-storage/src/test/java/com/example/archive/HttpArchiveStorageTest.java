package com.example.archive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.Recording;
import dev.retention.spi.RecordingStorage;
import dev.retention.test.RecordingStorageContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HttpArchiveStorageTest extends RecordingStorageContract {

    private static final String TOKEN = "the-token";

    private final Set<String> stored = ConcurrentHashMap.newKeySet();
    private final AtomicLong requests = new AtomicLong();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer server = start();
    private volatile CountDownLatch hanging = new CountDownLatch(1);
    private volatile CountDownLatch blocked = new CountDownLatch(0);
    private volatile int failure;

    private HttpServer start() {
        try {
            HttpServer started = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            started.setExecutor(threads);
            started.createContext("/recordings/", this::answer);
            started.start();
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        requests.incrementAndGet();
        if (blocked.getCount() > 0) {
            hanging.countDown();
            try {
                blocked.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        String key = exchange.getRequestURI().getPath().substring("/recordings/".length());
        boolean allowed =
                ("Bearer " + TOKEN).equals(exchange.getRequestHeaders().getFirst("Authorization"));
        int status = !allowed
                ? 401
                : failure != 0
                        ? failure
                        : exchange.getRequestMethod().equals("DELETE")
                                ? (stored.remove(key) ? 204 : 404)
                                : (stored.contains(key) ? 200 : 404);
        exchange.sendResponseHeaders(status, -1);
        exchange.close();
    }

    @AfterEach
    void stop() {
        blocked.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    @Override
    protected RecordingStorage createStorage() {
        blocked.countDown();
        hanging = new CountDownLatch(1);
        failure = 0;
        stored.clear();
        return storage(TOKEN);
    }

    private HttpArchiveStorage storage(String token) {
        URI archive = URI.create("http://localhost:" + server.getAddress().getPort() + "/");
        return new HttpArchiveStorage(archive, token, Duration.ofSeconds(5));
    }

    @Override
    protected Recording newRecording(int n) {
        return new Recording("row-" + n, "call-" + n, null, Instant.EPOCH, Map.of());
    }

    @Override
    protected void store(Recording recording) {
        stored.add(recording.storageKey());
    }

    @Override
    protected boolean isStored(Recording recording) {
        return stored.contains(recording.storageKey());
    }

    @Override
    protected Collection<String> foreignKeys() {
        return List.of("a/b", "a b", "a?b", "%2e%2e", "x".repeat(65));
    }

    @Override
    protected long requests() {
        return requests.get();
    }

    @Override
    protected Collection<String> secrets() {
        return List.of(TOKEN);
    }

    @Override
    protected Map<String, Runnable> faults() {
        return Map.of("500", () -> failure = 500, "302", () -> failure = 302);
    }

    @Override
    protected void hang() {
        blocked = new CountDownLatch(1);
    }

    @Override
    protected void awaitHanging() throws InterruptedException {
        assertTrue(hanging.await(1, TimeUnit.MINUTES));
    }

    @Override
    protected Optional<Duration> longestCall() {
        return Optional.of(Duration.ofSeconds(10));
    }

    @Test
    void aRefusedTokenStopsTheSweep() {
        store(newRecording(1));
        assertEquals(
                DeletionResult.Kind.STOP,
                storage("another-token").delete(newRecording(1)).kind());
        assertTrue(isStored(newRecording(1)));
    }
}
