package dev.retention.internal.deletion;

import dev.retention.Cause;
import dev.retention.DeletionOutcome;
import dev.retention.SweepEnd;
import dev.retention.WrittenOffAccount;
import dev.retention.internal.account.AccountState;
import dev.retention.internal.account.AccountState.Hindrance;
import dev.retention.internal.safety.WriteOffs;
import dev.retention.spi.DeletionGate.Objection;
import dev.retention.spi.DeletionResult;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Every cause that this package itself creates. Code decides by the codes; details are for people. */
final class Causes {

    /** The engine's row could not be marked, though the deletion is proven. */
    static final String ROW_NOT_MARKED = "ROW_NOT_MARKED";

    /** An account could not be identified yet. */
    static final String NOT_IDENTIFIED = "NOT_IDENTIFIED";
    /** Several requests in a row had no useful answer. */
    static final String NOT_ANSWERING = "NOT_ANSWERING";
    /** A storage requested a wait. */
    static final String WAIT_REQUESTED = "WAIT_REQUESTED";
    /** Each answer is that there are too many requests. */
    static final String THROTTLED = "THROTTLED";
    /** Requests are in flight, and none is answered. */
    static final String NO_ANSWER_YET = "NO_ANSWER_YET";
    /** A hold by attribute can't be judged, since its attribute is not mapped here. */
    static final String HOLD_UNMAPPED = "HOLD_UNMAPPED";
    /** The database does not answer. */
    static final String DATABASE_UNAVAILABLE = "DATABASE_UNAVAILABLE";

    static final String NO_STORAGE = "NO_STORAGE";

    static final String DATABASE_REFUSED = "DATABASE_REFUSED";

    private Causes() {}

    /** What the storage said. */
    static Cause of(String storage, DeletionResult result) {
        return new Cause(result.code(), storage, result.detail());
    }

    static Cause stopped(SweepEnd end, String why) {
        return Cause.of(end.name(), why);
    }

    static Cause stillThere(String storage) {
        return new Cause(
                DeletionResult.Kind.STILL_THERE.name(), storage, "the recording still exists after a deletion");
    }

    static Cause attemptsUsedUp() {
        return Cause.of(DeletionOutcome.ATTEMPTS_USED_UP.name(), "every attempt ended without a conclusive answer");
    }

    static Cause keptElsewhere() {
        return Cause.of(
                DeletionOutcome.KEPT_ELSEWHERE.name(),
                "the media of the recording is kept elsewhere, and no storage that covers that place has proven its"
                        + " deletion");
    }

    static Cause notSent(String storage) {
        return new Cause(DeletionOutcome.KEPT.name(), storage, "no request was sent before the attempt had to end");
    }

    static Cause dryRun() {
        return Cause.of(DeletionOutcome.KEPT.name(), "this is a dry run, which sends no deletion");
    }

    /** What a check refused was not refused any more when it was asked why. */
    static Cause keptForAMoment() {
        return Cause.of(
                DeletionOutcome.KEPT.name(),
                "the check refused it, and what forbade it has ended since or is not known");
    }

    /** Why a check refused it. The code is the name of the objection, as the gate expects of {@code PAUSED}. */
    static Cause kept(Objection objection) {
        return Cause.of(
                objection.name(),
                switch (objection) {
                    case PAUSED -> "deleting is paused. It continues when deleting is resumed";
                    case NOT_CONFIRMED ->
                        "the database, the storages, the policies or the mapping of this instance are not those that"
                                + " were confirmed. An instance with the confirmed ones continues";
                    case HOLD_UNMAPPED ->
                        "an active hold by attribute names an attribute that this instance does not map. An instance"
                                + " that maps it continues";
                    case TAKEN_OVER -> "another attempt has taken it over";
                    case HELD ->
                        "a hold was placed after a deletion may have been sent. It continues when the hold ends";
                    case ROW_MISSING -> "the engine's table has no such row, or a value of the row can't be read";
                    case ROW_DELETED -> "the application has soft-deleted the row since it was claimed";
                    case ROW_CHANGED -> "the row names another key, account or creation time than when it was claimed";
                    case FLAGGED_AS_HELD -> "the row's own hold flag is set";
                    case NOT_DUE -> "a policy or the row's retain-until keeps it by now";
                    case KEY_SHARED -> "another row names the same storage key and must be kept";
                });
    }

    static Cause writtenOff(WrittenOffAccount account) {
        return Cause.of(
                WriteOffs.CAUSE,
                "account " + account.account() + " was written off by " + account.by() + ": " + account.reason()
                        + ". Its storage refuses it, so nothing was sent");
    }

    /** No storage is for recordings like this one. */
    static Cause noStorage() {
        return Cause.of(
                NO_STORAGE,
                "by its attributes, no storage may hold the recording. Add a storage for its kind, or exclude the kind"
                        + " by a policy that keeps it");
    }

    static Cause rowChanged() {
        return Cause.of(
                DeletionOutcome.ROW_CHANGED.name(),
                "the row names another key, account or creation time than when it was claimed, and what it named then"
                        + " may have been deleted. Check that it is right now, then retry: what it names now is looked"
                        + " up and deleted");
    }

    static Cause rowNotMarked(String why) {
        return Cause.of(ROW_NOT_MARKED, "proven gone, but the engine's row could not be marked as deleted: " + why);
    }

    /**
     * What prevents deletions for an account.
     *
     * @param last the last answer that was not useful; null if there was none
     */
    static Cause of(Hindrance hindrance, AccountState account, @Nullable Cause last) {
        return switch (hindrance) {
            case STOPPED ->
                stopped(Objects.requireNonNull(account.stopped(), "why it is stopped"), account.stopCause());
            case UNIDENTIFIED ->
                hindered(
                        NOT_IDENTIFIED,
                        "the account could not be identified, so nothing of it is deleted. Identification is repeated;"
                                + " check the storage if this continues",
                        last);
            case NOT_ANSWERING ->
                hindered(
                        NOT_ANSWERING,
                        AccountState.IN_A_ROW + " requests in a row had no useful answer. One request at a time"
                                + " probes the account; check the storage if this continues",
                        last);
            case WAITING ->
                hindered(
                        WAIT_REQUESTED,
                        "the storage requested a wait, and no request is sent until then. Deleting continues by itself",
                        last);
            case THROTTLED ->
                hindered(
                        THROTTLED,
                        "every answer is that there are too many requests. This instance sends fewer; if this"
                                + " continues, find out what else sends requests for the account",
                        last);
            case SILENT ->
                hindered(
                        NO_ANSWER_YET,
                        "requests are in flight, and none has been answered for a minute. Check the network and the"
                                + " storage's time-outs",
                        last);
        };
    }

    /** Why withheld recordings of an account are tried again another time; null if the account is the right one. */
    static @Nullable Cause withheld(AccountState account) {
        SweepEnd end = account.stopped();
        if (end != null) {
            return stopped(end, account.stopCause());
        }
        return account.isIdentified()
                ? null
                : Cause.of(
                        NOT_IDENTIFIED,
                        "the storage did not find or delete several recordings in a row, and the account could not be"
                                + " identified again since then");
    }

    private static Cause hindered(String code, String what, @Nullable Cause last) {
        return last == null
                ? Cause.of(code, what)
                : new Cause(code, last.storage(), what + ". The last answer: " + last.detail());
    }

    static Cause holdUnmapped(String objection) {
        return Cause.of(HOLD_UNMAPPED, objection);
    }

    static Cause databaseUnavailable(String what, @Nullable String why) {
        return Cause.of(
                DATABASE_UNAVAILABLE,
                "the database does not answer, and " + what
                        + ". The request is repeated; check the database if this continues: " + why);
    }

    static Cause databaseRefused(@Nullable String why) {
        return Cause.of(
                DATABASE_REFUSED,
                "the database refuses a statement. The statement is repeated; correct the cause if this continues: "
                        + why);
    }
}
