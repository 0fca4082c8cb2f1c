package dev.retention.internal.deletion;

import dev.retention.RetentionException;
import dev.retention.internal.recording.Storages;
import dev.retention.spi.Candidate;
import dev.retention.spi.Recording;
import dev.retention.spi.RecordingSource;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds claims whose row names another recording by now, as when the engine has corrected its key. */
final class ChangedRows {

    private static final Logger log = LoggerFactory.getLogger(ChangedRows.class);

    private static final int MOST_OF_AN_ACCOUNT = 255;

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
                    .filter(row -> !isSame(row, Objects.requireNonNull(claimed.get(row.id()))))
                    .map(Recording::id)
                    .collect(Collectors.toSet());
        } catch (RetentionException e) {
            log.debug("rows are compared with their claims by the next check: {}", e.getMessage());
            return Set.of();
        }
    }

    private static boolean isSame(Recording row, Recording claimed) {
        return isSame(row.storageKey(), claimed.storageKey(), Storages.MAX_KEY_LENGTH)
                && isSame(row.account(), claimed.account(), MOST_OF_AN_ACCOUNT)
                && micros(row.created()).equals(micros(claimed.created()));
    }

    /** What is too long for the ledger is stored in another form, and not compared. */
    private static boolean isSame(@Nullable String now, @Nullable String then, int longest) {
        return now != null && now.length() > longest || Objects.equals(now, then);
    }

    private static Instant micros(Instant instant) {
        return instant.truncatedTo(ChronoUnit.MICROS);
    }
}
