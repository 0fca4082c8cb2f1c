package dev.retention.torture;

import dev.retention.test.twilio.TwilioRecording;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** I5, I6: row and ledger agree, and what they say is true and has the proof that they name. */
final class RecordCheck implements Check {

    @Override
    public void check(Evidence evidence, Findings findings) {
        for (Row row : evidence.fixture.rows()) {
            Dump.EngineRow now = evidence.dump.rows().get(row.id());
            Dump.GateRow gate = evidence.dump.gates().get(row.key());
            if (now != null) {
                agreed(row, now, gate, new Verdict(evidence, findings));
            }
        }
    }

    private record Verdict(Evidence evidence, Findings findings) {

        void violated(String invariant, String text) {
            findings.violated(invariant, text);
        }

        void falselyRecorded(String invariant, String text) {
            findings.count(Findings.Count.FALSELY_RECORDED);
            findings.violated(invariant, text);
        }
    }

    private static void agreed(Row row, Dump.EngineRow now, Dump.@Nullable GateRow gate, Verdict verdict) {
        boolean inGate = gate != null && gate.state().equals("DELETED");
        if (row.deleted() != null) {
            // What was sent before the engine did it may have been proven since.
            if (inGate && row.nature() == Nature.SOFT_DELETED_BEFORE || !Objects.equals(now.reason(), Row.BY_HAND)) {
                verdict.falselyRecorded("I5", "row " + row.id() + " was deleted by somebody else: " + gate);
            }
            return;
        }
        boolean inRow = now.deleted() != null;
        boolean isOther = !verdict.evidence().fixture.life(row).isSameRecording();
        if (isOther && inGate && !inRow) {
            // What is proven is the recording that it named when it was claimed.
            proven(row, gate, verdict);
            return;
        }
        if (inRow != inGate) {
            String is = inRow ? " is" : " is not";
            verdict.falselyRecorded("I5", "row " + row.id() + is + " soft-deleted, and the ledger says " + gate);
        } else if (inRow && gate != null) {
            verdict.findings().count(Findings.Count.DELETED);
            boolean accepted = verdict.evidence().accepted.contains(row.key());
            if (!Objects.equals(now.deleted(), gate.deletedAt())
                    || !isReason(row, now.reason(), verdict.evidence())
                    || gate.evidence() == null && !accepted) {
                verdict.violated("I5", "row " + row.id() + " says " + now + ", the ledger " + gate);
            }
        }
        if (inRow || inGate) {
            proven(row, gate, verdict);
        }
    }

    private static void proven(Row row, Dump.@Nullable GateRow gate, Verdict verdict) {
        Evidence evidence = verdict.evidence();
        if (gate != null && "ACCEPTED_UNPROVEN".equals(gate.outcome())) {
            if (!evidence.accepted.contains(row.key())) {
                verdict.falselyRecorded("I6", "row " + row.id() + " was accepted by nobody: " + gate);
            }
            return;
        }
        Dump.EngineRow now = evidence.dump.rows().get(row.id());
        boolean inRow = now != null && now.deleted() != null;
        String sid = inRow || gate == null ? row.sid() : gate.key();
        TwilioRecording recording = evidence.recording(sid);
        // The bucket is asked itself: what Twilio says of a recording says nothing of it.
        boolean inBucket = sid != null && evidence.fixture.bucket.contains(sid);
        boolean gone = recording != null && recording.deleted() != null && !inBucket;
        boolean nothing = row.nature() == Nature.ABSENT;
        if (!gone && !nothing) {
            verdict.falselyRecorded(
                    "I6",
                    row.nature() + " " + row.id() + " is recorded as deleted and is not: " + gate + " "
                            + evidence.everSent(row));
        } else if (gate != null && gate.outcome() != null) {
            boolean honest = switch (gate.outcome()) {
                case "DELETED" -> evidence.everSent(row).stream().anyMatch(r -> r.isDelete() && r.status == 204);
                case "ALREADY_GONE" -> gone;
                case "NOTHING_STORED" -> nothing;
                default -> false;
            };
            if (!honest) {
                verdict.violated(
                        "I6", "row " + row.id() + " has no such proof: " + gate + " " + evidence.everSent(row));
            }
        }
    }

    private static boolean isReason(Row row, @Nullable String reason, Evidence evidence) {
        return "retention_policy".equals(reason)
                || InstanceSettings.ERASURE.equals(reason) && evidence.erasures.containsKey(row.key());
    }
}
