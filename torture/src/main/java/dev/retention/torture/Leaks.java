package dev.retention.torture;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Looks for secrets and for callers' numbers in what instances write, on their output, in their logs and in the
 * library's tables: they must show up nowhere, as they are or as they are sent.
 */
final class Leaks {

    private static final int MOST = 20;
    private static final int SHOWN = 300;

    private static final List<String> SECRETS = List.of(
            Keys.CANARY,
            DatabaseServer.PASSWORD,
            Keys.PHONE,
            // A header's base64 of user:secret has the canary at one of three offsets.
            base64(Keys.CANARY, 0),
            base64(Keys.CANARY, 1),
            base64(Keys.CANARY, 2));

    private static final List<String> TABLES = List.of(
            "retention_deletion",
            "retention_event",
            "retention_run",
            "retention_control",
            "retention_hold",
            "retention_evidence",
            "retention_evidence_text");

    private final List<String> found = new CopyOnWriteArrayList<>();

    private static String base64(String secret, int offset) {
        String encoded =
                Base64.getEncoder().encodeToString(("x".repeat(offset) + secret).getBytes(StandardCharsets.UTF_8));
        int from = offset == 0 ? 0 : 4;
        return encoded.substring(from, encoded.length() - 6);
    }

    void lookAt(String writer, String line) {
        String secret = in(line);
        if (secret != null && found.size() < MOST) {
            found.add(writer + " wrote " + secret + ": " + line.substring(0, Math.min(SHOWN, line.length())));
        }
    }

    /** Everything that the library has written into its tables. */
    void lookAt(Connection connection) throws SQLException {
        for (String table : TABLES) {
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("select * from " + table)) {
                int columns = row.getMetaData().getColumnCount();
                while (row.next()) {
                    StringBuilder line = new StringBuilder();
                    for (int i = 1; i <= columns; i++) {
                        line.append(row.getString(i)).append(' ');
                    }
                    lookAt(table, line.toString());
                }
            }
        }
    }

    private static @Nullable String in(String line) {
        for (String secret : SECRETS) {
            if (line.contains(secret)) {
                return secret.equals(Keys.PHONE)
                        ? "a caller's number"
                        : secret.startsWith("canary") ? "a secret" : "a secret in base64";
            }
        }
        return null;
    }

    List<String> found() {
        return List.copyOf(found);
    }
}
