package dev.retention.internal.evidence;

import dev.retention.Cause;
import dev.retention.DeletionOutcome;
import dev.retention.DeletionState;
import dev.retention.EvidenceStatement.Group;
import dev.retention.LedgerEntry;
import dev.retention.spi.Candidate;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.Population.Member;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Decides in which group of a statement a recording is. What the ledger says of a deletion comes first. */
final class StatementGroups {

    private StatementGroups() {}

    /**
     * The group of a recording.
     *
     * @param detail the part of the group; empty for one that is not divided
     */
    record Place(Group group, String detail) {

        private static Place of(Group group) {
            return new Place(group, "");
        }
    }

    /** @param at as of when; what was created later has no creation time that can be */
    static Place of(Member member, DueCriteria criteria, Instant at) {
        LedgerEntry entry = member.entry();
        if (entry != null) {
            switch (entry.state()) {
                case DELETING -> {
                    return Place.of(Group.IN_FLIGHT);
                }
                case QUARANTINED -> {
                    return new Place(Group.QUARANTINED, code(entry));
                }
                case UNREADABLE -> {
                    return Place.of(Group.UNREADABLE);
                }
                case DELETED -> {
                    return ofDeleted(member, entry);
                }
                case ACTIVE -> {
                    // The row decides.
                }
            }
        }
        return switch (member.row()) {
            case UNREADABLE -> Place.of(Group.UNREADABLE);
            case GONE -> new Place(Group.CHANGED, "ROW_GONE");
            case UNDATED -> Place.of(Group.UNDATED);
            case PRESENT, DIFFERENT, ELSEWHERE -> ofRow(member, member.candidate(), criteria, at);
        };
    }

    private static Place ofDeleted(Member member, LedgerEntry entry) {
        Candidate row = member.candidate();
        return switch (member.row()) {
            case UNREADABLE -> Place.of(Group.UNREADABLE);
            case GONE -> new Place(Group.CHANGED, "ROW_GONE");
            case UNDATED, DIFFERENT, ELSEWHERE -> new Place(Group.CHANGED, "ROW_DIFFERS");
            case PRESENT ->
                row == null || row.deleted() == null
                        ? new Place(Group.CHANGED, "ROW_LIVE")
                        : member.recorded()
                                ? new Place(Group.DELETED, String.valueOf(entry.outcome()))
                                : Place.of(Group.UNRECORDED);
        };
    }

    private static Place ofRow(Member member, @Nullable Candidate row, DueCriteria criteria, Instant at) {
        if (row == null) {
            return Place.of(Group.UNREADABLE);
        }
        if (row.deleted() != null) {
            return Place.of(Group.ENGINE_DELETED);
        }
        if (member.held()) {
            return Place.of(Group.HELD);
        }
        if (row.recording().created().isAfter(at)) {
            return Place.of(Group.UNDATED);
        }
        if (!criteria.isDue(row)) {
            return new Place(
                    Group.NOT_DUE,
                    criteria.governing(row.recording().attributes()).policy());
        }
        if (row.recording().storageKey() == null) {
            return Place.of(Group.WITHOUT_KEY);
        }
        return ofDue(member.entry());
    }

    private static Place ofDue(@Nullable LedgerEntry entry) {
        if (entry == null || entry.state() != DeletionState.ACTIVE || entry.outcome() == null) {
            return Place.of(Group.OVERDUE);
        }
        return entry.outcome() == DeletionOutcome.KEY_SHARED
                ? Place.of(Group.KEY_SHARED)
                : new Place(Group.QUARANTINED, code(entry));
    }

    private static String code(LedgerEntry entry) {
        Cause cause = entry.cause();
        return cause == null ? "UNKNOWN" : cause.code();
    }
}
