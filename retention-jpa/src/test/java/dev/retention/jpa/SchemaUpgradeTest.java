package dev.retention.jpa;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("Today's script over the tables of each released version")
class SchemaUpgradeTest {

    private static final Path TODAY = Path.of("src", "main", "resources", "dev", "retention", "jpa");
    /** A folder for each version, with its scripts as they were released. */
    private static final Path RELEASED = Path.of("src", "test", "resources", "released");

    private static final Path CHANGELOG = Path.of("..", "CHANGELOG.md");

    private static Set<String> released() throws IOException {
        return Pattern.compile("(?m)^## (\\d+\\.\\d+\\.\\d+)(?! \\(unreleased\\))")
                .matcher(Files.readString(CHANGELOG))
                .results()
                .map(version -> version.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> kept() throws IOException {
        if (!Files.exists(RELEASED)) {
            return Set.of();
        }
        try (Stream<Path> versions = Files.list(RELEASED)) {
            return versions.map(version -> version.getFileName().toString())
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    /** Today's own is among them: whoever runs it by hand runs it again. */
    static Stream<Arguments> foldersAndDatabases() throws IOException {
        return Stream.concat(Stream.of(TODAY), kept().stream().map(RELEASED::resolve))
                .flatMap(
                        folder -> Arrays.stream(TestDatabase.values()).map(database -> Arguments.of(folder, database)));
    }

    private static void run(HikariDataSource dataSource, Path folder, TestDatabase database)
            throws IOException, SQLException {
        String script =
                Files.readString(folder.resolve("schema-" + database.name().toLowerCase(Locale.ROOT) + ".sql"));
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(true);
            for (String sql : script.replaceAll("(?m)^--.*$", "").split(";\\s*")) {
                if (!sql.isBlank()) {
                    statement.execute(sql);
                }
            }
        }
    }

    private static HikariDataSource dataSource(TestDatabase database) {
        return database.create("upgraded" + UUID.randomUUID().toString().substring(0, 8), "TRANSACTION_READ_COMMITTED");
    }

    /** What is added later comes last. */
    private static Map<String, Set<String>> unordered(Map<String, List<String>> tables) {
        Map<String, Set<String>> unordered = new HashMap<>();
        tables.forEach((table, lines) -> unordered.put(table, Set.copyOf(lines)));
        return unordered;
    }

    @Test
    void theScriptsOfEachReleasedVersionAreKept() throws IOException {
        assertThat(kept()).isEqualTo(released());
    }

    @ParameterizedTest
    @MethodSource("foldersAndDatabases")
    void addsWhatIsMissingAndLeavesTheRest(Path before, TestDatabase database) throws Exception {
        try (HikariDataSource dataSource = dataSource(database);
                HikariDataSource fresh = dataSource(database)) {
            run(dataSource, before, database);
            Map<String, Set<String>> then = unordered(Structure.of(dataSource, null));
            run(dataSource, TODAY, database);
            run(dataSource, TODAY, database);
            Map<String, Set<String>> now = unordered(Structure.of(dataSource, null));
            run(fresh, TODAY, database);

            assertThat(now).isEqualTo(unordered(Structure.of(fresh, null)));
            then.forEach((table, lines) -> assertThat(now.get(table)).as(table).containsAll(lines));
        }
    }
}
