package dev.retention.torture;

import java.util.List;

/**
 * I1: HELD is absolute: nothing was sent before it was answered, and nothing until its release. I1-LATE: once LATE was
 * answered, no check lets the recording pass.
 */
final class HoldCheck implements Check {

    @Override
    public void check(Evidence evidence, Findings findings) {
        for (Hold hold : evidence.journal.holds()) {
            hold.answers().forEach((id, answer) -> {
                Row row = evidence.fixture.byId(id);
                List<Request> sent = row == null ? List.of() : evidence.sent(row);
                for (Request request : sent) {
                    if (!request.isDelete()) {
                        continue;
                    }
                    if (answer.equals("HELD") && isUnder(hold, request)) {
                        findings.count(Findings.Count.HELD_AND_DELETED);
                        findings.violated("I1", text(hold, id, "HELD") + ": " + request);
                    } else if (answer.equals("LATE") && isAgainst(hold, request, evidence)) {
                        findings.violated(
                                "I1-LATE",
                                text(hold, id, "LATE") + ", and a check that began after it let " + request + " pass");
                    }
                }
            });
        }
    }

    private static String text(Hold hold, String id, String answer) {
        return "recording " + id + " under hold " + hold.holdId + ", " + answer + " at #" + hold.answerSeq();
    }

    private static boolean isUnder(Hold hold, Request request) {
        boolean applied = request.appliedSeq > 0 && request.appliedSeq < hold.releaseSeq() && hold.untilMillis == 0;
        return hold.appliesTo(request) || applied;
    }

    private static boolean isAgainst(Hold hold, Request request, Evidence evidence) {
        Sendings.Permission permission = evidence.permission(request);
        return permission != null && permission.checkNanos() > hold.answerNanos() && hold.appliesTo(request);
    }
}
