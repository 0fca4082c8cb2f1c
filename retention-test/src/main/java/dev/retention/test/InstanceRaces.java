package dev.retention.test;

import dev.retention.spi.RecordingRepository;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;

/** Races between two instances of a cluster, each of which is several threads. */
abstract class InstanceRaces extends PortContract {

    private List<RecordingRepository> instances;

    InstanceRaces(RepositoryFixture fixture) {
        super(fixture);
    }

    @BeforeEach
    final void startInstances() {
        instances = List.of(repository, createSecondInstance());
    }

    final Contest contest(int rounds) {
        return new Contest(random, rounds, "the first instance", "the second instance");
    }

    /** The instance of a thread of {@link Contest#byThreads}. */
    final RecordingRepository instance(int thread) {
        return instances.get(thread % instances.size());
    }
}
