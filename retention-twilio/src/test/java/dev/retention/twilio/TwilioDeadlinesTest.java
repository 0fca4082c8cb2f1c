package dev.retention.twilio;

import static dev.retention.twilio.TwilioFixture.recording;
import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.spi.DeletionResult;
import dev.retention.spi.DeletionResult.Kind;
import dev.retention.spi.RecordingLookup.Identification;
import dev.retention.test.twilio.TwilioFault;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TwilioDeadlinesTest {

    private static final Duration MOMENT = Duration.ofNanos(1);

    static Stream<Arguments> answersThatNeverEnd() {
        return Stream.of(
                Arguments.of(TwilioFault.noAnswer(), false, Kind.TRY_LATER, "TIMEOUT"),
                Arguments.of(TwilioFault.noAnswer().applied(), false, Kind.TRY_LATER, "TIMEOUT"),
                Arguments.of(TwilioFault.dripHead(), false, Kind.TRY_LATER, "TIMEOUT"),
                Arguments.of(TwilioFault.dripBody(500), true, Kind.TRY_LATER, "HTTP_500"),
                Arguments.of(TwilioFault.dripBody(401), true, Kind.STOP, "HTTP_401"));
    }

    static Stream<Arguments> answersToADeletionThatNeverEnd() {
        return Stream.concat(
                answersThatNeverEnd(),
                Stream.of(Arguments.of(TwilioFault.dripBody(200), true, Kind.TRY_LATER, "HTTP_200")));
    }

    static Stream<Arguments> answersToALookUpThatNeverEnd() {
        return Stream.concat(
                answersThatNeverEnd(),
                Stream.of(Arguments.of(TwilioFault.dripBody(200), true, Kind.TRY_LATER, "UNREADABLE_ANSWER")));
    }

    static Stream<Arguments> answersToAListThatNeverEnd() {
        return Stream.concat(
                answersToALookUpThatNeverEnd(),
                Stream.of(Arguments.of(TwilioFault.dripBody(404), true, Kind.REFUSED, "HTTP_404")));
    }

    @ParameterizedTest
    @MethodSource("answersToADeletionThatNeverEnd")
    void comesBackInTimeWithOneRequestOnTheWire(TwilioFault fault, boolean headComes, Kind kind, String code)
            throws Exception {
        try (TwilioFixture fixture = TwilioFixture.withoutLooking()) {
            String sid = fixture.add();
            fixture.twilio.failOn(sid, fault);

            DeletionResult result =
                    resultAtTheDeadline(fixture, headComes, () -> fixture.storage.delete(recording(sid)));

            assertThat(result.kind()).isEqualTo(kind);
            assertThat(result.code()).isEqualTo(code);
            assertThat(result.surelyNotApplied()).isEqualTo(kind == Kind.STOP);
        }
    }

    @ParameterizedTest
    @MethodSource("answersToALookUpThatNeverEnd")
    void comesBackInTimeFromALookUp(TwilioFault fault, boolean headComes, Kind kind, String code) throws Exception {
        try (TwilioFixture fixture = TwilioFixture.withoutLooking()) {
            String sid = fixture.add();
            fixture.twilio.failOn(sid, fault);

            DeletionResult result =
                    resultAtTheDeadline(fixture, headComes, () -> fixture.storage.lookUp(recording(sid)));

            assertThat(result.kind()).isEqualTo(kind);
            assertThat(result.code()).isEqualTo(code);
        }
    }

    @ParameterizedTest
    @MethodSource("answersToAListThatNeverEnd")
    void comesBackInTimeFromAnIdentification(TwilioFault fault, boolean headComes, Kind kind, String code)
            throws Exception {
        try (TwilioFixture fixture = TwilioFixture.withoutLooking()) {
            fixture.twilio.failNext(1, fault);

            Identification identification =
                    resultAtTheDeadline(fixture, headComes, () -> fixture.storage.identify(null));

            DeletionResult objection = Objects.requireNonNull(identification.objection(), "nothing speaks against it");
            assertThat(objection.kind()).isEqualTo(kind);
            assertThat(objection.code()).isEqualTo(code);
        }
    }

    /** The result of a call that waits up to its deadline, and no longer. */
    private static <T> T resultAtTheDeadline(TwilioFixture fixture, boolean headComes, Callable<T> call)
            throws Exception {
        PendingCall<T> pending = PendingCall.start(call);
        fixture.awaitRequests(1);
        if (headComes) {
            pending.awaitReadingOfABody();
        }
        fixture.ticker.advance(TwilioFixture.TIMEOUT.minus(MOMENT));
        fixture.ticker.awaitReads(2);
        assertThat(pending.isDone()).as("there is time left").isFalse();

        fixture.ticker.advance(MOMENT);

        T result = pending.result();
        assertThat(fixture.twilio.journal()).hasSize(1);
        return result;
    }

    @Test
    void boundsTheDeletionAndItsLookUpTogether() throws Exception {
        try (TwilioFixture fixture = TwilioFixture.withoutLooking()) {
            String sid = fixture.add();
            fixture.twilio.failNextOn(sid, TwilioFault.error(404, 20404), TwilioFault.dripBody(200));
            fixture.twilio.observe((request, user) -> {
                fixture.ticker.advance(TwilioFixture.TIMEOUT.multipliedBy(6).dividedBy(10));
                return null;
            });

            DeletionResult result = PendingCall.start(() -> fixture.storage.delete(recording(sid)))
                    .result();

            assertThat(result.kind()).isEqualTo(Kind.TRY_LATER);
            assertThat(result.surelyNotApplied()).isFalse();
            assertThat(fixture.twilio.journal()).hasSize(2);
        }
    }

    private static TwilioFixture lookingAlways() {
        return new TwilioFixture(b -> b.externalMedia(ExternalMedia.CHECK));
    }

    @Test
    void sendsNoDeletionAfterALookThatUsedUpTheTime() throws Exception {
        try (TwilioFixture fixture = lookingAlways()) {
            String sid = fixture.add();
            fixture.twilio.failNextOn(sid, TwilioFault.noAnswer());
            PendingCall<DeletionResult> call = PendingCall.start(() -> fixture.storage.delete(recording(sid)));
            fixture.awaitRequests(1);

            fixture.ticker.advance(TwilioFixture.TIMEOUT);

            assertThat(call.result().kind()).isEqualTo(Kind.TRY_LATER);
            assertThat(call.result().surelyNotApplied()).isTrue();
            assertThat(call.result().code()).isEqualTo("TIMEOUT");
            assertThat(fixture.wire()).containsExactly("GET 0");
        }
    }

    @Test
    void sendsNoDeletionAfterASlowLookThatLeavesTooLittleTime() {
        try (TwilioFixture fixture = lookingAlways()) {
            DeletionResult result =
                    deleteAfterALookOf(TwilioFixture.TIMEOUT.dividedBy(2).plus(MOMENT), fixture);

            assertThat(result.kind()).isEqualTo(Kind.TRY_LATER);
            assertThat(result.code()).isEqualTo("LOOK_TOO_SLOW");
            assertThat(result.surelyNotApplied()).isTrue();
            assertThat(fixture.wire()).containsExactly("GET 200");
        }
    }

    @Test
    void sendsADeletionAfterALookThatLeavesEnoughTime() {
        try (TwilioFixture fixture = lookingAlways()) {
            assertThat(deleteAfterALookOf(TwilioFixture.TIMEOUT.dividedBy(2), fixture)
                            .kind())
                    .isEqualTo(Kind.DELETED);
            assertThat(fixture.wire()).containsExactly("GET 200", "DELETE 204");
        }
    }

    private static DeletionResult deleteAfterALookOf(Duration time, TwilioFixture fixture) {
        fixture.twilio.observe((request, user) -> {
            fixture.ticker.advance(request.method().equals("GET") ? time : Duration.ZERO);
            return null;
        });
        return fixture.storage.delete(recording(fixture.add()));
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
    void knowsThatAnUnknownHostSentNothing() throws Exception {
        assertUnsent(URI.create("https://no-such-host.invalid"));
    }

    @Test
    void knowsThatAFailedHandshakeSentNothing() throws Exception {
        try (TwilioFixture plain = TwilioFixture.withoutLooking()) {
            assertUnsent(URI.create(plain.twilio.baseUrl().toString().replace("http:", "https:")));
        }
    }

    /** Ended by the connect time-out: the request time-out never passes here. */
    @Test
    void knowsThatAHandshakeThatNeverEndsSentNothing() throws Exception {
        try (ServerSocket silent = new ServerSocket()) {
            silent.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            assertUnsent(URI.create("https://127.0.0.1:" + silent.getLocalPort()));
        }
    }

    private static void assertUnsent(URI address) throws Exception {
        try (TwilioRecordingStorage storage = TwilioRecordingStorage.builder(TwilioFixture.ACCOUNT)
                .authToken(TwilioFixture.TOKEN)
                .baseUrl(address)
                .externalMedia(ExternalMedia.NONE)
                .connectTimeout(Duration.ofMillis(200))
                .requestTimeout(TwilioFixture.TIMEOUT)
                .ticker(new ManualTicker())
                .build()) {
            DeletionResult result = PendingCall.start(() -> storage.delete(recording("RE" + "a".repeat(32))))
                    .result();
            assertThat(result.kind()).isEqualTo(Kind.TRY_LATER);
            assertThat(result.code()).isEqualTo("NO_CONNECTION");
            assertThat(result.surelyNotApplied()).as(result.detail()).isTrue();
        }
    }

    /** Waiting for a connection takes real time, so the clock is moved almost to the deadline before it begins. */
    @Test
    void sendsNothingWhenAllConnectionsAreInUse() throws Exception {
        ManualTicker ticker = new ManualTicker();
        AtomicReference<Duration> passes = new AtomicReference<>(Duration.ZERO);
        try (TwilioFixture fixture = new TwilioFixture(b -> b.externalMedia(ExternalMedia.NONE)
                .maxConcurrency(1)
                .ticker(ticker)
                .customizer(client -> ticker.advance(passes.get())))) {
            String stuck = fixture.add();
            String waiting = fixture.add();
            fixture.twilio.failOn(stuck, TwilioFault.noAnswer());
            PendingCall<DeletionResult> first = PendingCall.start(() -> fixture.storage.delete(recording(stuck)));
            fixture.awaitRequests(1);
            passes.set(TwilioFixture.TIMEOUT.minusMillis(100));

            DeletionResult result = fixture.storage.delete(recording(waiting));

            assertThat(result.kind()).isEqualTo(Kind.TRY_LATER);
            assertThat(result.code()).isEqualTo("NO_FREE_CONNECTION");
            assertThat(result.surelyNotApplied()).isTrue();
            assertThat(fixture.twilio.journal(waiting)).isEmpty();
            assertThat(first.isDone()).isFalse();

            ticker.advance(Duration.ofMillis(100));
            assertThat(first.result().surelyNotApplied()).isFalse();
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
                fixture.awaitRequests(concurrency);
                fixture.twilio.resume();
                for (Future<DeletionResult> result : results) {
                    assertThat(result.get(TwilioFixture.HUNG.toSeconds(), TimeUnit.SECONDS)
                                    .kind())
                            .isEqualTo(Kind.DELETED);
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
                deleted += result.get(TwilioFixture.HUNG.toSeconds(), TimeUnit.SECONDS)
                                        .kind()
                                == Kind.DELETED
                        ? 1
                        : 0;
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
            PendingCall<DeletionResult> call = PendingCall.start(() -> {
                DeletionResult result = fixture.storage.delete(recording(sid));
                flag[0] = Thread.currentThread().isInterrupted();
                return result;
            });
            fixture.awaitRequests(1);

            call.thread().interrupt();

            DeletionResult result = call.result();
            assertThat(result.kind()).isEqualTo(Kind.TRY_LATER);
            assertThat(result.code()).isEqualTo("INTERRUPTED");
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
        try (TwilioFixture fixture = lookingAlways()) {
            String sid = fixture.add();
            fixture.twilio.failOn(sid, TwilioFault.noAnswer());
            PendingCall<DeletionResult> call = PendingCall.start(() -> fixture.storage.delete(recording(sid)));
            fixture.awaitRequests(1);

            call.thread().interrupt();

            assertThat(call.result().surelyNotApplied()).isTrue();
            assertThat(call.result().code()).isEqualTo("INTERRUPTED");
            assertThat(fixture.wire()).containsExactly("GET 0");
        }
    }
}
