package dev.retention.twilio;

import static dev.retention.twilio.TwilioFixture.recording;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.retention.spi.DeletionResult;
import dev.retention.spi.DeletionResult.Kind;
import dev.retention.test.twilio.TwilioFault;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TwilioDeadlinesTest {

    private static final Duration SHORT = Duration.ofMillis(400);
    /** Far below what a drip or a hang would take, far above what a busy machine adds. */
    private static final Duration BOUND = Duration.ofSeconds(5);

    private static TwilioFixture hurried() {
        return new TwilioFixture(b -> b.externalMedia(ExternalMedia.NONE).requestTimeout(SHORT));
    }

    static Stream<Arguments> answersThatNeverEnd() {
        return Stream.of(
                Arguments.of(TwilioFault.noAnswer(), Kind.TRY_LATER),
                Arguments.of(TwilioFault.noAnswer().applied(), Kind.TRY_LATER),
                Arguments.of(TwilioFault.dripHead(), Kind.TRY_LATER),
                Arguments.of(TwilioFault.dripBody(200), Kind.TRY_LATER),
                Arguments.of(TwilioFault.dripBody(500), Kind.TRY_LATER),
                Arguments.of(TwilioFault.dripBody(401), Kind.STOP));
    }

    @ParameterizedTest
    @MethodSource("answersThatNeverEnd")
    void comesBackInTimeWithOneRequestOnTheWire(TwilioFault fault, Kind expected) {
        try (TwilioFixture fixture = hurried()) {
            String sid = fixture.add();
            fixture.twilio.failOn(sid, fault);
            long start = System.nanoTime();

            DeletionResult result = fixture.storage.delete(recording(sid));

            assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(SHORT.minusMillis(50), BOUND);
            assertThat(result.kind()).isEqualTo(expected);
            assertThat(result.surelyNotApplied()).isEqualTo(expected == Kind.STOP);
            assertThat(fixture.twilio.journal()).hasSize(1);
        }
    }

    @ParameterizedTest
    @MethodSource("answersThatNeverEnd")
    void comesBackInTimeFromALookUp(TwilioFault fault, Kind expected) {
        try (TwilioFixture fixture = hurried()) {
            String sid = fixture.add();
            fixture.twilio.failOn(sid, fault);
            long start = System.nanoTime();

            DeletionResult result = fixture.storage.lookUp(recording(sid));

            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(BOUND);
            assertThat(result.kind()).isEqualTo(expected);
            assertThat(fixture.twilio.journal()).hasSize(1);
        }
    }

    @Test
    void boundsTheDeletionAndItsLookUpTogether() {
        try (TwilioFixture fixture = hurried()) {
            String sid = fixture.add();
            fixture.twilio.failNextOn(sid, TwilioFault.error(404, 20404), TwilioFault.dripBody(200));
            long start = System.nanoTime();

            DeletionResult result = fixture.storage.delete(recording(sid));

            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(BOUND);
            assertThat(result.kind()).isEqualTo(Kind.TRY_LATER);
            assertThat(result.surelyNotApplied()).isFalse();
        }
    }

    @Test
    void sendsNoDeletionAfterALookThatUsedUpTheTime() {
        try (TwilioFixture fixture =
                new TwilioFixture(b -> b.externalMedia(ExternalMedia.CHECK).requestTimeout(SHORT))) {
            String sid = fixture.add();
            fixture.twilio.failNextOn(sid, TwilioFault.noAnswer());

            DeletionResult result = fixture.storage.delete(recording(sid));

            assertThat(result.kind()).isEqualTo(Kind.TRY_LATER);
            assertThat(result.surelyNotApplied()).isTrue();
            assertThat(fixture.wire()).containsExactly("GET 0");
        }
    }

    @Test
    void sendsNoDeletionAfterASlowLookThatLeavesTooLittleTime() throws Exception {
        try (TwilioFixture fixture =
                new TwilioFixture(b -> b.externalMedia(ExternalMedia.CHECK).requestTimeout(Duration.ofMillis(1500)))) {
            String sid = fixture.add();
            fixture.twilio.pause();
            FutureTask<DeletionResult> call = new FutureTask<>(() -> fixture.storage.delete(recording(sid)));
            new Thread(call).start();
            assertThatExceptionOfType(TimeoutException.class)
                    .as("more than half of the time")
                    .isThrownBy(() -> call.get(1000, TimeUnit.MILLISECONDS));

            fixture.twilio.resume();

            DeletionResult result = call.get(5, TimeUnit.SECONDS);
            assertThat(result.kind()).isEqualTo(Kind.TRY_LATER);
            assertThat(result.surelyNotApplied()).isTrue();
            assertThat(fixture.twilio.journal()).extracting(r -> r.method()).containsExactly("GET");
        }
    }

    @Test
    void knowsThatARefusedConnectionSentNothing() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        assertUnsent(URI.create("http://127.0.0.1:" + port));
    }

    @Test
    void knowsThatAnUnknownHostSentNothing() {
        assertUnsent(URI.create("https://no-such-host.invalid"));
    }

    @Test
    void knowsThatAFailedHandshakeSentNothing() {
        try (TwilioFixture plain = TwilioFixture.withoutLooking()) {
            assertUnsent(URI.create(plain.twilio.baseUrl().toString().replace("http:", "https:")));
        }
    }

    @Test
    void knowsThatAHandshakeThatNeverEndsSentNothing() throws Exception {
        try (ServerSocket silent = new ServerSocket()) {
            silent.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            assertUnsent(URI.create("https://127.0.0.1:" + silent.getLocalPort()));
        }
    }

    private static void assertUnsent(URI address) {
        try (TwilioRecordingStorage storage = TwilioRecordingStorage.builder(TwilioFixture.ACCOUNT)
                .authToken(TwilioFixture.TOKEN)
                .baseUrl(address)
                .externalMedia(ExternalMedia.NONE)
                .connectTimeout(Duration.ofMillis(500))
                .requestTimeout(Duration.ofSeconds(2))
                .build()) {
            DeletionResult result = storage.delete(recording("RE" + "a".repeat(32)));
            assertThat(result.kind()).isEqualTo(Kind.TRY_LATER);
            assertThat(result.surelyNotApplied()).as(result.detail()).isTrue();
        }
    }

    @Test
    void sendsNothingWhenAllConnectionsAreInUse() throws Exception {
        try (TwilioFixture fixture = new TwilioFixture(b -> b.externalMedia(ExternalMedia.NONE)
                .requestTimeout(Duration.ofSeconds(1))
                .maxConcurrency(1))) {
            String stuck = fixture.add();
            String waiting = fixture.add();
            fixture.twilio.failOn(stuck, TwilioFault.noAnswer());
            FutureTask<DeletionResult> first = new FutureTask<>(() -> fixture.storage.delete(recording(stuck)));
            new Thread(first).start();
            assertThat(fixture.twilio.awaitRequests(1, BOUND)).isTrue();

            DeletionResult result = fixture.storage.delete(recording(waiting));

            assertThat(result.kind()).isEqualTo(Kind.TRY_LATER);
            assertThat(result.surelyNotApplied()).isTrue();
            assertThat(fixture.twilio.journal(waiting)).isEmpty();
            assertThat(first.get(5, TimeUnit.SECONDS).surelyNotApplied()).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 8, 100})
    void usesAsManyConnectionsAsAllowedAndNoMore(int concurrency) throws Exception {
        try (TwilioFixture fixture =
                new TwilioFixture(b -> b.externalMedia(ExternalMedia.NONE).maxConcurrency(concurrency))) {
            int count = concurrency + 20;
            List<String> sids = fixture.twilio.addRecordings(
                    TwilioFixture.ACCOUNT, count, TwilioFixture.CREATED, Duration.ofSeconds(1));
            ExecutorService callers = Executors.newFixedThreadPool(count);
            try {
                fixture.twilio.pause();
                List<Future<DeletionResult>> results = new ArrayList<>();
                for (String sid : sids) {
                    Callable<DeletionResult> call = () -> fixture.storage.delete(recording(sid));
                    results.add(callers.submit(call));
                }
                assertThat(fixture.twilio.awaitRequests(concurrency, BOUND)).isTrue();
                fixture.twilio.resume();
                for (Future<DeletionResult> result : results) {
                    assertThat(result.get(20, TimeUnit.SECONDS).kind()).isEqualTo(Kind.DELETED);
                }
            } finally {
                callers.shutdownNow();
            }
            assertThat(fixture.twilio.mostInFlight()).isEqualTo(concurrency);
            assertThat(fixture.twilio.connectionsAccepted()).isLessThanOrEqualTo(concurrency);
            assertThat(fixture.twilio.journal()).hasSize(count);
            assertThat(fixture.twilio.stored(TwilioFixture.ACCOUNT)).isZero();
        }
    }

    @Test
    void countsEachFaultOnceUnderAMixOfThem() throws Exception {
        try (TwilioFixture fixture =
                new TwilioFixture(b -> b.externalMedia(ExternalMedia.NONE).maxConcurrency(8))) {
            List<String> sids = fixture.twilio.addRecordings(
                    TwilioFixture.ACCOUNT, 400, TwilioFixture.CREATED, Duration.ofSeconds(1));
            fixture.twilio.failShare(0.3, 42, TwilioFault.error(503, 20503));
            ExecutorService callers = Executors.newFixedThreadPool(8);
            List<Future<DeletionResult>> results = new ArrayList<>();
            for (String sid : sids) {
                results.add(callers.submit(() -> fixture.storage.delete(recording(sid))));
            }
            int deleted = 0;
            for (Future<DeletionResult> result : results) {
                deleted += result.get(20, TimeUnit.SECONDS).kind() == Kind.DELETED ? 1 : 0;
            }
            callers.shutdownNow();
            assertThat(fixture.twilio.journal()).hasSize(400);
            assertThat(deleted).isBetween(200, 360);
            assertThat(fixture.twilio.stored(TwilioFixture.ACCOUNT)).isEqualTo(400 - deleted);
        }
    }

    @Test
    void endsAtOnceWhenInterruptedAndKeepsTheFlag() throws Exception {
        try (TwilioFixture fixture = TwilioFixture.withoutLooking()) {
            String sid = fixture.add();
            fixture.twilio.failOn(sid, TwilioFault.noAnswer());
            boolean[] flag = new boolean[1];
            FutureTask<DeletionResult> call = new FutureTask<>(() -> {
                DeletionResult result = fixture.storage.delete(recording(sid));
                flag[0] = Thread.currentThread().isInterrupted();
                return result;
            });
            Thread caller = new Thread(call);
            caller.start();
            assertThat(fixture.twilio.awaitRequests(1, BOUND)).isTrue();

            caller.interrupt();

            DeletionResult result = call.get(5, TimeUnit.SECONDS);
            assertThat(result.kind()).isEqualTo(Kind.TRY_LATER);
            assertThat(result.surelyNotApplied()).isFalse();
            assertThat(flag[0]).isTrue();
            assertThat(fixture.twilio.journal()).hasSize(1);
        }
    }

    @Test
    void sendsNothingForAThreadThatIsInterruptedAlready() {
        try (TwilioFixture fixture = TwilioFixture.withoutLooking()) {
            String sid = fixture.add();
            Thread.currentThread().interrupt();

            DeletionResult result = fixture.storage.delete(recording(sid));

            assertThat(Thread.interrupted()).isTrue();
            assertThat(result.kind()).isEqualTo(Kind.TRY_LATER);
            assertThat(result.surelyNotApplied()).isTrue();
            assertThat(fixture.twilio.journal()).isEmpty();
        }
    }

    @Test
    void sendsNoDeletionWhenInterruptedDuringTheLookBeforeIt() throws Exception {
        try (TwilioFixture fixture = new TwilioFixture(b -> b.externalMedia(ExternalMedia.CHECK))) {
            String sid = fixture.add();
            fixture.twilio.failOn(sid, TwilioFault.noAnswer());
            FutureTask<DeletionResult> call = new FutureTask<>(() -> fixture.storage.delete(recording(sid)));
            Thread caller = new Thread(call);
            caller.start();
            assertThat(fixture.twilio.awaitRequests(1, BOUND)).isTrue();

            caller.interrupt();

            assertThat(call.get(5, TimeUnit.SECONDS).surelyNotApplied()).isTrue();
            assertThat(fixture.wire()).containsExactly("GET 0");
        }
    }
}
