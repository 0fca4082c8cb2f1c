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
 * Executes the soft-delete of a candidate and rolls it back, before anything is sent, until the database accepts one
 * row. Rows that it refused before that are left out: otherwise they would be deleted without a record. If it accepts
 * none of many, nothing may be sent.
 */
final class Rehearsal {

    private static final Logger log = LoggerFactory.getLogger(Rehearsal.class);

    /** The first ones are tried twice, and the log names each. */
    private static final int FIRST = 3;

    /** So many rows are tried at most: a table that takes no mark at all is noticed after a few seconds. */
    static final int MOST_REFUSED = 500;

    private final DeletionGate gate;
    private final String reason;
    private final Set<String> refused = new LinkedHashSet<>();
    private boolean passed;
    private @Nullable String lastRefusal;

    /** @param reason what the rows will name as the reason */
    Rehearsal(DeletionGate gate, String reason) {
        this.gate = gate;
        this.reason = reason;
    }

    /** The rows that may be sent. None if so many were refused that no further one is tried. */
    List<Candidate> withoutRefused(List<Candidate> rows) {
        List<Candidate> left = new ArrayList<>(rows);
        while (!passed && !left.isEmpty() && !hasFailed()) {
            if (isAccepted(left.get(0))) {
                passed = true;
                if (refused.size() > FIRST) {
                    leftOut().ifPresent(log::error);
                }
            } else {
                left.remove(0);
            }
        }
        return passed ? left : List.of();
    }

    /** Tries the first ones twice, since a lock or a trigger may refuse a row for a moment only. */
    private boolean isAccepted(Candidate row) {
        Optional<String> why = gate.rehearse(row, reason);
        if (why.isPresent() && refused.size() < FIRST) {
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
        if (refused.size() <= FIRST) {
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
        return !passed && refused.size() >= MOST_REFUSED;
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
