package dev.retention;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the evidence log says of one recording, with proofs that can be checked without this library and without the
 * database.
 *
 * @param recordingId the recording
 * @param entries its sealed entries, in their order; empty if the log has none
 * @param checkpoint the head that the proofs lead to, in a signed note; empty before the first seal
 * @param since when the log began, by the database's time: what was deleted before has no entries. Null while the log
 *     is empty
 */
public record EvidenceReceipt(
        String recordingId,
        List<Entry> entries,
        String checkpoint,
        @Nullable String since) {

    /** A receipt. */
    public EvidenceReceipt {
        entries = List.copyOf(entries);
    }

    /**
     * An entry with its proof.
     *
     * @param number its number in the log, from 0
     * @param line the entry: one JSON object
     * @param proof a file of the format c2sp.org/tlog-proof, which contains the entry too, as its extra data. Its name
     *     should end in {@code .tlog-proof}
     */
    public record Entry(long number, String line, String proof) {}
}
