package dev.retention.test;

import dev.retention.spi.RecordingRepository;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestReporter;

/**
 * What the contracts of the ports need from an adapter: a repository, and hooks that reach the engine's table <em>by
 * another route</em> than the repository, such as plain SQL, so that an adapter's mistake does not hide itself. The
 * hooks commit before they return. Times are whole microseconds and durations whole seconds.
 *
 * <p>An adapter's test class extends {@link RecordingRepositoryContract}, which is this fixture with the contracts of
 * all ports. To run one contract only, such as while the adapter is being written, extend this class and nest it:
 *
 * <pre>{@code
 * class MyHoldRegisterTest extends RepositoryFixture {
 *     // the hooks …
 *
 *     @Nested
 *     class Holds extends HoldRegisterContract {
 *         Holds() {
 *             super(MyHoldRegisterTest.this);
 *         }
 *     }
 * }
 * }</pre>
 *
 * <p>An adapter says in {@link #supports} what it does not map; the tests that need it are reported as skipped.
 *
 * <p>The seed of random values is reported; {@code -Ddev.retention.test.seed=…} repeats it.
 */
public abstract class RepositoryFixture {

    /** The first of the two attributes that rows of these tests may have; the adapter maps both under these names. */
    public static final String QUEUE = "queue";

    /** The second attribute. */
    public static final String TENANT = "tenant";

    /** What not every adapter has, or not in every configuration. */
    protected enum Capability {
        /** The account of a row. */
        ACCOUNT,
        /** The row's own earliest deletion. */
        RETAIN_UNTIL,
        /** The hold flag. */
        HOLD_FLAG,
        /** The length of the audio. */
        DURATION,
        /** The attributes {@link RepositoryFixture#QUEUE} and {@link RepositoryFixture#TENANT}. */
        ATTRIBUTES,
        /** Ids that are any text, such as {@code "a"} beside {@code "A"} and {@code "a "}. */
        TEXT_IDS,
        /** Rows whose creation time is NULL. */
        NULL_CREATED,
        /** {@link RepositoryFixture#pauseDeleting}. */
        PAUSE,
        /** {@link RepositoryFixture#refuseSoftDelete} and {@link RepositoryFixture#allowSoftDelete}. */
        REFUSED_SOFT_DELETE,
        /** {@link RepositoryFixture#ignoreSoftDelete}. */
        IGNORED_SOFT_DELETE,
        /** {@link RepositoryFixture#makeUnreadable}. */
        UNREADABLE_ROWS,
        /** {@link RepositoryFixture#makeEntryUnreadable}. */
        UNREADABLE_ENTRIES,
        /** {@link RepositoryFixture#whileRowIsLocked}. */
        LOCKED_ROW,
        /** {@link RepositoryFixture#inCallersTransaction}. */
        CALLERS_TRANSACTION
    }

    static final Instant NOW = Instant.parse("2026-11-23T03:00:00.123456Z");

    private final long seed = Long.getLong("dev.retention.test.seed", System.nanoTime());
    private final Random random = new Random(seed);

    private RecordingRepository repository;
    private Instant dbNow;

    /**
     * A repository on tables that are empty, the engine's as well as the library's. Called once before each test, and a
     * second time in the test of the database's time.
     *
     * @param clock for adapters that need one
     * @param databaseOffset how far the database's time is ahead of the clock, or, for a real database, of its own time
     */
    protected abstract RecordingRepository createRepository(Clock clock, Duration databaseOffset);

    /** A repository on the same tables, as another instance of a cluster has it; by default the same object. */
    protected RecordingRepository createSecondInstance() {
        return repository;
    }

    /**
     * A repository on the same tables, as an instance has it that does not map this attribute: one of an older version
     * of the engine, during a rolling deployment. Needed where {@link Capability#ATTRIBUTES} are supported.
     */
    protected RecordingRepository createInstanceWithout(String attribute) {
        throw new UnsupportedOperationException("override this, or say that ATTRIBUTES are not supported");
    }

    /** Inserts a row into the engine's table. */
    protected abstract void insertRow(EngineRow row);

    /** Inserts rows into the engine's table; one by one unless this is overridden. */
    protected void insertRows(Collection<EngineRow> rows) {
        rows.forEach(this::insertRow);
    }

    /** Replaces all values of the engine's row with this id. */
    protected abstract void updateRow(EngineRow row);

    /** Removes the engine's row with this id. */
    protected abstract void removeRow(String id);

    /** Reads the engine's row with this id. */
    protected abstract Optional<EngineRow> readRow(String id);

    /**
     * An id for the n-th row. The database sorts the id of a larger n behind that of a smaller one. The same n gives
     * the same id.
     */
    protected String newId(int n) {
        return String.format("rec-%06d", n);
    }

    /** Whether the adapter has it; everything by default. */
    protected boolean supports(Capability capability) {
        return true;
    }

    /** Pauses deleting in the database, as an operator would. */
    protected void pauseDeleting() {
        throw new UnsupportedOperationException("override this, or say that PAUSE is not supported");
    }

    /** Makes the database refuse to soft-delete the engine's row with this id, such as by a trigger. */
    protected void refuseSoftDelete(String id) {
        throw new UnsupportedOperationException("override this, or say that REFUSED_SOFT_DELETE is not supported");
    }

    /** Ends what {@link #refuseSoftDelete} did to this row. */
    protected void allowSoftDelete(String id) {
        throw new UnsupportedOperationException("override this, or say that REFUSED_SOFT_DELETE is not supported");
    }

    /**
     * Makes the database accept the soft-delete of the engine's row with this id, and leave the row live, such as by a
     * trigger that resets it. Ends with the test.
     */
    protected void ignoreSoftDelete(String id) {
        throw new UnsupportedOperationException("override this, or say that IGNORED_SOFT_DELETE is not supported");
    }

    /**
     * Gives the engine's row with this id a value that the adapter can't read, such as a constant that the entity's
     * enum does not have, in none of the attributes that {@link EngineRow} has.
     */
    protected void makeUnreadable(String id) {
        throw new UnsupportedOperationException("override this, or say that UNREADABLE_ROWS are not supported");
    }

    /** Gives the ledger's entry of this recording, which exists, an outcome that this version does not know. */
    protected void makeEntryUnreadable(String id) {
        throw new UnsupportedOperationException("override this, or say that UNREADABLE_ENTRIES are not supported");
    }

    /**
     * Runs the work in this thread while a transaction of the engine is open that has changed its row with this id, and
     * so keeps it locked. Then that transaction is rolled back.
     */
    protected void whileRowIsLocked(String id, Runnable work) {
        throw new UnsupportedOperationException("override this, or say that LOCKED_ROW is not supported");
    }

    /** Runs the work in this thread while a transaction of the caller's own is open, which is then rolled back. */
    protected void inCallersTransaction(Runnable work) {
        throw new UnsupportedOperationException("override this, or say that CALLERS_TRANSACTION is not supported");
    }

    /** The repository of the running test. */
    protected final RecordingRepository repository() {
        return repository;
    }

    @BeforeEach
    final void startEmpty(TestReporter reporter) {
        reporter.publishEntry("seed", Long.toString(seed));
        repository = createRepository(new MutableClock(NOW), Duration.ZERO);
        dbNow = repository.now().truncatedTo(ChronoUnit.MICROS);
    }

    /** The database's time when the test began. */
    final Instant startedAt() {
        return dbNow;
    }

    final long seed() {
        return seed;
    }

    final Random random() {
        return random;
    }
}
