package dev.retention.torture;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * I4, I10: what was deleted is recorded or in flight. I11: each row has come to something that its nature allows. I15:
 * nothing due was left.
 */
final class OutcomeCheck implements Check {

    @Override
    public void check(Evidence evidence, Findings findings) {
        long classified = 0;
        List<Row> rows = evidence.fixture.rows();
        for (Row row : rows) {
            if (!evidence.fixture.life(row).isGone() && !evidence.dump.rows().containsKey(row.id())) {
                lost(findings, "I11", "row " + row.id() + " is gone");
                continue;
            }
            findings.classified(new One(row, evidence, findings).outcome());
            classified++;
        }
        if (classified != rows.size()) {
            findings.violated("I11", "classes add up to " + classified + " of " + rows.size());
        }
    }

    private static void lost(Findings findings, String invariant, String text) {
        findings.count(Findings.Count.LOST);
        findings.violated(invariant, text);
    }

    /** One row. */
    private static final class One {

        private final Row row;
        private final Evidence evidence;
        private final Findings findings;
        private final Dump.@Nullable GateRow gate;
        private final List<Request> sent;
        private final String state;
        private final String outcome;
        /** Of twins, either row may be the one whose recording it was. */
        private final boolean goneByUs;
        /** Whether the engine changed it. */
        private final boolean changed;

        One(Row row, Evidence evidence, Findings findings) {
            this.row = row;
            this.evidence = evidence;
            this.findings = findings;
            gate = evidence.dump.gates().get(row.key());
            sent = evidence.sent(row);
            state = gate == null ? "NONE" : gate.state();
            outcome = gate == null || gate.outcome() == null ? "" : gate.outcome();
            changed = evidence.fixture.life(row).isChanged();
            goneByUs = !row.nature().isTwin() && claimed().anyMatch(request -> request.appliedSeq > 0);
        }

        /** Of what it named when it was claimed. */
        private Stream<Request> claimed() {
            String key = gate == null ? null : gate.key();
            return key == null || !changed
                    ? sent.stream()
                    : evidence.everSent(row).stream().filter(request -> key.equals(request.sid));
        }

        String outcome() {
            if (changed && !state.equals("DELETED")) {
                String outcome = changed();
                if (outcome != null) {
                    return outcome;
                }
            }
            if (state.equals("DELETED")) {
                return deleted();
            }
            boolean begun = state.equals("DELETING") || state.equals("QUARANTINED");
            if (goneByUs && !begun) {
                return unrecorded("I10", " was deleted at the provider and is not in flight: ");
            }
            if (gate != null && gate.held()) {
                return begun ? "late" : "held";
            }
            boolean erasing = begun && evidence.erasures.containsKey(row.key());
            if (!evidence.fixture.mayBeDeleted(row) && !goneByUs) {
                if (begun && evidence.fixture.hasLaterTwin(row)) {
                    return "kept for a later row";
                }
                if (!erasing) {
                    return untouched();
                }
                if (hasActiveTwin()) {
                    return "erased in part";
                }
            }
            if (row.nature() == Nature.REFUSED_ACCOUNT) {
                return "refused account";
            }
            if (state.equals("QUARANTINED")) {
                return quarantined();
            }
            return goneByUs ? unrecorded("I4", " was deleted and never recorded: ") : left(" is due and was left: ");
        }

        /** The engine has changed the row. Null where that makes no difference. */
        private @Nullable String changed() {
            boolean begun = state.equals("DELETING") || state.equals("QUARANTINED");
            Life life = evidence.fixture.life(row);
            if (goneByUs) {
                return null;
            }
            if (life.isGone()) {
                return "gone from the table";
            }
            if (!evidence.fixture.isDue(row, evidence.now)) {
                return "kept since it was changed";
            }
            // A claim is of the recording that the row named then, until a person lets it follow the row to another
            // key. At another account nobody finds it.
            return begun && !life.isSameRecording() && life.isSameKey() ? "changed in flight" : null;
        }

        private String deleted() {
            if (outcome.equals("ACCEPTED_UNPROVEN")) {
                return "accepted by a person";
            }
            return evidence.fixture.mayBeDeleted(row) ? "deleted" : "erased";
        }

        /** Of rows that were to be erased together, one was not sent: somebody has to name it again. */
        private boolean hasActiveTwin() {
            return evidence.fixture.bySid(row.sid()).stream().anyMatch(other -> {
                Dump.GateRow of = evidence.dump.gates().get(other.key());
                return of == null || of.state().equals("ACTIVE");
            });
        }

        private String untouched() {
            // Only the first attempt knows that nothing was sent: after a crash a key that can't be one needs a
            // decision.
            boolean refusedLater = row.nature() == Nature.HOSTILE_KEY && outcome.equals("REFUSED_UNSENT");
            if (!state.equals("NONE") && !state.equals("ACTIVE") && !refusedLater) {
                findings.violated("I11", row.nature() + " " + row.id() + " has come to " + gate);
            }
            return row.nature().name().toLowerCase(Locale.ROOT);
        }

        private String quarantined() {
            if (!isExcused()) {
                return goneByUs
                        ? unrecorded("I10", " was deleted at the provider: ")
                        : left(" is quarantined without need: ");
            }
            return "quarantined " + outcome.toLowerCase(Locale.ROOT);
        }

        private String unrecorded(String invariant, String what) {
            findings.count(Findings.Count.UNRECORDED);
            findings.violated(invariant, "row " + row.id() + what + gate + " " + sent);
            return "unrecorded";
        }

        private String left(String what) {
            lost(findings, "I15", row.nature() + " " + row.id() + what + gate + " " + sent);
            return "lost";
        }

        /** Whether what the provider was told to answer explains why a person has to decide about it. */
        private boolean isExcused() {
            boolean retried = evidence.retried.contains(row.key()) && row.nature() != Nature.ELSEWHERE;
            if (retried || evidence.accepted.contains(row.key())) {
                return false;
            }
            return switch (outcome) {
                case "UNPROVEN" ->
                    row.nature() == Nature.NEVER_KNOWN || sent.stream().anyMatch(r -> r.fault.startsWith("404"));
                case "KEPT_ELSEWHERE" -> row.nature() == Nature.ELSEWHERE;
                case "REFUSED" -> sent.stream().anyMatch(r -> r.fault.equals("400"));
                case "ATTEMPTS_USED_UP" -> gate != null && gate.attempts() >= InstanceSettings.MAX_ATTEMPTS;
                default -> false;
            };
        }
    }
}
