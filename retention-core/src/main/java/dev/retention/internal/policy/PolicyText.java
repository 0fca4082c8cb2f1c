package dev.retention.internal.policy;

import dev.retention.internal.support.EncodedPairs;
import dev.retention.internal.support.Sha256;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.DueCriteria.Rule;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Policies in a form that can be stored and compared with later ones: how old recordings have to become on each day of
 * the {@link LeapCycle}. Months and years of different lengths make a difference on some of them only.
 */
public final class PolicyText {

    /** With more comparisons than this, policies that differ are treated as shorter. */
    private static final long MOST_COMPARISONS = 400_000;

    /** Longer texts might not fit into a control together with what else a plan names. Their hash is stored instead. */
    private static final int MOST_CHARACTERS = 100_000;

    private static final String HASH = "sha-256 ";

    /** A policy that matches every recording. */
    private static final String ALL = "all";

    /** The last line of policies that also delete recordings whose rows the engine has soft-deleted itself. */
    static final String SOFT_DELETED_TOO = "soft-deleted";

    /** A policy, by what it matches and its ages. */
    private record Line(String policy, Map<String, String> match, Ages ages) {

        String text() {
            return policy + " " + PolicyText.match(match) + " " + ages.text();
        }
    }

    private interface RuleOf {
        Rule in(DueCriteria criteria);
    }

    private final Line fallback;
    private final List<Line> further;
    private final boolean softDeletedToo;

    private PolicyText(Line fallback, List<Line> further, boolean softDeletedToo) {
        this.fallback = fallback;
        this.further = further;
        this.softDeletedToo = softDeletedToo;
    }

    public static PolicyText of(Policies policies) {
        List<DueCriteria> onDay = LeapCycle.MIDNIGHTS.stream().map(policies::at).toList();
        List<Line> further = new ArrayList<>();
        for (int i = 0; i < policies.further().size(); i++) {
            int rule = i;
            further.add(line(onDay, criteria -> criteria.rules().get(rule)));
        }
        return new PolicyText(line(onDay, DueCriteria::fallback), further, policies.softDeletedToo());
    }

    private static Line line(List<DueCriteria> onDay, RuleOf rule) {
        Rule first = rule.in(onDay.get(0));
        List<@Nullable Duration> ages = new ArrayList<>(onDay.size());
        onDay.forEach(criteria -> ages.add(age(rule.in(criteria).cutoff(), criteria.now())));
        return new Line(first.policy(), first.match(), new Ages(ages));
    }

    /**
     * Reads what {@link #text()} wrote.
     *
     * @return null for a text that can't be compared: a hash, or one of another form, such as of another release
     */
    private static @Nullable PolicyText parse(String text) {
        try {
            List<Line> lines = new ArrayList<>();
            List<String> all = text.lines().toList();
            boolean softDeletedToo = all.get(all.size() - 1).equals(SOFT_DELETED_TOO);
            for (String line : softDeletedToo ? all.subList(0, all.size() - 1) : all) {
                String[] words = line.split(" ", -1);
                if (words.length != 3) {
                    return null;
                }
                lines.add(new Line(words[0], match(words[1]), Ages.parse(words[2])));
            }
            return new PolicyText(lines.get(0), lines.subList(1, lines.size()), softDeletedToo);
        } catch (RuntimeException e) {
            return null;
        }
    }

    /**
     * One line for each policy, the default policy first: name, match, ages. Then {@link #SOFT_DELETED_TOO}, if that is
     * so. Or a hash of that, if it is too long to be stored.
     */
    public String text() {
        List<String> lines = new ArrayList<>();
        lines.add(fallback.text());
        further.stream().map(Line::text).sorted().forEach(lines::add);
        if (softDeletedToo) {
            lines.add(SOFT_DELETED_TOO);
        }
        return storable(String.join("\n", lines));
    }

    /** The text, or a hash of it if it is too long to be stored: cut, it would equal others. */
    static String storable(String text) {
        return text.length() <= MOST_CHARACTERS ? text : HASH + Sha256.hex(text);
    }

    static String match(Map<String, String> match) {
        return match.isEmpty() ? ALL : EncodedPairs.join(new TreeMap<>(match), "&");
    }

    private static Map<String, String> match(String text) {
        return text.equals(ALL)
                ? Map.of()
                : Objects.requireNonNull(EncodedPairs.split(text, "&"), "attributes with values");
    }

    /**
     * Whether these policies delete no recording earlier than those of the text do, and none that those kept: on each
     * day, and at this instant.
     *
     * @param confirmed what {@link #text()} wrote
     * @param now the policies at one instant, which may be between two days. Then recordings must be as old as on one
     *     of the two
     */
    public boolean keepsAtLeastAsLongAs(String confirmed, DueCriteria now) {
        boolean same = text().equals(confirmed);
        PolicyText others = parse(confirmed);
        if (others == null) {
            return same;
        }
        if (softDeletedToo && !others.softDeletedToo) {
            return false;
        }
        List<Map<String, String>> kinds = kindsOfRecordings(others);
        List<Integer> days = same ? List.of() : differentDays(others);
        if (kinds.isEmpty() || (long) kinds.size() * (days.size() + 2) > MOST_COMPARISONS) {
            return same;
        }
        for (int day : days) {
            DueCriteria ours = criteriaOn(day);
            DueCriteria theirs = others.criteriaOn(day);
            if (kinds.stream().anyMatch(kind -> isShorter(age(ours, kind), age(theirs, kind)))) {
                return false;
            }
        }
        int today = LeapCycle.dayOf(now.now());
        DueCriteria theirsToday = others.criteriaOn(today);
        DueCriteria theirsTomorrow = others.criteriaOn((today + 1) % LeapCycle.DAYS);
        return kinds.stream()
                .noneMatch(
                        kind -> isShorter(age(now, kind), shorter(age(theirsToday, kind), age(theirsTomorrow, kind))));
    }

    /**
     * Which policies differ, for people: those that were added, removed, or keep for another time. By their names, or
     * only that they differ if a text can't be read.
     */
    public static List<String> changes(String confirmed, String now) {
        if (confirmed.equals(now)) {
            return List.of();
        }
        PolicyText before = parse(confirmed);
        PolicyText after = parse(now);
        if (before == null || after == null) {
            return List.of("the policies are others");
        }
        Map<String, String> were = before.described();
        Map<String, String> are = after.described();
        Set<String> names = new TreeSet<>(were.keySet());
        names.addAll(are.keySet());
        List<String> changes = new ArrayList<>();
        names.stream()
                .filter(name -> !Objects.equals(were.get(name), are.get(name)))
                .map(name -> "policy '" + name + "' " + described("was", were.get(name)) + " and "
                        + described("is", are.get(name)))
                .forEach(changes::add);
        if (before.softDeletedToo != after.softDeletedToo) {
            changes.add("recordings whose rows the application has soft-deleted itself "
                    + (after.softDeletedToo ? "were kept and are deleted" : "were deleted and are kept"));
        }
        return changes;
    }

    private static String described(String verb, @Nullable String policy) {
        return policy == null ? verb + " not there" : verb + " '" + policy + "'";
    }

    private Map<String, String> described() {
        Map<String, String> described = new TreeMap<>();
        lines().forEach(line -> described.put(
                line.policy(),
                line.ages().described() + (line.match().isEmpty() ? "" : " for " + new TreeMap<>(line.match()))));
        return described;
    }

    /** One of the days on which all policies of both sides have the same ages, for each such combination. */
    private List<Integer> differentDays(PolicyText others) {
        List<Line> all = Stream.of(this, others).flatMap(PolicyText::lines).toList();
        Set<List<@Nullable Duration>> seen = new HashSet<>();
        return IntStream.range(0, LeapCycle.DAYS)
                .filter(day -> {
                    List<@Nullable Duration> ages = new ArrayList<>();
                    all.forEach(line -> ages.add(line.ages().onDay().get(day)));
                    return seen.add(ages);
                })
                .boxed()
                .toList();
    }

    private Stream<Line> lines() {
        return Stream.concat(Stream.of(fallback), further.stream());
    }

    private DueCriteria criteriaOn(int day) {
        Instant midnight = LeapCycle.MIDNIGHTS.get(day);
        return new DueCriteria(
                midnight,
                further.stream().map(line -> rule(line, midnight, day)).toList(),
                rule(fallback, midnight, day));
    }

    private static Rule rule(Line line, Instant midnight, int day) {
        Duration age = line.ages().onDay().get(day);
        return new Rule(line.policy(), line.match(), age == null ? null : midnight.minus(age));
    }

    /** How old a recording with these attributes has to become; null if it is kept permanently. */
    private static @Nullable Duration age(DueCriteria criteria, Map<String, String> attributes) {
        return age(criteria.governing(attributes).cutoff(), criteria.now());
    }

    private static @Nullable Duration age(@Nullable Instant cutoff, Instant now) {
        return cutoff == null ? null : Duration.between(cutoff, now);
    }

    private static boolean isShorter(@Nullable Duration ours, @Nullable Duration theirs) {
        return ours != null && (theirs == null || ours.compareTo(theirs) < 0);
    }

    private static @Nullable Duration shorter(@Nullable Duration one, @Nullable Duration other) {
        return isShorter(one, other) ? one : other;
    }

    /** All combinations of attribute values that a policy of either side distinguishes; empty if there are too many. */
    private List<Map<String, String>> kindsOfRecordings(PolicyText others) {
        Map<String, Set<String>> values = new TreeMap<>();
        Stream.of(this, others)
                .flatMap(policies -> policies.further.stream())
                .flatMap(line -> line.match().entrySet().stream())
                .forEach(e -> values.computeIfAbsent(e.getKey(), name -> new TreeSet<>())
                        .add(e.getValue()));
        List<Map<String, String>> kinds = List.of(Map.of());
        for (Map.Entry<String, Set<String>> attribute : values.entrySet()) {
            if ((long) kinds.size() * (attribute.getValue().size() + 1) > MOST_COMPARISONS) {
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
