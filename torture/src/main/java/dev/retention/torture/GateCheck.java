package dev.retention.torture;

import java.util.List;
import java.util.Objects;

/**
 * I3: before a deletion is sent, a claim was committed. I8: none is sent when it is over. I8-OWNER: none is sent by
 * another than the owner. All of it by the gate's row when the deletion arrived.
 */
final class GateCheck implements Check {

    @Override
    public void check(Evidence evidence, Findings findings) {
        for (Request request : evidence.requests) {
            Request.Gate gate = request.gate();
            List<Row> rows = evidence.rowsOf(request);
            if (!request.isDelete() || rows.isEmpty() || gate == null) {
                continue;
            }
            if (gate.state().equals("NONE") || gate.state().equals("ACTIVE")) {
                findings.violated("I3", "no claim was committed: " + request);
            } else if (evidence.isLate(request) || !wasWaiting(request, evidence)) {
                continue;
            } else if (rows.size() > 1 && gate.state().equals("DELETED")) {
                // The proof of one row settles the others, whose requests may be on their way.
                continue;
            } else if (!gate.state().equals("DELETING")) {
                findings.violated("I8", "sent although it was over: " + request);
            } else if (gate.leaseMillis() > request.millis
                    && !Objects.equals(gate.owner(), "i" + request.instance)
                    && rows.size() == 1) {
                findings.violated(
                        "I8-OWNER",
                        "sent by another than the owner: " + request + " " + evidence.claimsOf(rows.get(0)));
            }
        }
    }

    /** Whether the row was read while its sender still waited for the answer, so that nobody had changed it since. */
    private static boolean wasWaiting(Request request, Evidence evidence) {
        Sendings.Permission permission = evidence.permission(request);
        Sendings.Returned returned = permission == null ? null : permission.returned();
        return returned == null
                ? request.gateNanos() - request.nanos < InstanceSettings.REQUEST_TIMEOUT.toNanos()
                : request.gateNanos() < returned.nanos();
    }
}
