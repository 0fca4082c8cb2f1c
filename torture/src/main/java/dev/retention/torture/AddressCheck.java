package dev.retention.torture;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** I7: nothing else is asked for than recordings of the table, by {@code GET} and {@code DELETE}. */
final class AddressCheck implements Check {

    private static final Pattern ALLOWED = Pattern.compile("/2010-04-01/Accounts/(AC[0-9a-f]{32})/Recordings"
            + "(?:/(RE[0-9a-f]{32}))?\\.json(?:\\?([A-Za-z0-9=&<>%:-]*))?");

    @Override
    public void check(Evidence evidence, Findings findings) {
        for (Request request : evidence.requests) {
            Matcher path = ALLOWED.matcher(request.path);
            String asked = request.method + " " + request.path;
            if (!path.matches() || !(request.isDelete() || request.method.equals("GET"))) {
                findings.violated("I7", "not allowed: " + asked);
            } else if (!evidence.fixture.accounts.contains(path.group(1)) || request.instance < 0) {
                findings.violated("I7", "an account or a key that is none of ours: " + asked);
            } else if (request.sid == null) {
                if (request.isDelete()) {
                    findings.violated("I7", "a list can't be deleted: " + request);
                }
            } else if (!isInTable(request, evidence)) {
                findings.violated("I7", "a recording that is not in the table: " + request);
            }
        }
    }

    private static boolean isInTable(Request request, Evidence evidence) {
        List<Row> rows = evidence.rowsOf(request);
        return rows.stream()
                .flatMap(row -> evidence.fixture.life(row).versions().stream())
                .anyMatch(version -> version.row() != null
                        && evidence.fixture.accountOf(version.row()).equals(request.account));
    }
}
