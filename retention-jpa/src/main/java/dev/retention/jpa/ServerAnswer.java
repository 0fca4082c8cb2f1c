package dev.retention.jpa;

import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What may be said of a server's answer: SQLSTATE, code, and the names of what it is about. Servers quote the rows that
 * they refuse, and triggers write what they like, so that no message of a server, a driver or a persistence provider is
 * passed on. Names are taken from a message only if all of its form is the server's own.
 */
final class ServerAnswer {

    /** An identifier that needs no quotes, with its schema if any. No number is one. */
    private static final String NAME = "[\\p{L}_][\\p{L}\\p{N}_$]*(?:\\.[\\p{L}_][\\p{L}\\p{N}_$]*)*";

    private static final List<String> KINDS = List.of("constraint", "column", "table");

    /** What begins a message of PostgreSQL, and what follows its first line. */
    private static final String POSTGRESQL = "\\p{Lu}+: %s(?:\\R.*)?";

    /** MySQL's, too. What may come before is the drivers'. */
    private static final String MARIADB = "(?:\\(conn=\\d+\\) |Data truncation: )?%s";

    private static final String H2 = "%s.*";

    private static final List<Form> FORMS = List.of(
            form(POSTGRESQL, "new row for relation \"<table>\" violates check constraint \"<constraint>\""),
            form(POSTGRESQL, "duplicate key value violates unique constraint \"<constraint>\""),
            form(POSTGRESQL, "conflicting key value violates exclusion constraint \"<constraint>\""),
            form(POSTGRESQL, "null value in column \"<column>\" of relation \"<table>\" violates not-null constraint"),
            form(
                    POSTGRESQL,
                    "(?:insert or update|update or delete) on table \"<table>\" violates foreign key constraint"
                            + " \"<constraint>\"(?: on table \"NAME\")?"),
            form(POSTGRESQL, "permission denied for (?:table|view|relation) <table>"),
            form(POSTGRESQL, "relation \"<table>\" does not exist"),
            form(POSTGRESQL, "column \"?<column>\"? (?:of relation \"<table>\" )?does not exist"),
            form(MARIADB, "CONSTRAINT `<constraint>` failed for `NAME`\\.`<table>`"),
            // Greedy: what is quoted of the row comes first, and may look like the end of the message.
            form(MARIADB, "Duplicate entry '.*' for key '<constraint>'"),
            form(MARIADB, "Column '<column>' cannot be null"),
            form(MARIADB, "Field '<column>' doesn't have a default value"),
            form(MARIADB, "(?:Data too long|Out of range value|Data truncated) for column '<column>' at row \\d+"),
            form(
                    MARIADB,
                    "Cannot (?:add or update a child|delete or update a parent) row: a foreign key constraint fails"
                            + " \\(`NAME`\\.`<table>`, CONSTRAINT `<constraint>` FOREIGN KEY .*"),
            form(
                    MARIADB,
                    "[A-Z, ]+ command denied to user '[^']*'@'[^']*' for table [`']?(?:NAME`?\\.`?)?<table>[`']?"),
            form(MARIADB, "[A-Z, ]+ command denied to user '[^']*'@'[^']*' for column '<column>' in table '<table>'"),
            form(MARIADB, "Check constraint '<constraint>' is violated\\."),
            form(MARIADB, "Table '<table>' doesn't exist"),
            form(MARIADB, "Unknown column '<column>' in '.*'"),
            form(H2, "Check constraint violation: \"<constraint>: ?"),
            form(H2, "Unique index or primary key violation: \"<constraint> ON <table>\\("),
            form(H2, "NULL not allowed for column \"<column>\";"),
            form(H2, "Value too long for column \"<column> [A-Z]"),
            form(H2, "Referential integrity constraint violation: \"<constraint>: <table> FOREIGN KEY"),
            form(H2, "Not enough rights for object \"<table>\";"),
            form(H2, "Table \"<table>\" not found"),
            form(H2, "Column \"<column>\" not found"));

    /** By the class of the SQLSTATE, in the words of the standard. */
    private static final Map<String, String> CLASSES = Map.of(
            "08", "the connection failed",
            "22", "a value does not fit its column",
            "23", "a constraint is violated",
            "28", "the login was refused",
            "40", "the transaction was rolled back",
            "42", "a name is unknown, or a permission is missing",
            "53", "the server has no connection, memory or disk space left",
            "57", "the server ended the session or the statement");

    /** Hibernate's own tables for changes of entities with JOINED inheritance. It tries to create them, and goes on. */
    private static final Pattern TEMPORARY_TABLE = Pattern.compile("table '(?:.*\\.)?HTE?_.*'");

    private ServerAnswer() {}

    /**
     * A message of a server.
     *
     * @param kinds what is named in it
     */
    private record Form(Pattern pattern, List<String> kinds) {}

    private static Form form(String server, String form) {
        List<String> kinds =
                KINDS.stream().filter(kind -> form.contains("<" + kind + ">")).toList();
        String pattern = server.formatted(form).replaceAll("<(\\w+)>", "(?<$1>NAME)");
        return new Form(Pattern.compile(pattern.replace("NAME", NAME), Pattern.DOTALL), kinds);
    }

    /**
     * What may be said of a failure.
     *
     * @param primary the answer whose state and code count
     * @param all it and those that belong to it; the first that names something is used
     */
    static String describe(SQLException primary, List<SQLException> all) {
        String state = primary.getSQLState();
        StringBuilder text = new StringBuilder();
        if (state == null) {
            // A pool's own, or a driver's.
            text.append(primary.getClass().getSimpleName()).append(" without SQLState");
        } else {
            text.append("SQLState ").append(state);
        }
        text.append(", code ").append(primary.getErrorCode());
        String meaning = state == null || state.length() < 2 ? null : CLASSES.get(state.substring(0, 2));
        if (meaning != null) {
            text.append(" (").append(meaning).append(')');
        }
        for (SQLException answer : all) {
            List<String> names = names(answer.getMessage());
            if (!names.isEmpty()) {
                text.append(", ").append(String.join(", ", names));
                if (names.stream()
                        .anyMatch(name -> TEMPORARY_TABLE.matcher(name).matches())) {
                    text.append(". Hibernate changes an entity with JOINED inheritance by this temporary table: grant"
                            + " create temporary tables on its database");
                }
                return text.toString();
            }
        }
        return text.toString();
    }

    private static List<String> names(@Nullable String message) {
        for (Form form : FORMS) {
            Matcher matcher = form.pattern().matcher(message == null ? "" : message);
            if (matcher.matches()) {
                return form.kinds().stream()
                        .filter(kind -> matcher.group(kind) != null)
                        .map(kind -> kind + " '" + matcher.group(kind) + "'")
                        .toList();
            }
        }
        return List.of();
    }
}
