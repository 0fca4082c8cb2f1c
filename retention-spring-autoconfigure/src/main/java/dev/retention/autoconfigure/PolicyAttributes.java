package dev.retention.autoconfigure;

import dev.retention.RetentionPolicy;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The attributes that policies can match. A policy that matches another attribute would never govern a recording.
 *
 * @param names the names in {@code retention.jpa.attributes.extra}
 */
record PolicyAttributes(Set<String> names) {

    /**
     * Refuses policies that match another attribute.
     *
     * @throws RetentionConfigurationException naming the policy, the attribute and those that exist
     */
    void check(Collection<RetentionPolicy> policies) {
        List<Fault> faults = new ArrayList<>();
        for (RetentionPolicy policy : policies) {
            faults.addAll(faults(
                    "retention.policies." + policy.name() + ".match.",
                    policy.match().keySet()));
        }
        refuse(faults);
    }

    /** The same for the recordings of Twilio. */
    void checkTwilio(Set<String> matched) {
        refuse(faults("retention.twilio.match.", matched));
    }

    private List<Fault> faults(String prefix, Set<String> matched) {
        List<Fault> faults = new ArrayList<>();
        for (String attribute : new TreeSet<>(matched)) {
            if (!names.contains(attribute)) {
                String property = prefix + attribute;
                faults.add(Fault.of(
                        property,
                        property + " names an attribute that the mapping does not have",
                        "Set retention.jpa.attributes.extra." + attribute + ", or use one of " + new TreeSet<>(names)));
            }
        }
        return faults;
    }

    private static void refuse(List<Fault> faults) {
        if (!faults.isEmpty()) {
            throw new RetentionConfigurationException(faults);
        }
    }
}
