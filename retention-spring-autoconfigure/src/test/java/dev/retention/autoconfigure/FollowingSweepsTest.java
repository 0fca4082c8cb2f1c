package dev.retention.autoconfigure;

import static dev.retention.autoconfigure.Contexts.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.DeletionOutcome;
import dev.retention.RetentionSweeper;
import dev.retention.SweepEvent;
import dev.retention.SweepListener;
import dev.retention.SweepTracer;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.RecordingRepository;
import dev.retention.test.EngineRow;
import dev.retention.test.FakeRecordingStorage;
import dev.retention.test.InMemoryRecordingRepository;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.autoconfigure.contributor.HealthContributorAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;

@DisplayName("Events, meters, observations and health")
class FollowingSweepsTest {

    private final ApplicationContextRunner runner = Contexts.complete()
            .withConfiguration(AutoConfigurations.of(
                    MetricsAutoConfiguration.class,
                    CompositeMeterRegistryAutoConfiguration.class,
                    ObservationAutoConfiguration.class,
                    HealthContributorAutoConfiguration.class,
                    RetentionHealthAutoConfiguration.class,
                    RetentionMetricsAutoConfiguration.class,
                    RetentionObservationAutoConfiguration.class))
            .withPropertyValues("retention.schedule.cron=-");

    @Configuration(proxyBeanMethods = false)
    static class Prometheus {
        @Bean
        PrometheusMeterRegistry prometheus() {
            return new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Listening {

        final Queue<SweepEvent> events = new ConcurrentLinkedQueue<>();
        final Queue<SweepEvent> told = new ConcurrentLinkedQueue<>();

        @EventListener
        void on(SweepEvent event) {
            events.add(event);
        }

        @Bean
        SweepListener listener() {
            return told::add;
        }
    }

    /** One recording that is throttled and then fails, one that is refused permanently, and one that is not due. */
    private static void sweepAndClose(AssertableApplicationContext context) {
        InMemoryRecordingRepository repository =
                (InMemoryRecordingRepository) context.getBean(RecordingRepository.class);
        FakeRecordingStorage storage = context.getBean(FakeRecordingStorage.class);
        for (String id : List.of("a", "refused", "young")) {
            storage.put("RE" + id);
            repository.put(EngineRow.of(id, "RE" + id, NOON.minus(Duration.ofDays(id.equals("young") ? 1 : 100))));
        }
        AtomicInteger asked = new AtomicInteger();
        storage.answer(
                "REa",
                recording -> asked.incrementAndGet() == 1
                        ? DeletionResult.throttled("429", null)
                        : DeletionResult.tryLater("503", null, false));
        storage.answer("RErefused", DeletionResult.refused("no"));
        RetentionSweeper sweeper = context.getBean(RetentionSweeper.class);
        sweeper.sweep();
        sweeper.close();
    }

    @Test
    void applicationEventsAreThoseOfListenersExceptRequests() {
        runner.withUserConfiguration(Listening.class).run(context -> {
            sweepAndClose(context);
            Listening listening = context.getBean(Listening.class);
            assertThat(listening.events).hasAtLeastOneElementOfType(SweepEvent.SweepStarted.class);
            assertThat(listening.events).hasAtLeastOneElementOfType(SweepEvent.SweepEnded.class);
            assertThat(listening.events.stream()
                            .filter(SweepEvent.OutcomeRecorded.class::isInstance)
                            .map(SweepEvent.OutcomeRecorded.class::cast))
                    .extracting(SweepEvent.OutcomeRecorded::recordingId, SweepEvent.OutcomeRecorded::outcome)
                    .contains(org.assertj.core.groups.Tuple.tuple("refused", DeletionOutcome.REFUSED));
            assertThat(listening.told).hasAtLeastOneElementOfType(SweepEvent.RequestAnswered.class);
            assertThat(listening.told.stream().filter(e -> !(e instanceof SweepEvent.RequestAnswered)))
                    .containsExactlyElementsOf(listening.events);
        });
    }

    @Test
    void metersCountOutcomesSweepsAndThrottlesAndTimeRequests() {
        runner.withUserConfiguration(Prometheus.class).run(context -> {
            sweepAndClose(context);
            MeterRegistry meters = context.getBean(PrometheusMeterRegistry.class);
            assertThat(meters.get("retention.deletions")
                            .tags("outcome", "refused", "policy", "default")
                            .counter()
                            .count())
                    .isEqualTo(1);
            assertThat(meters.get("retention.throttled")
                            .tag("storage", "archive")
                            .counter()
                            .count())
                    .isGreaterThanOrEqualTo(1);
            assertThat(meters.get("retention.sweeps").counters()).hasSize(1);
            assertThat(meters.get("retention.sweep").timer().count()).isEqualTo(1);
            assertThat(meters.get("retention.request")
                            .tags("storage", "archive", "operation", "delete", "result", "refused")
                            .timer()
                            .count())
                    .isEqualTo(1);
            assertThat(meters.get("retention.waiting").gauge().value()).isEqualTo(1);
            assertThat(meters.get("retention.paused").gauge().value()).isZero();
            assertThat(meters.get("retention.overdue").gauge().value())
                    .isEqualTo(Duration.ofDays(10).toSeconds());
            assertThat(meters.get("retention.concurrency").gauge().value()).isZero();
        });
    }

    @Test
    void aRequestIsObservedWithinItsSweep() {
        Queue<Observation.Context> stopped = new ConcurrentLinkedQueue<>();
        runner.run(context -> {
            context.getBean(ObservationRegistry.class)
                    .observationConfig()
                    .observationHandler(new ObservationHandler<>() {
                        @Override
                        public void onStop(Observation.Context observation) {
                            stopped.add(observation);
                        }

                        @Override
                        public boolean supportsContext(Observation.Context observation) {
                            return true;
                        }
                    });
            sweepAndClose(context);
        });
        List<Observation.Context> requests = stopped.stream()
                .filter(observation -> "retention.request".equals(observation.getName()))
                .toList();
        assertThat(requests)
                .isNotEmpty()
                .allSatisfy(request -> assertThat(request.getParentObservation())
                        .isNotNull()
                        .extracting(parent -> parent.getContextView().getName())
                        .isEqualTo("retention.sweep"));
        assertThat(stopped).last().extracting(Observation.Context::getName).isEqualTo("retention.sweep");
    }

    private static Set<String> scraped(AssertableApplicationContext context) {
        Set<String> names = new TreeSet<>();
        context.getBean(PrometheusMeterRegistry.class).scrape().lines().forEach(line -> {
            Matcher name = Pattern.compile("retention_[a-z_]+").matcher(line);
            if (!line.startsWith("#") && name.lookingAt()) {
                names.add(name.group());
            }
        });
        return names;
    }

    @Test
    void alertsDashboardAndPageNameMetersThatAreScraped() {
        runner.withUserConfiguration(Prometheus.class).run(context -> {
            sweepAndClose(context);
            Set<String> scraped = scraped(context);
            List<String> read = new ArrayList<>();
            for (String file : List.of("alerts.yaml", "dashboard.json", "meters.md")) {
                Set<String> used = new TreeSet<>();
                Matcher name = Pattern.compile("\\bretention_[a-z_]+")
                        .matcher(Files.readString(Path.of("..", "docs", "monitoring", file)));
                while (name.find()) {
                    used.add(name.group());
                }
                assertThat(used).as(file).isNotEmpty().isSubsetOf(scraped);
                read.addAll(used);
            }
            assertThat(read).as("every meter is on its page").containsAll(scraped);
        });
    }

    @Test
    void eachAlertHasARunbook() throws IOException {
        Path docs = Path.of("..", "docs");
        String runbooks = Files.readString(docs.resolve("monitoring").resolve("runbooks.md"));
        try (Stream<String> lines = Files.lines(docs.resolve("monitoring").resolve("alerts.yaml"))) {
            List<String> alerts = lines.map(String::strip)
                    .filter(line -> line.startsWith("- alert: "))
                    .map(line -> line.substring("- alert: ".length()))
                    .toList();
            assertThat(alerts)
                    .isNotEmpty()
                    .allSatisfy(alert -> assertThat(runbooks).contains("## " + alert + "\n"));
        }
    }

    @Test
    void healthExistsUnlessItIsSwitchedOff() {
        runner.run(context -> assertThat(context).hasNotFailed().hasSingleBean(RetentionHealthIndicator.class));
        for (String off : List.of("management.health.retention.enabled=false", "retention.enabled=false")) {
            runner.withPropertyValues(off)
                    .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(RetentionHealthIndicator.class));
        }
    }

    @Test
    void anOwnTracerReplacesObservations() {
        SweepTracer own = new SweepTracer() {
            @Override
            public Span sweepStarts() {
                return (result, failure) -> {};
            }

            @Override
            public Span requestStarts(
                    @org.jspecify.annotations.Nullable Span sweep,
                    String storage,
                    dev.retention.StorageOperation operation) {
                return (result, failure) -> {};
            }
        };
        runner.withBean(SweepTracer.class, () -> own)
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(ObservedSweeps.class));
    }

    @Test
    void nothingOfItIsNeeded() {
        Contexts.complete()
                .withConfiguration(AutoConfigurations.of(
                        RetentionHealthAutoConfiguration.class,
                        RetentionMetricsAutoConfiguration.class,
                        RetentionObservationAutoConfiguration.class))
                .withClassLoader(new FilteredClassLoader(
                        "io.micrometer", "org.springframework.boot.micrometer", "org.springframework.boot.health"))
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .hasSingleBean(RetentionSweeper.class)
                        .doesNotHaveBean("retentionHealthIndicator")
                        .doesNotHaveBean("retentionCounters")
                        .doesNotHaveBean("retentionObservations"));
    }
}
