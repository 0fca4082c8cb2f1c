package dev.retention.jpa;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The grants of docs/schema.md, for {@link Calls.TextCall}. */
final class DocumentedGrants {

    private static final Pattern GRANT = Pattern.compile("grant (.+?)\\s+on\\s+(.+) to voice", Pattern.DOTALL);

    private DocumentedGrants() {}

    /** As the page has them. */
    static List<String> to(String user) {
        return all().stream()
                .map(grant -> grant.replaceFirst(" to voice$", " to " + user))
                .toList();
    }

    /** The same for databases that take one table at a time. */
    static List<String> perTableTo(String user) {
        return all().stream()
                .flatMap(grant -> {
                    Matcher parts = GRANT.matcher(grant);
                    if (!parts.matches()) {
                        throw new IllegalStateException(grant);
                    }
                    return Stream.of(parts.group(2).split(",\\s*"))
                            .map(table -> "grant " + parts.group(1) + " on " + table + " to " + user);
                })
                .toList();
    }

    private static List<String> all() {
        try {
            String page = Files.readString(SchemaPageTest.PAGE);
            Matcher grants = Pattern.compile("```sql\n((?:grant [^;]+;\n)+)```").matcher(page);
            if (!grants.find()) {
                throw new IllegalStateException("no grants in " + SchemaPageTest.PAGE);
            }
            return Pattern.compile(";")
                    .splitAsStream(grants.group(1))
                    .map(String::strip)
                    .filter(grant -> !grant.isEmpty())
                    .map(grant -> grant.replace("call_recording", "TextCall")
                            .replace("(deleted_at, deletion_reason)", "(gone, why)"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A pool like the owner's, for another user without a password. */
    static HikariDataSource poolAs(String user, HikariDataSource owner) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(owner.getJdbcUrl().replaceFirst("user=[^&]+", "user=" + user));
        config.setMaximumPoolSize(8);
        config.setMinimumIdle(0);
        config.setTransactionIsolation(owner.getTransactionIsolation());
        return new HikariDataSource(config);
    }
}
