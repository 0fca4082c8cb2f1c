package dev.retention.internal.recording;

import dev.retention.LedgerEntry;
import dev.retention.spi.Recording;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Whether the engine's row names the recording that was claimed or that a ledger entry is about: the same key, account
 * and creation time, as precisely as the ledger keeps them.
 */
public final class SameRecording {

    /** What the ledger keeps of an account as it is; of a longer one it keeps the beginning and a hash. */
    private static final int MAX_ACCOUNT_LENGTH = 255;

    private static final int KEPT_BEGINNING = 32;

    private SameRecording() {}

    public static boolean is(Recording row, LedgerEntry entry) {
        Instant created = entry.recordingCreated();
        return created != null
                && is(
                        row,
                        new Recording(
                                entry.recordingId(), entry.storageKey(), entry.account(), created, row.attributes()));
    }

    /** @param claimed also one whose key and account were read from the ledger */
    public static boolean is(Recording row, Recording claimed) {
        return is(row.storageKey(), claimed.storageKey(), Storages.MAX_KEY_LENGTH)
                && is(row.account(), claimed.account(), MAX_ACCOUNT_LENGTH)
                && micros(row.created()).equals(micros(claimed.created()));
    }

    private static boolean is(@Nullable String ofRow, @Nullable String kept, int longest) {
        return Objects.equals(ofRow, kept)
                || ofRow != null
                        && kept != null
                        && ofRow.length() > longest
                        && kept.startsWith(ofRow.substring(0, KEPT_BEGINNING));
    }

    /** The precision of the ledger's times. */
    private static Instant micros(Instant time) {
        return time.truncatedTo(ChronoUnit.MICROS);
    }
}
