package dev.retention.jpa;

import dev.retention.RetentionException;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Replaces an exception whose message may quote rows, as the cause of one of ours: has its type and stack trace, and
 * those of its causes, so that a log says where it came from and none of the values.
 */
final class WithoutDetail extends RuntimeException {

    private static final long serialVersionUID = 1L;
    private static final int DEEPEST_CAUSE = 20;

    private WithoutDetail(Throwable original, int depth) {
        super(description(original), cause(original, depth), false, true);
        setStackTrace(original.getStackTrace());
    }

    /** The same without messages; an exception of the library's own keeps its message. */
    static Throwable of(Throwable original) {
        return of(original, 0);
    }

    private static Throwable of(Throwable original, int depth) {
        return original instanceof WithoutDetail ? original : new WithoutDetail(original, depth);
    }

    private static @Nullable Throwable cause(Throwable original, int depth) {
        Throwable cause = original.getCause();
        return cause == null || depth == DEEPEST_CAUSE ? null : of(cause, depth + 1);
    }

    private static String description(Throwable original) {
        String type = original.getClass().getName();
        if (original instanceof RetentionException) {
            return type + ": " + original.getMessage();
        }
        return original instanceof SQLException answer
                ? type + ": " + ServerAnswer.describe(answer, List.of(answer))
                : type + " (its message is left out, since it may quote a row)";
    }

    @Override
    public String toString() {
        return String.valueOf(getMessage());
    }
}
