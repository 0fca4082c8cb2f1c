package dev.retention.spi;

import java.time.Instant;

/**
 * The engine's database: its own table of recordings, and the library's tables beside it. One adapter implements this and the
 * small ports that it hands out.
 *
 * <p><b>Threads.</b> All methods of all ports may be called from several threads at once, and from several processes on the same
 * database.
 *
 * <p><b>Transactions.</b> Each method that changes something commits a transaction of its own before it returns and never joins
 * the caller's; one that throws has changed nothing, except that a failure of the commit itself may have committed all the same.
 *
 * <p><b>Precision.</b> Instants are kept to the microsecond; a finer part may be lost.
 *
 * <p><b>Errors.</b> What the database refuses or does not answer is thrown as {@link dev.retention.RetentionException}. Losing a race against
 * another transaction is not an error: the method tries again, or reports that it got nothing.
 */
public interface RecordingRepository {

    /** The database's time. Leases, waits and the comparison of clocks use it; ages use the earlier of it and ours. */
    Instant now();

    /** Whether the calling thread has a transaction of its own open, as far as that can be told. */
    boolean callerHasTransaction();

    /** The engine's recordings, read only. */
    RecordingSource recordings();

    /** Claims, and what became of them. */
    DeletionGate gate();

    /** The runs that instances share. */
    SweepRuns runs();

    /** The register of legal holds. */
    HoldRegister holds();

    /** What a person decides about recordings that wait for one. */
    QuarantineDesk quarantine();

    /** Settings that all instances share. */
    Controls controls();

    /** Which database it is. Asks it, if it has to, once. */
    DatabaseIdentity identity();

    /** What is written down about recordings. */
    LedgerReader ledger();
}
