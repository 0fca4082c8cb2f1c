package dev.retention.internal.time;

import dev.retention.RetentionException;
import dev.retention.internal.support.Ticker;
import dev.retention.spi.RecordingRepository;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The database's time, without a query each time: it is read now and then, and calculated by monotonic time in between.
 */
public final class DatabaseTime {

    private static final Logger log = LoggerFactory.getLogger(DatabaseTime.class);
    private static final long TRUSTED_NANOS = Duration.ofSeconds(10).toNanos();

    private final RecordingRepository repository;
    private final Ticker ticker;
    private Instant asked;
    private long askedNanos;

    public DatabaseTime(RecordingRepository repository, Ticker ticker) {
        this.repository = repository;
        this.ticker = ticker;
        this.asked = repository.now();
        this.askedNanos = ticker.nanos();
    }

    /**
     * While the database does not answer, its time is calculated: a storage's answer must not be lost for want of a
     * time.
     */
    public Instant now() {
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
            log.warn(
                    "the database's time could not be read: {}. It is calculated from the last reading, {}",
                    e.getMessage(),
                    asked);
        }
    }
}
