package com.example.scheduled;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.SchedulerBuilder;
import com.github.kagkarlsson.scheduler.event.SchedulerListener;
import com.github.kagkarlsson.scheduler.task.helper.RecurringTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.github.kagkarlsson.scheduler.task.schedule.Schedules;
import dev.retention.RetentionSweeper;
import dev.retention.SweepEnd;
import dev.retention.SweepReport;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.EnumSet;
import java.util.Set;
import javax.sql.DataSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.ApplicationRunner;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.ContextClosedEvent;

/** The engine's scheduler, and its one task, which sweeps every night. */
@Configuration(proxyBeanMethods = false)
class NightlySweep {

    private static final LocalTime TIME = LocalTime.of(3, 0);
    private static final ZoneOffset ZONE = ZoneOffset.UTC;

    /** The ends after which a person has to act, or the next night ends the same way. All others need no action. */
    private static final Set<SweepEnd> NEEDS_A_PERSON = EnumSet.of(
            SweepEnd.REFUSED,
            SweepEnd.ACCOUNT_MISMATCH_SUSPECTED,
            SweepEnd.STORAGE_KEY_SUSPECTED,
            SweepEnd.CREDENTIALS_REFUSED,
            SweepEnd.CLOCKS_DISAGREE);

    @Bean
    RecurringTask<Void> sweepTask(RetentionSweeper sweeper) {
        // The handler runs without a transaction, as it must: claims are committed before anything is sent.
        return Tasks.recurring("retention-sweep", Schedules.daily(ZONE, TIME)).execute((instance, context) -> {
            SweepReport report = sweeper.sweep(fireTime(context.getExecution().getExecutionTime()));
            if (NEEDS_A_PERSON.contains(report.end())) {
                throw new SweepNeedsAttention(report);
            }
        });
    }

    /**
     * The fire time of the night to which an execution belongs. An execution that was mistaken for dead and revived, or
     * was started by hand, has another execution time. It must still share the run of its night, and not start a second
     * run with a second limit.
     */
    static Instant fireTime(Instant executionTime) {
        ZonedDateTime time = executionTime.atZone(ZONE);
        ZonedDateTime sameDay = time.with(TIME);
        return (sameDay.isAfter(time) ? sameDay.minusDays(1) : sameDay).toInstant();
    }

    @Bean(destroyMethod = "stop")
    Scheduler scheduler(
            DataSource dataSource, RecurringTask<Void> sweepTask, ObjectProvider<SchedulerListener> listeners) {
        SchedulerBuilder builder = Scheduler.create(dataSource).startTasks(sweepTask);
        listeners.orderedStream().forEach(builder::addSchedulerListener);
        return builder.build();
    }

    @Bean
    ApplicationRunner startScheduler(Scheduler scheduler) {
        return arguments -> scheduler.start();
    }

    /** An instance that shuts down starts no execution any more: its sweeper is closed, so another one must sweep. */
    @Bean
    ApplicationListener<ContextClosedEvent> pauseScheduler(Scheduler scheduler) {
        return closed -> scheduler.pause();
    }

    /** Fails the task, so that the monitoring of the scheduler's failures reports it. */
    static final class SweepNeedsAttention extends RuntimeException {
        private static final long serialVersionUID = 1L;

        SweepNeedsAttention(SweepReport report) {
            super(report.end() + ": " + report.message());
        }
    }
}
