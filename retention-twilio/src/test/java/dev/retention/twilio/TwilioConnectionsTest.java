package dev.retention.twilio;

import static dev.retention.twilio.TwilioFixture.recording;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.retention.spi.DeletionResult;
import dev.retention.spi.DeletionResult.Kind;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hc.client5.http.DnsResolver;
import org.junit.jupiter.api.Test;

class TwilioConnectionsTest {

    /** Answers each request and closes the connection, without a word that it will. */
    private static final class Closing implements AutoCloseable {

        private final ServerSocket server;
        private final Semaphore closings = new Semaphore(0);
        private final AtomicInteger requests = new AtomicInteger();

        Closing() throws IOException {
            server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
            Thread thread = new Thread(this::run);
            thread.setDaemon(true);
            thread.start();
        }

        private void run() {
            try {
                while (true) {
                    server.setSoTimeout((int) TwilioFixture.HUNG.toMillis());
                    try (Socket socket = server.accept()) {
                        BufferedReader in = new BufferedReader(
                                new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
                        String line = in.readLine();
                        while (line != null && !line.isEmpty()) {
                            line = in.readLine();
                        }
                        if (line != null) {
                            requests.incrementAndGet();
                            socket.getOutputStream().write(ascii("HTTP/1.1 204 No Content\r\n\r\n"));
                        }
                    }
                    closings.release();
                }
            } catch (IOException e) {
                // Closed by the test.
            }
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }

    @Test
    void noticesAServerThatClosesConnectionsWithoutSayingSo() throws Exception {
        try (Closing server = new Closing();
                TwilioRecordingStorage storage = TwilioRecordingStorage.builder(TwilioFixture.ACCOUNT)
                        .authToken(TwilioFixture.TOKEN)
                        .baseUrl(URI.create("http://127.0.0.1:" + server.server.getLocalPort()))
                        .externalMedia(ExternalMedia.NONE)
                        .requestTimeout(TwilioFixture.TIMEOUT)
                        .build()) {
            List<DeletionResult> results = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                results.add(storage.delete(recording("RE" + (char) ('a' + i % 6) + "0".repeat(31))));
                if (results.get(i).kind() == Kind.DELETED) {
                    assertThat(server.closings.tryAcquire(TwilioFixture.HUNG.toSeconds(), TimeUnit.SECONDS))
                            .isTrue();
                }
            }

            assertThat(results)
                    .filteredOn(result -> result.kind() != Kind.DELETED)
                    .hasSizeLessThanOrEqualTo(1);
            assertThat(results)
                    .filteredOn(result -> result.kind() != Kind.DELETED)
                    .allSatisfy(result -> assertThat(result.surelyNotApplied()).isFalse());
            assertThat(server.requests).hasValue((int) results.stream()
                    .filter(result -> result.kind() == Kind.DELETED)
                    .count());
        }
    }

    /** What comes late after an answer must not prove the deletion of the next recording. */
    @Test
    void neverTakesWhatCameAfterAnAnswerForTheNextAnswer() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
                TwilioRecordingStorage storage = TwilioRecordingStorage.builder(TwilioFixture.ACCOUNT)
                        .authToken(TwilioFixture.TOKEN)
                        .baseUrl(URI.create("http://127.0.0.1:" + server.getLocalPort()))
                        .externalMedia(ExternalMedia.NONE)
                        .requestTimeout(TwilioFixture.TIMEOUT)
                        .build()) {
            PendingCall<DeletionResult> first =
                    PendingCall.start(() -> storage.delete(recording("RE" + "a".repeat(32))));
            server.setSoTimeout((int) TwilioFixture.HUNG.toMillis());
            try (Socket socket = server.accept()) {
                socket.getOutputStream().write(ascii("HTTP/1.1 204 No Content\r\n\r\n"));
                assertThat(first.result().kind()).isEqualTo(Kind.DELETED);
                socket.getOutputStream().write(ascii("HTTP/1.1 204 No Content\r\n\r\n"));

                PendingCall<DeletionResult> second =
                        PendingCall.start(() -> storage.delete(recording("RE" + "b".repeat(32))));

                try (Socket another = server.accept()) {
                    another.getOutputStream()
                            .write(ascii("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"));
                    assertThat(second.result().kind()).isEqualTo(Kind.TRY_LATER);
                }
            }
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** A look-up of names that hangs until it is let go. */
    private static final class Hanging implements DnsResolver {

        private final CountDownLatch released = new CountDownLatch(1);
        private final CountDownLatch firstAsked = new CountDownLatch(1);
        private final AtomicInteger asked = new AtomicInteger();

        void awaitAsked() throws InterruptedException {
            assertThat(firstAsked.await(TwilioFixture.HUNG.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();
        }

        @Override
        public InetAddress[] resolve(String host) throws UnknownHostException {
            asked.incrementAndGet();
            firstAsked.countDown();
            try {
                released.await();
            } catch (InterruptedException e) {
                throw new UnknownHostException(host);
            }
            return new InetAddress[] {InetAddress.getLoopbackAddress()};
        }

        @Override
        public String resolveCanonicalHostname(String host) {
            return host;
        }
    }

    @Test
    void letsGoWhoWaitsForANameThatHangs() throws Exception {
        Hanging hanging = new Hanging();
        try (NameLookUps names = new NameLookUps(hanging)) {
            PendingCall<InetAddress[]> first = PendingCall.start(() -> names.resolve("api.example.com"));
            PendingCall<InetAddress[]> second = PendingCall.start(() -> names.resolve("api.example.com"));
            hanging.awaitAsked();
            assertThat(first.isDone()).isFalse();

            // As the watch does, until it has an effect.
            long end = System.nanoTime() + TwilioFixture.HUNG.toNanos();
            while (!first.isDone() && end - System.nanoTime() > 0) {
                names.giveUp(first.thread());
                Thread.onSpinWait();
            }

            assertThatExceptionOfType(ExecutionException.class)
                    .isThrownBy(first::result)
                    .withCauseInstanceOf(UnknownHostException.class);
            hanging.released.countDown();
            assertThat(second.result()).containsExactly(InetAddress.getLoopbackAddress());
            assertThat(hanging.asked)
                    .as("one look-up serves all who wait for it")
                    .hasValueLessThanOrEqualTo(2);
        }
    }

    @Test
    void letsGoAllWhoWaitForANameWhenItIsClosed() throws Exception {
        Hanging hanging = new Hanging();
        NameLookUps names = new NameLookUps(hanging);
        PendingCall<InetAddress[]> waiting = PendingCall.start(() -> names.resolve("api.example.com"));
        hanging.awaitAsked();
        assertThat(waiting.isDone()).isFalse();

        names.close();

        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(waiting::result)
                .withCauseInstanceOf(UnknownHostException.class);
        assertThatExceptionOfType(UnknownHostException.class).isThrownBy(() -> names.resolve("api.example.com"));
        hanging.released.countDown();
    }

    /** Counts how often it is cut, and can't be. */
    private static final class Uncuttable implements Watch.Watched {

        private final CountDownLatch cuts = new CountDownLatch(2);

        @Override
        public Watch.Reason reasonToCut() {
            return Watch.Reason.DEADLINE;
        }

        @Override
        public void cut(Watch.Reason reason) {
            cuts.countDown();
            throw new IllegalStateException("can't be cut");
        }
    }

    @Test
    void goesOnWatchingAfterWhatCanNotBeCut() throws Exception {
        try (Watch watch = new Watch()) {
            Uncuttable uncuttable = new Uncuttable();
            watch.begin(uncuttable);

            assertThat(uncuttable.cuts.await(TwilioFixture.HUNG.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();
        }
    }
}
