package dev.retention.internal.time;

import dev.retention.internal.settings.SweepSettings;
import dev.retention.spi.RecordingRepository;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * Our clock and the database's at one moment. Ages are judged by the earlier one.
 *
 * @param allowed how far they may differ
 */
public record ClockReading(Instant ours, Instant database, Duration allowed) {

    /** What both clocks say now. */
    public static ClockReading now(RecordingRepository repository, SweepSettings settings) {
        return new ClockReading(settings.clock().instant(), repository.now(), settings.maxClockSkew());
    }

    /** As fine as databases keep it, so that all instances of a run work out the same cutoffs from it. */
    public Instant judged() {
        return (ours.isBefore(database) ? ours : database).truncatedTo(ChronoUnit.MICROS);
    }

    /** Why ages can't be judged; empty when they can. */
    public Optional<String> objection() {
        return Duration.between(ours, database).abs().compareTo(allowed) <= 0
                ? Optional.empty()
                : Optional.of("this instance's clock says " + ours + " and the database's " + database
                        + ", which is more than " + allowed
                        + " apart, so ages can't be judged. Correct the clocks, then sweep again");
    }
}
