package dev.retention.autoconfigure;

import dev.retention.RetentionSweeper;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/** Auto-configuration of Micrometer's meters, if there is a registry. */
@AutoConfiguration(
        after = RetentionSweeperAutoConfiguration.class,
        afterName = {
            "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration",
            "org.springframework.boot.micrometer.metrics.autoconfigure.export.simple"
                    + ".SimpleMetricsExportAutoConfiguration"
        })
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnBooleanProperty(name = "retention.enabled", matchIfMissing = true)
@ConditionalOnBean({MeterRegistry.class, RetentionStatus.class})
class RetentionMetricsAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    RetentionCounters retentionCounters(ObjectProvider<MeterRegistry> registry) {
        return new RetentionCounters(registry::getObject);
    }

    @Bean
    @ConditionalOnMissingBean
    RetentionGauges retentionGauges(RetentionSweeper sweeper, RetentionStatus status) {
        return new RetentionGauges(sweeper, status);
    }

    @Bean
    @ConditionalOnMissingBean
    EvidenceGauges retentionEvidenceGauges(EvidenceWatch evidence) {
        return new EvidenceGauges(evidence);
    }
}
