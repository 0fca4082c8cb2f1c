package dev.retention.autoconfigure;

import dev.retention.RetentionPolicy;
import java.time.Instant;
import java.util.List;
import org.springframework.core.env.Environment;

/**
 * The policies of the sweeper: beans, or those that the properties describe.
 *
 * @param fallback the default policy
 * @param further the further policies
 */
record ChosenPolicies(RetentionPolicy fallback, List<RetentionPolicy> further) {

    /**
     * Chooses. Two sources for the same policies are refused: one of them would have no effect, and nobody would
     * notice.
     *
     * @throws RetentionConfigurationException naming both sources
     */
    static ChosenPolicies of(
            RetentionProperties properties, List<RetentionPolicy> beans, Environment environment, Instant now) {
        ConfiguredPolicies configured = new ConfiguredPolicies(properties, now);
        if (beans.isEmpty()) {
            return new ChosenPolicies(configured.fallback(), configured.further());
        }
        if (!properties.policies().isEmpty()) {
            throw new RetentionConfigurationException(Fault.of(
                    "retention.policies.*",
                    "retention.policies.* "
                            + properties.policies().keySet().stream().sorted().toList()
                            + " and beans of type RetentionPolicy " + names(beans)
                            + " are both set, so one of them would have no effect",
                    "Use one of them"));
        }
        List<RetentionPolicy> defaults =
                beans.stream().filter(bean -> bean.match().isEmpty()).toList();
        if (defaults.size() > 1) {
            throw new RetentionConfigurationException(Fault.of(
                    "Several beans of type RetentionPolicy match every recording: " + names(defaults)
                            + "; only one of them can be the default",
                    "Remove the others, or let them match attributes"));
        }
        if (defaults.size() == 1 && environment.containsProperty("retention.period")) {
            throw new RetentionConfigurationException(Fault.of(
                    "retention.period",
                    "retention.period and a bean of type RetentionPolicy " + names(defaults) + " both set the default",
                    "Use one of them"));
        }
        return new ChosenPolicies(
                defaults.isEmpty() ? configured.fallback() : defaults.get(0),
                beans.stream().filter(bean -> !bean.match().isEmpty()).toList());
    }

    private static List<String> names(List<RetentionPolicy> policies) {
        return policies.stream().map(RetentionPolicy::name).sorted().toList();
    }
}
