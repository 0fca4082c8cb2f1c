package dev.retention.twilio;

import dev.retention.spi.Recording;
import dev.retention.test.twilio.LoopbackTwilio;
import dev.retention.test.twilio.TwilioRequest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** One account at a loopback server, and storages that talk to it. */
final class TwilioFixture implements AutoCloseable {

    static final String ACCOUNT = "AC00000000000000000000000000000001";
    static final String TOKEN = "canary-token-of-the-account-4711";
    static final Instant CREATED = Instant.parse("2026-01-02T03:04:05Z");
    static final Instant NOW = Instant.parse("2026-11-23T03:00:00Z");
    static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);

    /** Longer than any test takes on a busy machine: it passes only when a test moves the ticker. */
    static final Duration TIMEOUT = Duration.ofMinutes(5);

    /** What takes so long is not slow, it hangs. */
    static final Duration HUNG = Duration.ofMinutes(3);

    final LoopbackTwilio twilio = LoopbackTwilio.start(CLOCK).addAccount(ACCOUNT, TOKEN);
    final ManualTicker ticker = new ManualTicker();
    final TwilioRecordingStorage storage;

    TwilioFixture(UnaryOperator<TwilioRecordingStorage.Builder> settings) {
        storage = settings.apply(builder(twilio).ticker(ticker)).build();
    }

    static TwilioFixture withoutLooking() {
        return new TwilioFixture(b -> b.externalMedia(ExternalMedia.NONE));
    }

    static TwilioRecordingStorage.Builder builder(LoopbackTwilio twilio) {
        return TwilioRecordingStorage.builder(ACCOUNT)
                .authToken(TOKEN)
                .baseUrl(twilio.baseUrl())
                .clock(CLOCK)
                .requestTimeout(TIMEOUT);
    }

    String add() {
        return twilio.addRecording(ACCOUNT, CREATED);
    }

    static Recording recording(@Nullable String sid) {
        return recording(sid, null);
    }

    static Recording recording(@Nullable String sid, @Nullable String account) {
        return new Recording("row-1", sid, account, CREATED, Map.of());
    }

    /** Waits until so many requests were sent. */
    void awaitRequests(int count) throws InterruptedException {
        if (!twilio.awaitRequests(count, HUNG)) {
            throw new AssertionError("no " + count + " requests: " + wire());
        }
    }

    /** What went over the wire, such as {@code DELETE 204}. */
    List<String> wire() {
        return twilio.journal().stream().map(TwilioFixture::text).toList();
    }

    private static String text(TwilioRequest request) {
        return request.method() + " " + request.status();
    }

    boolean isStored(String sid) {
        return twilio.recording(sid).orElseThrow().deleted() == null;
    }

    @Override
    public void close() {
        storage.close();
        twilio.close();
    }
}
