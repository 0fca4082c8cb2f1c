package dev.retention.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

@DisplayName("The endpoint's bean")
class EndpointAutoConfigurationTest {

    private static final String EXPOSED = "management.endpoints.web.exposure.include=retention";

    private final ApplicationContextRunner runner = Contexts.complete();

    @Test
    void existsOnceTheEndpointIsExposed() {
        runner.withPropertyValues(EXPOSED)
                .run(context -> assertThat(context).hasNotFailed().hasSingleBean(RetentionEndpoint.class));
    }

    private static Map<?, ?> state(ApplicationContext context) {
        return (Map<?, ?>) Objects.requireNonNull(
                context.getBean(RetentionEndpoint.class).state(null, null).getBody());
    }

    @Test
    void showsTheNextSweepAndWhetherAnythingIsDeletedAtAll() {
        runner.withPropertyValues(EXPOSED, "retention.dry-run=true", "retention.schedule.cron=0 0 13 * * *")
                .run(context -> {
                    assertThat(state(context).get("nextSweep")).isEqualTo(Contexts.NOON.plus(Duration.ofHours(1)));
                    assertThat(state(context).get("dryRun")).isEqualTo(true);
                });
        runner.withPropertyValues(EXPOSED, "retention.schedule.cron=-").run(context -> {
            assertThat(state(context).get("nextSweep")).isNull();
            assertThat(state(context).get("dryRun")).isEqualTo(false);
        });
    }

    @Test
    void theTwoEndpointsAreExposedApart() {
        runner.withPropertyValues(EXPOSED)
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(RetentionHoldsEndpoint.class));
        runner.withPropertyValues("management.endpoints.web.exposure.include=retentionholds")
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .hasSingleBean(RetentionHoldsEndpoint.class)
                        .doesNotHaveBean(RetentionEndpoint.class));
    }

    @Test
    void doesNotExistUnlessTheEndpointIsExposed() {
        runner.run(context -> assertThat(context)
                .hasNotFailed()
                .hasSingleBean(RetentionScheduler.class)
                .doesNotHaveBean(RetentionEndpoint.class));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "retention.enabled=false",
                "management.endpoint.retention.access=NONE",
                "management.endpoints.web.exposure.exclude=retention"
            })
    void doesNotExistWhenSwitchedOff(String property) {
        runner.withPropertyValues(EXPOSED, property)
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(RetentionEndpoint.class));
    }

    @Test
    void doesNotExistWithoutActuator() {
        runner.withPropertyValues(EXPOSED)
                .withClassLoader(new FilteredClassLoader("org.springframework.boot.actuate"))
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .hasSingleBean(RetentionScheduler.class)
                        .doesNotHaveBean("retentionEndpoint"));
    }
}
