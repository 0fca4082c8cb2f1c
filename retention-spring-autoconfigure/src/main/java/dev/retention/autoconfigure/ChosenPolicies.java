package dev.retention.autoconfigure;

import dev.retention.RetentionPolicy;
import java.time.Instant;
import java.util.List;
import org.springframework.core.env.Environment;

/**
 * The policies that govern: beans, or what the properties describe.
 *
 * @param fallback the policy of what no other one matches
 * @param further the others
 */
record ChosenPolicies(RetentionPolicy fallback, List<RetentionPolicy> further) {

    /**
     * Chooses. Two sources for the same thing are refused: whoever changes one of them would believe that it counts.
     *
     * @throws RetentionConfigurationException naming what contradicts what
     */
    static ChosenPolicies of(
            RetentionProperties properties, List<RetentionPolicy> beans, Environment environment, Instant now) {
        ConfiguredPolicies configured = new ConfiguredPolicies(properties, now);
        if (beans.isEmpty()) {
            return new ChosenPolicies(configured.fallback(), configured.further());
        }
        if (!properties.policies().isEmpty()) {
            throw new RetentionConfigurationException("retention.policies.* "
                    + properties.policies().keySet().stream().sorted().toList() + " and beans of type RetentionPolicy "
                    + names(beans) + " are both there; use one of them");
        }
        List<RetentionPolicy> defaults =
                beans.stream().filter(bean -> bean.match().isEmpty()).toList();
        if (defaults.size() > 1) {
            throw new RetentionConfigurationException("Several beans of type RetentionPolicy match every recording: "
                    + names(defaults) + "; one of them at most can be the default");
        }
        if (defaults.size() == 1 && environment.containsProperty("retention.period")) {
            throw new RetentionConfigurationException("retention.period and a bean of type RetentionPolicy "
                    + names(defaults) + " both set the default; use one of them");
        }
        return new ChosenPolicies(
                defaults.isEmpty() ? configured.fallback() : defaults.get(0),
                beans.stream().filter(bean -> !bean.match().isEmpty()).toList());
    }

    private static List<String> names(List<RetentionPolicy> policies) {
        return policies.stream().map(RetentionPolicy::name).sorted().toList();
    }
}
