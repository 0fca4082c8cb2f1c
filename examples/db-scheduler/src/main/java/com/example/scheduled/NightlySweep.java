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

/** The engine's scheduler, and the one task that sweeps every night. */
@Configuration(proxyBeanMethods = false)
class NightlySweep {

    private static final LocalTime TIME = LocalTime.of(3, 0);
    private static final ZoneOffset ZONE = ZoneOffset.UTC;

    /** The ends after which no further night is better until a person has acted. All others mend themselves. */
    private static final Set<SweepEnd> WAITS_FOR_A_PERSON = EnumSet.of(
            SweepEnd.REFUSED,
            SweepEnd.ACCOUNT_MISMATCH_SUSPECTED,
            SweepEnd.STORAGE_KEY_SUSPECTED,
            SweepEnd.CREDENTIALS_REFUSED,
            SweepEnd.CLOCKS_DISAGREE);

    @Bean
    RecurringTask<Void> sweepTask(RetentionSweeper sweeper) {
        // No transaction is open here, and none may be: claims are committed before anything is sent.
        return Tasks.recurring("retention-sweep", Schedules.daily(ZONE, TIME)).execute((instance, context) -> {
            SweepReport report = sweeper.sweep(fireTime(context.getExecution().getExecutionTime()));
            if (WAITS_FOR_A_PERSON.contains(report.end())) {
                throw new SweepNeedsAttention(report);
            }
        });
    }

    /**
     * An execution that is taken for dead, or is started by hand, has another execution time than the night's. It is the same night's sweep all the
     * same, and must not become a second one with a second limit.
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

    /** An instance that is about to stop leaves the night's sweep to another one: its own sweeper is closed first. */
    @Bean
    ApplicationListener<ContextClosedEvent> pauseScheduler(Scheduler scheduler) {
        return closed -> scheduler.pause();
    }

    /** Fails the task, so that whoever watches the scheduler's failures hears of it. */
    static final class SweepNeedsAttention extends RuntimeException {
        private static final long serialVersionUID = 1L;

        SweepNeedsAttention(SweepReport report) {
            super(report.end() + ": " + report.message());
        }
    }
}
