package dev.retention.test;

import org.junit.jupiter.api.Nested;

/**
 * What must hold when threads and instances do things at once. Proved by counting: what must not happen happened zero
 * times.
 */
public abstract class RepositoryRacesContract {

    private final RepositoryFixture fixture;

    /** Its tests use this fixture. */
    protected RepositoryRacesContract(RepositoryFixture fixture) {
        this.fixture = fixture;
    }

    @Nested
    class Claims extends ClaimRacesContract {
        Claims() {
            super(RepositoryRacesContract.this.fixture);
        }
    }

    @Nested
    class Holds extends HoldRacesContract {
        Holds() {
            super(RepositoryRacesContract.this.fixture);
        }
    }

    @Nested
    class Runs extends RunRacesContract {
        Runs() {
            super(RepositoryRacesContract.this.fixture);
        }
    }
}
