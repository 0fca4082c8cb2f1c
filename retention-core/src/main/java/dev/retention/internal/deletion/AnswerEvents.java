package dev.retention.internal.deletion;

import dev.retention.StorageOperation;
import dev.retention.SweepEvent;
import dev.retention.internal.deletion.Dispatcher.Answered;
import dev.retention.internal.telemetry.Telemetry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Passes answers to listeners, many at once. Used by the sweeping thread alone. */
final class AnswerEvents {

    private final Telemetry telemetry;
    private final List<SweepEvent> toTell = new ArrayList<>();

    AnswerEvents(Telemetry telemetry) {
        this.telemetry = telemetry;
    }

    void add(Answered answered) {
        if (telemetry.isListenedTo()) {
            PendingDeletion deletion = answered.deletion();
            toTell.add(new SweepEvent.RequestAnswered(
                    deletion.claim.runId(),
                    deletion.storage().name(),
                    deletion.isLookUp() ? StorageOperation.LOOK_UP : StorageOperation.DELETE,
                    answered.result(),
                    Duration.ofNanos(answered.tookNanos())));
        }
    }

    void tell() {
        telemetry.tell(List.copyOf(toTell));
        toTell.clear();
    }
}
