package dev.retention.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.RetentionPolicy;
import dev.retention.SweepEnd;
import dev.retention.SweepReport;
import dev.retention.spi.DatabaseIdentity;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.RecordingRepository;
import dev.retention.test.EngineRow;
import dev.retention.test.FakeRecordingStorage;
import dev.retention.test.InMemoryRecordingRepository;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** A job that sweeps once, in a process of its own, since only a process has an exit status. */
class SweepOnceTest {

    /** An engine with one due recording, for which the storage gives the answer in the process's argument. */
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration(exclude = {DataSourceAutoConfiguration.class, HibernateJpaAutoConfiguration.class})
    static class Job {

        public static void main(String[] arguments) {
            SpringApplication.run(Job.class, arguments);
        }

        @Bean
        RecordingRepository repository() {
            InMemoryRecordingRepository repository = new InMemoryRecordingRepository(java.time.Clock.systemUTC());
            Instant now = Instant.now();
            repository.put(
                    EngineRow.of(
                            "due", "due", now.minus(Duration.ofDays(RetentionPolicy.RECORDING_RETENTION_DAYS + 1))),
                    EngineRow.of("young", "young", now.minus(Duration.ofDays(1))));
            if (System.getProperty("case").equals("refused")) {
                repository.setIdentity(new DatabaseIdentity("never swept", false));
            }
            return repository;
        }

        @Bean
        FakeRecordingStorage storage() {
            FakeRecordingStorage storage = new FakeRecordingStorage().put("due", "young");
            return System.getProperty("case").equals("failed")
                    ? storage.answer("due", DeletionResult.tryLater("503", null, false))
                    : storage;
        }
    }

    @ParameterizedTest
    @CsvSource({"done, 0", "failed, 2", "refused, 3"})
    void endsTheProcessWithTheStatusOfTheSweep(String name, int expected) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        "-Dcase=" + name,
                        Job.class.getName(),
                        "--retention.run-once=true",
                        "--spring.main.web-application-type=none",
                        "--spring.main.banner-mode=off")
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(output).isEqualTo(expected);
    }

    private static SweepReport report(SweepEnd end, Map<String, Long> counts) {
        ToLongFunction<String> count = name -> counts.getOrDefault(name, 0L);
        return SweepReport.builder(Instant.EPOCH, Instant.EPOCH, end, "")
                .failed(count.applyAsLong("failed"))
                .deferred(count.applyAsLong("deferred"))
                .unproven(count.applyAsLong("unproven"))
                .quarantined(count.applyAsLong("quarantined"))
                .held(count.applyAsLong("held"))
                .withoutKey(count.applyAsLong("withoutKey"))
                .remaining(count.applyAsLong("remaining"))
                .undated(count.applyAsLong("undated"))
                .build();
    }

    @ParameterizedTest
    @ValueSource(strings = {"failed", "unproven", "quarantined", "withoutKey", "remaining"})
    void remainingRecordingsAreNotDone(String count) {
        assertThat(SweepOnce.exitCode(report(SweepEnd.COMPLETED, Map.of(count, 1L))))
                .isEqualTo(SweepOnce.SOME_LEFT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"held", "deferred", "undated"})
    void keptRecordingsAreDone(String count) {
        assertThat(SweepOnce.exitCode(report(SweepEnd.COMPLETED, Map.of(count, 1L))))
                .isEqualTo(SweepOnce.DONE);
    }

    @ParameterizedTest
    @EnumSource(SweepEnd.class)
    void onlyACompletedSweepIsDone(SweepEnd end) {
        int expected = switch (end) {
            case COMPLETED -> 0;
            case OUT_OF_TIME, CAPPED, PROVIDER_DOWN, STOPPED -> 2;
            default -> 3;
        };
        assertThat(SweepOnce.exitCode(report(end, Map.of()))).isEqualTo(expected);
    }

    @Test
    void doesNotExistUnlessItIsSet() {
        Contexts.complete().run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(SweepOnce.class));
        Contexts.complete().withPropertyValues("retention.run-once=true").run(context -> {
            assertThat(context).hasNotFailed().hasSingleBean(SweepOnce.class);
            assertThat(context.getBean(RetentionScheduler.class).nextSweep()).isEmpty();
        });
    }
}
