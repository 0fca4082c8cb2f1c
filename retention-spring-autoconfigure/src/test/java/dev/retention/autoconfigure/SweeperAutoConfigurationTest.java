package dev.retention.autoconfigure;

import static dev.retention.autoconfigure.Contexts.ACCOUNT;
import static dev.retention.autoconfigure.Contexts.NOON;
import static dev.retention.autoconfigure.Contexts.TOKEN;
import static dev.retention.autoconfigure.Contexts.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.DeletionLedger;
import dev.retention.DeletionState;
import dev.retention.LegalHolds;
import dev.retention.RetentionOperations;
import dev.retention.RetentionPolicy;
import dev.retention.RetentionSweeper;
import dev.retention.SweepEnd;
import dev.retention.SweepReport;
import dev.retention.internal.support.StopSignal;
import dev.retention.spi.DatabaseIdentity;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.RecordingRepository;
import dev.retention.spi.RecordingStorage;
import dev.retention.test.EngineRow;
import dev.retention.test.FakeRecordingStorage;
import dev.retention.test.InMemoryRecordingRepository;
import dev.retention.test.MutableClock;
import dev.retention.test.twilio.LoopbackTwilio;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.MapPropertySource;

@DisplayName("The sweeper")
class SweeperAutoConfigurationTest {

    private static final Duration OLD = Duration.ofDays(100);
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private static void put(AssertableApplicationContext context, EngineRow... rows) {
        context.getBean(InMemoryRecordingRepository.class).put(rows);
    }

    @Test
    void comesWithHoldsAndLedgerAndDeletesOnlyDueRecordings() {
        Contexts.complete().run(context -> {
            assertThat(context)
                    .hasSingleBean(LegalHolds.class)
                    .hasSingleBean(DeletionLedger.class)
                    .hasSingleBean(RetentionOperations.class);
            FakeRecordingStorage storage =
                    context.getBean(FakeRecordingStorage.class).put("RE1", "RE2", "RE3");
            put(
                    context,
                    EngineRow.of("1", "RE1", NOON.minus(OLD)),
                    EngineRow.of("2", "RE2", NOON.minus(OLD)),
                    EngineRow.of("3", "RE3", NOON.minus(Duration.ofDays(89))));
            context.getBean(LegalHolds.class).place("case-7", List.of("2"), "dpo", "lawsuit", null);
            SweepReport report = context.getBean(RetentionSweeper.class).sweep();
            assertThat(report.deleted()).isEqualTo(1);
            assertThat(report.held()).isEqualTo(1);
            assertThat(storage.keys()).containsExactlyInAnyOrder("RE2", "RE3");
            assertThat(context.getBean(DeletionLedger.class).find("1")).isPresent();
        });
    }

    @Test
    void doesNotExistWhenSwitchedOff() {
        Contexts.complete()
                .withPropertyValues("retention.enabled=false")
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .doesNotHaveBean(RetentionSweeper.class)
                        .doesNotHaveBean(LegalHolds.class)
                        .doesNotHaveBean(RetentionOperations.class)
                        .doesNotHaveBean(DeletionLedger.class)
                        .doesNotHaveBean(RetentionScheduler.class));
    }

    @Test
    void previewsOnlyInADryRun() {
        Contexts.complete().withPropertyValues("retention.dry-run=true").run(context -> {
            FakeRecordingStorage storage =
                    context.getBean(FakeRecordingStorage.class).put("RE1", "RE3");
            put(
                    context,
                    EngineRow.of("1", "RE1", NOON.minus(OLD)),
                    EngineRow.of("3", "RE3", NOON.minus(Duration.ofDays(1))));
            assertThat(context.getBean(RetentionSweeper.class).sweep().deleted())
                    .isEqualTo(1);
            assertThat(storage.calls()).isEmpty();
        });
    }

    /** Midnight of the schedule's zone, five hours after that of UTC. */
    @ParameterizedTest
    @CsvSource({"2001-05-06, 1", "2001-05-07, 0"})
    void keepsRowsThatWereCreatedBeforeTheEarliestDay(String day, long deleted) {
        Contexts.complete()
                .withPropertyValues(
                        "retention.safety.earliest-created=" + day, "retention.schedule.zone=America/Chicago")
                .run(context -> {
                    context.getBean(FakeRecordingStorage.class).put("RE1", "RE2");
                    put(
                            context,
                            EngineRow.of("1", "RE1", Instant.parse("2001-05-06T05:00:00Z")),
                            EngineRow.of("2", "RE2", Instant.parse("2001-05-06T04:59:59Z")));
                    SweepReport report = context.getBean(RetentionSweeper.class).sweep();
                    assertThat(report.deleted()).isEqualTo(deleted);
                    assertThat(report.undated()).isEqualTo(2 - deleted);
                });
    }

    @Test
    void isRefusedWithoutAnyStorage() {
        Contexts.withRepository()
                .run(context -> assertRefused(context)
                        .contains(
                                "No storage is configured", "retention.twilio.account-sid", "retention.enabled=false"));
        Contexts.withRepository()
                .withPropertyValues("retention.twilio.enabled=false")
                .run(context -> assertRefused(context).contains("No storage is configured"));
        Contexts.withRepository()
                .withClassLoader(new FilteredClassLoader("dev.retention.twilio"))
                .run(context -> assertRefused(context).contains("No storage is configured"));
    }

    @Test
    void isRefusedWithoutARepository() {
        Contexts.bare()
                .withUserConfiguration(Contexts.OneStorage.class)
                .run(context -> assertRefused(context).contains("There is no RecordingRepository", "retention-jpa"));
        Contexts.bare()
                .withUserConfiguration(Contexts.OneStorage.class)
                .withClassLoader(new FilteredClassLoader("dev.retention.jpa"))
                .run(context -> assertRefused(context).contains("There is no RecordingRepository"));
    }

    @Test
    void asksItsStoragesInOrderAndTwilioLast() {
        try (LoopbackTwilio twilio = LoopbackTwilio.start().addAccount(ACCOUNT, TOKEN)) {
            // The provider's clock must agree with the one of the test.
            twilio.setDateOffset(Duration.between(Instant.now(), NOON));
            String due = twilio.addRecording(ACCOUNT, NOON.minus(OLD));
            String recent = twilio.addRecording(ACCOUNT, NOON.minus(Duration.ofDays(1)));
            Contexts.withRepository()
                    .withUserConfiguration(Copies.class)
                    .withConfiguration(AutoConfigurations.of(LateCopy.class))
                    .withPropertyValues(
                            "retention.twilio.account-sid=" + ACCOUNT,
                            "retention.twilio.auth-token=" + TOKEN,
                            "retention.twilio.base-url=" + twilio.baseUrl())
                    .run(context -> {
                        put(
                                context,
                                EngineRow.of("1", due, NOON.minus(OLD)),
                                EngineRow.of("2", recent, NOON.minus(Duration.ofDays(1))));
                        for (FakeRecordingStorage copy : context.getBeansOfType(FakeRecordingStorage.class)
                                .values()) {
                            copy.put(due, recent);
                        }
                        SweepReport report =
                                context.getBean(RetentionSweeper.class).sweep();
                        assertThat(report.deleted()).isEqualTo(1);
                        String evidence = context.getBean(DeletionLedger.class)
                                .find("1")
                                .orElseThrow()
                                .evidence();
                        assertThat(evidence).containsSubsequence("first", "second", "third", "twilio");
                        assertThat(twilio.stored(ACCOUNT)).isEqualTo(1);
                    });
        }
    }

    @Test
    void takesPoliciesFromBeans() {
        Contexts.complete().withUserConfiguration(PolicyBeans.class).run(context -> {
            FakeRecordingStorage storage =
                    context.getBean(FakeRecordingStorage.class).put("RE1", "RE2", "RE3");
            put(
                    context,
                    EngineRow.of("1", "RE1", NOON.minus(Duration.ofDays(40))),
                    EngineRow.of("2", "RE2", NOON.minus(Duration.ofDays(40))).withAttribute("tenant", "acme"),
                    EngineRow.of("3", "RE3", NOON.minus(Duration.ofDays(1))));
            context.getBean(RetentionSweeper.class).sweep();
            assertThat(storage.keys()).containsExactlyInAnyOrder("RE2", "RE3");
        });
    }

    @Test
    void isRefusedWhenPoliciesComeFromTwoSources() {
        Contexts.complete()
                .withUserConfiguration(PolicyBeans.class)
                .withPropertyValues("retention.policies.x.period=400d", "retention.policies.x.match.tenant=x")
                .run(context -> assertRefused(context).contains("retention.policies.*", "RetentionPolicy"));
        Contexts.complete()
                .withUserConfiguration(PolicyBeans.class)
                .withPropertyValues("retention.period=400d")
                .run(context -> assertRefused(context).contains("retention.period and a bean"));
        Contexts.complete()
                .withUserConfiguration(PolicyBeans.class, AnotherDefault.class)
                .run(context -> assertRefused(context).contains("only one of them can be the default"));
    }

    @Test
    void isReplacedByHoldsLedgerAndOperationsOfTheApplication() {
        Contexts.complete()
                .withUserConfiguration(OwnDoors.class)
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .hasSingleBean(LegalHolds.class)
                        .hasSingleBean(DeletionLedger.class)
                        .hasSingleBean(RetentionOperations.class)
                        .hasBean("ownHolds")
                        .hasBean("ownLedger")
                        .hasBean("ownOperations"));
    }

    private static String sweptIdentity(AssertableApplicationContext context) {
        assertThat(context.getBean(RetentionSweeper.class).sweep().end()).isEqualTo(SweepEnd.COMPLETED);
        return context.getBean(RecordingRepository.class)
                .controls()
                .all()
                .get("identity")
                .setting();
    }

    @Test
    void isNamedAfterTheActiveProfilesInAnyOrderUnlessItsEnvironmentIsSet() {
        ApplicationContextRunner profiles = Contexts.complete()
                .withInitializer(context -> context.getEnvironment().setActiveProfiles("eu", "cloud"));
        profiles.run(context -> assertThat(sweptIdentity(context)).endsWith("environment 'cloud,eu'"));
        profiles.withInitializer(context -> context.getEnvironment()
                        .getPropertySources()
                        .addFirst(new MapPropertySource("blanks", Map.of("retention.environment", " production "))))
                .run(context -> assertThat(sweptIdentity(context)).endsWith("environment 'production'"));
        profiles.withPropertyValues("retention.environment=")
                .run(context -> assertThat(sweptIdentity(context)).endsWith("environment ''"));
        Contexts.complete().run(context -> assertThat(sweptIdentity(context)).endsWith("environment ''"));
    }

    @ParameterizedTest
    @CsvSource({
        "retention.safety.max-share=0.1, COMPLETED",
        "retention.safety.max-share-floor=2, REFUSED",
        "retention.safety.max-share-floor=2 retention.safety.max-share=0.75, COMPLETED",
        "retention.safety.max-share-floor=2 retention.safety.max-share=0.74, REFUSED",
        "retention.safety.max-share-floor=3 retention.safety.max-share=0.74, COMPLETED"
    })
    void refusesToDeleteMoreThanTheShareThatIsSet(String properties, SweepEnd end) {
        Contexts.complete().withPropertyValues(properties.split(" ")).run(context -> {
            FakeRecordingStorage storage =
                    context.getBean(FakeRecordingStorage.class).put("RE1", "RE2", "RE3", "RE4");
            put(
                    context,
                    EngineRow.of("1", "RE1", NOON.minus(OLD)),
                    EngineRow.of("2", "RE2", NOON.minus(OLD)),
                    EngineRow.of("3", "RE3", NOON.minus(OLD)),
                    EngineRow.of("4", "RE4", NOON.minus(Duration.ofDays(1))));
            assertThat(context.getBean(RetentionSweeper.class).sweep().end()).isEqualTo(end);
            assertThat(storage.deletes()).hasSize(end == SweepEnd.COMPLETED ? 3 : 0);
        });
    }

    @ParameterizedTest
    @CsvSource({
        "retention.safety.first-run=confirm, false, REFUSED",
        "retention.safety.first-run=trust, false, COMPLETED",
        "retention.safety.first-run=confirm, true, COMPLETED",
        "retention.enabled=true, false, REFUSED"
    })
    void sweepsADatabaseForTheFirstTimeAsItIsSet(String property, boolean embedded, SweepEnd end) {
        Contexts.complete().withPropertyValues(property).run(context -> {
            context.getBean(InMemoryRecordingRepository.class)
                    .setIdentity(new DatabaseIdentity("jdbc:postgresql://db/voice", embedded));
            assertThat(context.getBean(RetentionSweeper.class).sweep().end()).isEqualTo(end);
        });
    }

    @Test
    void isNotLazyEvenWhenBeansAre() {
        Contexts.complete()
                .withInitializer(context -> context.addBeanFactoryPostProcessor(
                        new org.springframework.boot.LazyInitializationBeanFactoryPostProcessor()))
                .run(context -> assertThat(List.of("retentionSweeper", "retentionScheduler"))
                        .noneMatch(bean -> context.getSourceApplicationContext()
                                .getBeanFactory()
                                .getBeanDefinition(bean)
                                .isLazyInit()));
    }

    @Test
    void sweepsAtItsTimeInItsZone() {
        shortlyBeforeNoon().run(context -> {
            FakeRecordingStorage storage = dueAtNoon(context);
            assertThat(storage.awaitCalls(2, PATIENCE))
                    .as("a look-up for the identity, then the deletion")
                    .isTrue();
            context.close();
            assertThat(storage.keys()).containsExactly("RE2");
        });
    }

    @ParameterizedTest
    @CsvSource({
        "retention.schedule.cron=0 0 21 * * *, 2026-11-23T12:00:00Z",
        "retention.schedule.cron=0 1 21 * * *, 2026-11-23T12:01:00Z",
        "retention.schedule.zone=UTC, 2026-11-23T21:00:00Z",
        "retention.schedule.enabled=false,",
        "retention.schedule.cron=-,"
    })
    void sweepsAtNoOtherTimeAndNotWithoutASchedule(String property, @Nullable Instant next) {
        shortlyBeforeNoon().withPropertyValues(property).run(context -> {
            RetentionScheduler scheduler = context.getBean(RetentionScheduler.class);
            assertThat(scheduler.isRunning()).isTrue();
            assertThat(scheduler.nextSweep()).isEqualTo(Optional.ofNullable(next));
        });
    }

    @Test
    void sweepsOnScheduleWithVirtualThreadsSwitchedOn() {
        shortlyBeforeNoon()
                .withPropertyValues("spring.threads.virtual.enabled=true")
                .run(context ->
                        assertThat(dueAtNoon(context).awaitCalls(1, PATIENCE)).isTrue());
    }

    @Test
    void waitsForRequestsInProgressWhenTheApplicationStops() {
        shortlyBeforeNoon().withPropertyValues("retention.shutdown-timeout=10m").run(context -> {
            CountDownLatch answered = new CountDownLatch(1);
            CountDownLatch sent = new CountDownLatch(1);
            FakeRecordingStorage storage = context.getBean(FakeRecordingStorage.class)
                    .answer("RE1", recording -> {
                        sent.countDown();
                        awaitUninterrupted(answered);
                        return DeletionResult.deleted("late");
                    });
            dueAtNoon(context);
            assertThat(sent.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            RecordingRepository repository = context.getBean(RecordingRepository.class);
            Thread stopping = new Thread(context::close);
            stopping.start();
            awaitWaitForWork(stopping);
            answered.countDown();
            stopping.join();
            assertThat(DeletionLedger.of(repository).find("1").orElseThrow().state())
                    .isEqualTo(DeletionState.DELETED);
            assertThat(storage.deletes()).hasSize(1);
        });
    }

    /** Waits until this thread waits for the end of what runs, which shows only in its stack. */
    private static void awaitWaitForWork(Thread thread) {
        long patience = System.nanoTime() + PATIENCE.toNanos();
        while (Arrays.stream(thread.getStackTrace())
                .noneMatch(frame -> frame.getClassName().equals(StopSignal.class.getName())
                        && frame.getMethodName().equals("awaitFinished"))) {
            assertThat(thread.isAlive() && System.nanoTime() - patience < 0)
                    .as("it waits")
                    .isTrue();
            Thread.onSpinWait();
        }
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted in place of waited for", e);
        }
    }

    private static ApplicationContextRunner shortlyBeforeNoon() {
        return Contexts.complete()
                .withInitializer(context -> context.getBeanFactory().addBeanPostProcessor(new BeanPostProcessor() {
                    @Override
                    public Object postProcessAfterInitialization(Object bean, String name) {
                        if (bean instanceof MutableClock clock) {
                            clock.set(NOON.minusMillis(50));
                        }
                        return bean;
                    }
                }))
                .withPropertyValues("retention.schedule.cron=0 0 21 * * *", "retention.schedule.zone=Asia/Tokyo");
    }

    private static FakeRecordingStorage dueAtNoon(AssertableApplicationContext context) {
        FakeRecordingStorage storage =
                context.getBean(FakeRecordingStorage.class).put("RE1", "RE2");
        put(
                context,
                EngineRow.of("1", "RE1", NOON.minus(OLD)),
                EngineRow.of("2", "RE2", NOON.minus(Duration.ofDays(1))));
        context.getBean(MutableClock.class).set(NOON);
        return storage;
    }

    @Configuration(proxyBeanMethods = false)
    static class Copies {
        @Bean
        @Order(2)
        RecordingStorage a() {
            return new FakeRecordingStorage("second");
        }

        @Bean
        @Order(1)
        RecordingStorage b() {
            return new FakeRecordingStorage("first");
        }
    }

    /** Without an order, and defined after Twilio's. */
    @AutoConfiguration(after = RetentionTwilioAutoConfiguration.class)
    static class LateCopy {
        @Bean
        RecordingStorage c() {
            return new FakeRecordingStorage("third");
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnDoors {
        @Bean
        LegalHolds ownHolds(RecordingRepository repository) {
            return LegalHolds.of(repository);
        }

        @Bean
        DeletionLedger ownLedger(RecordingRepository repository) {
            return DeletionLedger.of(repository);
        }

        @Bean
        RetentionOperations ownOperations(RetentionSweeper sweeper) {
            return RetentionOperations.of(sweeper);
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class PolicyBeans {
        @Bean
        RetentionPolicy month() {
            return RetentionPolicy.ofDays(30);
        }

        @Bean
        RetentionPolicy acme() {
            return RetentionPolicy.keep().named("acme").matching("tenant", "acme");
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class AnotherDefault {
        @Bean
        RetentionPolicy year() {
            return RetentionPolicy.ofDays(365).named("year");
        }
    }

    @Test
    void usesThePrimaryOneOfSeveralClocksOrElseTheSystems() {
        Clock first = Clock.fixed(NOON, ZoneOffset.UTC);
        Clock second = Clock.systemDefaultZone();
        ApplicationContextRunner engine = Contexts.bare()
                .withBean(RecordingRepository.class, () -> new InMemoryRecordingRepository(Clock.systemUTC()))
                .withUserConfiguration(Contexts.OneStorage.class);
        engine.run(context ->
                assertThat(context.getBean(RetentionClock.class).clock()).isEqualTo(Clock.systemUTC()));
        engine.withBean("first", Clock.class, () -> first)
                .run(context -> assertThat(context.getBean(RetentionClock.class).clock())
                        .isSameAs(first));
        ApplicationContextRunner two =
                engine.withBean("first", Clock.class, () -> first).withBean("second", Clock.class, () -> second);
        two.run(context -> {
            assertThat(context.getBean(RetentionClock.class).clock()).isEqualTo(Clock.systemUTC());
            assertThat(context.getBean(RetentionSweeper.class).preview()).isNotNull();
        });
        engine.withBean("first", Clock.class, () -> first)
                .withBean("second", Clock.class, () -> second, definition -> definition.setPrimary(true))
                .run(context -> assertThat(context.getBean(RetentionClock.class).clock())
                        .isSameAs(second));
    }
}
