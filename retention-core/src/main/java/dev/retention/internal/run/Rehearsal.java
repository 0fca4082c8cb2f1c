package dev.retention.internal.run;

import dev.retention.internal.support.Texts;
import dev.retention.spi.Candidate;
import dev.retention.spi.DeletionGate;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Executes the soft-delete of candidates and rolls it back, before anything is sent. Rows that the database refuses are
 * left out: otherwise they would be deleted without a record. If it accepts none of many, nothing may be sent.
 */
final class Rehearsal {

    private static final Logger log = LoggerFactory.getLogger(Rehearsal.class);

    /** The first ones are tried twice, and the log names each. */
    private static final int FIRST = 3;

    /** So many rows are tried at most: a table that takes no mark at all is noticed after a few seconds. */
    static final int MOST_REFUSED = 500;

    private static final int MOST_NAMED_REFUSED = 50;

    private final DeletionGate gate;
    private final String reason;
    private final boolean each;
    private final Set<String> refused = new LinkedHashSet<>();
    private boolean passed;
    private @Nullable String lastRefusal;

    private Rehearsal(DeletionGate gate, String reason, boolean each) {
        this.gate = gate;
        this.reason = reason;
        this.each = each;
    }

    /**
     * For rows that nobody chose, as many as there are: one that is accepted is enough.
     *
     * @param reason what the rows will name as the reason
     */
    static Rehearsal untilAccepted(DeletionGate gate, String reason) {
        return new Rehearsal(gate, reason, false);
    }

    /**
     * For rows that a person named: each is tried.
     *
     * @param reason what the rows will name as the reason
     */
    static Rehearsal ofEach(DeletionGate gate, String reason) {
        return new Rehearsal(gate, reason, true);
    }

    /**
     * The rows that may be sent. None of the live ones if so many were refused that no further one is tried. A row that
     * is soft-deleted already needs no mark, so it is never refused, and its acceptance would say nothing about others.
     */
    List<Candidate> withoutRefused(List<Candidate> rows) {
        List<Candidate> left = new ArrayList<>();
        for (Candidate row : rows) {
            if (row.deleted() != null || mayBeSent(row)) {
                left.add(row);
            }
        }
        return left;
    }

    private boolean mayBeSent(Candidate row) {
        if (hasFailed()) {
            return false;
        }
        if (passed && !each) {
            return true;
        }
        boolean accepted = isAccepted(row);
        if (accepted && !passed) {
            passed = true;
            if (!each && refused.size() > FIRST) {
                leftOut().ifPresent(log::error);
            }
        }
        return accepted;
    }

    /** Tries the first ones twice, since a lock or a trigger may refuse a row for a moment only. */
    private boolean isAccepted(Candidate row) {
        Optional<String> why = gate.rehearse(row, reason);
        if (why.isPresent() && (each || refused.size() < FIRST)) {
            why = gate.rehearse(row, reason);
        }
        if (why.isEmpty()) {
            return true;
        }
        refused.add(row.id());
        lastRefusal = why.get();
        String line =
                "recording={} is not deleted, because the database refuses to mark its row as deleted: {}. Correct"
                        + " the row, or the constraint, trigger or grant. The next sweep or erasure tries again";
        if (each || refused.size() <= FIRST) {
            log.error(line, row.id(), lastRefusal);
        } else {
            log.debug(line, row.id(), lastRefusal);
        }
        return false;
    }

    /** Whether the database refused this row. */
    boolean hasRefused(String id) {
        return refused.contains(id);
    }

    /** Whether so many rows were refused, and none was accepted, that no further one is tried. */
    boolean hasFailed() {
        return !passed && refused.size() >= (each ? MOST_NAMED_REFUSED : MOST_REFUSED);
    }

    /** Which rows were left out, for people; empty if none was, or if no other one was accepted. */
    Optional<String> leftOut() {
        return passed && !refused.isEmpty()
                ? Optional.of(refused.size() + " recordings are kept, because the database refuses to mark their rows"
                        + " as deleted: " + Texts.named(refused) + ". The last refusal: " + lastRefusal
                        + ". Correct the rows, or the constraint, trigger or grant")
                : Optional.empty();
    }

    /** Why no row was accepted so far; empty if one was, or if none was tried. */
    Optional<String> refusal() {
        return passed ? Optional.empty() : Optional.ofNullable(lastRefusal);
    }
}
