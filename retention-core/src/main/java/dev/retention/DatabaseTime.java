package dev.retention;

import dev.retention.spi.RecordingRepository;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The database's time without asking it each time: asked now and then, and counted on by monotonic time in between. */
final class DatabaseTime {

    private static final Logger log = LoggerFactory.getLogger(DatabaseTime.class);
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

    /** While the database does not answer, it is counted on: an answer of a storage must not be lost for the time of it. */
    Instant now() {
        long nanos = ticker.nanos();
        if (nanos - askedNanos > TRUSTED_NANOS) {
            askAgain(nanos);
        }
        return asked.plusNanos(nanos - askedNanos);
    }

    private void askAgain(long nanos) {
        try {
            asked = repository.now();
            askedNanos = nanos;
        } catch (RetentionException e) {
            log.warn("the database did not tell its time; counting on from {}: {}", asked, e.getMessage());
        }
    }
}
