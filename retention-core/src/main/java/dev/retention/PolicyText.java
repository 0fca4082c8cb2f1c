package dev.retention;

import dev.retention.spi.DueCriteria;
import dev.retention.spi.DueCriteria.Rule;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Policies in a form that can be kept and compared over time: what their cutoffs are at a few fixed instants, chosen so that months, years and days of
 * different lengths show.
 */
final class PolicyText {

    private static final List<Instant> REFERENCES = Stream.of("2025-01-01", "2026-03-01", "2026-07-01", "2028-12-31")
            .map(day -> Instant.parse(day + "T00:00:00Z"))
            .toList();

    /** With more combinations of attribute values than this, policies that differ count as shorter. */
    private static final int MOST_COMBINATIONS = 100_000;

    private static final String NEVER = "never";

    private final List<DueCriteria> atReferences;

    private PolicyText(List<DueCriteria> atReferences) {
        this.atReferences = atReferences;
    }

    static PolicyText of(Policies policies) {
        return new PolicyText(REFERENCES.stream().map(policies::at).toList());
    }

    /**
     * Reads what {@link #text()} wrote.
     *
     * @return null for a text of another form, such as another release may have written
     */
    static @Nullable PolicyText parse(String text) {
        List<List<Rule>> rules = new ArrayList<>();
        REFERENCES.forEach(reference -> rules.add(new ArrayList<>()));
        try {
            for (String line : text.lines().toList()) {
                String[] words = line.split(" ", -1);
                if (words.length != 2 + REFERENCES.size()) {
                    return null;
                }
                Map<String, String> match = match(words[1]);
                for (int i = 0; i < REFERENCES.size(); i++) {
                    String cutoff = words[2 + i];
                    rules.get(i).add(new Rule(words[0], match, cutoff.equals(NEVER) ? null : Instant.parse(cutoff)));
                }
            }
            List<DueCriteria> criteria = new ArrayList<>();
            for (int i = 0; i < REFERENCES.size(); i++) {
                List<Rule> all = rules.get(i);
                criteria.add(new DueCriteria(REFERENCES.get(i), all.subList(1, all.size()), all.get(0)));
            }
            return new PolicyText(criteria);
        } catch (RuntimeException e) {
            return null;
        }
    }

    /** A line for each policy, the default one first: name, match, cutoffs. */
    String text() {
        DueCriteria first = atReferences.get(0);
        List<String> lines = new ArrayList<>();
        lines.add(line(DueCriteria::fallback));
        List<String> further = new ArrayList<>();
        for (int i = 0; i < first.rules().size(); i++) {
            int rule = i;
            further.add(line(criteria -> criteria.rules().get(rule)));
        }
        further.stream().sorted().forEach(lines::add);
        return String.join("\n", lines);
    }

    private interface RuleOf {
        Rule in(DueCriteria criteria);
    }

    private String line(RuleOf rule) {
        Rule first = rule.in(atReferences.get(0));
        return first.policy() + " " + match(first.match()) + " "
                + atReferences.stream()
                        .map(rule::in)
                        .map(Rule::cutoff)
                        .map(cutoff -> cutoff == null ? NEVER : cutoff.toString())
                        .collect(Collectors.joining(" "));
    }

    private static String match(Map<String, String> match) {
        return match.isEmpty()
                ? "all"
                : new TreeMap<>(match)
                        .entrySet().stream()
                                .map(e -> encoded(e.getKey()) + "=" + encoded(e.getValue()))
                                .collect(Collectors.joining("&"));
    }

    private static Map<String, String> match(String text) {
        if (text.equals("all")) {
            return Map.of();
        }
        return Arrays.stream(text.split("&"))
                .map(pair -> pair.split("=", 2))
                .collect(Collectors.toMap(pair -> decoded(pair[0]), pair -> decoded(pair[1])));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    /** Whether there is no recording that these would delete before the others would. */
    boolean keepsAtLeastAsLongAs(PolicyText others) {
        if (text().equals(others.text())) {
            return true;
        }
        List<Map<String, String>> kinds = kindsOfRecordings(others);
        if (kinds.isEmpty()) {
            return false;
        }
        for (int i = 0; i < REFERENCES.size(); i++) {
            DueCriteria ours = atReferences.get(i);
            DueCriteria theirs = others.atReferences.get(i);
            for (Map<String, String> kind : kinds) {
                Instant our = ours.governing(kind).cutoff();
                Instant their = theirs.governing(kind).cutoff();
                if (our != null && (their == null || our.isAfter(their))) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Attribute values in all combinations that some policy of either tells apart; empty when there are too many. */
    private List<Map<String, String>> kindsOfRecordings(PolicyText others) {
        Map<String, Set<String>> values = new TreeMap<>();
        Stream.of(this, others)
                .flatMap(policies -> policies.atReferences.get(0).rules().stream())
                .flatMap(rule -> rule.match().entrySet().stream())
                .forEach(e -> values.computeIfAbsent(e.getKey(), name -> new TreeSet<>())
                        .add(e.getValue()));
        List<Map<String, String>> kinds = List.of(Map.of());
        for (Map.Entry<String, Set<String>> attribute : values.entrySet()) {
            if ((long) kinds.size() * (attribute.getValue().size() + 1) > MOST_COMBINATIONS) {
                return List.of();
            }
            List<Map<String, String>> more = new ArrayList<>(kinds);
            for (Map<String, String> kind : kinds) {
                for (String value : attribute.getValue()) {
                    Map<String, String> with = new HashMap<>(kind);
                    with.put(attribute.getKey(), value);
                    more.add(with);
                }
            }
            kinds = more;
        }
        return kinds;
    }
}
