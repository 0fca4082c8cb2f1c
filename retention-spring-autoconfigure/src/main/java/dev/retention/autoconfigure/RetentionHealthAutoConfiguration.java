package dev.retention.autoconfigure;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;

/** Auto-configuration of the health indicator {@code retention}, if Spring Boot's health is on the class path. */
@AutoConfiguration(after = RetentionSweeperAutoConfiguration.class)
@ConditionalOnClass({HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class})
@ConditionalOnBooleanProperty(name = "retention.enabled", matchIfMissing = true)
@ConditionalOnBean(RetentionStatus.class)
class RetentionHealthAutoConfiguration {

    // On the method, not on the class: the condition's own class is in the module that may be absent.
    @Bean
    @ConditionalOnEnabledHealthIndicator("retention")
    @ConditionalOnMissingBean(name = "retentionHealthIndicator")
    RetentionHealthIndicator retentionHealthIndicator(
            RetentionStatus status, RetentionProperties properties, EvidenceWatch evidence) {
        return new RetentionHealthIndicator(status, properties.health().down(), evidence);
    }
}
