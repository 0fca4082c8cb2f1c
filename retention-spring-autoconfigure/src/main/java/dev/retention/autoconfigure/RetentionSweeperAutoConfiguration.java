package dev.retention.autoconfigure;

import dev.retention.DeletionLedger;
import dev.retention.LegalHolds;
import dev.retention.RetentionEvidence;
import dev.retention.RetentionException;
import dev.retention.RetentionOperations;
import dev.retention.RetentionPolicy;
import dev.retention.RetentionSweeper;
import dev.retention.SweepListener;
import dev.retention.SweepTracer;
import dev.retention.spi.RecordingRepository;
import dev.retention.spi.RecordingStorage;
import java.time.Clock;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.LazyInitializationExcludeFilter;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;
import org.springframework.util.ClassUtils;

/** Auto-configuration of the sweeper, its schedule, legal holds and the ledger. */
@AutoConfiguration(
        after = {
            RetentionAutoConfiguration.class,
            RetentionJpaAutoConfiguration.class,
            RetentionTwilioAutoConfiguration.class,
            RetentionEvidenceAutoConfiguration.class
        })
@ConditionalOnBooleanProperty(name = "retention.enabled", matchIfMissing = true)
class RetentionSweeperAutoConfiguration {

    private static final Logger log = LoggerFactory.getLogger(RetentionSweeperAutoConfiguration.class);
    private static final String TWILIO_STORAGE = "dev.retention.twilio.TwilioRecordingStorage";
    private static final Set<String> TWILIO_STORAGES = Set.of(TWILIO_STORAGE, "dev.retention.twilio.TwilioRegions");

    /** The sweeper's messages name its builder's methods; an operator needs the names of the properties. */
    private static final Map<String, String> PROPERTIES = new LinkedHashMap<>();

    static {
        PROPERTIES.put("batchSize", "retention.sweep.batch-size");
        PROPERTIES.put("maxConcurrency", "retention.sweep.max-concurrency");
        PROPERTIES.put("maxRate", "retention.sweep.max-rate");
        PROPERTIES.put("headroom", "retention.twilio.headroom");
        PROPERTIES.put("permittedConcurrency", "retention.twilio.permitted-concurrency");
        PROPERTIES.put("maxDeletions", "retention.sweep.max-deletions");
        PROPERTIES.put("maxDuration", "retention.sweep.max-duration");
        PROPERTIES.put("lease", "retention.sweep.lease");
        PROPERTIES.put("maxAttempts", "retention.retry.max-attempts");
        PROPERTIES.put("initialBackoff", "retention.retry.initial-backoff");
        PROPERTIES.put("maxBackoff", "retention.retry.max-backoff");
        PROPERTIES.put("minimumPeriod", "retention.safety.minimum-period");
        PROPERTIES.put("maxClockSkew", "retention.safety.max-clock-skew");
        PROPERTIES.put("maxShare", "retention.safety.max-share");
        PROPERTIES.put("maxShareFloor", "retention.safety.max-share-floor");
        PROPERTIES.put("environment", "retention.environment");
        PROPERTIES.put("shutdownTimeout", "retention.shutdown-timeout");
    }

    @Bean
    @ConditionalOnMissingBean
    RetentionSweeper retentionSweeper(
            RetentionProperties properties,
            RetentionTwilioProperties twilio,
            ObjectProvider<RecordingRepository> repository,
            ObjectProvider<RecordingStorage> storages,
            ObjectProvider<RetentionPolicy> policyBeans,
            ObjectProvider<PolicyAttributes> attributes,
            RetentionClock retentionClock,
            ObjectProvider<SweepListener> listeners,
            ObjectProvider<SweepTracer> tracer,
            ObjectProvider<RetentionEvidence> evidence,
            Environment environment) {
        Clock clock = retentionClock.clock();
        ChosenPolicies policies =
                ChosenPolicies.of(properties, policyBeans.orderedStream().toList(), environment, clock.instant());
        attributes.ifAvailable(mapped -> {
            mapped.check(policies.further());
            mapped.checkTwilio(twilio.match().keySet());
        });
        RetentionSweeper.Builder builder = RetentionSweeper.builder(
                        required(repository), inOrder(storages, environment))
                .policy(policies.fallback())
                .clock(clock)
                .batchSize(properties.sweep().batchSize())
                .maxConcurrency(properties.sweep().maxConcurrency())
                .maxRate(properties.sweep().maxRate())
                .headroom(twilio.headroom())
                .permittedConcurrency(twilio.permittedConcurrency())
                .maxDuration(properties.sweep().maxDuration())
                .maxDeletions(properties.sweep().maxDeletions())
                .lease(properties.sweep().lease())
                .engineDeleted(properties.sweep().engineDeleted())
                .retry(
                        properties.retry().maxAttempts(),
                        properties.retry().initialBackoff(),
                        properties.retry().maxBackoff())
                .minimumPeriod(properties.safety().minimumPeriod())
                .earliestCreated(properties
                        .safety()
                        .earliestCreated()
                        .atStartOfDay(ZoneId.of(properties.schedule().zone()))
                        .toInstant())
                .maxClockSkew(properties.safety().maxClockSkew())
                .shutdownTimeout(properties.shutdownTimeout())
                .dryRun(properties.dryRun())
                .environment(environmentName(properties.environment(), environment))
                .firstRun(properties.safety().firstRun())
                .maxShare(properties.safety().maxShare())
                .maxShareFloor(properties.safety().maxShareFloor())
                .confirm(blankToNull(properties.safety().confirm()));
        policies.further().forEach(builder::furtherPolicy);
        listeners.orderedStream().forEach(builder::listener);
        builder.tracer(tracer.getIfAvailable());
        evidence.ifAvailable(builder::evidence);
        try {
            return builder.build();
        } catch (RetentionException e) {
            throw new RetentionConfigurationException(byProperty(String.valueOf(e.getMessage())));
        }
    }

    @Bean
    @ConditionalOnMissingBean
    RetentionOperations retentionOperations(RetentionSweeper sweeper) {
        return RetentionOperations.of(sweeper);
    }

    @Bean
    @ConditionalOnMissingBean
    LegalHolds legalHolds(ObjectProvider<RecordingRepository> repository) {
        return LegalHolds.of(required(repository));
    }

    @Bean
    @ConditionalOnMissingBean
    DeletionLedger deletionLedger(ObjectProvider<RecordingRepository> repository) {
        return DeletionLedger.of(required(repository));
    }

    @Bean
    SweepEventPublisher retentionEventPublisher(ApplicationEventPublisher publisher) {
        return new SweepEventPublisher(publisher);
    }

    @Bean
    RetentionStatus retentionStatus(
            RetentionSweeper sweeper,
            RetentionOperations operations,
            RecordingRepository repository,
            RetentionClock retentionClock,
            RetentionScheduler scheduler,
            EvidenceWatch evidence) {
        return new RetentionStatus(
                sweeper,
                operations,
                repository,
                retentionClock.clock(),
                () -> Stream.concat(scheduler.attention().stream(), evidence.attention().stream())
                        .toList());
    }

    @Bean
    @ConditionalOnBooleanProperty("retention.run-once")
    SweepOnce retentionSweepOnce(RetentionSweeper sweeper, ApplicationContext context) {
        return new SweepOnce(sweeper, context, System::exit);
    }

    @Bean
    RetentionScheduler retentionScheduler(
            RetentionSweeper sweeper,
            RecordingRepository repository,
            RetentionProperties properties,
            RetentionClock retentionClock) {
        RetentionProperties.Schedule schedule = properties.schedule();
        Clock clock = retentionClock.clock();
        return new RetentionScheduler(
                sweeper,
                repository,
                new SweepSchedule(
                        schedule.cron(),
                        ZoneId.of(schedule.zone()),
                        clock,
                        properties.sweep().maxDuration()),
                clock,
                schedule.enabled() && !properties.runOnce() ? schedule.recoveryInterval() : null);
    }

    /** Lazy beans would not check the settings at start, and would never sweep. */
    @Bean
    static LazyInitializationExcludeFilter retentionIsNotLazy() {
        return LazyInitializationExcludeFilter.forBeanTypes(RetentionSweeper.class, RetentionScheduler.class);
    }

    static RecordingRepository required(ObjectProvider<RecordingRepository> repository) {
        RecordingRepository found = repository.getIfAvailable();
        if (found == null) {
            throw new RetentionConfigurationException(Fault.of(
                    "There is no RecordingRepository",
                    "Add retention-jpa and an EntityManagerFactory and set retention.jpa.entity, or define a bean of"
                            + " that type"));
        }
        return found;
    }

    /** Twilio last: a copy whose original is gone can't be found any more. */
    private static List<RecordingStorage> inOrder(ObjectProvider<RecordingStorage> storages, Environment environment) {
        List<RecordingStorage> all = storages.orderedStream().toList();
        List<RecordingStorage> twilio =
                all.stream().filter(RetentionSweeperAutoConfiguration::isTwilio).toList();
        List<RecordingStorage> ordered = new ArrayList<>(all);
        ordered.removeAll(twilio);
        ordered.addAll(twilio);
        boolean adapterPresent = ClassUtils.isPresent(TWILIO_STORAGE, null);
        if (ordered.isEmpty()) {
            throw new RetentionConfigurationException(Fault.of(
                    "No storage is configured",
                    "Set retention.twilio.account-sid and its credentials"
                            + (adapterPresent ? "" : " (with retention-twilio on the class path)")
                            + ", or define a bean of type RecordingStorage. In a test that needs no retention, set"
                            + " retention.enabled=false"));
        }
        boolean wanted = environment.getProperty("retention.twilio.enabled", Boolean.class, true);
        if (!adapterPresent && wanted && environment.containsProperty("retention.twilio.account-sid")) {
            throw new RetentionConfigurationException(Fault.of(
                    "retention.twilio.account-sid",
                    "retention.twilio.account-sid is set, but retention-twilio is not on the class path: nothing would"
                            + " be deleted at Twilio",
                    "Add it, or set retention.twilio.enabled=false"));
        }
        if (twilio.isEmpty() && adapterPresent && wanted) {
            log.warn(
                    "nothing is deleted at Twilio, because no retention.twilio property is set; the storages are {}. If"
                            + " this is intended, set retention.twilio.enabled=false; if not, set the account and its"
                            + " credentials",
                    ordered.stream().map(RecordingStorage::name).toList());
        }
        return ordered;
    }

    /** Sorted: the order in which profiles are activated does not identify a deployment. */
    private static String environmentName(@Nullable String configured, Environment environment) {
        return configured != null
                ? configured.strip()
                : Arrays.stream(environment.getActiveProfiles())
                        .distinct()
                        .sorted()
                        .collect(Collectors.joining(","));
    }

    private static @Nullable String blankToNull(@Nullable String text) {
        return text == null || text.isBlank() ? null : text.strip();
    }

    private static boolean isTwilio(RecordingStorage storage) {
        return TWILIO_STORAGES.contains(storage.getClass().getName());
    }

    /** Core knows its settings by their names in Java. */
    private static Fault byProperty(String message) {
        String translated = message;
        List<String> properties = new ArrayList<>();
        for (Map.Entry<String, String> name : PROPERTIES.entrySet()) {
            String renamed = translated.replaceAll("(?<=: |; )" + name.getKey() + " is ", name.getValue() + " is ");
            if (!renamed.equals(translated)) {
                properties.add(name.getValue());
            }
            translated = renamed;
        }
        return new Fault(properties, translated, "Set a value that is allowed");
    }
}
