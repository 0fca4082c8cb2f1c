package dev.retention.jpa;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A statement that takes its parameters from rows, with a question mark for each as in the statement for one row.
 *
 * @param head what is before the clause with the rows
 * @param tail what is after it
 */
record Rows(String head, String tail, List<Type> types) {

    /** The type of a parameter, with the name that it has where parameters can be arrays. */
    enum Type {
        TEXT("text"),
        TIME("timestamp"),
        LONG("bigint"),
        INTEGER("integer"),
        FLAG("boolean");

        private final String sql;

        Type(String sql) {
            this.sql = sql;
        }

        String sql() {
            return sql;
        }

        String array() {
            return sql + "[]";
        }
    }

    /** Values as one parameter, each as text. Not every database has arrays. */
    record ArrayOf(Type type, List<@Nullable String> values) {}

    /**
     * The text of the statement.
     *
     * @param source the rows, as they can be selected from
     */
    String from(String source) {
        StringBuilder text = new StringBuilder();
        int next = append(head, text, 1);
        text.append(" from ").append(source).append(" as v (");
        for (int i = 1; i <= types.size(); i++) {
            text.append(i == 1 ? "p" : ", p").append(i);
        }
        append(tail, text.append(')'), next);
        return text.toString();
    }

    private static int append(String part, StringBuilder text, int first) {
        int next = first;
        for (char c : part.toCharArray()) {
            if (c == '?') {
                text.append("v.p").append(next++);
            } else {
                text.append(c);
            }
        }
        return next;
    }
}
