package dev.retention.torture;

import java.time.Instant;
import java.util.List;

/** I2: a deletion is for a recording of which all rows are due by the fixture, or were wanted erased. */
final class DueCheck implements Check {

    @Override
    public void check(Evidence evidence, Findings findings) {
        for (Request request : evidence.requests) {
            List<Row> rows = evidence.rowsOf(request);
            if (!request.isDelete() || rows.isEmpty()) {
                continue;
            }
            Instant received = Instant.ofEpochMilli(request.millis);
            rows.stream()
                    .filter(row -> !evidence.fixture.isDue(row, received)
                            && evidence.erasures.getOrDefault(row.key(), Long.MAX_VALUE) > request.seq
                            && wasThere(row, request, evidence))
                    .findFirst()
                    .ifPresent(row -> {
                        findings.count(Findings.Count.EARLY);
                        findings.violated(
                                "I2",
                                row.nature() + " " + row.id() + " of " + row.created() + " must be kept: " + request);
                    });
        }
    }

    /** Whether it was in the table when the check began that let the request go. */
    private static boolean wasThere(Row row, Request request, Evidence evidence) {
        if (row.nature() != Nature.TWIN_LATER) {
            return true;
        }
        Sendings.Permission permission = evidence.permission(request);
        return permission != null && permission.checkNanos() > evidence.journal.writtenNanos(row.key());
    }
}
