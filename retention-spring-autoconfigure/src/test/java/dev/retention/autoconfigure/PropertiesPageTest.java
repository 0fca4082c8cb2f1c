package dev.retention.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@DisplayName("docs/properties.md")
class PropertiesPageTest {

    private static final Path PAGE = Path.of("..", "docs", "properties.md");
    private static final Pattern ROW = Pattern.compile("\\| `(retention\\.[^`]+)` \\| ([^|]*) \\| ([^|]*) \\|");

    private record Row(String standard, String text) {}

    private static Map<String, Row> rows() throws IOException {
        Map<String, Row> rows = new TreeMap<>();
        for (String line : Files.readAllLines(PAGE)) {
            if (line.startsWith("| `")) {
                Matcher row = ROW.matcher(line);
                assertThat(row.matches()).as(line).isTrue();
                String name = row.group(1).replaceAll("<[^>]+>", "<>");
                assertThat(rows.put(name, new Row(row.group(2), row.group(3))))
                        .as(line)
                        .isNull();
            }
        }
        return rows;
    }

    private static Map<String, JsonNode> metadata() throws IOException {
        return metadata("/properties");
    }

    private static Map<String, JsonNode> metadata(String part) throws IOException {
        Map<String, JsonNode> named = new TreeMap<>();
        try (InputStream file = Objects.requireNonNull(
                PropertiesPageTest.class.getResourceAsStream("/META-INF/spring-configuration-metadata.json"))) {
            JsonMapper.shared()
                    .readTree(file)
                    .at(part)
                    .forEach(each -> named.put(each.at("/name").stringValue(), each));
        }
        return named;
    }

    @Test
    void agreesWithHintsForPropertiesThatExist() throws IOException {
        assertThat(metadata("/hints").keySet())
                .contains("retention.jpa.entity", "retention.period", "retention.schedule.cron")
                .isSubsetOf(metadata().keySet());
    }

    @Test
    void agreesWithTypesThatSaySetsOfValues() throws IOException {
        for (String name : new String[] {
            "retention.safety.first-run", "retention.twilio.external-media", "retention.jpa.initialize-schema"
        }) {
            String type = metadata().get(name).at("/type").stringValue();
            assertThat(type).as(name).doesNotStartWith("java.lang");
        }
    }

    @Test
    void describesEveryPropertyOnceAndNoOther() throws IOException {
        assertThat(rows().keySet())
                .containsExactlyInAnyOrderElementsOf(new KnownProperties()
                        .names().stream()
                                .map(name -> name.replaceAll("<[^>]+>", "<>"))
                                .toList());
        assertThat(rows().values()).noneMatch(row -> row.text().isBlank());
    }

    @Test
    void namesTheDefaultsThatTheMetadataNames() throws IOException {
        Map<String, JsonNode> metadata = metadata();
        rows().forEach((name, row) -> {
            JsonNode standard = metadata.containsKey(name) ? metadata.get(name).get("defaultValue") : null;
            if (standard == null) {
                assertThat(row.standard()).as(name).doesNotContain("`");
            } else {
                assertThat(row.standard()).as(name).isEqualTo("`" + standard.asString() + "`");
            }
        });
    }

    @Test
    void agreesWithMetadataThatDescribesEachProperty() throws IOException {
        Map<String, JsonNode> metadata = metadata();
        new KnownProperties()
                .names().stream().map(name -> name.replaceFirst("\\.<.*", "")).forEach(name -> {
                    assertThat(metadata).containsKey(name);
                    assertThat(metadata.get(name).at("/description").asString())
                            .as(name)
                            .endsWith(".");
                });
    }
}
