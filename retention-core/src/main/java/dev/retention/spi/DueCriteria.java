package dev.retention.spi;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which recordings are due at one instant: the policies with their cutoffs at that instant. Immutable. A repository
 * translates this for its database; the translation must agree with {@link #isDue} for every row.
 *
 * @param now the instant by which ages are judged
 * @param rules the rules of the further policies, each for the recordings that it matches
 * @param fallback the rule of the default policy, which governs recordings that no other rule matches; it matches all
 * @param fingerprint identifies what the instance works with: database and storages, policies, mapping. The
 *     {@link DeletionGate} claims and verifies nothing unless it equals the control {@link Controls#FINGERPRINT}, which
 *     is what was confirmed. Null, for criteria that only find or count, equals a control that does not exist
 * @param softDeletedToo whether rows are due as well that are soft-deleted, although nothing proves that their
 *     recordings are deleted
 * @param earliestCreated no recording is older. An earlier creation time, such as the zero of a clock, is a mistake:
 *     how old the recording is, is not known, so that it is not due
 */
public record DueCriteria(
        Instant now,
        List<Rule> rules,
        Rule fallback,
        @Nullable String fingerprint,
        boolean softDeletedToo,
        Instant earliestCreated) {

    /** The policy name under which recordings are claimed that a person wants erased, whatever their age. */
    public static final String ERASURE = "erasure";

    /** The {@link #earliestCreated} unless another one is set: the year in which Twilio began. */
    public static final Instant EARLIEST_CREATED = Instant.parse("2008-01-01T00:00:00Z");

    /** Later than any retain-until that an engine sets. */
    private static final Instant END_OF_TIME = Instant.parse("9999-01-01T00:00:00Z");

    /**
     * The criteria of an erasure: every recording made before now, whatever its age and its retain-until, also those
     * whose row the engine has soft-deleted itself.
     *
     * @param now the instant by which ages are judged
     */
    public static DueCriteria erasure(Instant now) {
        return new DueCriteria(END_OF_TIME, List.of(), new Rule(ERASURE, Map.of(), now), null, true, EARLIEST_CREATED);
    }

    /**
     * One policy at one instant.
     *
     * @param policy the policy's name
     * @param match the attribute values that a recording must all have; empty matches every recording
     * @param cutoff recordings created strictly before it are due; null keeps permanently
     */
    public record Rule(
            String policy,
            Map<String, String> match,
            @Nullable Instant cutoff) {

        public Rule {
            match = Map.copyOf(match);
        }

        /** Whether the rule matches a recording with these attributes. An attribute without a value matches nothing. */
        public boolean matches(Map<String, String> attributes) {
            return match.entrySet().stream().allMatch(e -> e.getValue().equals(attributes.get(e.getKey())));
        }
    }

    /** Criteria of an instance that does not say what it works with. */
    public DueCriteria(Instant now, List<Rule> rules, Rule fallback) {
        this(now, rules, fallback, null, false, EARLIEST_CREATED);
    }

    /**
     * Criteria.
     *
     * @throws IllegalArgumentException if the fallback does not match every recording
     */
    public DueCriteria {
        rules = List.copyOf(rules);
        if (!fallback.match().isEmpty()) {
            throw new IllegalArgumentException("the fallback rule must match everything: " + fallback);
        }
    }

    /** The same criteria of an instance that works with what has this fingerprint. */
    public DueCriteria under(@Nullable String fingerprintOfInstance) {
        return new DueCriteria(now, rules, fallback, fingerprintOfInstance, softDeletedToo, earliestCreated);
    }

    /** The same criteria, to which soft-deleted rows are due like live ones. */
    public DueCriteria withSoftDeleted() {
        return new DueCriteria(now, rules, fallback, fingerprint, true, earliestCreated);
    }

    /** The criteria of an {@link #erasure} by an instance with these criteria. */
    public DueCriteria forErasure(Instant at) {
        return erasure(at).under(fingerprint).createdSince(earliestCreated);
    }

    /** The same criteria, where recordings with an earlier creation time than this are not due. */
    public DueCriteria createdSince(Instant earliest) {
        return new DueCriteria(now, rules, fallback, fingerprint, softDeletedToo, earliest);
    }

    /** Whether this is a creation time that a recording can have. */
    public boolean isPossible(Instant created) {
        return !created.isBefore(earliestCreated);
    }

    /** The rule that governs a recording with these attributes: of those that match, the one that keeps it longest. */
    public Rule governing(Map<String, String> attributes) {
        // Asked several times for each recording, and most engines have one policy.
        if (rules.isEmpty()) {
            return fallback;
        }
        return rules.stream()
                .filter(rule -> rule.matches(attributes))
                .min(Comparator.comparing(
                        rule -> Optional.ofNullable(rule.cutoff()).orElse(Instant.MIN)))
                .orElse(fallback);
    }

    /** Whether these are the criteria of an {@link #erasure}. */
    public boolean isErasure() {
        return fallback.policy().equals(ERASURE);
    }

    /**
     * Whether the row is live, was created before the cutoff that governs it and not before {@link #earliestCreated},
     * and has no retain-until after now. With {@link #softDeletedToo}, as for an erasure, a soft-deleted row is due
     * like a live one: that the engine has marked it proves nothing about its recording. {@link RecordingSource#page}
     * and counts have only live rows, whatever the criteria.
     */
    public boolean isDue(Candidate candidate) {
        Instant cutoff = governing(candidate.recording().attributes()).cutoff();
        return (candidate.deleted() == null || softDeletedToo)
                && cutoff != null
                && candidate.recording().created().isBefore(cutoff)
                && isPossible(candidate.recording().created())
                && (candidate.retainUntil() == null || !candidate.retainUntil().isAfter(now));
    }

    /** The latest cutoff of all rules: nothing created later is due. Empty if every rule keeps permanently. */
    public Optional<Instant> latestCutoff() {
        return java.util.stream.Stream.concat(rules.stream(), java.util.stream.Stream.of(fallback))
                .map(Rule::cutoff)
                .filter(Objects::nonNull)
                .max(Comparator.naturalOrder());
    }
}
