package dev.retention;

import dev.retention.spi.DueCriteria;
import dev.retention.spi.DueCriteria.Rule;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** All policies of a sweeper: the default one, and those for what they match. */
record Policies(RetentionPolicy fallback, List<RetentionPolicy> further) {

    /** The policies at one instant. */
    DueCriteria at(Instant now) {
        return new DueCriteria(
                now, further.stream().map(policy -> rule(policy, now)).toList(), rule(fallback, now));
    }

    /** What is wrong with the policies; empty when nothing is. */
    List<String> faults(Instant now, Duration minimumPeriod) {
        List<String> faults = new ArrayList<>();
        if (!fallback.match().isEmpty()) {
            faults.add("the default policy '" + fallback.name() + "' must match every recording, but matches "
                    + fallback.match());
        }
        Set<String> names = new HashSet<>();
        for (RetentionPolicy policy : all()) {
            if (policy.name().equals(DueCriteria.ERASURE)) {
                faults.add("no policy can be named '" + policy.name()
                        + "'; that is what erasures on demand are recorded under");
            }
            if (!names.add(policy.name())) {
                faults.add("two policies are named '" + policy.name() + "'");
            }
            Instant cutoff = policy.cutoff(now);
            if (cutoff.isAfter(now.minus(minimumPeriod))) {
                faults.add("policy '" + policy.name() + "' keeps recordings for " + Duration.between(cutoff, now)
                        + ", the shortest period allowed is " + minimumPeriod);
            }
        }
        for (RetentionPolicy policy : further) {
            if (policy.match().isEmpty()) {
                faults.add("policy '" + policy.name() + "' matches every recording; make it the default policy");
            }
        }
        return faults;
    }

    /** The cutoffs of the policies that do not keep for ever. */
    static Map<String, Instant> cutoffs(DueCriteria criteria) {
        Map<String, Instant> cutoffs = new TreeMap<>();
        rules(criteria).forEach(rule -> {
            Instant cutoff = rule.cutoff();
            if (cutoff != null) {
                cutoffs.put(rule.policy(), cutoff);
            }
        });
        return cutoffs;
    }

    /** The criteria as text that is the same for the same policies at the same instant. */
    static String text(DueCriteria criteria) {
        return rules(criteria)
                .map(rule -> rule.policy() + new TreeMap<>(rule.match()) + "<"
                        + (rule.cutoff() == null ? "never" : rule.cutoff()))
                .sorted()
                .collect(Collectors.joining("\n"));
    }

    private static Stream<Rule> rules(DueCriteria criteria) {
        return Stream.concat(Stream.of(criteria.fallback()), criteria.rules().stream());
    }

    private List<RetentionPolicy> all() {
        return Stream.concat(Stream.of(fallback), further.stream()).toList();
    }

    private static Rule rule(RetentionPolicy policy, Instant now) {
        Instant cutoff = policy.cutoff(now);
        Instant orNever = cutoff.equals(Instant.MIN) ? null : cutoff;
        return new Rule(policy.name(), policy.match(), orNever);
    }
}
