package dev.retention.autoconfigure;

import static dev.retention.autoconfigure.Contexts.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;

@DisplayName("The application")
class SettingsCheckTest {

    @Test
    void startsWithEveryPropertyThatExists() {
        Contexts.complete()
                .withPropertyValues(
                        "retention.enabled=true",
                        "retention.period=P7Y",
                        "retention.dryRun=true",
                        "retention.policies.acme.period=400d",
                        "retention.policies.acme.match.tenant=acme",
                        "retention.policies[b.c].period=400d",
                        "retention.policies[b.c].match.some.where=x",
                        "retention.schedule.cron=0 0 3 29 2 *",
                        "retention.sweep.max_rate=2.5",
                        "retention.environment=production",
                        "retention.safety.max-share=1",
                        "retention.safety.max-share-floor=0",
                        "retention.safety.confirm=",
                        "retention.safety.first-run=trust",
                        "retention.jpa.attributes.extra.tenant=customer.name")
                .run(context -> assertThat(context).hasNotFailed());
    }

    @ParameterizedTest
    @CsvSource({
        "retention.policy.acme.period, retention.policies.acme.period",
        "retention.policies.acme.periode, retention.policies.acme.period",
        "retention.policies.acme.matches.tenant, retention.policies.acme.match.tenant",
        "retention.periods, retention.period",
        "retention.dryrunn, retention.dry-run",
        "retention.sweep.batchsizes, retention.sweep.batch-size",
        "retention.schedule.cronn, retention.schedule.cron",
        "retention.safety.max-shares, retention.safety.max-share",
        "retention.environments, retention.environment",
        "retention.twilio.accountsid1, retention.twilio.account-sid",
        "retention.jpa.attribute.created, retention.jpa.attributes.created",
        "retention.jpa.attributes.extras.tenant, retention.jpa.attributes.extra.tenant"
    })
    void doesNotStartWithAnUnknownPropertyAndNamesTheNearest(String unknown, String nearest) {
        Contexts.complete()
                .withPropertyValues(unknown + "=400d")
                .run(context -> assertRefused(context)
                        .isEqualTo("there is no property " + unknown + ", so that it would have no effect. The nearest"
                                + " is " + nearest + ": use it, or remove the setting"));
    }

    @Test
    void namesAllUnknownPropertiesAtOnceAndNoValue() {
        Contexts.complete()
                .withPropertyValues("retention.twilio.auth-tokn=secret-value", "retention.periods=90d")
                .run(context -> assertRefused(context)
                        .contains("retention.twilio.auth-tokn", "retention.periods")
                        .doesNotContain("secret-value"));
    }

    @Test
    void startsWithForeignVariablesInTheProcessEnvironment() {
        Map<String, Object> variables = Map.of(
                "RETENTION_SERVICE_HOST", "10.0.0.7",
                "RETENTION_PORT_8080_TCP_ADDR", "10.0.0.7",
                "RETENTION_SWEEP_BATCH_SIZE", "77");
        Contexts.complete()
                .withInitializer(context -> context.getEnvironment()
                        .getPropertySources()
                        .addFirst(new SystemEnvironmentPropertySource("test-systemEnvironment", variables)))
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    assertThat(context.getBean(RetentionProperties.class)
                                    .sweep()
                                    .batchSize())
                            .isEqualTo(77);
                });
    }

    @Test
    void doesNotStartWithTheSameNamesAsProperties() {
        Contexts.complete()
                .withPropertyValues("retention.service.host=10.0.0.7")
                .run(context -> assertRefused(context).contains("there is no property retention.service.host"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "0", "90", "0d", "-90d", "6d", "99999999999d", "1000y", "ninety", "13m", "P1DT5H", "24h"})
    void doesNotStartWithAWrongPeriod(String period) {
        Contexts.complete()
                .withPropertyValues("retention.period=" + period)
                .run(context -> assertRefused(context)
                        .startsWith("retention.period is '" + period + "'")
                        .contains("Allowed is"));
        Contexts.complete()
                .withPropertyValues(
                        "retention.policies.acme.period=" + period, "retention.policies.acme.match.tenant=acme")
                .run(context -> assertRefused(context)
                        .startsWith("retention.policies.acme.period is '" + period + "'")
                        .contains("Allowed is"));
    }

    @Test
    void startsWithAShorterPeriodWhenTheFloorIsLowered() {
        Contexts.complete()
                .withPropertyValues("retention.period=6d", "retention.safety.minimum-period=6d")
                .run(context -> assertThat(context).hasNotFailed());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "retention.sweep.max-duration",
                "retention.sweep.lease",
                "retention.retry.initial-backoff",
                "retention.retry.max-backoff",
                "retention.safety.minimum-period",
                "retention.safety.max-clock-skew",
                "retention.schedule.recovery-interval",
                "retention.shutdown-timeout",
                "retention.twilio.request-timeout"
            })
    void doesNotStartWithADurationWithoutAUnit(String property) {
        Contexts.complete()
                .withPropertyValues(property + "=30")
                .run(context -> assertRefused(context).startsWith(property + " is '30', without a unit"));
    }

    @ParameterizedTest
    @CsvSource({
        "retention.sweep.batch-size, 0",
        "retention.sweep.max-concurrency, 0",
        "retention.sweep.max-rate, 0",
        "retention.sweep.max-deletions, 0",
        "retention.sweep.max-duration, 0s",
        "retention.sweep.lease, 1s",
        "retention.retry.max-attempts, 0",
        "retention.retry.initial-backoff, 0s",
        "retention.retry.max-backoff, 1s",
        "retention.safety.minimum-period, 1h",
        "retention.safety.minimum-period, 0d",
        "retention.safety.max-clock-skew, 0s",
        "retention.safety.max-share, 0",
        "retention.safety.max-share, 1.01",
        "retention.safety.max-share-floor, -1",
        "retention.environment, 201-CHARACTERS",
        "retention.identity, 201-CHARACTERS",
        "retention.identity, my database",
        "retention.shutdown-timeout, -1s",
        "retention.schedule.recovery-interval, 0s",
        "retention.schedule.cron, 0 3 * *",
        "retention.schedule.cron, 0 0 3 30 2 *",
        "retention.schedule.zone, Europe/Bonn",
        "retention.jpa.zone, Europe/Bonn"
    })
    void doesNotStartWithAWrongSettingAndNamesItsProperty(String property, String value) {
        Contexts.complete()
                .withPropertyValues(property + "=" + value.replace("201-CHARACTERS", "x".repeat(201)))
                .run(context ->
                        assertRefused(context).contains(property + " is ").containsPattern("[aA]llowed (is|are) "));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "retention.policies.acme.period=400d | retention.policies.acme.match.<attribute> is missing",
                "retention.policies.acme.match.tenant=a | retention.policies.acme.period is missing",
                "retention.policies.default.period=400d | has the name of the policy that retention.period sets"
            })
    void doesNotStartWithHalfAPolicy(String property, String message) {
        Contexts.complete()
                .withPropertyValues(property)
                .run(context -> assertRefused(context).contains(message));
    }

    @Test
    void usesTheSettingsThatWereCheckedEvenIfTheirSourceChanges() {
        Map<String, Object> source = new HashMap<>(Map.of("retention.period", "90d", "retention.jpa.zone", "UTC"));
        Contexts.complete()
                .withInitializer(context ->
                        context.getEnvironment().getPropertySources().addFirst(new MapPropertySource("later", source)))
                .withBean(BeanPostProcessor.class, () -> {
                    source.put("retention.period", "8d");
                    source.put("retention.jpa.zone", "Europe/Berlin");
                    return new BeanPostProcessor() {};
                })
                .run(context -> {
                    assertThat(source).containsEntry("retention.period", "8d");
                    assertThat(context.getBean(RetentionProperties.class).period())
                            .isEqualTo("90d");
                    assertThat(context.getBean(RetentionJpaProperties.class).zone())
                            .isEqualTo("UTC");
                });
    }

    @Test
    void takesSettingsOfTwilioFromSourcesThatSpringAppliesLater() {
        Map<String, Object> source = new HashMap<>(
                Map.of("retention.twilio.account-sid", Contexts.ACCOUNT, "retention.twilio.auth-token", "ENC(sealed)"));
        Contexts.complete()
                .withInitializer(context ->
                        context.getEnvironment().getPropertySources().addFirst(new MapPropertySource("sealed", source)))
                .withBean(BeanPostProcessor.class, () -> {
                    source.put("retention.twilio.auth-token", Contexts.TOKEN);
                    return new BeanPostProcessor() {};
                })
                .run(context -> assertThat(
                                context.getBean(RetentionTwilioProperties.class).authToken())
                        .isEqualTo(Contexts.TOKEN));
    }

    @Test
    void checksNothingWhenSwitchedOff() {
        Contexts.bare()
                .withPropertyValues("retention.enabled=false", "retention.period=0")
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(RetentionProperties.class));
    }
}
