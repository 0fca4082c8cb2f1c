package dev.retention.autoconfigure;

import dev.retention.RetentionPolicy;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The policies that the properties describe. */
final class ConfiguredPolicies {

    private static final String ALL_BELOW = ".*";
    private static final String DEFAULT_NAME = "default";

    private final List<Fault> faults = new ArrayList<>();
    private final List<RetentionPolicy> further = new ArrayList<>();
    private @Nullable RetentionPolicy fallback;

    ConfiguredPolicies(RetentionProperties properties, Instant now) {
        Periods periods = new Periods(
                ZoneId.of(properties.schedule().zone()), properties.safety().minimumPeriod(), now);
        try {
            fallback = periods.policy("retention.period", properties.period());
        } catch (RetentionConfigurationException e) {
            faults.addAll(e.faults());
        }
        properties.policies().forEach((name, policy) -> add(periods, name, policy));
    }

    /** What is wrong with them, for people; empty if nothing is. */
    List<Fault> faults() {
        return List.copyOf(faults);
    }

    /** The default policy. */
    RetentionPolicy fallback() {
        if (fallback == null) {
            throw new RetentionConfigurationException(faults);
        }
        return fallback;
    }

    /** The further policies. */
    List<RetentionPolicy> further() {
        if (!faults.isEmpty()) {
            throw new RetentionConfigurationException(faults);
        }
        return List.copyOf(further);
    }

    private void add(Periods periods, String name, RetentionProperties.Policy properties) {
        String prefix = "retention.policies." + name;
        if (name.equals(DEFAULT_NAME)) {
            faults.add(Fault.of(
                    prefix + ALL_BELOW,
                    prefix + " has the name of the policy that retention.period sets",
                    "Use another name"));
            return;
        }
        if (properties.period() == null) {
            faults.add(Fault.of(
                    prefix + ALL_BELOW,
                    prefix + ".period is missing",
                    "Set how long the policy keeps recordings, such as 365d or P7Y"));
            return;
        }
        if (properties.match().isEmpty()) {
            faults.add(Fault.of(
                    prefix + ALL_BELOW,
                    prefix + ".match.<attribute> is missing: the policy would govern all recordings",
                    "Set the attribute values that the policy is for, or use retention.period for all recordings"));
            return;
        }
        try {
            RetentionPolicy policy =
                    periods.policy(prefix + ".period", properties.period()).named(name);
            for (Map.Entry<String, String> match : properties.match().entrySet()) {
                policy = policy.matching(match.getKey(), match.getValue());
            }
            further.add(policy);
        } catch (RetentionConfigurationException e) {
            faults.addAll(e.faults());
        } catch (IllegalArgumentException e) {
            faults.add(
                    Fault.of(prefix + ALL_BELOW, prefix + ": " + e.getMessage(), "Correct the policy's name or match"));
        }
    }
}
