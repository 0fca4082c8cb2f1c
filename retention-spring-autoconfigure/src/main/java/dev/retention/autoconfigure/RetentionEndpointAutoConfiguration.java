package dev.retention.autoconfigure;

import dev.retention.LegalHolds;
import dev.retention.RetentionEvidence;
import dev.retention.RetentionOperations;
import dev.retention.RetentionSweeper;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/** Auto-configuration of the Actuator endpoints, if Actuator is on the class path and they are exposed. */
@AutoConfiguration(after = RetentionSweeperAutoConfiguration.class)
@ConditionalOnClass({WebEndpoint.class, ConditionalOnAvailableEndpoint.class})
@ConditionalOnBooleanProperty(name = "retention.enabled", matchIfMissing = true)
@ConditionalOnBean(RetentionScheduler.class)
class RetentionEndpointAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnAvailableEndpoint
    RetentionEndpoint retentionEndpoint(
            RetentionOperations operations,
            RetentionSweeper sweeper,
            RetentionScheduler scheduler,
            RetentionStatus status,
            RetentionProperties properties) {
        return new RetentionEndpoint(operations, sweeper, scheduler, status, properties.dryRun());
    }

    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnAvailableEndpoint
    RetentionHoldsEndpoint retentionHoldsEndpoint(LegalHolds holds) {
        return new RetentionHoldsEndpoint(holds);
    }

    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnAvailableEndpoint
    RetentionEvidenceEndpoint retentionEvidenceEndpoint(RetentionEvidence evidence) {
        return new RetentionEvidenceEndpoint(evidence);
    }
}
