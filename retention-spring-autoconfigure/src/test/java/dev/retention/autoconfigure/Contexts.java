package dev.retention.autoconfigure;

import dev.retention.spi.RecordingRepository;
import dev.retention.spi.RecordingStorage;
import dev.retention.test.FakeRecordingStorage;
import dev.retention.test.InMemoryRecordingRepository;
import dev.retention.test.MutableClock;
import java.time.Clock;
import java.time.Instant;
import org.assertj.core.api.AbstractStringAssert;
import org.assertj.core.api.Assertions;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Application contexts as these tests need them. */
final class Contexts {

    static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");
    static final String ACCOUNT = "AC0123456789abcdef0123456789abcdef";
    static final String KEY = "SK0123456789abcdef0123456789abcdef";
    static final String TOKEN = "an-auth-token-that-nobody-may-see";

    private Contexts() {}

    /** All auto-configurations, and no beans of the application. */
    static ApplicationContextRunner bare() {
        return new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        RetentionAutoConfiguration.class,
                        RetentionEntityAutoConfiguration.class,
                        RetentionJpaAutoConfiguration.class,
                        RetentionTwilioAutoConfiguration.class,
                        RetentionEvidenceAutoConfiguration.class,
                        RetentionSweeperAutoConfiguration.class,
                        RetentionEndpointAutoConfiguration.class));
    }

    /** With a repository in memory and a clock that always says noon. */
    static ApplicationContextRunner withRepository() {
        return bare().withUserConfiguration(Memory.class);
    }

    /** With a storage as well, so that the application starts. */
    static ApplicationContextRunner complete() {
        return withRepository().withUserConfiguration(OneStorage.class);
    }

    /** Asserts that the context did not start, and returns the message of the cause. */
    static AbstractStringAssert<?> assertRefused(AssertableApplicationContext context) {
        Throwable failure = context.getStartupFailure();
        Assertions.assertThat(failure).as("the context must not start").isNotNull();
        Throwable cause = failure;
        while (cause != null && cause.getCause() != null && !(cause instanceof RetentionConfigurationException)) {
            cause = cause.getCause();
        }
        Assertions.assertThat(cause).isInstanceOf(RetentionConfigurationException.class);
        return Assertions.assertThat(cause == null ? "" : String.valueOf(cause.getMessage()));
    }

    @Configuration(proxyBeanMethods = false)
    static class Memory {
        @Bean
        MutableClock clock() {
            return new MutableClock(NOON);
        }

        @Bean
        RecordingRepository repository(Clock clock) {
            return new InMemoryRecordingRepository(clock);
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OneStorage {
        @Bean
        RecordingStorage storage() {
            return new FakeRecordingStorage("archive");
        }
    }
}
