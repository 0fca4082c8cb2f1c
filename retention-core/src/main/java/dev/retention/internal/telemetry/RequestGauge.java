package dev.retention.internal.telemetry;

import dev.retention.Obstacle;
import java.util.List;

/** The requests in flight of one sweep, recovery or erasure. Read from any thread. */
public interface RequestGauge {

    /** How many requests are at storages now. */
    int underWay();

    /** How many requests at once the accounts allow now. */
    int limit();

    /** What prevents deletions, an entry for each account; empty while nothing does. */
    List<Obstacle> obstacles();
}
