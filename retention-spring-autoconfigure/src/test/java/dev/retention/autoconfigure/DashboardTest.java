package dev.retention.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The dashboard for Grafana. That its meters exist is tested where they are scraped. */
class DashboardTest {

    private final JsonNode dashboard = read();

    private static JsonNode read() {
        try {
            return JsonMapper.builder()
                    .build()
                    .readTree(Files.readString(Path.of("..", "docs", "monitoring", "dashboard.json")));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Without the rows that only divide them. */
    private Stream<JsonNode> panels() {
        return dashboard
                .at("/panels")
                .valueStream()
                .filter(panel -> !type(panel).equals("row"));
    }

    private static String type(JsonNode panel) {
        return panel.at("/type").stringValue();
    }

    @Test
    void eachPanelSaysWhatItShowsAndWhereItTurnsBad() {
        assertThat(panels()).hasSizeGreaterThan(12).allSatisfy(panel -> {
            assertThat(panel.at("/title").stringValue()).isNotBlank();
            assertThat(panel.at("/description").stringValue())
                    .hasSizeGreaterThan(20)
                    .endsWith(".");
            assertThat(panel.at("/fieldConfig/defaults/unit").stringValue()).isNotBlank();
            JsonNode steps = panel.at("/fieldConfig/defaults/thresholds/steps");
            assertThat(steps.valueStream()).as("%s", panel.at("/title")).isNotEmpty();
            assertThat(steps.at("/0/value").isNull())
                    .as("the first step has no lower end")
                    .isTrue();
            List<Double> values = steps.valueStream()
                    .skip(1)
                    .map(step -> step.at("/value").doubleValue())
                    .toList();
            assertThat(values).isSorted();
        });
    }

    @Test
    void theMorningIsReadFromStatPanels() {
        List<String> shown = panels().filter(panel -> type(panel).equals("stat"))
                .map(panel -> panel.at("/targets/0/expr").stringValue())
                .toList();
        for (String meter : List.of(
                "attention",
                "completed_age_seconds",
                "overdue_seconds",
                "paused",
                "refusals",
                "freed_audio_seconds",
                "backlog_recordings",
                "waiting_recordings",
                "keyless_recordings",
                "undated_recordings",
                "unreadable_recordings")) {
            assertThat(shown).as(meter).anyMatch(expr -> expr.startsWith("max(retention_" + meter + "{"));
        }
    }

    @Test
    void allQueriesAreForTheChosenJobsAndInstances() {
        assertThat(dashboard
                        .at("/templating/list")
                        .valueStream()
                        .map(variable -> variable.at("/name").stringValue()))
                .containsExactly("datasource", "job", "instance");
        assertThat(panels().flatMap(panel -> panel.at("/targets").valueStream()))
                .allSatisfy(target -> {
                    String expr = target.at("/expr").stringValue();
                    long meters = expr.split("retention_", -1).length - 1L;
                    assertThat(expr.split("job=~\"\\$job\", instance=~\"\\$instance\"", -1).length - 1L)
                            .as(expr)
                            .isEqualTo(meters);
                    assertThat(target.at("/datasource/uid").stringValue()).isEqualTo("${datasource}");
                });
    }

    @Test
    void noPanelHidesAnother() {
        List<JsonNode> all = dashboard.at("/panels").valueStream().toList();
        assertThat(all.stream().map(panel -> panel.at("/id").intValue())).doesNotHaveDuplicates();
        for (JsonNode one : all) {
            assertThat(one.at("/gridPos/x").intValue() + one.at("/gridPos/w").intValue())
                    .isLessThanOrEqualTo(24);
            for (JsonNode other : all) {
                assertThat(one != other && overlap(one.at("/gridPos"), other.at("/gridPos")))
                        .as("%s and %s", one.at("/title"), other.at("/title"))
                        .isFalse();
            }
        }
    }

    private static boolean overlap(JsonNode one, JsonNode other) {
        return overlap(one, other, "x", "w") && overlap(one, other, "y", "h");
    }

    private static boolean overlap(JsonNode one, JsonNode other, String from, String length) {
        int start = one.get(from).intValue();
        int otherStart = other.get(from).intValue();
        return start < otherStart + other.get(length).intValue()
                && otherStart < start + one.get(length).intValue();
    }
}
