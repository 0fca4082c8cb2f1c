package dev.retention.autoconfigure;

import dev.retention.SweepTracer;
import io.micrometer.observation.ObservationRegistry;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/** Auto-configuration of observations, if there is an observation registry. */
@AutoConfiguration(
        afterName = "org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration")
@ConditionalOnClass(ObservationRegistry.class)
@ConditionalOnBooleanProperty(name = "retention.enabled", matchIfMissing = true)
@ConditionalOnBean(ObservationRegistry.class)
class RetentionObservationAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean(SweepTracer.class)
    ObservedSweeps retentionObservations(ObservationRegistry registry) {
        return new ObservedSweeps(registry);
    }
}
