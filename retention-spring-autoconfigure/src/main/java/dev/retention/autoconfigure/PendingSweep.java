package dev.retention.autoconfigure;

import dev.retention.RetentionException;
import dev.retention.spi.Controls.Control;
import dev.retention.spi.RecordingRepository;
import dev.retention.spi.SweepRuns.SweepRun;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A fire time that has come and has no run yet, and how its sweep is tried. For one thread. */
final class PendingSweep {

    private static final Duration FIRST_WAIT = Duration.ofSeconds(1);
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);
    /** How often the controls are read while it is refused. */
    private static final Duration WAIT_FOR_A_PERSON = Duration.ofMinutes(1);

    final Instant fireTime;

    /** Whether it should have its run. If the application was not up at that time, it may be a first deployment. */
    boolean wanted;

    /** When it is too late for its run, unless it is refused. */
    Instant latestStart;

    int failures;
    Reason reason = new Reason("", "");
    private Duration wait = FIRST_WAIT;
    private Instant nextTry = Instant.MIN;
    private @Nullable Circumstances refusedUnder;

    PendingSweep(Instant fireTime, boolean wanted, Instant latestStart) {
        this.fireTime = fireTime;
        this.wanted = wanted;
        this.latestStart = latestStart;
    }

    /**
     * Why a sweep could not be done.
     *
     * @param kind what is the same for as long as the reason does not change
     * @param text what happened, for people
     */
    record Reason(Object kind, String text) {

        static Reason of(Throwable failure) {
            String message = failure.getMessage();
            return new Reason(
                    failure instanceof RetentionException known ? known.kind() : failure.getClass(),
                    message == null ? failure.getClass().getName() : message);
        }
    }

    /** What a refusal depends on: what each of the ways to confirm changes, at whichever instance. */
    record Circumstances(
            Map<String, Control> controls, @Nullable String openRun) {

        static Circumstances of(RecordingRepository repository) {
            return new Circumstances(
                    repository.controls().all(),
                    repository.runs().open().map(SweepRun::id).orElse(null));
        }
    }

    Instant nextTry() {
        return nextTry;
    }

    boolean isTooLate(Instant now) {
        return !isRefused() && !latestStart.isAfter(now);
    }

    boolean isRefused() {
        return refusedUnder != null;
    }

    /** It was refused, and is tried again when this has changed. */
    void refused(Circumstances under) {
        refusedUnder = under;
    }

    boolean isStillRefused(Circumstances now) {
        return now.equals(refusedUnder);
    }

    /** A person may have allowed it. */
    void triedAgainUntil(Instant latest) {
        refusedUnder = null;
        latestStart = latest;
    }

    /** It could not be done, and is tried again after a wait. */
    void putOff(Reason why, Instant now) {
        reason = why;
        failures++;
        if (isRefused()) {
            wait = FIRST_WAIT;
            nextTry = now.plus(WAIT_FOR_A_PERSON);
        } else {
            nextTry = now.plus(wait);
            Duration doubled = wait.multipliedBy(2);
            wait = doubled.compareTo(LONGEST_WAIT) < 0 ? doubled : LONGEST_WAIT;
        }
    }
}
