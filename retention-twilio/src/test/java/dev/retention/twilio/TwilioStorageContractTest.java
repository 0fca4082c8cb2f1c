package dev.retention.twilio;

import static dev.retention.twilio.TwilioFixture.ACCOUNT;
import static dev.retention.twilio.TwilioFixture.CREATED;
import static dev.retention.twilio.TwilioFixture.TOKEN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.spi.Recording;
import dev.retention.spi.RecordingStorage;
import dev.retention.test.RecordingStorageContract;
import dev.retention.test.twilio.LoopbackTwilio;
import dev.retention.test.twilio.TwilioFault;
import dev.retention.test.twilio.TwilioRecording;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.RegisterExtension;

class TwilioStorageContractTest {

    @Nested
    class LookingWhereNeeded extends Contract {
        LookingWhereNeeded() {
            super(ExternalMedia.AUTO);
        }
    }

    @Nested
    class LookingAlways extends Contract {
        LookingAlways() {
            super(ExternalMedia.CHECK);
        }
    }

    @Nested
    class LookingNever extends Contract {
        LookingNever() {
            super(ExternalMedia.NONE);
        }
    }

    abstract static class Contract extends RecordingStorageContract {

        /** Where a test waits for it; it asks for nothing else then, so a busy machine makes no difference. */
        private static final Duration SHORT = Duration.ofMillis(300);

        private final ExternalMedia externalMedia;
        private final List<AutoCloseable> opened = new ArrayList<>();
        private @Nullable LoopbackTwilio current;
        private Duration requestTimeout = TwilioFixture.TIMEOUT;

        @RegisterExtension
        final BeforeEachCallback shortTimeOutWhereATestWaitsForIt = context -> {
            if (context.getRequiredTestMethod().getName().startsWith("comesBackWithinItsBound")) {
                requestTimeout = SHORT;
            }
        };

        Contract(ExternalMedia externalMedia) {
            this.externalMedia = externalMedia;
        }

        private LoopbackTwilio twilio() {
            return Objects.requireNonNull(current);
        }

        @AfterEach
        void close() throws Exception {
            for (AutoCloseable closeable : opened) {
                closeable.close();
            }
        }

        @Override
        protected RecordingStorage createStorage() {
            current = LoopbackTwilio.start().addAccount(ACCOUNT, TOKEN);
            opened.add(current);
            return createStorageOnTheSamePlace();
        }

        @Override
        protected RecordingStorage createStorageOnTheSamePlace() {
            TwilioRecordingStorage storage = TwilioFixture.builder(twilio())
                    .externalMedia(externalMedia)
                    .requestTimeout(requestTimeout)
                    .build();
            opened.add(0, storage);
            return storage;
        }

        @Override
        protected Recording newRecording(int n) {
            return new Recording(
                    "row-" + n, String.format("RE%032x", n), null, CREATED.plus(Duration.ofHours(n)), Map.of());
        }

        private static String sid(Recording recording) {
            return Objects.requireNonNull(recording.storageKey());
        }

        @Override
        protected void store(Recording recording) {
            twilio().addRecording(TwilioRecording.completed(ACCOUNT, sid(recording), recording.created()));
        }

        @Override
        protected boolean isStored(Recording recording) {
            return twilio().recording(sid(recording))
                    .filter(r -> r.deleted() == null)
                    .isPresent();
        }

        @Override
        protected Collection<String> foreignKeys() {
            return List.of(
                    "../Calls/CA" + "1".repeat(32),
                    "CA" + "1".repeat(32),
                    "RT" + "1".repeat(32),
                    "RE1?x=1",
                    "RE" + "1".repeat(31),
                    "%2e%2e");
        }

        @Override
        protected long requests() {
            return twilio().journal().size();
        }

        @Override
        protected Collection<String> secrets() {
            return List.of(
                    TOKEN,
                    Base64.getEncoder().encodeToString((ACCOUNT + ":" + TOKEN).getBytes(StandardCharsets.UTF_8)));
        }

        @Override
        protected Map<String, Runnable> faults() {
            Map<String, Runnable> faults = new LinkedHashMap<>();
            Stream.of(
                            TwilioFault.empty(200),
                            TwilioFault.html(200),
                            TwilioFault.empty(202),
                            TwilioFault.redirect(302, "/"),
                            TwilioFault.error(401, 20003),
                            TwilioFault.error(403, 20003),
                            TwilioFault.error(404, 20404),
                            TwilioFault.error(409, 20009),
                            TwilioFault.error(400, 20001),
                            TwilioFault.error(429, 20429),
                            TwilioFault.error(429, 20429).withRetryAfter("3600"),
                            TwilioFault.error(500, 20500),
                            TwilioFault.html(502),
                            TwilioFault.empty(503),
                            TwilioFault.truncatedBody(500),
                            TwilioFault.hugeBody(500, 50L << 20),
                            TwilioFault.reset(),
                            TwilioFault.reset().applied())
                    .forEach(fault -> faults.put(fault.toString(), () -> twilio().failShare(1, 1, fault)));
            return faults;
        }

        @Override
        protected void hang() {
            twilio().failShare(1, 1, TwilioFault.noAnswer());
        }

        @Override
        protected void awaitHanging() throws InterruptedException {
            assertThat(twilio().awaitRequests(1, TwilioFixture.HUNG)).isTrue();
        }

        @Override
        protected Optional<Duration> longestCall() {
            return Optional.of(TwilioFixture.HUNG);
        }
    }
}
