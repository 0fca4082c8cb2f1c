package dev.retention.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.retention.DeletionState;
import dev.retention.spi.RecordingRepository;
import dev.retention.spi.SweepRuns.SweepRun;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * What every {@link RecordingRepository} must do, as tests: the contracts of all its ports, and what holds for all of
 * them. An adapter's test class extends this and supplies the hooks of the {@link RepositoryFixture}:
 *
 * <pre>{@code
 * class MyRepositoryContractTest extends RecordingRepositoryContract {
 *     @Override
 *     protected RecordingRepository createRepository(Clock clock, Duration databaseOffset) {
 *         // empties the tables
 *     }
 *     // … and the other hooks
 * }
 * }</pre>
 */
public abstract class RecordingRepositoryContract extends RepositoryFixture {

    @Nested
    class Repository extends PortContract {
        Repository() {
            super(RecordingRepositoryContract.this);
        }

        @Test
        void tellsTheDatabasesTime() {
            RecordingRepository ahead = fixture.createRepository(Clock.systemUTC(), Duration.ofHours(3));

            assertThat(ahead.now()).isCloseTo(Instant.now().plus(Duration.ofHours(3)), within(10, ChronoUnit.MINUTES));
        }

        @Test
        void tellsThatTheCallerHasNoTransaction() {
            assertThat(repository.callerHasTransaction()).isFalse();
        }

        @Test
        void commitsItsOwnTransactionWhateverBecomesOfTheCallers() {
            needs(Capability.CALLERS_TRANSACTION);
            EngineRow claimed = insert(dueRow(1));
            EngineRow held = insert(dueRow(2));
            SweepRun run = openRun();

            fixture.inCallersTransaction(() -> {
                assertThat(claim(run, claimed).claims()).hasSize(1);
                hold("h", held);
            });

            assertThat(entry(claimed).state()).isEqualTo(DeletionState.DELETING);
            assertThat(entry(held).held()).isTrue();
        }
    }

    @Nested
    class Source extends RecordingSourceContract {
        Source() {
            super(RecordingRepositoryContract.this);
        }
    }

    @Nested
    class SoftDeletedRows extends SoftDeletedRowsContract {
        SoftDeletedRows() {
            super(RecordingRepositoryContract.this);
        }
    }

    @Nested
    class Gate extends DeletionGateContract {
        Gate() {
            super(RecordingRepositoryContract.this);
        }
    }

    @Nested
    class Holds extends HoldRegisterContract {
        Holds() {
            super(RecordingRepositoryContract.this);
        }
    }

    @Nested
    class Runs extends SweepRunsContract {
        Runs() {
            super(RecordingRepositoryContract.this);
        }
    }

    @Nested
    class Ledger extends LedgerReaderContract {
        Ledger() {
            super(RecordingRepositoryContract.this);
        }
    }

    @Nested
    class Quarantine extends QuarantineDeskContract {
        Quarantine() {
            super(RecordingRepositoryContract.this);
        }
    }

    @Nested
    class Unreadable extends UnreadableContract {
        Unreadable() {
            super(RecordingRepositoryContract.this);
        }
    }

    @Nested
    class ControlTable extends ControlsContract {
        ControlTable() {
            super(RecordingRepositoryContract.this);
        }
    }

    @Nested
    class Evidence extends EvidenceLogContract {
        Evidence() {
            super(RecordingRepositoryContract.this);
        }
    }

    @Nested
    class EvidenceRaces extends EvidenceRacesContract {
        EvidenceRaces() {
            super(RecordingRepositoryContract.this);
        }
    }

    @Nested
    class EvidenceEntries extends EvidenceEntriesContract {
        EvidenceEntries() {
            super(RecordingRepositoryContract.this);
        }
    }

    @Nested
    class DailyCounts extends CensusContract {
        DailyCounts() {
            super(RecordingRepositoryContract.this);
        }
    }

    @Nested
    class Statements extends PopulationContract {
        Statements() {
            super(RecordingRepositoryContract.this);
        }
    }

    @Nested
    class Races extends RepositoryRacesContract {
        Races() {
            super(RecordingRepositoryContract.this);
        }
    }
}
