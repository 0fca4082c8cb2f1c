package dev.retention.internal.deletion;

import dev.retention.RetentionException;
import dev.retention.internal.recording.SameRecording;
import dev.retention.spi.Candidate;
import dev.retention.spi.Recording;
import dev.retention.spi.RecordingSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds claims whose row names another recording by now, as when the engine has corrected its key. */
final class ChangedRows {

    private static final Logger log = LoggerFactory.getLogger(ChangedRows.class);

    private ChangedRows() {}

    /** The ids of those that may have sent something, and whose row is live and names another recording. */
    static Set<String> among(RecordingSource recordings, List<PendingDeletion> refused) {
        Map<String, Recording> claimed = new HashMap<>();
        for (PendingDeletion deletion : refused) {
            if (deletion.claim.attempt() > 1 || deletion.isSent()) {
                claimed.put(deletion.claim.id(), deletion.claim.recording());
            }
        }
        if (claimed.isEmpty()) {
            return Set.of();
        }
        try {
            return recordings.find(claimed.keySet()).stream()
                    .filter(row -> row.deleted() == null)
                    .map(Candidate::recording)
                    .filter(row -> !SameRecording.is(row, Objects.requireNonNull(claimed.get(row.id()))))
                    .map(Recording::id)
                    .collect(Collectors.toSet());
        } catch (RetentionException e) {
            log.debug("rows are compared with their claims by the next check: {}", e.getMessage());
            return Set.of();
        }
    }
}
