package dev.retention.jpa;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("docs/schema.md")
class SchemaPageTest {

    static final Path PAGE = Path.of("..", "docs", "schema.md");
    private static final Path SCRIPTS = Path.of("src", "main", "resources", "dev", "retention", "jpa");
    private static final Pattern HEADING = Pattern.compile("### (retention_\\w+)");
    private static final Pattern COLUMN = Pattern.compile("\\| `(\\w+)` \\| ([^|]+) \\|");

    private static Map<String, List<String>> documented() throws IOException {
        Map<String, List<String>> tables = new LinkedHashMap<>();
        List<String> columns = new ArrayList<>();
        for (String line : Files.readAllLines(PAGE)) {
            Matcher heading = HEADING.matcher(line);
            Matcher column = COLUMN.matcher(line);
            if (heading.matches()) {
                columns = new ArrayList<>();
                assertThat(tables.put(heading.group(1), columns)).as(line).isNull();
            } else if (line.startsWith("#")) {
                columns = new ArrayList<>();
            } else if (column.matches()) {
                assertThat(column.group(2)).as(line).isNotBlank();
                columns.add(column.group(1));
            }
        }
        return tables;
    }

    private static Map<String, List<String>> created() throws IOException, SQLException {
        Map<String, List<String>> tables = new LinkedHashMap<>();
        Tables.NAMES.forEach(name -> tables.put(name, new ArrayList<>()));
        try (HikariDataSource dataSource =
                        TestDatabase.H2.create("page" + UUID.randomUUID(), "TRANSACTION_READ_COMMITTED");
                Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(Files.readString(SCRIPTS.resolve("schema-h2.sql")));
            try (ResultSet row = statement.executeQuery(
                    "select lower(table_name), lower(column_name) from information_schema.columns"
                            + " where table_schema = current_schema order by table_name, ordinal_position")) {
                while (row.next()) {
                    tables.computeIfAbsent(row.getString(1), name -> new ArrayList<>())
                            .add(row.getString(2));
                }
            }
        }
        return tables;
    }

    @Test
    void describesEveryTableAndColumnInItsOrderAndNoneThatIsNotThere() throws Exception {
        Map<String, List<String>> documented = documented();
        Map<String, List<String>> created = created();
        assertThat(documented.keySet()).containsExactlyElementsOf(created.keySet());
        assertThat(documented).isEqualTo(created);
    }

    @Test
    void namesEveryScript() throws IOException {
        try (Stream<Path> scripts = Files.list(SCRIPTS)) {
            List<String> named = Pattern.compile("`dev/retention/jpa/([^`]+)`")
                    .matcher(Files.readString(PAGE))
                    .results()
                    .map(match -> match.group(1))
                    .toList();
            assertThat(named)
                    .containsExactlyInAnyOrderElementsOf(
                            scripts.map(script -> script.getFileName().toString())
                                    .toList());
        }
    }

    @Test
    void namesEveryWayToInitialize() throws IOException {
        for (SchemaInitialization value : SchemaInitialization.values()) {
            assertThat(Files.readString(PAGE))
                    .contains("| `" + value.name().toLowerCase(java.util.Locale.ROOT) + "` |");
        }
    }
}
