package dev.retention;

import dev.retention.spi.RecordingRepository;
import java.time.Duration;
import java.time.Instant;

/** The database's time without asking it each time: asked now and then, and counted on by monotonic time in between. */
final class DatabaseTime {

    private static final long TRUSTED_NANOS = Duration.ofSeconds(10).toNanos();

    private final RecordingRepository repository;
    private final Ticker ticker;
    private Instant asked;
    private long askedNanos;

    DatabaseTime(RecordingRepository repository, Ticker ticker) {
        this.repository = repository;
        this.ticker = ticker;
        this.asked = repository.now();
        this.askedNanos = ticker.nanos();
    }

    Instant now() {
        long nanos = ticker.nanos();
        if (nanos - askedNanos > TRUSTED_NANOS) {
            asked = repository.now();
            askedNanos = nanos;
        }
        return asked.plusNanos(nanos - askedNanos);
    }
}
