package dev.retention.test;

import dev.retention.spi.DeletionGate;
import org.junit.jupiter.api.Nested;

/**
 * What every {@link DeletionGate} must do, as tests: a part for each of its methods, and the answers of
 * {@link DeletionGate#record} apart.
 */
public abstract class DeletionGateContract {

    private final RepositoryFixture fixture;

    /** Its tests use this fixture. */
    protected DeletionGateContract(RepositoryFixture fixture) {
        this.fixture = fixture;
    }

    @Nested
    class Claiming extends GateClaimContract {
        Claiming() {
            super(DeletionGateContract.this.fixture);
        }
    }

    @Nested
    class Erasures extends GateErasureContract {
        Erasures() {
            super(DeletionGateContract.this.fixture);
        }
    }

    @Nested
    class Confirmations extends GateConfirmationContract {
        Confirmations() {
            super(DeletionGateContract.this.fixture);
        }
    }

    @Nested
    class Reclaiming extends GateReclaimContract {
        Reclaiming() {
            super(DeletionGateContract.this.fixture);
        }
    }

    @Nested
    class Releasing extends GateReleaseContract {
        Releasing() {
            super(DeletionGateContract.this.fixture);
        }
    }

    @Nested
    class Verifying extends GateVerifyContract {
        Verifying() {
            super(DeletionGateContract.this.fixture);
        }
    }

    @Nested
    class Outcomes extends GateOutcomesContract {
        Outcomes() {
            super(DeletionGateContract.this.fixture);
        }
    }

    @Nested
    class Marking extends GateMarkingContract {
        Marking() {
            super(DeletionGateContract.this.fixture);
        }
    }

    @Nested
    class Refusals extends GateRefusalsContract {
        Refusals() {
            super(DeletionGateContract.this.fixture);
        }
    }

    @Nested
    class LockedRows extends GateLockedRowsContract {
        LockedRows() {
            super(DeletionGateContract.this.fixture);
        }
    }

    @Nested
    class Rehearsing extends GateRehearseContract {
        Rehearsing() {
            super(DeletionGateContract.this.fixture);
        }
    }

    @Nested
    class SharedKeys extends SharedKeysContract {
        SharedKeys() {
            super(DeletionGateContract.this.fixture);
        }
    }

    @Nested
    class Repairing extends GateRepairContract {
        Repairing() {
            super(DeletionGateContract.this.fixture);
        }
    }
}
