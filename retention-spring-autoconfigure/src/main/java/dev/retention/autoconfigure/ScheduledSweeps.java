package dev.retention.autoconfigure;

import dev.retention.RetentionException;
import dev.retention.SweepEnd;
import dev.retention.SweepPlan;
import dev.retention.SweepReport;
import dev.retention.autoconfigure.PendingSweep.Circumstances;
import dev.retention.autoconfigure.PendingSweep.Reason;
import dev.retention.autoconfigure.RetentionStatus.Attention;
import dev.retention.spi.RecordingRepository;
import dev.retention.spi.SweepRuns.SweepRun;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts the sweeps of a schedule, so that each fire time has its run or a logged reason why not. A sweep that could
 * not be started is tried again with growing waits, for as long as a run of its fire time may last. One that was
 * refused is kept until the next fire time: it starts when the controls have changed, as by a confirmation. For one
 * thread, which calls {@link #look()} again after {@link #untilNextLook()}; others may ask for {@link #attention()}.
 */
final class ScheduledSweeps {

    private static final Logger log = LoggerFactory.getLogger(ScheduledSweeps.class);

    private static final String REMEDY =
            "The next sweep deletes all due recordings; to delete them earlier, start a sweep by the endpoint or by"
                    + " RetentionSweeper.sweep()";

    private final RecordingRepository repository;
    private final SweepSchedule schedule;
    private final Clock clock;
    private final Predicate<Instant> hasRun;
    private final Function<Instant, SweepReport> sweep;
    private final Supplier<List<SweepPlan>> plans;
    private volatile boolean stopped;
    private volatile @Nullable Attention attention;
    private @Nullable PendingSweep pending;

    /**
     * The sweeps of a schedule.
     *
     * @param hasRun whether a fire time has its run
     * @param sweep carries out the sweep of a fire time
     * @param plans the refused sweeps that may be confirmed
     */
    ScheduledSweeps(
            RecordingRepository repository,
            SweepSchedule schedule,
            Clock clock,
            Predicate<Instant> hasRun,
            Function<Instant, SweepReport> sweep,
            Supplier<List<SweepPlan>> plans) {
        this.repository = repository;
        this.schedule = schedule;
        this.clock = clock;
        this.hasRun = hasRun;
        this.sweep = sweep;
        this.plans = plans;
    }

    /** Starts the sweep that was missed while the application was down. A first deployment has missed nothing. */
    void begin() {
        pending = schedule.last().map(fireTime -> pending(fireTime, false)).orElse(null);
        proceed();
    }

    private PendingSweep pending(Instant fireTime, boolean wanted) {
        return new PendingSweep(fireTime, wanted, schedule.latestStart(fireTime));
    }

    /** Starts the sweep of a fire time that has come, or of one that could not be started before. */
    void look() {
        schedule.due().ifPresent(this::come);
        proceed();
    }

    private void come(Instant fireTime) {
        PendingSweep earlier = pending;
        if (earlier != null && earlier.wanted) {
            log.warn(
                    "the sweep of {} did not take place: {}. The sweep of {} is done instead",
                    earlier.fireTime,
                    earlier.reason.text(),
                    fireTime);
        }
        pending = pending(fireTime, true);
    }

    /** A fire time that has no run yet, or that was given up and after which no other had one; empty otherwise. */
    Optional<Attention> attention() {
        return Optional.ofNullable(attention);
    }

    /** Nothing more is started or logged. */
    void stop() {
        stopped = true;
    }

    /** How long to wait before {@link #look()} is called again. */
    Duration untilNextLook() {
        Duration scheduled = schedule.untilNextLook();
        PendingSweep waiting = pending;
        if (waiting == null) {
            return scheduled;
        }
        Duration until = Duration.between(clock.instant(), waiting.nextTry());
        Duration atLeast = until.isNegative() || until.isZero() ? Duration.ofMillis(1) : until;
        return atLeast.compareTo(scheduled) < 0 ? atLeast : scheduled;
    }

    /** The latest fire time before the application was up, if no run has started since, though one had before. */
    Optional<Instant> missed() {
        return schedule.last().filter(this::isMissed);
    }

    /** Where no run has ever started, a plan shows that one was wanted before. */
    private boolean isMissed(Instant fireTime) {
        return repository
                .runs()
                .latest()
                .map(run -> run.started().isBefore(fireTime))
                .orElseGet(() -> !plans.get().isEmpty());
    }

    private void proceed() {
        PendingSweep current = pending;
        if (current == null || stopped || clock.instant().isBefore(current.nextTry())) {
            return;
        }
        if (current.wanted && current.isTooLate(clock.instant())) {
            pending = null;
            giveUp(current);
            return;
        }
        Reason reason;
        Throwable failure = null;
        try {
            reason = tried(current);
        } catch (RuntimeException | Error e) {
            failure = e;
            reason = Reason.of(e);
        }
        if (stopped) {
            return;
        }
        if (reason == null) {
            pending = null;
        } else {
            putOff(current, reason, failure);
        }
    }

    /** Why it has to be tried again; null if the fire time has its run, or a reason that was logged. */
    private @Nullable Reason tried(PendingSweep current) {
        if (!current.wanted) {
            if (!isMissed(current.fireTime)) {
                return null;
            }
            current.wanted = true;
            if (current.isTooLate(clock.instant())) {
                giveUp(current);
                return null;
            }
            log.info("the sweep of {} was missed and starts now", current.fireTime);
        } else if (current.failures > 0) {
            Optional<SweepRun> other = startedSince(current.fireTime);
            if (other.isPresent() && !hasRun.test(current.fireTime)) {
                log.info(
                        "the sweep of {} is not started, because run={} has started after that time, at {}",
                        current.fireTime,
                        other.get().id(),
                        other.get().started());
                attention = null;
                return null;
            }
        }
        if (current.isRefused()) {
            if (current.isStillRefused(Circumstances.of(repository))) {
                return current.reason;
            }
            current.triedAgainUntil(schedule.latestStart(clock.instant()));
        }
        Circumstances before = circumstancesOfAPlan();
        SweepReport report = sweep.apply(current.fireTime);
        if (mayStartLater(report.end()) && !hasRun.test(current.fireTime)) {
            if (report.end() == SweepEnd.REFUSED) {
                current.refused(before == null ? Circumstances.of(repository) : before);
            }
            return new Reason(report.end(), report.message());
        }
        if (current.failures > 0) {
            log.info("the sweep of {} took place after {} failed tries", current.fireTime, current.failures);
        }
        attention = null;
        return null;
    }

    private Optional<SweepRun> startedSince(Instant fireTime) {
        return repository.runs().latest().filter(run -> !run.started().isBefore(fireTime));
    }

    /**
     * Read before a sweep, since a plan that exists may be confirmed while the sweep is refused. Null if there is none:
     * then the refusal itself creates one.
     */
    private @Nullable Circumstances circumstancesOfAPlan() {
        try {
            return plans.get().isEmpty() ? null : Circumstances.of(repository);
        } catch (RetentionException e) {
            log.debug("the database could not be read, so it is not known which plans exist", e);
            return null;
        }
    }

    /** Whether a sweep that was not started for this reason may start later: by itself, or when a person allows it. */
    private static boolean mayStartLater(SweepEnd end) {
        return switch (end) {
            case ALREADY_RUNNING, CLOCKS_DISAGREE, STOPPED, REFUSED -> true;
            default -> false;
        };
    }

    private void putOff(PendingSweep current, Reason reason, @Nullable Throwable failure) {
        if (current.isRefused() && failure != null) {
            log.debug(
                    "the database could not be read, so it is not known if the sweep of {} is still refused",
                    current.fireTime,
                    failure);
            current.putOff(current.reason, clock.instant());
            return;
        }
        if (!current.isRefused()) {
            String again = current.isTooLate(clock.instant())
                    ? "Whether it was missed is looked up again"
                    : "It is tried again until " + current.latestStart;
            attention = new Attention(
                    "the sweep of " + current.fireTime + " has not started: " + reason.text(),
                    "correct what the reason names. " + again);
            if (!reason.kind().equals(current.reason.kind())) {
                log.warn("the sweep of {} could not be done: {}. {}", current.fireTime, reason.text(), again, failure);
            }
        } else if (reason != current.reason) {
            // Its plan is what needs attention now.
            attention = null;
            log.info(
                    "the sweep of {} was refused. It starts when that is confirmed, unless the next one is due before",
                    current.fireTime);
        }
        current.putOff(reason, clock.instant());
    }

    /** It is too late for a run of this fire time. One may have started at another instance. */
    private void giveUp(PendingSweep late) {
        if (isKnownToHaveRun(late.fireTime)) {
            log.info("the sweep of {} took place at another instance", late.fireTime);
            attention = null;
            return;
        }
        String why = late.failures > 0 ? late.reason.text() : "it could not be started until " + clock.instant();
        log.error("the sweep of {} did not take place: {}. {}", late.fireTime, why, REMEDY);
        attention = new Attention("the sweep of " + late.fireTime + " did not take place: " + why, REMEDY);
    }

    private boolean isKnownToHaveRun(Instant fireTime) {
        try {
            return hasRun.test(fireTime) || startedSince(fireTime).isPresent();
        } catch (RuntimeException e) {
            log.debug(
                    "the database could not be read, so it is not known whether the sweep of {} took place",
                    fireTime,
                    e);
            return false;
        }
    }
}
