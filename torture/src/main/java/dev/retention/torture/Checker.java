package dev.retention.torture;

import dev.retention.test.twilio.LoopbackTwilio;
import dev.retention.test.twilio.TwilioRecording;
import dev.retention.torture.Fixture.Nature;
import dev.retention.torture.Fixture.Row;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Holds journal, provider, database and fixture against each other. The invariants are numbered as in the failure model; what is true comes from the
 * fixture and from what the provider saw, never from what the library says about itself.
 */
final class Checker {

    /** A pause or a late hold bites within a slice: a check before the send is two seconds old at most, and a request takes no longer. */
    static final long BITES_WITHIN_MILLIS = 5_000;

    private static final int THROTTLED = 429;
    private static final Pattern ALLOWED = Pattern.compile(
            "/2010-04-01/Accounts/(AC[0-9a-f]{32})/Recordings(?:/(RE[0-9a-f]{32}))?\\.json(?:\\?([A-Za-z0-9=&<>%:-]*))?");

    private final Fixture fixture;
    private final Journal journal;
    private final LoopbackTwilio twilio;
    private final Dump dump;
    private final long maxDeletions;
    private final Map<String, List<String>> violations = new TreeMap<>();

    long early;
    long unrecorded;
    long falselyRecorded;
    long heldAndDeleted;
    long lost;
    long deleted;
    final Map<String, Long> classes = new TreeMap<>();

    private final Map<String, List<Journal.Request>> bySid = new HashMap<>();
    private final Map<String, List<Journal.Claimed>> claimsById = new HashMap<>();
    private final Map<String, Long> erasures;
    private final Set<String> retried;
    private final Set<String> accepted;

    Checker(Fixture fixture, Journal journal, LoopbackTwilio twilio, Dump dump, long maxDeletions) {
        this.fixture = fixture;
        this.journal = journal;
        this.twilio = twilio;
        this.dump = dump;
        this.maxDeletions = maxDeletions;
        this.erasures = journal.erasures();
        this.retried = journal.retried();
        this.accepted = journal.accepted();
        for (Journal.Request request : journal.requests()) {
            if (request.sid != null) {
                bySid.computeIfAbsent(request.sid, sid -> new ArrayList<>()).add(request);
            }
        }
        // Threads of the provider may have written them down in another order than they drew their numbers.
        bySid.values().forEach(list -> list.sort((a, b) -> Long.compare(a.seq, b.seq)));
        for (Journal.Claimed claim : journal.claims()) {
            claimsById.computeIfAbsent(claim.id(), id -> new ArrayList<>()).add(claim);
        }
    }

    void violated(String invariant, String text) {
        violations.computeIfAbsent(invariant, i -> new ArrayList<>()).add(text);
    }

    Map<String, List<String>> violations() {
        return violations;
    }

    /** What can be told from the journal alone, at any time. */
    void checkRequests() {
        holds();
        requests();
        furtherDeletions();
        budgets();
        shiftedClocks();
    }

    void check() {
        checkRequests();
        rows();
        reports();
    }

    /** I1: HELD is absolute: nothing was sent before it was answered, and nothing until its release. */
    private void holds() {
        for (Journal.Hold hold : journal.holds()) {
            hold.answers.forEach((id, answer) -> {
                Row row = fixture.byId.get(Long.valueOf(id));
                if (row == null || row.sid() == null) {
                    return;
                }
                for (Journal.Request request : bySid.getOrDefault(row.sid(), List.of())) {
                    if (!request.isDelete()) {
                        continue;
                    }
                    boolean inTime = request.seq < hold.releaseSeq
                            && (hold.untilMillis == 0 || request.millis < hold.untilMillis - 1_000);
                    boolean appliedInTime =
                            request.appliedSeq > 0 && request.appliedSeq < hold.releaseSeq && hold.untilMillis == 0;
                    if (answer.equals("HELD") && (inTime || appliedInTime)) {
                        heldAndDeleted++;
                        violated(
                                "I1",
                                "recording " + id + " under hold " + hold.holdId + ", HELD at #" + hold.answerSeq + ": "
                                        + request);
                    } else if (answer.equals("LATE")
                            && inTime
                            && request.seq > hold.answerSeq
                            && request.millis > hold.answerMillis + BITES_WITHIN_MILLIS
                            && !isDisturbed(request)) {
                        violated(
                                "I1-LATE",
                                "recording " + id + " under hold " + hold.holdId + ", LATE at #" + hold.answerSeq
                                        + ", was sent later: " + request);
                    }
                }
            });
        }
    }

    /** I2, I3, I7, I8, and the pause: each request by itself. */
    private void requests() {
        for (Journal.Request request : journal.requests()) {
            Matcher path = ALLOWED.matcher(request.path);
            if (!path.matches() || !(request.isDelete() || request.method.equals("GET"))) {
                violated("I7", "not allowed: " + request.method + " " + request.path);
                continue;
            }
            if (!fixture.accounts.contains(path.group(1)) || request.instance < 0) {
                violated("I7", "an account or a key that is none of ours: " + request.method + " " + request.path);
                continue;
            }
            if (request.sid == null) {
                if (request.isDelete()) {
                    violated("I7", "a list can't be deleted: " + request);
                }
                continue;
            }
            List<Row> rows = fixture.bySid.getOrDefault(request.sid, List.of());
            if (rows.stream().noneMatch(row -> fixture.accountOf(row).equals(request.account))) {
                violated("I7", "a recording that is not in the table: " + request);
                continue;
            }
            if (request.isDelete()) {
                deletion(request, rows);
            }
        }
    }

    private void deletion(Journal.Request request, List<Row> rows) {
        if (rows.stream()
                .noneMatch(row -> fixture.isDue(row, Instant.ofEpochMilli(request.millis))
                        || erasures.getOrDefault(row.key(), Long.MAX_VALUE) < request.seq)) {
            early++;
            violated("I2", rows.get(0).nature() + " of " + rows.get(0).created() + " must be kept: " + request);
        }
        for (Journal.Window pause : journal.pauses()) {
            if (request.millis > pause.fromMillis() + BITES_WITHIN_MILLIS
                    && request.millis < pause.toMillis()
                    && !isDisturbed(request)) {
                violated("PAUSE", "sent while deleting was paused: " + request);
            }
        }
        Journal.Gate gate = request.gate;
        if (gate == null) {
            return;
        }
        if (gate.state().equals("NONE") || gate.state().equals("ACTIVE")) {
            violated("I3", "no claim was committed: " + request);
        } else if (!gate.state().equals("DELETING") && !isDisturbed(request)) {
            violated("I8", "sent although it was over: " + request);
        } else if (gate.leaseMillis() > request.millis
                && !Objects.equals(gate.owner(), "i" + request.instance)
                && rows.size() == 1
                && !isDisturbed(request)) {
            violated("I8-OWNER", "sent by another than the owner: " + request + " " + claimsOf(rows));
        }
    }

    private List<Journal.Claimed> claimsOf(List<Row> rows) {
        return rows.stream()
                .flatMap(row -> claimsById.getOrDefault(row.key(), List.of()).stream())
                .toList();
    }

    private boolean isDisturbed(Journal.Request request) {
        return journal.disturbances().stream()
                .anyMatch(window -> window.instance() == request.instance
                        && request.millis >= window.fromMillis()
                        && request.millis <= window.toMillis());
    }

    /** I8: as many deletions as claims at most, but for throttled ones, which go again under their claim; and a look-up before a further one, if the one before may have worked. */
    private void furtherDeletions() {
        bySid.forEach((sid, requests) -> {
            List<Row> rows = fixture.bySid.getOrDefault(sid, List.of());
            long sent = requests.stream()
                    .filter(request -> request.isDelete() && request.status != THROTTLED)
                    .count();
            Set<String> tokens = new HashSet<>();
            rows.forEach(
                    row -> claimsById.getOrDefault(row.key(), List.of()).forEach(claim -> tokens.add(claim.token())));
            if (sent > tokens.size()) {
                violated("I8", sent + " deletions and " + tokens.size() + " claims: " + requests);
            }
            if (rows.size() > 1) {
                return;
            }
            Journal.Request before = null;
            boolean seen = false;
            for (Journal.Request request : requests) {
                if (!request.isDelete()) {
                    seen |= request.status == 200;
                    continue;
                }
                if (before != null && !seen && mayHaveWorked(before) && !isDisturbed(request) && !isDisturbed(before)) {
                    violated("I8-LOOK-UP", "deleted again and not looked up: " + before + ", " + request);
                }
                if (before != null && isWaitedFor(before, request) && !isDisturbed(before)) {
                    violated(
                            "I8-AT-ONCE", "sent while another still waited for its answer: " + before + ", " + request);
                }
                before = request;
                seen = false;
            }
        });
    }

    /** Whether the sender of the first, which gets no answer, surely waited for one when another instance sent the second. */
    private static boolean isWaitedFor(Journal.Request first, Journal.Request second) {
        return first.fault.startsWith("no answer")
                && first.instance != second.instance
                && second.millis - first.millis < Instance.REQUEST_TIMEOUT.toMillis() / 2;
    }

    private static boolean mayHaveWorked(Journal.Request request) {
        return request.status < 400 || request.status >= 500 || request.status == 408;
    }

    /** I9: what a run may claim, over all instances. */
    private void budgets() {
        claimsByRun().forEach((run, claims) -> {
            if (claims > maxDeletions) {
                violated("I9", "run " + run + " claimed " + claims + " of " + maxDeletions);
            }
        });
    }

    /** First claims of each run that were not given back. */
    Map<String, Long> claimsByRun() {
        Map<String, Long> net = new HashMap<>();
        Set<String> seen = new HashSet<>();
        for (Journal.Claimed claim : journal.claims()) {
            // An erasure belongs to no run.
            if (claim.attempt() == 1 && !claim.run().equals("null") && seen.add(claim.token())) {
                net.merge(claim.run(), 1L, Long::sum);
            }
        }
        for (Journal.Claimed back : journal.backs()) {
            if (back.attempt() == 1 && seen.remove(back.token())) {
                net.merge(back.run(), -1L, Long::sum);
            }
        }
        return net;
    }

    /** An instance whose clock is wrong sends nothing. */
    private void shiftedClocks() {
        Set<Integer> shifted = new HashSet<>(journal.shifted());
        for (Journal.Request request : journal.requests()) {
            if (request.isDelete() && shifted.contains(request.instance)) {
                violated("CLOCK", "sent by an instance whose clocks disagree: " + request);
            }
        }
    }

    /** I4, I5, I6, I10, I11, I15: what became of each row. */
    private void rows() {
        for (Row row : fixture.rows) {
            Dump.EngineRow now = dump.rows().get(row.id());
            Dump.GateRow gate = dump.gates().get(row.key());
            if (now == null) {
                lost++;
                violated("I11", "row " + row.id() + " is gone");
                continue;
            }
            TwilioRecording recording =
                    row.sid() == null ? null : twilio.recording(row.sid()).orElse(null);
            recorded(row, now, gate, recording);
            String in = classOf(row, gate, recording);
            classes.merge(in, 1L, Long::sum);
        }
        long sum = classes.values().stream().mapToLong(Long::longValue).sum();
        if (sum != fixture.rows.size()) {
            violated("I11", "classes add up to " + sum + " of " + fixture.rows.size());
        }
    }

    private void recorded(
            Row row, Dump.EngineRow now, Dump.@Nullable GateRow gate, @Nullable TwilioRecording recording) {
        boolean inGate = gate != null && gate.state().equals("DELETED");
        if (row.nature() == Nature.SOFT_DELETED_BEFORE) {
            if (inGate || !Objects.equals(now.reason(), "by hand")) {
                falselyRecorded++;
                violated("I5", "row " + row.id() + " was deleted by somebody else: " + gate);
            }
            return;
        }
        boolean inRow = now.deleted() != null;
        if (inRow != inGate) {
            falselyRecorded++;
            violated(
                    "I5",
                    "row " + row.id() + (inRow ? " is" : " is not") + " soft-deleted, and the ledger says " + gate);
        } else if (inRow && gate != null) {
            deleted++;
            if (!Objects.equals(now.deleted(), gate.deletedAt())
                    || !isReason(row, now.reason())
                    || gate.evidence() == null && !accepted.contains(row.key())) {
                violated("I5", "row " + row.id() + " says " + now + ", the ledger " + gate);
            }
        }
        if (!inRow && !inGate) {
            return;
        }
        if (gate != null && "ACCEPTED_UNPROVEN".equals(gate.outcome())) {
            if (!accepted.contains(row.key())) {
                falselyRecorded++;
                violated("I6", "row " + row.id() + " was accepted by nobody: " + gate);
            }
            return;
        }
        boolean gone = recording != null && recording.deleted() != null;
        boolean nothing = row.nature() == Nature.ABSENT;
        if (!gone && !nothing) {
            falselyRecorded++;
            violated(
                    "I6",
                    row.nature() + " " + row.id() + " is recorded as deleted and is not: " + gate + " " + sent(row));
        } else if (gate != null && gate.outcome() != null) {
            boolean honest = switch (gate.outcome()) {
                case "DELETED" -> sent(row).stream().anyMatch(r -> r.isDelete() && r.status == 204);
                case "ALREADY_GONE" -> gone;
                case "NOTHING_STORED" -> nothing;
                default -> false;
            };
            if (!honest) {
                violated("I6", "row " + row.id() + " has no such proof: " + gate + " " + sent(row));
            }
        }
    }

    private boolean isReason(Row row, @Nullable String reason) {
        return "retention_policy".equals(reason) || Instance.ERASURE.equals(reason) && erasures.containsKey(row.key());
    }

    private List<Journal.Request> sent(Row row) {
        return row.sid() == null ? List.of() : bySid.getOrDefault(row.sid(), List.of());
    }

    private String classOf(Row row, Dump.@Nullable GateRow gate, @Nullable TwilioRecording recording) {
        // Of twins, either row may be the one whose recording it was.
        boolean goneByUs =
                row.nature() != Nature.TWIN && sent(row).stream().anyMatch(request -> request.appliedSeq > 0);
        String state = gate == null ? "NONE" : gate.state();
        boolean held = gate != null && gate.held();
        String outcome = gate == null || gate.outcome() == null ? "" : gate.outcome();
        if (state.equals("DELETED")) {
            if (outcome.equals("ACCEPTED_UNPROVEN")) {
                return "accepted by a person";
            }
            return row.nature().mayBeDeleted ? "deleted" : "erased";
        }
        if (goneByUs && !state.equals("DELETING") && !state.equals("QUARANTINED")) {
            unrecorded++;
            violated(
                    "I10",
                    "row " + row.id() + " was deleted at the provider and is not in the door: " + gate + " "
                            + sent(row));
            return "unrecorded";
        }
        if (held && (state.equals("DELETING") || state.equals("QUARANTINED"))) {
            return "late";
        }
        if (held) {
            return "held";
        }
        boolean begun = state.equals("DELETING") || state.equals("QUARANTINED");
        if (!row.nature().mayBeDeleted && !(begun && erasures.containsKey(row.key()))) {
            // Only the first attempt knows that nothing was sent: after a crash a key that can't be one waits for a
            // person.
            boolean refusedLater = row.nature() == Nature.HOSTILE_KEY && outcome.equals("REFUSED_UNSENT");
            if (!state.equals("NONE") && !state.equals("ACTIVE") && !refusedLater) {
                violated("I11", row.nature() + " " + row.id() + " has come to " + gate);
            }
            return row.nature().name().toLowerCase(java.util.Locale.ROOT);
        }
        if (row.nature() == Nature.REFUSED_ACCOUNT) {
            return "refused account";
        }
        if (state.equals("QUARANTINED")) {
            if (goneByUs && !isExcused(row, gate, outcome)) {
                unrecorded++;
                violated("I10", "row " + row.id() + " was deleted at the provider: " + gate + " " + sent(row));
            }
            if (isExcused(row, gate, outcome)) {
                return "quarantined " + outcome.toLowerCase(java.util.Locale.ROOT);
            }
            lost++;
            violated("I15", row.nature() + " " + row.id() + " is quarantined without need: " + gate + " " + sent(row));
            return "lost";
        }
        if (goneByUs) {
            unrecorded++;
            violated("I4", "row " + row.id() + " was deleted and never recorded: " + gate + " " + sent(row));
            return "unrecorded";
        }
        lost++;
        violated("I15", row.nature() + " " + row.id() + " is due and was left: " + gate + " " + sent(row));
        return "lost";
    }

    /** Whether what the provider was told to answer explains why a recording waits for a person. */
    private boolean isExcused(Row row, Dump.@Nullable GateRow gate, String outcome) {
        List<Journal.Request> sent = sent(row);
        if (retried.contains(row.key()) && row.nature() != Nature.ELSEWHERE || accepted.contains(row.key())) {
            return false;
        }
        return switch (outcome) {
            case "UNPROVEN" ->
                row.nature() == Nature.NEVER_KNOWN || sent.stream().anyMatch(r -> r.fault.startsWith("404"));
            case "KEPT_ELSEWHERE" -> row.nature() == Nature.ELSEWHERE;
            case "REFUSED" -> sent.stream().anyMatch(r -> r.fault.equals("400"));
            case "ATTEMPTS_USED_UP" -> gate != null && gate.attempts() >= Instance.MAX_ATTEMPTS;
            default -> false;
        };
    }

    /** I11: each report adds up, and the last one knows what it left out. */
    private void reports() {
        Pattern numbers = Pattern.compile(
                "SWEEP (\\S+) checked=(\\d+) sum=(\\d+) withoutKey=(\\d+) undated=(\\d+) remaining=(\\d+) .*");
        for (String line : journal.sweeps()) {
            Matcher match = numbers.matcher(line);
            if (match.matches() && !match.group(2).equals(match.group(3))) {
                violated("I11", "does not add up: " + line);
            }
        }
    }

    /** Against the last report of the healed phase. */
    void checkLastReport(String line) {
        long withoutKey = fixture.rows.stream()
                .filter(row -> row.nature() == Nature.WITHOUT_KEY)
                .count();
        long undated = fixture.rows.stream()
                .filter(row -> row.nature() == Nature.UNDATED || row.nature() == Nature.FROM_THE_FUTURE)
                .count();
        if (!line.contains(" withoutKey=" + withoutKey + " undated=" + undated + " ")) {
            violated("I11", "withoutKey should be " + withoutKey + " and undated " + undated + ": " + line);
        }
    }
}
