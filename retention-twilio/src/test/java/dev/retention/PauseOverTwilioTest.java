package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.internal.support.Ticker;
import dev.retention.test.EngineRow;
import dev.retention.test.InMemoryRecordingRepository;
import dev.retention.test.MutableClock;
import dev.retention.test.twilio.LoopbackTwilio;
import dev.retention.test.twilio.TwilioRequest;
import dev.retention.twilio.ExternalMedia;
import dev.retention.twilio.TwilioRecordingStorage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The two seconds after a pause are measured at the provider, by the arrival of each DELETE. */
class PauseOverTwilioTest {

    private static final String ACCOUNT = "AC00000000000000000000000000000001";
    private static final Instant NOW = Instant.parse("2026-11-22T03:00:00Z");
    private static final Duration PROMISED = Duration.ofSeconds(2);
    private static final Duration LONGER = PROMISED.plusMillis(100);
    private static final int RECORDINGS = 30;

    /** Only what hangs takes so long. */
    private static final Duration HUNG = Duration.ofMinutes(3);

    private final MutableClock clock = new MutableClock(NOW);
    private final LoopbackTwilio twilio = LoopbackTwilio.start(clock).addAccount(ACCOUNT, "token-of-the-account");
    private final InMemoryRecordingRepository repository = new InMemoryRecordingRepository(clock);
    private final TwilioRecordingStorage storage = TwilioRecordingStorage.builder(ACCOUNT)
            .authToken("token-of-the-account")
            .baseUrl(twilio.baseUrl())
            .externalMedia(ExternalMedia.NONE)
            .clock(clock)
            .requestTimeout(Duration.ofMinutes(2))
            .customizer(client -> passTimeBeforeTheRequest())
            .build();
    private final RetentionSweeper sweeper = RetentionSweeper.builder(repository, storage)
            .clock(clock)
            .ticker(new Moved())
            // Time passes before a request. With others beside it, it would also pass while those are on the wire.
            .maxConcurrency(1)
            .build();

    private int requests;
    private int pauseAt = Integer.MAX_VALUE;
    private @Nullable Instant paused;

    @BeforeEach
    void addDueRecordings() {
        for (int i = 0; i < RECORDINGS; i++) {
            Instant created = NOW.minus(Duration.ofDays(100)).plusSeconds(i);
            repository.put(EngineRow.of("r" + i, twilio.addRecording(ACCOUNT, created), created));
        }
    }

    @AfterEach
    void close() {
        sweeper.close();
        storage.close();
        twilio.close();
    }

    /** Twilio's client is made within the call of the storage, before there is a connection. */
    private synchronized void passTimeBeforeTheRequest() {
        if (++requests == pauseAt) {
            RetentionOperations.of(sweeper).pause("ann", "audit");
            paused = clock.instant();
        }
        clock.advance(LONGER);
    }

    private List<TwilioRequest> deletes() {
        return twilio.journal().stream()
                .filter(request -> request.method().equals("DELETE"))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 12, 20})
    void noDeleteArrivesLaterThanPromisedAfterAPause(int request) {
        pauseAt = request;

        SweepReport report = sweeper.sweep();

        assertThat(report.end()).isEqualTo(SweepEnd.PAUSED);
        Instant last = Objects.requireNonNull(paused).plus(PROMISED);
        assertThat(deletes()).isNotEmpty().noneMatch(delete -> delete.time().isAfter(last));
        assertThat(deletes()).hasSizeLessThan(RECORDINGS);
        assertThat(report.deleted()).isEqualTo(deletes().size());
    }

    @Test
    void allAreDeletedIfNobodyPauses() {
        assertThat(sweeper.sweep().deleted()).isEqualTo(RECORDINGS);
        assertThat(deletes()).hasSize(RECORDINGS);
    }

    /** The clock's time. It does not advance while an answer is on its way, and advances at once while none is. */
    private final class Moved implements Ticker {

        @Override
        public long nanos() {
            return Duration.between(NOW, clock.instant()).toNanos();
        }

        @Override
        public <T> @Nullable T poll(BlockingQueue<T> queue, long nanos, boolean expected) throws InterruptedException {
            if (expected && nanos > 0) {
                return Objects.requireNonNull(
                        queue.poll(HUNG.toSeconds(), TimeUnit.SECONDS), "the answer that was on its way");
            }
            T head = queue.poll();
            if (head == null) {
                clock.advance(Duration.ofNanos(nanos));
            }
            return head;
        }
    }
}
