package dev.retention.jpa;

import dev.retention.LedgerEvent;
import dev.retention.jpa.Database.Session;
import dev.retention.spi.EvidenceEntry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The rows of {@code retention_event}, each with an entry of the evidence log. */
final class Events {

    /** Why the row of a deleted recording was not marked as deleted. */
    static final String WHY_NOT_UPDATED = "the row is gone, is deleted already, or names another recording";

    private Events() {}

    static void add(Session session, Collection<LedgerEvent> events) {
        session.sql()
                .batch(events.stream()
                        .map(event -> new Columns()
                                .time("occurred_at", event.at())
                                .text("kind", event.kind())
                                .text("recording_id", event.recordingId())
                                .text("run_id", event.runId())
                                .text("actor", StoredText.cutOrNull(event.actor(), StoredText.NAME))
                                .text("detail", StoredText.cutOrNull(event.detail(), StoredText.DETAIL))
                                .insertInto(session.tables().event()))
                        .toList());
        session.evidence().addAll(() -> EvidenceEntry.events(events));
    }

    /** Whether an event exists. If a transaction had to add it, this tells whether the transaction took effect. */
    static boolean isStored(
            Session session, Instant at, String kind, @Nullable String recordingId, @Nullable String actor) {
        List<Object> parameters = new ArrayList<>();
        if (recordingId != null) {
            parameters.add(recordingId);
        }
        parameters.add(at);
        parameters.add(kind);
        return session.sql()
                .query(
                        "select actor from " + session.tables().event() + " where recording_id "
                                + (recordingId == null ? "is null" : "= ?")
                                + " and occurred_at = ? and kind = ?",
                        row -> Optional.ofNullable(row.textOrNull("actor")).orElse(""),
                        parameters.toArray())
                .contains(Optional.ofNullable(StoredText.cutOrNull(actor, StoredText.NAME))
                        .orElse(""));
    }

    static List<LedgerEvent> of(Session session, String recordingId) {
        return session.sql()
                .query(
                        "select occurred_at, kind, recording_id, run_id, actor, detail from "
                                + session.tables().event() + " where recording_id = ? order by event_no",
                        row -> new LedgerEvent(
                                row.time("occurred_at"),
                                row.text("kind"),
                                row.textOrNull("recording_id"),
                                row.textOrNull("run_id"),
                                row.textOrNull("actor"),
                                row.textOrNull("detail")),
                        recordingId);
    }
}
