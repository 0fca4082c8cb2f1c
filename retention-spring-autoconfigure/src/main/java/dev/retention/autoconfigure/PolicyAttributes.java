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
            for (String attribute : new TreeSet<>(policy.match().keySet())) {
                if (!names.contains(attribute)) {
                    String property = "retention.policies." + policy.name() + ".match." + attribute;
                    faults.add(Fault.of(
                            property,
                            property + " names an attribute that the mapping does not have",
                            "Set retention.jpa.attributes.extra." + attribute + ", or use one of "
                                    + new TreeSet<>(names)));
                }
            }
        }
        if (!faults.isEmpty()) {
            throw new RetentionConfigurationException(faults);
        }
    }
}
