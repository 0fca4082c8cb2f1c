package dev.retention.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

@DisplayName("The endpoint's bean")
class EndpointAutoConfigurationTest {

    private static final String EXPOSED = "management.endpoints.web.exposure.include=retention";

    private final ApplicationContextRunner runner = Contexts.complete();

    @Test
    void isThereOnceTheEndpointIsExposed() {
        runner.withPropertyValues(EXPOSED)
                .run(context -> assertThat(context).hasNotFailed().hasSingleBean(RetentionEndpoint.class));
    }

    @Test
    void isNotThereUnlessTheEndpointIsExposed() {
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
    void isNotThereWhenSwitchedOff(String property) {
        runner.withPropertyValues(EXPOSED, property)
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(RetentionEndpoint.class));
    }

    @Test
    void isNotThereWithoutActuator() {
        runner.withPropertyValues(EXPOSED)
                .withClassLoader(new FilteredClassLoader("org.springframework.boot.actuate"))
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .hasSingleBean(RetentionScheduler.class)
                        .doesNotHaveBean("retentionEndpoint"));
    }
}
