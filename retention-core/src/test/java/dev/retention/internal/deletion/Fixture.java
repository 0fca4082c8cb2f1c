package dev.retention.internal.deletion;

import dev.retention.internal.account.AccountState;
import dev.retention.internal.settings.RequestLimits;
import dev.retention.internal.settings.RetrySettings;
import dev.retention.internal.settings.RunLimits;
import dev.retention.internal.settings.SweepSettings;
import dev.retention.internal.settings.TimeSettings;
import dev.retention.internal.support.Ticker;
import dev.retention.internal.telemetry.Telemetry;
import dev.retention.spi.Claim;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.Evidence;
import dev.retention.spi.Recording;
import dev.retention.spi.RecordingStorage;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Claims, settings, and a monotonic time that is moved by hand and that nobody may wait by. */
final class Fixture {

    static final Instant NOW = Instant.parse("2026-11-22T03:00:00Z");
    static final Duration LEASE = Duration.ofMinutes(10);
    static final int BATCH = 5;

    /** Not nought, which monotonic time may be or not. */
    final AtomicLong nanos =
            new AtomicLong(Long.MAX_VALUE - Duration.ofSeconds(1).toNanos());

    private int number;

    void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    Ticker ticker() {
        return new Ticker() {
            @Override
            public long nanos() {
                return nanos.get();
            }

            @Override
            public <T> @Nullable T poll(BlockingQueue<T> queue, long wait, boolean expected) {
                throw new AssertionError("nobody waits here");
            }
        };
    }

    SweepSettings settings(boolean dryRun) {
        return new SweepSettings(
                "me",
                dryRun,
                new RequestLimits(4, null, 0, null),
                new RunLimits(BATCH, Duration.ofHours(1), null, LEASE, Duration.ofSeconds(30)),
                new RetrySettings(3, Duration.ofMinutes(1), Duration.ofHours(1)),
                new TimeSettings(Clock.systemUTC(), ticker(), Duration.ofMinutes(5)),
                new Telemetry(List.of(), null));
    }

    static AnswerRules rules() {
        return new AnswerRules(3, new Backoff(Duration.ofMinutes(1), Duration.ofHours(1)), false);
    }

    Claim claim(int attempt) {
        return claim(attempt, "default");
    }

    Claim claim(int attempt, String policy) {
        return claim("r" + number++, "key", attempt, policy);
    }

    Claim claim(String id, @Nullable String key, int attempt, String policy) {
        return Claim.builder(
                        new Recording(id, key, null, NOW.minus(Duration.ofDays(100)), Map.of()),
                        "token-" + id,
                        NOW.plus(LEASE),
                        policy,
                        NOW.minus(Duration.ofDays(90)),
                        "retention_policy")
                .runId("run")
                .attempt(attempt)
                .build();
    }

    static AccountState known() {
        AccountState account = new AccountState(null, 4, 0, null);
        account.identified(true);
        return account;
    }

    PendingDeletion deletion(Claim claim, AccountState account) {
        return new PendingDeletion(claim, account, Evidence.NONE, nanos.get(), STORAGE);
    }

    static final RecordingStorage STORAGE = new RecordingStorage() {
        @Override
        public String name() {
            return "fake";
        }

        @Override
        public DeletionResult delete(Recording recording) {
            throw new UnsupportedOperationException();
        }
    };
}
