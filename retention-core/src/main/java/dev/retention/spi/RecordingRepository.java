package dev.retention.spi;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The engine's database: its own table of recordings, and the library's tables. One adapter implements this and the
 * small ports that it returns.
 *
 * <p><b>Threads.</b> All methods of all ports may be called from several threads at once, and by several processes on
 * the same database. They may block for as long as the database takes.
 *
 * <p><b>Transactions.</b> Each method that changes something commits a transaction of its own before it returns, and
 * never joins the caller's. A method that throws has changed nothing, unless its documentation says otherwise; but if
 * the commit itself failed, the change may have been committed.
 *
 * <p><b>Precision.</b> Instants are stored to the microsecond; a finer part may be lost.
 *
 * <p><b>Errors.</b> If the database does not answer, methods throw {@link dev.retention.RetentionException} of the kind
 * {@code UNAVAILABLE}; if it answers and refuses, of the kind {@code REFUSED}. Losing a race against another
 * transaction is not an error: the method tries again, or reports that it got nothing.
 */
public interface RecordingRepository {

    /**
     * The database's time. Leases, waits and the comparison of clocks use it. Ages are judged by the earlier of it and
     * the instance's own time.
     */
    Instant now();

    /** Whether the calling thread has an open transaction of its own; false if the adapter can't see that. */
    boolean callerHasTransaction();

    /** From where recordings are read. Fixed once the repository is built; does not ask the database. */
    RecordingMapping mapping();

    /** Whose recordings these are, in an engine with several tenants; null, the default, without tenants. */
    default @Nullable String tenant() {
        return null;
    }

    /** The engine's recordings, read-only. */
    RecordingSource recordings();

    /** Claims and their outcomes. */
    DeletionGate gate();

    /** The runs that instances share. */
    SweepRuns runs();

    /** The register of legal holds. */
    HoldRegister holds();

    /** Decisions of a person about recordings that need one. */
    QuarantineDesk quarantine();

    /** Settings that all instances share. */
    Controls controls();

    /** The identity of the database. Asks the database at most once, and keeps the answer. */
    DatabaseIdentity identity();

    /** The ledger, read-only. */
    LedgerReader ledger();

    /** The evidence log, in which the changes that the other ports make are entries, if that is enabled. */
    EvidenceLog evidence();

    /** How many recordings were created on each day, now and when it was counted first. */
    Census census();

    /** The recordings of a period, as they were at one moment. */
    Population population();
}
