package dev.retention.internal.safety;

import dev.retention.RetentionException;
import dev.retention.SweepPlan;
import dev.retention.internal.evidence.LostHeads;
import dev.retention.internal.support.EncodedPairs;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The form in which plans and confirmations are stored as the setting of a control: a line for each value,
 * {@code name=text}, encoded as in a URL. No other class depends on it.
 */
final class PlanCodec {

    private PlanCodec() {}

    static String encode(Plan plan) {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("id", plan.id());
        values.put("drawn", plan.drawn().toString());
        values.put("why", plan.why());
        values.put("due", Long.toString(plan.due()));
        values.put("ceiling", Long.toString(plan.ceiling()));
        values.put("identity", plan.terms().target());
        values.put("policies", plan.terms().policies());
        values.put("mapping", plan.terms().mapping());
        if (!plan.terms().lost().isEmpty()) {
            values.put("lost", LostHeads.text(plan.terms().lost()));
        }
        values.put("counts", plan.policies().stream().map(PlanCodec::encode).collect(Collectors.joining("\n")));
        return text(values);
    }

    /** Returns null for a setting of another form. */
    static @Nullable Plan plan(String setting) {
        Map<String, String> values = values(setting);
        return values.isEmpty()
                ? null
                : new Plan(
                        required(values, "id"),
                        Instant.parse(required(values, "drawn")),
                        required(values, "why"),
                        Long.parseLong(required(values, "due")),
                        Long.parseLong(required(values, "ceiling")),
                        new Terms(
                                required(values, "identity"),
                                required(values, "policies"),
                                required(values, "mapping"),
                                LostHeads.read(values.getOrDefault("lost", ""))),
                        required(values, "counts")
                                .lines()
                                .map(PlanCodec::policy)
                                .toList());
    }

    private static String encode(SweepPlan.Policy policy) {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("name", policy.name());
        values.put("period", policy.period());
        values.put("match", EncodedPairs.join(policy.match(), "&"));
        values.put("live", Long.toString(policy.live()));
        values.put("due", Long.toString(policy.due()));
        if (policy.oldestDue() != null) {
            values.put("oldest", policy.oldestDue().toString());
        }
        return EncodedPairs.join(values, "&");
    }

    private static SweepPlan.Policy policy(String line) {
        Map<String, String> values = Objects.requireNonNullElse(EncodedPairs.split(line, "&"), Map.of());
        String oldest = values.get("oldest");
        return new SweepPlan.Policy(
                required(values, "name"),
                required(values, "period"),
                Objects.requireNonNullElse(EncodedPairs.split(required(values, "match"), "&"), Map.of()),
                Long.parseLong(required(values, "live")),
                Long.parseLong(required(values, "due")),
                oldest == null ? null : Instant.parse(oldest));
    }

    static String encode(Confirmation confirmation) {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("plan", confirmation.plan());
        values.put("since", confirmation.since().toString());
        values.put("ceiling", Long.toString(confirmation.ceiling()));
        return text(values);
    }

    /** Returns null for a setting of another form. */
    static @Nullable Confirmation confirmation(String setting) {
        Map<String, String> values = values(setting);
        return values.isEmpty()
                ? null
                : new Confirmation(
                        required(values, "plan"),
                        Instant.parse(required(values, "since")),
                        Long.parseLong(required(values, "ceiling")));
    }

    private static String text(Map<String, String> values) {
        return EncodedPairs.join(values, "\n");
    }

    /** Empty for a text of another form. */
    private static Map<String, String> values(String text) {
        return Objects.requireNonNullElse(EncodedPairs.split(text, "\n"), Map.of());
    }

    private static String required(Map<String, String> values, String name) {
        String value = values.get(name);
        if (value == null) {
            throw RetentionException.refused("a stored plan or confirmation has no '" + name
                    + "', so it was changed by hand. Delete its row in retention_control, then sweep again");
        }
        return value;
    }
}
