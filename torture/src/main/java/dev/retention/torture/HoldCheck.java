package dev.retention.torture;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * I1: HELD is absolute: nothing was sent before it was answered, and nothing until its release. I1-LATE: once LATE was
 * answered, no check lets the recording pass, and nothing is received two seconds later. For a hold on a tenant,
 * I1-LATE holds for each row that was of this tenant when it was answered, whatever the engine makes of it later, and
 * for each that is of it later.
 */
final class HoldCheck implements Check {

    /** A claim reads the row before its request is sent. */
    private static final long BEFORE_NANOS = Duration.ofSeconds(5).toNanos();

    @Override
    public void check(Evidence evidence, Findings findings) {
        for (Hold hold : evidence.journal.holds()) {
            hold.answers().forEach((id, answer) -> {
                for (Request request : deletions(evidence.fixture.byId(id), evidence)) {
                    if (answer.equals("HELD") && isUnder(hold, request) && isOf(hold, id, request, evidence)) {
                        findings.count(Findings.Count.HELD_AND_DELETED);
                        findings.violated("I1", text(hold, id, "HELD") + ": " + request + " " + versions(id, evidence));
                    } else if (answer.equals("LATE")
                            && checkNanos(request, evidence) > hold.answerNanos()
                            && hold.appliesTo(request)) {
                        passed(hold, id, request, findings);
                    } else if (answer.equals("LATE")
                            && hold.appliesTo(request)
                            && PermissionCheck.isTooLongAfter(hold.answerNanos(), request, evidence)) {
                        findings.violated(
                                "I1-LATE",
                                text(hold, id, "LATE") + ", and "
                                        + (request.nanos - hold.answerNanos()) / 1_000_000
                                        + " ms later was received: " + request);
                    }
                }
            });
            if (hold.tenant() != null && hold.answerSeq() > 0) {
                evidence.fixture.rows().forEach(row -> ofTenant(hold, row, evidence, findings));
            }
        }
    }

    private static List<Request> deletions(@Nullable Row row, Evidence evidence) {
        return row == null
                ? List.of()
                : evidence.everSent(row).stream().filter(Request::isDelete).toList();
    }

    /**
     * Whether it was for the recording that the row was when the hold was placed, or has been since: the engine may
     * have made another one of it after the deletion.
     */
    private static boolean isOf(Hold hold, String id, Request request, Evidence evidence) {
        Row row = evidence.fixture.byId(id);
        if (row == null) {
            return false;
        }
        List<Life.Version> held = evidence.fixture.life(row).seen(hold.askedNanos(), Long.MAX_VALUE);
        List<Life.Version> then = request.seq > hold.answerSeq()
                ? held
                : evidence.fixture.life(row).seen(request.nanos - BEFORE_NANOS, request.nanos).stream()
                        .filter(version -> isAddressed(version.row(), request))
                        .toList();
        return held.stream()
                .map(Life.Version::row)
                .filter(was -> was != null && Objects.equals(was.sid(), request.sid))
                .anyMatch(was -> then.stream()
                        .anyMatch(version ->
                                version.row() != null && version.row().isSameRecording(was)));
    }

    /** What was sent just before the row got another account was for the recording that it named then. */
    private static boolean isAddressed(@Nullable Row row, Request request) {
        return row == null || row.account() == null || row.account().equals(request.account);
    }

    private static List<Life.Version> versions(String id, Evidence evidence) {
        Row row = evidence.fixture.byId(id);
        return row == null ? List.of() : evidence.fixture.life(row).versions();
    }

    private static void passed(Hold hold, String id, Request request, Findings findings) {
        findings.violated(
                "I1-LATE",
                text(hold, id, "LATE or HELD") + ", and a check that began after it let " + request + " pass");
    }

    private static String text(Hold hold, String id, String answer) {
        return "recording " + id + " under hold " + hold.holdId + ", " + answer + " at #" + hold.answerSeq();
    }

    private static boolean isUnder(Hold hold, Request request) {
        boolean applied = request.appliedSeq > 0 && request.appliedSeq < hold.releaseSeq() && hold.untilMillis == 0;
        return hold.appliesTo(request) || applied;
    }

    private static void ofTenant(Hold hold, Row row, Evidence evidence, Findings findings) {
        Life life = evidence.fixture.life(row);
        boolean covered = isOf(hold, life.seen(hold.askedNanos(), hold.answerNanos()));
        for (Request request : deletions(row, evidence)) {
            long checked = checkNanos(request, evidence);
            if (checked > hold.answerNanos()
                    && hold.appliesTo(request)
                    && (covered || isOf(hold, life.seen(checked, request.nanos)))) {
                passed(hold, row.key(), request, findings);
            }
        }
    }

    private static boolean isOf(Hold hold, List<Life.Version> seen) {
        return seen.stream().allMatch(version -> {
            Row row = version.row();
            return row != null && row.tenant() != null && row.tenant().equals(hold.tenant());
        });
    }

    /** The smallest number where none is known. */
    private static long checkNanos(Request request, Evidence evidence) {
        Sendings.Permission permission = evidence.permission(request);
        return permission == null ? Long.MIN_VALUE : permission.checkNanos();
    }
}
