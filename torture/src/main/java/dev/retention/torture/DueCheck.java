package dev.retention.torture;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * I2: a deletion is for a recording that a row names which is due by the fixture, and of which no row must be kept; or
 * the rows were wanted erased. What counts is what the check may have seen that let the request go: the engine changes
 * rows all the time.
 */
final class DueCheck implements Check {

    /** Where nothing was heard of the check. */
    private static final long BEFORE_NANOS = Duration.ofSeconds(10).toNanos();

    @Override
    public void check(Evidence evidence, Findings findings) {
        for (Request request : evidence.requests) {
            List<Row> rows = evidence.rowsOf(request);
            if (!request.isDelete() || rows.isEmpty()) {
                continue;
            }
            boolean named = false;
            for (Row row : rows) {
                Judged judged = judged(row, request, evidence);
                named |= judged == Judged.ALLOWED;
                if (judged == Judged.FORBIDDEN) {
                    violated(
                            findings, row.nature() + " " + row.id() + " must be kept: " + text(row, request, evidence));
                }
            }
            if (!named) {
                violated(findings, "no row that is due names it: " + text(rows.get(0), request, evidence));
            }
        }
    }

    private static void violated(Findings findings, String text) {
        findings.count(Findings.Count.EARLY);
        findings.violated("I2", text);
    }

    private static String text(Row row, Request request, Evidence evidence) {
        return request + " " + evidence.fixture.life(row).versions();
    }

    private enum Judged {
        ALLOWED,
        FORBIDDEN,
        /** It may not have been there, or not have named the recording. */
        UNCONCERNED
    }

    /** By all that may have been seen: the most lenient counts. */
    private static Judged judged(Row row, Request request, Evidence evidence) {
        boolean erased = evidence.erasures.getOrDefault(row.key(), Long.MAX_VALUE) < request.seq;
        Instant received = Instant.ofEpochMilli(request.millis);
        boolean unconcerned = false;
        for (Life.Version version : seen(row, request, evidence)) {
            Row was = version.row();
            if (was == null || !names(was, request, evidence)) {
                unconcerned = true;
            } else if (erased || evidence.fixture.isDue(was, received)) {
                return Judged.ALLOWED;
            }
        }
        return unconcerned ? Judged.UNCONCERNED : Judged.FORBIDDEN;
    }

    private static List<Life.Version> seen(Row row, Request request, Evidence evidence) {
        Sendings.@Nullable Permission permission = evidence.permission(request);
        long from =
                permission == null || !permission.isChecked() ? request.nanos - BEFORE_NANOS : permission.checkNanos();
        return evidence.fixture.life(row).seen(from, request.nanos);
    }

    private static boolean names(Row row, Request request, Evidence evidence) {
        return Objects.equals(row.sid(), request.sid)
                && (row.nature().isTwin() || evidence.fixture.accountOf(row).equals(request.account));
    }
}
