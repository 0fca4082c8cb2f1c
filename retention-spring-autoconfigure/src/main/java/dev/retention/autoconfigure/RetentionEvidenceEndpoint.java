package dev.retention.autoconfigure;

import dev.retention.EvidenceReceipt;
import dev.retention.EvidenceStatus;
import dev.retention.RetentionEvidence;
import dev.retention.RetentionException;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.Selector.Match;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;

/**
 * The evidence log over HTTP, which changes nothing. It has an endpoint of its own, so that auditors can have access to
 * it alone. Wrong parameters are answered with 400; if the log contradicts itself 409, and if the database fails 503.
 */
@WebEndpoint(id = "retentionevidence")
final class RetentionEvidenceEndpoint {

    private static final Logger log = LoggerFactory.getLogger(RetentionEvidenceEndpoint.class);

    /** No id that the ledger can store is longer. */
    private static final int MOST_CHARACTERS = 255;

    private final RetentionEvidence evidence;

    RetentionEvidenceEndpoint(RetentionEvidence evidence) {
        this.evidence = evidence;
    }

    /** The newest head, the key that verifies it, and how far the log is sealed and anchored. */
    @ReadOperation
    WebEndpointResponse<?> state() {
        return answered(() -> State.of(
                evidence.status(),
                evidence.checkpoint().orElse(null),
                evidence.verifierKey().orElse(null)));
    }

    /**
     * The receipt of a recording.
     *
     * @param id its id; one that contains slashes is given with them
     */
    @ReadOperation
    WebEndpointResponse<?> receipt(@Selector(match = Match.ALL_REMAINING) String... id) {
        String recordingId = String.join("/", id).strip();
        if (recordingId.isEmpty() || recordingId.length() > MOST_CHARACTERS) {
            return new WebEndpointResponse<>(
                    new RetentionEndpoint.Refusal(
                            "the path must end with the id of a recording, of 1 to " + MOST_CHARACTERS + " characters"),
                    WebEndpointResponse.STATUS_BAD_REQUEST);
        }
        return answered(() -> Receipt.of(evidence.receipt(recordingId)));
    }

    private static WebEndpointResponse<?> answered(Supplier<Record> answer) {
        try {
            return new WebEndpointResponse<>(OperationResponseBody.of(Shown.of(answer.get())));
        } catch (RetentionException e) {
            log.error("the evidence log could not be read. Correct what the exception names", e);
            return new WebEndpointResponse<>(
                    new RetentionEndpoint.Refusal(String.valueOf(e.getMessage())),
                    e.kind() == RetentionException.Kind.REFUSED ? 409 : WebEndpointResponse.STATUS_SERVICE_UNAVAILABLE);
        }
    }

    /**
     * The log.
     *
     * @param enabled whether changes are described by entries; if not, what was written before remains
     * @param checkpoint the newest head, in a signed note; absent before the first seal
     * @param verifierKey the key that heads are signed with; absent if they are unsigned
     * @param sealed how many entries are sealed
     * @param sealedAt when the newest seal was made; absent before the first
     * @param unsealed how many committed entries are not sealed yet
     * @param unsealedSince when the oldest of these was written; absent if there is none
     */
    record State(
            boolean enabled,
            @Nullable String checkpoint,
            @Nullable String verifierKey,
            long sealed,
            @Nullable Instant sealedAt,
            long unsealed,
            @Nullable Instant unsealedSince,
            List<EvidenceStatus.Anchor> anchors) {

        static State of(EvidenceStatus status, @Nullable String checkpoint, @Nullable String verifierKey) {
            return new State(
                    status.enabled(),
                    checkpoint,
                    verifierKey,
                    status.sealed(),
                    status.sealedAt(),
                    status.unsealed(),
                    status.unsealedSince(),
                    status.anchors());
        }
    }

    /**
     * A receipt.
     *
     * @param recordingId the recording
     * @param message what the log has of it, and since when there is a log
     * @param since when the log began; absent while it is empty
     * @param checkpoint the head that the proofs lead to; absent before the first seal
     * @param entries its sealed entries in their order, each with its proof
     */
    record Receipt(
            String recordingId,
            String message,
            @Nullable String since,
            @Nullable String checkpoint,
            List<EvidenceReceipt.Entry> entries) {

        static Receipt of(EvidenceReceipt receipt) {
            String since = receipt.since();
            return new Receipt(
                    receipt.recordingId(),
                    message(receipt.entries().size(), since),
                    since,
                    receipt.checkpoint().isEmpty() ? null : receipt.checkpoint(),
                    receipt.entries());
        }

        private static String message(int entries, @Nullable String since) {
            if (since == null) {
                return "the evidence log has no sealed entry yet";
            }
            return (entries == 0
                            ? "no sealed entry names this recording: it was neither claimed nor held, or only before"
                                    + " the log began or since the last seal"
                            : entries + " entries")
                    + "; there is evidence since " + since;
        }
    }
}
