package dev.retention.autoconfigure;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.scheduling.support.CronExpression;

/**
 * Refuses wrong settings before any bean is created. Otherwise a misspelt name would leave a default in effect, which
 * may delete earlier than intended.
 */
final class SettingsCheck implements BeanFactoryPostProcessor {

    private static final Logger log = LoggerFactory.getLogger(SettingsCheck.class);
    private static final ConfigurationPropertyName PREFIX = ConfigurationPropertyName.of("retention");

    private final Environment environment;
    private final KnownProperties known = new KnownProperties();

    SettingsCheck(Environment environment) {
        this.environment = environment;
    }

    @Override
    public void postProcessBeanFactory(ConfigurableListableBeanFactory beanFactory) {
        Binder binder = Binder.get(environment);
        List<Fault> faults = new ArrayList<>(unknown());
        faults.addAll(withoutUnit(binder));
        if (faults.isEmpty()) {
            RetentionProperties properties = binder.bindOrCreate("retention", RetentionProperties.class);
            RetentionJpaProperties jpa = binder.bindOrCreate("retention.jpa", RetentionJpaProperties.class);
            check(properties, faults);
            checkZone("retention.jpa.zone", jpa.zone(), faults);
            use(beanFactory, properties);
            use(beanFactory, jpa);
        }
        if (!faults.isEmpty()) {
            throw new RetentionConfigurationException(faults);
        }
    }

    /**
     * Registers the settings that were checked as beans, so that they are not bound a second time. Those of Twilio are
     * bound by Spring: secrets may come from sources that are applied later.
     */
    private static void use(ConfigurableListableBeanFactory beanFactory, Record properties) {
        for (String name : beanFactory.getBeanNamesForType(properties.getClass(), true, false)) {
            beanFactory.registerSingleton(name, properties);
        }
    }

    private List<Fault> unknown() {
        if (!(environment instanceof ConfigurableEnvironment configurable)) {
            return List.of();
        }
        Map<String, Fault> refused = new TreeMap<>();
        for (ConfigurationPropertySource source :
                ConfigurationPropertySources.from(configurable.getPropertySources())) {
            if (source instanceof IterableConfigurationPropertySource iterable) {
                boolean variables = isProcessEnvironment(source);
                iterable.stream()
                        .filter(name -> PREFIX.equals(name) || PREFIX.isAncestorOf(name))
                        .filter(name -> variables ? !known.containsVariable(name) : !known.contains(name))
                        .forEach(name -> {
                            if (variables) {
                                log.warn(
                                        "the environment variable for {} is not a setting of this library and is"
                                                + " ignored; the nearest setting is {}",
                                        name,
                                        known.nearest(name));
                            } else {
                                refused.put(
                                        name.toString(),
                                        Fault.of(
                                                name.toString(),
                                                "there is no property " + name + ", so that it would have no effect",
                                                "The nearest is " + known.nearest(name)
                                                        + ": use it, or remove the setting"));
                            }
                        });
            }
        }
        return List.copyOf(refused.values());
    }

    /** Kubernetes sets a variable RETENTION_SERVICE_HOST for a service named retention. */
    private static boolean isProcessEnvironment(ConfigurationPropertySource source) {
        return source.getUnderlyingSource() instanceof PropertySource<?> underlying
                && (underlying.getName().equals(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME)
                        || underlying
                                .getName()
                                .endsWith("-" + StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME));
    }

    /** Spring Boot reads a number without a unit as milliseconds, which is never intended here. */
    private List<Fault> withoutUnit(Binder binder) {
        List<Fault> faults = new ArrayList<>();
        for (String name : known.durations()) {
            binder.bind(name, String.class).ifBound(value -> {
                if (value.isBlank() || value.strip().matches("[+-]?\\d+")) {
                    faults.add(Fault.of(
                            name,
                            name + " is '" + value + "', without a unit: it would be read as milliseconds",
                            "Allowed is a duration such as 30s, 10m, 4h or 7d"));
                }
            });
        }
        return faults;
    }

    /** In any year: a leap day is a day. */
    private static boolean fires(CronExpression cron) {
        return Stream.of("2027-01-01T00:00:00", "2028-01-01T00:00:00")
                .anyMatch(from -> cron.next(LocalDateTime.parse(from)) != null);
    }

    private static void check(RetentionProperties properties, List<Fault> faults) {
        RetentionProperties.Schedule schedule = properties.schedule();
        if (!schedule.cron().equals(SweepSchedule.NEVER)) {
            try {
                if (!fires(CronExpression.parse(schedule.cron()))) {
                    faults.add(Fault.of(
                            "retention.schedule.cron",
                            "retention.schedule.cron is '" + schedule.cron() + "', which never fires, so that nothing"
                                    + " would ever be deleted",
                            "Allowed are expressions that name a day that exists, or '-' for no sweeps"));
                }
            } catch (IllegalArgumentException e) {
                faults.add(Fault.of(
                        "retention.schedule.cron",
                        "retention.schedule.cron is '" + schedule.cron() + "': " + e.getMessage(),
                        "Allowed are six fields such as '0 0 3 * * *' (second, minute, hour, day of month, month, day"
                                + " of week), or '-' for no sweeps"));
            }
        }
        checkPositive("retention.schedule.recovery-interval", schedule.recoveryInterval(), faults);
        checkPositive("retention.safety.minimum-period", properties.safety().minimumPeriod(), faults);
        checkZone("retention.schedule.zone", schedule.zone(), faults);
        checkEvidence(properties.evidence(), faults);
        String identity = properties.identity();
        if (identity != null && !identity.isBlank() && !identity.strip().matches("[A-Za-z0-9._:/@+-]{1,200}")) {
            faults.add(Fault.of(
                    "retention.identity",
                    "retention.identity is '" + identity + "': it is "
                            + (identity.strip().length() > 200
                                    ? "too long to be stored and compared"
                                    : "shown in messages and compared character by character, so that only plain"
                                            + " characters are possible"),
                    "Allowed are 1 to 200 letters, digits and . _ : / @ + -"));
        }
        if (faults.isEmpty()) {
            Clock clock = Clock.systemUTC();
            new ConfiguredPolicies(properties, clock.instant()).faults().forEach(faults::add);
        }
    }

    private static void checkEvidence(RetentionProperties.Evidence evidence, List<Fault> faults) {
        checkPositive("retention.evidence.seal-interval", evidence.sealInterval(), faults);
        if (!evidence.origin().matches("[^\\s\\p{Z}\\p{Cntrl}+]{1,200}")) {
            faults.add(Fault.of(
                    "retention.evidence.origin",
                    "retention.evidence.origin is '" + evidence.origin()
                            + "', which can't be the name of a log in its heads",
                    "Allowed are 1 to 200 characters without spaces and plus signs, such as example.com/recordings"));
        }
        checkFile("retention.evidence.signing-key", evidence.signingKey(), faults);
        checkFile("retention.evidence.anchor.file", evidence.anchor().file(), faults);
    }

    /** One that is set and empty, such as by a missing variable, must not switch off what it protects. */
    private static void checkFile(String name, @Nullable String file, List<Fault> faults) {
        if (file != null && (file.isBlank() || file.indexOf('\0') >= 0)) {
            faults.add(Fault.of(name, name + " is set, and names no file", "Name a file, or remove the setting"));
        }
    }

    private static void checkPositive(String name, Duration value, List<Fault> faults) {
        if (value.isNegative() || value.isZero()) {
            faults.add(Fault.of(
                    name,
                    name + " is " + Durations.text(value) + ": without a time it would have no meaning",
                    "Allowed is more than zero"));
        }
    }

    private static void checkZone(String name, @Nullable String zone, List<Fault> faults) {
        if (zone == null) {
            return;
        }
        try {
            ZoneId.of(zone);
        } catch (DateTimeException e) {
            faults.add(Fault.of(
                    name,
                    name + " is '" + zone + "': " + e.getMessage(),
                    "Allowed is a time zone such as UTC or Europe/Berlin"));
        }
    }
}
