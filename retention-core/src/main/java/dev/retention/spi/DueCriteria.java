package dev.retention.spi;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which recordings are due at one instant: the policies with their cutoffs worked out. A repository translates this for its
 * database; {@link #isDue} is what the translation must agree with, row by row.
 *
 * @param now the instant of the judgement
 * @param rules the rules that govern what they match
 * @param fallback the rule that governs what no rule matches; it matches everything
 */
public record DueCriteria(Instant now, List<Rule> rules, Rule fallback) {

    /** The name of the policy under which a recording is claimed that a person wants erased, whatever its age. */
    public static final String ERASURE = "erasure";

    /** Later than any retain-until that is meant. */
    private static final Instant END_OF_TIME = Instant.parse("9999-01-01T00:00:00Z");

    /** What a person may want erased: every live recording made before now, whatever its age and its own retain-until. */
    public static DueCriteria erasure(Instant now) {
        return new DueCriteria(END_OF_TIME, List.of(), new Rule(ERASURE, Map.of(), now));
    }

    /**
     * One policy at one instant.
     *
     * @param policy the policy's name
     * @param match attribute values that a recording must all have; empty matches every recording
     * @param cutoff recordings created strictly before it are due; null keeps for ever
     */
    public record Rule(
            String policy,
            Map<String, String> match,
            @Nullable Instant cutoff) {

        public Rule {
            match = Map.copyOf(match);
        }

        /** Whether the rule governs a recording with these attributes. An attribute without a value matches nothing. */
        public boolean matches(Map<String, String> attributes) {
            return match.entrySet().stream().allMatch(e -> e.getValue().equals(attributes.get(e.getKey())));
        }
    }

    public DueCriteria {
        rules = List.copyOf(rules);
        if (!fallback.match().isEmpty()) {
            throw new IllegalArgumentException("the fallback rule must match everything: " + fallback);
        }
    }

    /** The rule that keeps longest among those that match; the fallback where none does. */
    public Rule governing(Map<String, String> attributes) {
        return rules.stream()
                .filter(rule -> rule.matches(attributes))
                .min(Comparator.comparing(
                        rule -> Optional.ofNullable(rule.cutoff()).orElse(Instant.MIN)))
                .orElse(fallback);
    }

    /** Whether the row is live, has come of age under the policy that governs it, and names no later time itself. */
    public boolean isDue(Candidate candidate) {
        Instant cutoff = governing(candidate.recording().attributes()).cutoff();
        return candidate.deleted() == null
                && cutoff != null
                && candidate.recording().created().isBefore(cutoff)
                && (candidate.retainUntil() == null || !candidate.retainUntil().isAfter(now));
    }

    /** No recording created at or after this instant is due; empty when every rule keeps for ever. */
    public Optional<Instant> latestCutoff() {
        return java.util.stream.Stream.concat(rules.stream(), java.util.stream.Stream.of(fallback))
                .map(Rule::cutoff)
                .filter(Objects::nonNull)
                .max(Comparator.naturalOrder());
    }
}
