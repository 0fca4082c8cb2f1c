package dev.retention.internal.time;

import dev.retention.RetentionException;
import dev.retention.internal.settings.SweepSettings;
import dev.retention.internal.support.Texts;
import dev.retention.internal.support.Ticker;
import dev.retention.spi.RecordingRepository;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Notices that our clock or the database's has jumped since the work began. Leases and waits can't be trusted then. */
public final class ClockGuard {

    private static final Logger log = LoggerFactory.getLogger(ClockGuard.class);
    private static final long INTERVAL_NANOS = Duration.ofSeconds(10).toNanos();

    private final RecordingRepository repository;
    private final Clock clock;
    private final Ticker ticker;
    private final Duration allowed;
    private final Instant ours;
    private final Instant database;
    private final long begunNanos;
    private long lookedNanos;
    private @Nullable String objection;

    public ClockGuard(RecordingRepository repository, SweepSettings settings) {
        this.repository = repository;
        this.clock = settings.clock();
        this.ticker = settings.ticker();
        this.allowed = settings.maxClockSkew();
        this.begunNanos = ticker.nanos();
        this.ours = clock.instant();
        this.database = repository.now();
        this.lookedNanos = begunNanos;
    }

    /** What is wrong; null while nothing is. Looks every ten seconds. */
    @Nullable
    public String objection() {
        long now = ticker.nanos();
        if (objection == null && now - lookedNanos >= INTERVAL_NANOS) {
            lookedNanos = now;
            look(now);
        }
        return objection;
    }

    private void look(long now) {
        Instant ourNow = clock.instant();
        Instant databaseNow;
        try {
            databaseNow = repository.now();
        } catch (RetentionException e) {
            // This says nothing about its clock, and work that needs the database fails by itself.
            log.debug("the database's time could not be read", e);
            return;
        }
        long after = ticker.nanos();
        if (after - now > INTERVAL_NANOS) {
            // It is not known at which moment between the two it read its clock.
            return;
        }
        Duration since = Duration.ofNanos(now - begunNanos);
        if (differ(ourNow, ours.plus(since))) {
            objection = jumped("this instance's clock", ourNow, ours.plus(since));
        } else if (differ(databaseNow, database.plus(since))) {
            objection = jumped("the database's clock", databaseNow, database.plus(since));
        }
    }

    private boolean differ(Instant one, Instant other) {
        return Duration.between(one, other).abs().compareTo(allowed) > 0;
    }

    private String jumped(String which, Instant now, Instant expected) {
        return which + " jumped: it says " + now + " and should say " + expected + ", which is more than "
                + Texts.duration(allowed)
                + " apart. Correct the clocks, then sweep again";
    }
}
