package dev.retention.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.EngineDeleted;
import dev.retention.FirstRun;
import dev.retention.RetentionPolicy;
import dev.retention.RetentionSweeper.Builder;
import dev.retention.spi.DueCriteria;
import dev.retention.twilio.TwilioRecordingStorage;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

@DisplayName("The properties' defaults")
class DefaultsTest {

    private final Binder binder = new Binder(new MapConfigurationPropertySource(Map.of()));
    private final RetentionProperties properties = binder.bindOrCreate("retention", RetentionProperties.class);

    @Test
    void areThoseOfTheSweeper() {
        assertThat(properties.sweep())
                .isEqualTo(new RetentionProperties.Sweep(
                        Builder.DEFAULT_BATCH_SIZE,
                        Builder.DEFAULT_MAX_CONCURRENCY,
                        null,
                        Builder.DEFAULT_MAX_DURATION,
                        null,
                        Builder.DEFAULT_LEASE,
                        EngineDeleted.REPORT));
        assertThat(properties.retry())
                .isEqualTo(new RetentionProperties.Retry(
                        Builder.DEFAULT_MAX_ATTEMPTS, Builder.DEFAULT_INITIAL_BACKOFF, Builder.DEFAULT_MAX_BACKOFF));
        assertThat(properties.safety())
                .isEqualTo(new RetentionProperties.Safety(
                        Builder.DEFAULT_MINIMUM_PERIOD,
                        Builder.DEFAULT_MAX_CLOCK_SKEW,
                        Builder.DEFAULT_MAX_SHARE,
                        Builder.DEFAULT_MAX_SHARE_FLOOR,
                        null,
                        FirstRun.CONFIRM,
                        LocalDate.ofInstant(DueCriteria.EARLIEST_CREATED, ZoneOffset.UTC)));
        assertThat(properties.shutdownTimeout()).isEqualTo(Builder.DEFAULT_SHUTDOWN_TIMEOUT);
        assertThat(properties.dryRun()).isFalse();
    }

    @Test
    void keepRecordingsForNinetyDays() {
        Instant now = Contexts.NOON;
        assertThat(new ConfiguredPolicies(properties, now).fallback().cutoff(now))
                .isEqualTo(RetentionPolicy.ofDays(RetentionPolicy.RECORDING_RETENTION_DAYS)
                        .cutoff(now));
    }

    @Test
    void sweepDailyAtThree() {
        assertThat(properties.schedule())
                .isEqualTo(
                        new RetentionProperties.Schedule(true, "0 0 3 * * *", "UTC", java.time.Duration.ofMinutes(10)));
    }

    @Test
    void areThoseOfTheTwilioAdapter() {
        RetentionTwilioProperties twilio = binder.bindOrCreate("retention.twilio", RetentionTwilioProperties.class);
        assertThat(twilio.connectTimeout()).isEqualTo(TwilioRecordingStorage.DEFAULT_CONNECT_TIMEOUT);
        assertThat(twilio.requestTimeout()).isEqualTo(TwilioRecordingStorage.DEFAULT_REQUEST_TIMEOUT);
        assertThat(twilio.headroom()).isEqualTo(Builder.DEFAULT_HEADROOM);
        assertThat(twilio.permittedConcurrency()).isNull();
        assertThat(twilio.externalMedia()).isEqualTo(RetentionTwilioProperties.ExternalMediaLook.AUTO);
    }
}
