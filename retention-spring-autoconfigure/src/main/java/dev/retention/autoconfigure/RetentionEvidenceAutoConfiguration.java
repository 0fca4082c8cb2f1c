package dev.retention.autoconfigure;

import dev.retention.CheckpointAnchors;
import dev.retention.RetentionEvidence;
import dev.retention.RetentionException;
import dev.retention.spi.CheckpointAnchor;
import dev.retention.spi.RecordingRepository;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.LazyInitializationExcludeFilter;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration of what seals, anchors and hands out the evidence log. It exists while the log is off, too: what
 * was written before remains readable.
 */
@AutoConfiguration(after = {RetentionAutoConfiguration.class, RetentionJpaAutoConfiguration.class})
@ConditionalOnBooleanProperty(name = "retention.enabled", matchIfMissing = true)
class RetentionEvidenceAutoConfiguration {

    private static final Logger log = LoggerFactory.getLogger(RetentionEvidenceAutoConfiguration.class);

    @Bean
    @ConditionalOnMissingBean
    RetentionEvidence retentionEvidence(
            ObjectProvider<RecordingRepository> repository,
            RetentionProperties properties,
            ObjectProvider<CheckpointAnchor> anchors) {
        return evidence(
                RetentionSweeperAutoConfiguration.required(repository),
                properties.evidence(),
                anchors.orderedStream().toList());
    }

    @Bean
    EvidenceWatch retentionEvidenceWatch(
            RetentionEvidence evidence,
            RecordingRepository repository,
            RetentionProperties properties,
            RetentionClock clock) {
        return new EvidenceWatch(
                evidence, repository, clock.clock(), properties.evidence().sealInterval());
    }

    /** A process that sweeps once seals at the end of its sweep. */
    @Bean
    ScheduledSeals retentionScheduledSeals(
            RetentionEvidence evidence, RecordingRepository repository, RetentionProperties properties) {
        boolean seals = repository.evidence().enabled() && !properties.runOnce();
        return new ScheduledSeals(evidence, seals ? properties.evidence().sealInterval() : null);
    }

    /** Lazy ones would not seal, and a wrong key would not be noticed at start. */
    @Bean
    static LazyInitializationExcludeFilter retentionEvidenceIsNotLazy() {
        return LazyInitializationExcludeFilter.forBeanTypes(RetentionEvidence.class, ScheduledSeals.class);
    }

    /** The evidence of one repository, as the settings say. */
    static RetentionEvidence evidence(
            RecordingRepository repository, RetentionProperties.Evidence settings, List<CheckpointAnchor> beans) {
        List<CheckpointAnchor> anchors = new ArrayList<>();
        if (settings.anchor().file() != null) {
            anchors.add(CheckpointAnchors.file(Path.of(settings.anchor().file().strip())));
        }
        if (settings.anchor().log()) {
            anchors.add(CheckpointAnchors.log());
        }
        anchors.addAll(beans);
        if (anchors.isEmpty() && repository.evidence().enabled()) {
            log.warn("no head of the evidence log is stored outside of the database, so that whoever may write to the"
                    + " database could write another log. Set retention.evidence.anchor.file or"
                    + " retention.evidence.anchor.log, or define a bean of type CheckpointAnchor");
        }
        RetentionEvidence.Builder builder =
                RetentionEvidence.builder(repository).origin(settings.origin());
        if (settings.signingKey() != null) {
            builder.signingKey(Path.of(settings.signingKey().strip()));
        }
        anchors.forEach(builder::anchor);
        try {
            return builder.build();
        } catch (RetentionException e) {
            throw new RetentionConfigurationException(Fault.of(
                    "retention.evidence.signing-key",
                    "retention.evidence.signing-key can't be used: " + e.getMessage(),
                    "Name a file that this process can read and others can't, or remove the setting: then heads are"
                            + " not signed"));
        } catch (IllegalArgumentException e) {
            throw new RetentionConfigurationException(Fault.of(
                    "The evidence log can't be used: " + e.getMessage(),
                    "Give each bean of type CheckpointAnchor a name of its own"));
        }
    }
}
