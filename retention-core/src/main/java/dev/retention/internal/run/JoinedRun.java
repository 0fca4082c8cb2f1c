package dev.retention.internal.run;

import dev.retention.RetentionException;
import dev.retention.internal.run.Admission.Decision.Admitted;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.RecordingRepository;
import dev.retention.spi.SweepRuns.SweepRun;

/** The run that this instance works on: as it was joined, and as the database has it now. */
final class JoinedRun {

    private final RecordingRepository repository;
    private final SweepRun joined;
    private final DueCriteria criteria;

    JoinedRun(RecordingRepository repository, Admitted admitted) {
        this.repository = repository;
        this.joined = admitted.run();
        this.criteria = admitted.criteria();
    }

    String id() {
        return joined.id();
    }

    /** As it was joined: what does not change, such as its deadline. */
    SweepRun joined() {
        return joined;
    }

    DueCriteria criteria() {
        return criteria;
    }

    /** As the database has it now. */
    SweepRun current() {
        return repository
                .runs()
                .find(id())
                .orElseThrow(() -> RetentionException.refused("run " + id()
                        + " is no longer in the database, so this instance can't continue it. Sweep again, and delete"
                        + " no row of an open run from retention_run"));
    }

    boolean hasEnded() {
        return current().report() != null;
    }

    /** Whether some instance is working on recordings of it. */
    boolean hasLiveClaims() {
        return repository.runs().hasLiveClaims(id(), repository.now());
    }
}
