package dev.retention.twilio;

import static dev.retention.twilio.TwilioFixture.recording;
import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.spi.DeletionResult;
import dev.retention.spi.DeletionResult.Kind;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The permit is asked when the connection is ready, as the last thing before the DELETE is sent. */
class TwilioPermitTest {

    private static TwilioFixture withOneConnection() {
        return new TwilioFixture(b -> b.externalMedia(ExternalMedia.NONE).maxConcurrency(1));
    }

    private static void assertNotSent(DeletionResult result) {
        assertThat(result.kind()).as(result.detail()).isEqualTo(Kind.TRY_LATER);
        assertThat(result.surelyNotApplied()).as(result.detail()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(ExternalMedia.class)
    void isAskedOnceOnAnOpenConnectionAfterAllOtherRequests(ExternalMedia media) {
        try (TwilioFixture fixture = new TwilioFixture(b -> b.externalMedia(media))) {
            String sid = fixture.add();
            List<List<String>> wires = Collections.synchronizedList(new ArrayList<>());

            DeletionResult result = fixture.storage.delete(recording(sid), () -> {
                awaitConnection(fixture);
                wires.add(fixture.wire());
                return true;
            });

            assertThat(result.kind()).isEqualTo(Kind.DELETED);
            List<String> all = fixture.wire();
            assertThat(all).endsWith("DELETE 204");
            assertThat(wires).containsExactly(all.subList(0, all.size() - 1));
        }
    }

    /** The server may need a moment to accept what the client has connected. Fails if nobody connects. */
    private static void awaitConnection(TwilioFixture fixture) {
        long end = System.nanoTime() + TwilioFixture.HUNG.toNanos();
        while (fixture.twilio.connectionsOpen() == 0) {
            if (end - System.nanoTime() <= 0) {
                throw new AssertionError("the permit was asked before there was a connection");
            }
            Thread.onSpinWait();
        }
    }

    @Test
    void thatIsRefusedBlocksNoConnection() {
        try (TwilioFixture fixture = withOneConnection()) {
            String sid = fixture.add();
            DeletionResult refused = fixture.storage.delete(recording(sid), () -> false);
            assertNotSent(refused);
            assertThat(refused.code()).isEqualTo(TwilioCauseCodes.PERMIT_ENDED);
            assertThat(fixture.wire()).isEmpty();
            assertThat(fixture.storage.delete(recording(sid), () -> true).kind())
                    .isEqualTo(Kind.DELETED);
        }
    }

    @Test
    void isAskedAfterTheWaitForABusyConnection() throws Exception {
        try (TwilioFixture fixture = withOneConnection()) {
            String first = fixture.add();
            String second = fixture.add();
            AtomicBoolean permitted = new AtomicBoolean(true);
            AtomicInteger asked = new AtomicInteger();
            fixture.twilio.pause();
            PendingCall<DeletionResult> busy =
                    PendingCall.start(() -> fixture.storage.delete(recording(first), () -> true));
            fixture.awaitRequests(1);
            PendingCall<DeletionResult> waiting =
                    PendingCall.start(() -> fixture.storage.delete(recording(second), () -> {
                        asked.incrementAndGet();
                        return permitted.get();
                    }));
            awaitWaiting(waiting.thread());
            assertThat(asked).hasValue(0);
            permitted.set(false);
            fixture.twilio.resume();

            assertThat(busy.result().kind()).isEqualTo(Kind.DELETED);
            assertNotSent(waiting.result());
            assertThat(fixture.wire()).containsExactly("DELETE 204");
            assertThat(fixture.isStored(second)).isTrue();
        }
    }

    /** Nothing outside shows that it waits for a connection, but the thread's stack. */
    private static void awaitWaiting(Thread thread) {
        long end = System.nanoTime() + TwilioFixture.HUNG.toNanos();
        while (Arrays.stream(thread.getStackTrace())
                .noneMatch(frame -> frame.getClassName().equals(Semaphore.class.getName()))) {
            if (end - System.nanoTime() <= 0) {
                throw new AssertionError("it does not wait for a connection");
            }
            Thread.onSpinWait();
        }
    }

    @Test
    void isNotAskedBeforeTheHandshakeHasEnded() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        try (ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
                TwilioRecordingStorage storage = TwilioRecordingStorage.builder(TwilioFixture.ACCOUNT)
                        .authToken(TwilioFixture.TOKEN)
                        .baseUrl(URI.create("https://127.0.0.1:" + server.getLocalPort()))
                        .externalMedia(ExternalMedia.NONE)
                        .connectTimeout(TwilioFixture.TIMEOUT)
                        .requestTimeout(TwilioFixture.TIMEOUT)
                        .build()) {
            PendingCall<DeletionResult> call =
                    PendingCall.start(() -> storage.delete(recording("RE" + "a".repeat(32)), () -> {
                        asked.incrementAndGet();
                        return true;
                    }));
            server.setSoTimeout((int) TwilioFixture.HUNG.toMillis());
            try (Socket socket = server.accept()) {
                assertThat(socket.getInputStream().read())
                        .as("a handshake begins")
                        .isEqualTo(22);
                assertThat(asked).hasValue(0);
            }
            DeletionResult result = call.result();
            assertNotSent(result);
            assertThat(result.code()).isEqualTo(TwilioCauseCodes.NO_CONNECTION);
            assertThat(asked).as("the connection never was secure").hasValue(0);
        }
    }

    @Test
    void thatNeedsLongerThanTheCallMaySendsNothing() {
        try (TwilioFixture fixture = TwilioFixture.withoutLooking()) {
            String sid = fixture.add();
            DeletionResult result = fixture.storage.delete(recording(sid), () -> {
                fixture.ticker.advance(TwilioFixture.TIMEOUT);
                awaitWatch(fixture);
                return true;
            });
            assertNotSent(result);
            assertThat(fixture.wire()).isEmpty();
            assertThat(fixture.isStored(sid)).isTrue();
        }
    }

    /** At the third reading of the time, the request was aborted for the first. */
    private static void awaitWatch(TwilioFixture fixture) {
        try {
            fixture.ticker.awaitReads(3);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void thatThrowsSendsNothing() {
        try (TwilioFixture fixture = TwilioFixture.withoutLooking()) {
            String sid = fixture.add();
            assertNotSent(fixture.storage.delete(recording(sid), () -> {
                throw new IllegalStateException("broken");
            }));
            assertThat(fixture.wire()).isEmpty();
            assertThat(fixture.isStored(sid)).isTrue();
        }
    }
}
