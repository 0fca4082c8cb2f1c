package dev.retention.test;

import dev.retention.DeletionState;
import dev.retention.spi.Census;
import dev.retention.spi.Controls;
import dev.retention.spi.DatabaseIdentity;
import dev.retention.spi.DeletionGate;
import dev.retention.spi.EvidenceLog;
import dev.retention.spi.HoldRegister;
import dev.retention.spi.LedgerReader;
import dev.retention.spi.Population;
import dev.retention.spi.QuarantineDesk;
import dev.retention.spi.RecordingMapping;
import dev.retention.spi.RecordingRepository;
import dev.retention.spi.RecordingSource;
import dev.retention.spi.SweepRuns;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A repository in memory, the engine's table included: for tests of a sweeper or a storage, and to read what each
 * method of the ports does. It passes {@link RecordingRepositoryContract} as the adapters of real databases do.
 *
 * <p>Ids are ordered as text. Everything is safe for use by several threads; what a test does to the engine's table is
 * committed at once and concerned by no fault.
 */
public final class InMemoryRecordingRepository implements RecordingRepository {

    private final InMemoryDatabase database;
    private final RecordingSource recordings;
    private final DeletionGate gate;
    private final SweepRuns runs;
    private final HoldRegister holds;
    private final LedgerReader ledger;
    private final QuarantineDesk quarantine;
    private final Controls controls;
    private final Census census;
    private final Population population;

    /** An empty database that takes its time from the clock. */
    public InMemoryRecordingRepository(Clock clock) {
        this(new InMemoryDatabase(clock), Set.of());
    }

    private InMemoryRecordingRepository(InMemoryDatabase database, Set<String> unmapped) {
        this.database = database;
        InMemoryEngineTable engine = new InMemoryEngineTable(database, unmapped);
        recordings = new InMemoryRecordingSource(engine);
        gate = new InMemoryDeletionGate(engine);
        runs = new InMemorySweepRuns(database);
        holds = new InMemoryHoldRegister(engine);
        ledger = new InMemoryLedgerReader(database);
        quarantine = new InMemoryQuarantineDesk(engine);
        controls = new InMemoryControls(database);
        census = new InMemoryCensus(engine);
        population = new InMemoryPopulation(engine);
    }

    /**
     * The same database as another instance sees it that does not map this attribute, such as one of an older version
     * of the engine. What a test does to either, it does to both.
     */
    public InMemoryRecordingRepository withoutAttribute(String attribute) {
        return new InMemoryRecordingRepository(database, Set.of(attribute));
    }

    @Override
    public Instant now() {
        return database.read(database::now);
    }

    @Override
    public boolean callerHasTransaction() {
        return database.locked(() -> database.callerHasTransaction);
    }

    @Override
    public RecordingSource recordings() {
        return recordings;
    }

    @Override
    public DeletionGate gate() {
        return gate;
    }

    @Override
    public SweepRuns runs() {
        return runs;
    }

    @Override
    public HoldRegister holds() {
        return holds;
    }

    @Override
    public LedgerReader ledger() {
        return ledger;
    }

    @Override
    public QuarantineDesk quarantine() {
        return quarantine;
    }

    @Override
    public Controls controls() {
        return controls;
    }

    /** Entries are written unless {@link #setEvidence} says otherwise. */
    @Override
    public EvidenceLog evidence() {
        return database.evidence;
    }

    @Override
    public Census census() {
        return census;
    }

    @Override
    public Population population() {
        return population;
    }

    /** Whether changes are described by entries of the evidence log, for all instances. */
    public void setEvidence(boolean enabled) {
        database.evidence.setEnabled(enabled);
    }

    /** An embedded database, unless {@link #setIdentity} says otherwise. */
    @Override
    public DatabaseIdentity identity() {
        return database.read(() -> database.identity);
    }

    /** Lets it be another database, such as a copy of this one elsewhere. */
    public void setIdentity(DatabaseIdentity identity) {
        database.locked(() -> {
            database.identity = identity;
        });
    }

    /** A mapping without parts, in which every attribute can be used, unless {@link #setMapping} says otherwise. */
    @Override
    public RecordingMapping mapping() {
        return database.locked(() -> database.mapping);
    }

    /** Gives all instances another mapping, as after a change of the configuration. Rows are read as before. */
    public void setMapping(RecordingMapping mapping) {
        database.locked(() -> {
            database.mapping = mapping;
        });
    }

    /**
     * Takes a backup of all tables, the engine's and the library's.
     *
     * @return restores it; may be run more than once
     */
    public Runnable backup() {
        return database.backup();
    }

    /** Inserts rows into the engine's table, or replaces those of the same id. */
    public void put(EngineRow... rows) {
        put(List.of(rows));
    }

    /** Inserts rows into the engine's table, or replaces those of the same id. */
    public void put(Iterable<EngineRow> rows) {
        database.locked(() -> rows.forEach(row -> database.engine.put(row.id(), row)));
    }

    /** Removes a row from the engine's table, which the library itself never does. */
    public void remove(String id) {
        database.locked(() -> database.engine.remove(id));
    }

    /** The engine's row with this id. */
    public Optional<EngineRow> row(String id) {
        return database.locked(() -> database.engineRow(id));
    }

    /** The engine's rows, in the order in which they were first put. */
    public List<EngineRow> rows() {
        return database.locked(() -> List.copyOf(database.engine.all()));
    }

    /** Lets the database's time be ahead of the clock by this much, or behind it by a negative one. */
    public void setDatabaseOffset(Duration offset) {
        database.offset(offset);
    }

    /** What {@link #callerHasTransaction()} answers; false at first. */
    public void setCallerHasTransaction(boolean open) {
        database.locked(() -> {
            database.callerHasTransaction = open;
        });
    }

    /** Pauses deleting, as far as the database is concerned: nothing is claimed. */
    public void setPaused(boolean paused) {
        database.locked(() -> {
            if (paused) {
                database.controls.put(Controls.PAUSED, new Controls.Control("", null, null));
            } else {
                database.controls.remove(Controls.PAUSED);
            }
        });
    }

    /** While set, every method of every port throws, as when the database can't be reached. */
    public void setUnreachable(boolean unreachable) {
        database.away(unreachable);
    }

    /** Lets the next commit fail: nothing is changed, and the method throws. */
    public void failNextCommit() {
        failNextCommits(1);
    }

    /**
     * Lets the next commits fail. {@link DeletionGate#record} repeats a batch that failed one by one, so that it takes
     * one more than there are outcomes to make all of them fail.
     */
    public void failNextCommits(int count) {
        database.nextCommit(InMemoryDatabase.CommitFault.ROLLED_BACK, count);
    }

    /**
     * Lets the next commit succeed while the method throws, as when the connection breaks before the answer to the
     * commit arrives.
     */
    public void loseAnswerOfNextCommit() {
        database.nextCommit(InMemoryDatabase.CommitFault.COMMITTED_ALL_THE_SAME, 1);
    }

    /**
     * Whether the database refuses to soft-delete the engine's row with this id, as a trigger or a missing grant would.
     */
    public void setSoftDeleteRefused(String id, boolean refused) {
        database.unwritable(id, refused);
    }

    /**
     * Whether the engine's row with this id has a value that no instance can read, such as an unknown constant of an
     * enum.
     */
    public void setUnreadable(String id, boolean unreadable) {
        database.unreadable(id, unreadable);
    }

    /** Makes the ledger's entry of a recording one that no instance can read, as one of a later version. */
    public void setEntryUnreadable(String id) {
        database.locked(() -> {
            database.changeGate(id).state = DeletionState.UNREADABLE;
        });
    }

    /** Whether an open transaction of the engine has locked the engine's row with this id. */
    public void setRowLocked(String id, boolean locked) {
        database.lockRow(id, locked);
    }
}
