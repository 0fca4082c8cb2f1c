package com.example.scheduled;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.kagkarlsson.scheduler.ScheduledExecution;
import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.event.AbstractSchedulerListener;
import com.github.kagkarlsson.scheduler.event.SchedulerListener;
import com.github.kagkarlsson.scheduler.task.ExecutionComplete;
import com.github.kagkarlsson.scheduler.task.TaskInstanceId;
import com.github.kagkarlsson.scheduler.task.helper.RecurringTask;
import com.github.kagkarlsson.scheduler.testhelper.ManualScheduler;
import com.github.kagkarlsson.scheduler.testhelper.SettableClock;
import com.github.kagkarlsson.scheduler.testhelper.TestHelper;
import com.github.kagkarlsson.scheduler.testhelper.TestHelper.ManualSchedulerBuilder;
import dev.retention.DeletionLedger;
import dev.retention.RetentionOperations;
import dev.retention.test.twilio.LoopbackTwilio;
import dev.retention.test.twilio.TwilioRequest;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

@DisplayName("The nightly sweep under db-scheduler")
class NightlySweepTest {

    private static final String ACCOUNT = "AC00000000000000000000000000000001";
    private static final String TOKEN = "the-token";
    private static final TaskInstanceId SWEEP = TaskInstanceId.of("retention-sweep", RecurringTask.INSTANCE);
    private static final int SECONDS = 180;

    private final LoopbackTwilio twilio = LoopbackTwilio.start().addAccount(ACCOUNT, TOKEN);
    private final String url = "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1";
    private final List<ConfigurableApplicationContext> engines = new ArrayList<>();
    private final BlockingQueue<ExecutionComplete> executions = new LinkedBlockingQueue<>();

    @AfterEach
    void stop() {
        twilio.resume();
        engines.forEach(ConfigurableApplicationContext::close);
        twilio.close();
    }

    private ConfigurableApplicationContext engine(String... settings) {
        List<String> arguments = new ArrayList<>(List.of(
                "--spring.main.keep-alive=false",
                "--spring.datasource.url=" + url,
                "--retention.twilio.account-sid=" + ACCOUNT,
                "--retention.twilio.auth-token=" + TOKEN,
                "--retention.twilio.base-url=" + twilio.baseUrl(),
                // A pause of the test's is no failure of the provider's.
                "--retention.twilio.request-timeout=5m"));
        arguments.addAll(Arrays.asList(settings));
        ConfigurableApplicationContext engine = new SpringApplicationBuilder(VoiceEngineApplication.class)
                .web(WebApplicationType.NONE)
                .initializers((GenericApplicationContext context) ->
                        context.registerBean(SchedulerListener.class, () -> new AbstractSchedulerListener() {
                            @Override
                            public void onExecutionComplete(ExecutionComplete execution) {
                                executions.add(execution);
                            }
                        }))
                .run(arguments.toArray(String[]::new));
        engines.add(engine);
        return engine;
    }

    private static Scheduler scheduler(ConfigurableApplicationContext engine) {
        return engine.getBean(Scheduler.class);
    }

    private static ScheduledExecution<Object> scheduled(ConfigurableApplicationContext engine) {
        return scheduler(engine).getScheduledExecution(SWEEP).orElseThrow();
    }

    /** Reschedules the task to now, and lets the schedulers check for due executions. */
    private void runNow(ConfigurableApplicationContext first, ConfigurableApplicationContext... others) {
        assertThat(scheduler(first).reschedule(SWEEP, Instant.now())).isTrue();
        Stream.concat(Stream.of(first), Stream.of(others))
                .forEach(engine -> scheduler(engine).triggerCheckForDueExecutions());
    }

    private ExecutionComplete executed() throws InterruptedException {
        return Objects.requireNonNull(executions.poll(SECONDS, TimeUnit.SECONDS), "the task was not executed");
    }

    private CallRecording recorded(Duration age) {
        Instant created = Instant.now().minus(age).truncatedTo(ChronoUnit.SECONDS);
        return new CallRecording(twilio.addRecording(ACCOUNT, created), created);
    }

    private List<CallRecording> due(int count) {
        return Stream.generate(() -> recorded(Duration.ofDays(91))).limit(count).toList();
    }

    private static <T> T inTransaction(ConfigurableApplicationContext engine, Function<EntityManager, T> work) {
        return engine.getBean(EntityManagerFactory.class).callInTransaction(work);
    }

    private static void save(ConfigurableApplicationContext engine, List<CallRecording> recordings) {
        inTransaction(engine, entities -> {
            recordings.forEach(entities::persist);
            return recordings;
        });
    }

    private static CallRecording row(ConfigurableApplicationContext engine, CallRecording recording) {
        return inTransaction(engine, entities -> entities.find(CallRecording.class, recording.getId()));
    }

    private static long count(ConfigurableApplicationContext engine, String table) {
        return engine.getBean(JdbcClient.class)
                .sql("select count(*) from " + table)
                .query(Long.class)
                .single();
    }

    private Map<String, Long> deletionsBySid() {
        return twilio.journal().stream()
                .filter(request -> request.method().equals("DELETE"))
                .collect(Collectors.groupingBy(
                        (TwilioRequest request) -> String.valueOf(request.sid()), Collectors.counting()));
    }

    private void assertDeletedOnce(List<CallRecording> recordings) {
        assertThat(deletionsBySid())
                .isEqualTo(recordings.stream()
                        .collect(Collectors.toMap(
                                recording -> String.valueOf(recording.getTwilioRecordingSid()), recording -> 1L)));
    }

    @Test
    void deletesExactlyWhatIsDueAndWaitsForTheNextNight() throws InterruptedException {
        ConfigurableApplicationContext engine = engine();
        CallRecording due = recorded(Duration.ofDays(90).plusHours(1));
        CallRecording notDue = recorded(Duration.ofDays(90).minusHours(1));
        save(engine, List.of(due, notDue));

        runNow(engine);
        assertThat(executed().getResult()).isEqualTo(ExecutionComplete.Result.OK);

        assertDeletedOnce(List.of(due));
        assertThat(row(engine, due).getDeletedAt()).isNotNull();
        assertThat(row(engine, due).getDeletionReason()).isEqualTo("retention_policy");
        assertThat(row(engine, notDue).getDeletedAt()).isNull();
        DeletionLedger ledger = engine.getBean(DeletionLedger.class);
        assertThat(ledger.find(due.getId().toString()).orElseThrow().evidence()).contains("204");
        Instant next = scheduled(engine).getExecutionTime();
        assertThat(next).isAfter(Instant.now());
        assertThat(next.atZone(ZoneOffset.UTC).toLocalTime()).isEqualTo(LocalTime.of(3, 0));
        assertThat(scheduled(engine).getConsecutiveFailures()).isZero();
    }

    @Test
    void ofTwoInstancesOneSweepsAndDeletesEachRecordingOnce() throws InterruptedException {
        ConfigurableApplicationContext one = engine();
        ConfigurableApplicationContext other = engine();
        List<CallRecording> due = due(40);
        save(one, due);

        runNow(one, other);
        assertThat(executed().getResult()).isEqualTo(ExecutionComplete.Result.OK);

        // No execution is due any more, so the other instance has nothing to pick.
        assertThat(scheduled(other).isPicked()).isFalse();
        assertThat(scheduled(other).getExecutionTime()).isAfter(Instant.now());
        assertThat(executions).isEmpty();
        assertDeletedOnce(due);
        assertThat(count(one, "retention_run")).isEqualTo(1);

        // Started again by hand, on the other instance: that night's run has ended.
        List<CallRecording> late = due(3);
        save(one, late);
        runNow(other);
        assertThat(executed().getResult()).isEqualTo(ExecutionComplete.Result.OK);
        assertDeletedOnce(due);
        assertThat(count(one, "retention_run")).isEqualTo(1);
    }

    @Test
    void anExecutionThatIsMistakenForDeadWhileItSweepsSharesItsRun() throws Exception {
        ConfigurableApplicationContext sweeping = engine();
        ConfigurableApplicationContext other = engine();
        List<CallRecording> due = due(40);
        save(sweeping, due);
        twilio.pause();
        runNow(sweeping);
        assertThat(twilio.awaitRequests(1, Duration.ofSeconds(SECONDS))).isTrue();
        assertThat(scheduled(sweeping).isPicked()).isTrue();

        SettableClock anHourLater = new SettableClock();
        anHourLater.set(Instant.now().plus(Duration.ofHours(1)));
        CountDownLatch begun = new CountDownLatch(1);
        ManualSchedulerBuilder others = TestHelper.createManualScheduler(
                        other.getBean(DataSource.class), other.getBean(RecurringTask.class))
                .clock(anHourLater);
        others.addExecutionInterceptor((instance, context, chain) -> {
            begun.countDown();
            return chain.proceed(instance, context);
        });
        ManualScheduler manual = others.build();
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            manual.runDeadExecutionDetection();
            Future<?> second = thread.submit(manual::runAnyDueExecutions);
            assertThat(begun.await(SECONDS, TimeUnit.SECONDS)).isTrue();
            twilio.resume();
            second.get(SECONDS, TimeUnit.SECONDS);
        } finally {
            thread.shutdownNow();
        }

        assertThat(executed().getResult()).isEqualTo(ExecutionComplete.Result.OK);
        assertThat(scheduled(other).getLastSuccess()).isNotNull();
        assertThat(scheduled(other).getConsecutiveFailures()).isZero();
        assertDeletedOnce(due);
        assertThat(count(sweeping, "retention_run")).isEqualTo(1);
    }

    @Test
    void aRefusedSweepFailsTheTaskUntilAPersonHasConfirmed() throws InterruptedException {
        ConfigurableApplicationContext engine = engine("--retention.safety.max-share-floor=0");
        List<CallRecording> due = due(3);
        save(engine, due);

        runNow(engine);
        ExecutionComplete refused = executed();
        assertThat(refused.getResult()).isEqualTo(ExecutionComplete.Result.FAILED);
        RetentionOperations operations = engine.getBean(RetentionOperations.class);
        String plan = operations.plans().get(0).id();
        assertThat(refused.getCause().orElseThrow())
                .hasMessageStartingWith("REFUSED: ")
                .hasMessageContaining(plan);
        assertThat(deletionsBySid()).isEmpty();
        assertThat(scheduled(engine).getConsecutiveFailures()).isEqualTo(1);
        assertThat(scheduled(engine).getExecutionTime()).isAfter(Instant.now());

        assertThat(operations.confirm(plan, "operator@example.com")).isTrue();
        runNow(engine);
        assertThat(executed().getResult()).isEqualTo(ExecutionComplete.Result.OK);
        assertDeletedOnce(due);
        assertThat(scheduled(engine).getConsecutiveFailures()).isZero();
    }

    @Test
    void aPausedSweepFailsNothing() throws InterruptedException {
        ConfigurableApplicationContext engine = engine();
        save(engine, due(1));
        assertThat(engine.getBean(RetentionOperations.class).pause("dpo@example.com", "audit"))
                .isTrue();

        runNow(engine);
        assertThat(executed().getResult()).isEqualTo(ExecutionComplete.Result.OK);
        assertThat(deletionsBySid()).isEmpty();
    }

    @Test
    void anInstanceThatStopsLeavesTheSweepToOthers() {
        ConfigurableApplicationContext engine = engine();
        Scheduler scheduler = scheduler(engine);
        assertThat(scheduler.getSchedulerState().isPaused()).isFalse();
        engine.close();
        assertThat(scheduler.getSchedulerState().isPaused()).isTrue();
        assertThat(scheduler.getSchedulerState().isShuttingDown()).isTrue();
    }

    @Test
    void aRevivedExecutionHasTheFireTimeOfItsNight() {
        Instant night = Instant.parse("2026-11-23T03:00:00Z");
        assertThat(NightlySweep.fireTime(night)).isEqualTo(night);
        assertThat(NightlySweep.fireTime(night.plusSeconds(4000))).isEqualTo(night);
        assertThat(NightlySweep.fireTime(night.minusNanos(1))).isEqualTo(night.minus(Duration.ofDays(1)));
    }

    @Test
    void theMigrationIsTheScriptOfTheLibrary() throws IOException {
        assertThat(resource("/db/migration/V3__retention.sql")).isEqualTo(resource("/dev/retention/jpa/schema-h2.sql"));
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(NightlySweepTest.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
