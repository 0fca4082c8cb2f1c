package dev.retention.internal.policy;

import dev.retention.RetentionPolicy;
import dev.retention.internal.support.EncodedPairs;
import dev.retention.internal.support.Texts;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.DueCriteria.Rule;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All policies of a sweeper.
 *
 * @param fallback the default policy
 * @param further the other policies, each for the recordings that it matches
 * @param minimumPeriod the shortest period that a policy may have, at any instant
 * @param softDeletedToo whether they also delete recordings whose rows the engine has soft-deleted itself
 * @param earliestCreated recordings with an earlier creation time are not due, since how old they are is not known
 */
public record Policies(
        RetentionPolicy fallback,
        List<RetentionPolicy> further,
        Duration minimumPeriod,
        boolean softDeletedToo,
        Instant earliestCreated) {

    /** By this much a period of days may be shorter when clocks are set forward in it. */
    private static final Duration CLOCK_CHANGE = Duration.ofHours(2);

    /** With more, the queries for due recordings become too long. */
    private static final int MOST = 250;

    private static final Duration DAY = Duration.ofDays(1);

    /** Policies that may be as short as they like. */
    public Policies(RetentionPolicy fallback, List<RetentionPolicy> further) {
        this(fallback, further, Duration.ZERO);
    }

    /** Policies for live rows alone, with the usual creation times. */
    public Policies(RetentionPolicy fallback, List<RetentionPolicy> further, Duration minimumPeriod) {
        this(fallback, further, minimumPeriod, false, DueCriteria.EARLIEST_CREATED);
    }

    /**
     * The policies at one instant. No cutoff is later than the shortest period allows, whatever a policy answers: a
     * policy is code, and the instants at which it was checked before are few.
     */
    public DueCriteria at(Instant now) {
        DueCriteria ofLiveRows = new DueCriteria(
                        now, further.stream().map(policy -> rule(policy, now)).toList(), rule(fallback, now))
                .createdSince(earliestCreated);
        return softDeletedToo ? ofLiveRows.withSoftDeleted() : ofLiveRows;
    }

    /** Which policies keep for less time than is allowed, at one instant, for people; empty if none does. */
    public List<String> tooShort(Instant now) {
        return all().stream().flatMap(policy -> tooShort(policy, now).stream()).toList();
    }

    private Optional<String> tooShort(RetentionPolicy policy, Instant now) {
        Instant cutoff = policy.cutoff(now);
        Duration tolerated = minimumPeriod.compareTo(DAY) < 0 ? Duration.ZERO : CLOCK_CHANGE;
        return cutoff.isAfter(now.minus(minimumPeriod).plus(tolerated))
                ? Optional.of("policy '" + policy.name() + "' keeps recordings for "
                        + Texts.duration(Duration.between(cutoff, now)) + " at " + now
                        + ": the shortest period allowed is " + Texts.duration(minimumPeriod))
                : Optional.empty();
    }

    /** What is wrong with the policies, now or on a later day, for people; empty if nothing is. */
    public List<String> faults(Instant now) {
        List<String> faults = new ArrayList<>();
        if (!fallback.match().isEmpty()) {
            faults.add("the default policy '" + fallback.name() + "' must match every recording, but matches "
                    + fallback.match() + ": add it as a further policy");
        }
        if (all().size() > MOST) {
            faults.add("there are " + all().size() + " policies: at most " + MOST
                    + " are possible. Give those with the same period one attribute value to match");
        }
        Set<String> names = new HashSet<>();
        for (RetentionPolicy policy : all()) {
            if (policy.name().equals(DueCriteria.ERASURE)) {
                faults.add("a policy can't be named '" + policy.name()
                        + "': erasures on demand are recorded under this name");
            }
            if (!names.add(policy.name())) {
                faults.add("two policies are named '" + policy.name() + "': each needs a name of its own");
            }
            Stream.concat(Stream.of(now), LeapCycle.MIDNIGHTS.stream())
                    .flatMap(instant -> tooShort(policy, instant).stream())
                    .findFirst()
                    .ifPresent(faults::add);
        }
        for (RetentionPolicy policy : further) {
            if (policy.match().isEmpty()) {
                faults.add("policy '" + policy.name() + "' matches every recording; make it the default policy");
            }
        }
        return faults;
    }

    /**
     * Which policies match an attribute that is not mapped, and so would govern nothing, for people; empty if none.
     *
     * @param mapped the names of the attributes that are mapped; null if every name is possible
     */
    public List<String> unmapped(@Nullable Set<String> mapped) {
        List<String> faults = new ArrayList<>();
        if (mapped != null) {
            for (RetentionPolicy policy : further) {
                for (String attribute : new TreeSet<>(policy.match().keySet())) {
                    if (!mapped.contains(attribute)) {
                        faults.add("policy '" + policy.name() + "' matches the attribute '" + attribute
                                + "', which is not mapped, so it would govern nothing; the mapped attributes are "
                                + (mapped.isEmpty() ? "none" : String.join(", ", new TreeSet<>(mapped))));
                    }
                }
            }
        }
        return faults;
    }

    /** The cutoffs of the policies that do not keep permanently, by the policy's name. */
    public static Map<String, Instant> cutoffs(DueCriteria criteria) {
        Map<String, Instant> cutoffs = new TreeMap<>();
        rules(criteria).forEach(rule -> {
            Instant cutoff = rule.cutoff();
            if (cutoff != null) {
                cutoffs.put(rule.policy(), cutoff);
            }
        });
        return cutoffs;
    }

    /**
     * The criteria as a text, which is the same for the same policies at the same instant, and for no others; a hash of
     * it where it would be too long to be stored.
     */
    public static String text(DueCriteria criteria) {
        Stream<String> lines = rules(criteria)
                .map(rule -> EncodedPairs.join(Map.of(rule.policy(), String.valueOf(rule.cutoff())), "") + " "
                        + PolicyText.match(rule.match()))
                .sorted();
        Stream<String> last = criteria.softDeletedToo() ? Stream.of(PolicyText.SOFT_DELETED_TOO) : Stream.empty();
        return PolicyText.storable(Stream.concat(lines, last).collect(Collectors.joining("\n")));
    }

    private static Stream<Rule> rules(DueCriteria criteria) {
        return Stream.concat(Stream.of(criteria.fallback()), criteria.rules().stream());
    }

    private List<RetentionPolicy> all() {
        return Stream.concat(Stream.of(fallback), further.stream()).toList();
    }

    private Rule rule(RetentionPolicy policy, Instant now) {
        Instant cutoff = policy.cutoff(now);
        if (cutoff.equals(Instant.MIN)) {
            return new Rule(policy.name(), policy.match(), null);
        }
        Instant latest = now.minus(minimumPeriod);
        return new Rule(policy.name(), policy.match(), cutoff.isAfter(latest) ? latest : cutoff);
    }
}
