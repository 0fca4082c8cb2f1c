package dev.retention.twilio;

import dev.retention.spi.DeletionResult;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** All requests within one call of the sweeper: they share its time. Confined to the calling thread. */
final class Call {

    private final LongSupplier ticker;
    private final long timeoutNanos;
    private final long deadline;
    private @Nullable Integer concurrency;

    Call(LongSupplier ticker, long timeoutNanos) {
        this.ticker = ticker;
        this.timeoutNanos = timeoutNanos;
        this.deadline = ticker.getAsLong() + timeoutNanos;
    }

    /** By the ticker. */
    long deadline() {
        return deadline;
    }

    boolean hasLessThanHalfOfItsTime() {
        return deadline - ticker.getAsLong() < timeoutNanos / 2;
    }

    void note(@Nullable Outcome outcome) {
        if (outcome instanceof Outcome.Answer answer) {
            concurrency = answer.concurrentRequests();
        }
    }

    /** The result, with the account's requests in flight as the last answer counted them. */
    DeletionResult end(DeletionResult result) {
        return concurrency == null ? result : result.atConcurrency(concurrency);
    }
}
