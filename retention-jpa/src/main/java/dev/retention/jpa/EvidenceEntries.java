package dev.retention.jpa;

import dev.retention.jpa.Database.Session;
import dev.retention.jpa.Rows.ArrayOf;
import dev.retention.jpa.Rows.Type;
import dev.retention.spi.EvidenceEntry;
import dev.retention.spi.EvidenceEntry.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Entries of the evidence log that one transaction adds. They are written at its end, together: by then it has locked
 * the gate rows that they are about, so that of two transactions on one recording, the batch of the first has the lower
 * number.
 */
final class EvidenceEntries {

    /** The most entries of a batch. */
    static final int MOST = Sql.CHUNK;

    private final boolean wanted;
    private final List<EvidenceEntry> entries = new ArrayList<>();

    EvidenceEntries(boolean wanted) {
        this.wanted = wanted;
    }

    boolean isWanted() {
        return wanted;
    }

    void add(Supplier<EvidenceEntry> entry) {
        if (wanted) {
            entries.add(entry.get());
        }
    }

    void addAll(Supplier<List<EvidenceEntry>> more) {
        if (wanted) {
            entries.addAll(more.get());
        }
    }

    /** Writes what was added since the last call, and returns the numbers of the batches. */
    List<Long> write(Session session) {
        List<Long> batches = new ArrayList<>();
        for (List<EvidenceEntry> batch : Sql.chunks(entries)) {
            batches.add(writeBatch(session, batch));
        }
        writeTexts(session);
        entries.clear();
        return batches;
    }

    private static long writeBatch(Session session, List<EvidenceEntry> batch) {
        Tables tables = session.tables();
        String together = tables.dialect().evidenceTogether(tables);
        return together == null ? writeRows(session, batch) : writeTogether(session, together, batch);
    }

    private static long writeTogether(Session session, String statement, List<EvidenceEntry> batch) {
        List<@Nullable String> ids = new ArrayList<>(batch.size());
        List<@Nullable String> lines = new ArrayList<>(batch.size());
        for (EvidenceEntry entry : batch) {
            ids.add(entry.recordingId());
            lines.add(entry.line());
        }
        return session.sql()
                .query(
                        statement,
                        row -> row.number("batch_no"),
                        batch.size(),
                        batch.get(0).at(),
                        new ArrayOf(Type.TEXT, ids),
                        new ArrayOf(Type.TEXT, lines))
                .get(0);
    }

    private static long writeRows(Session session, List<EvidenceEntry> batch) {
        Tables tables = session.tables();
        long batchNo = session.sql()
                .insertNumbered(new Columns()
                        .number("entries", batch.size())
                        .time("written_at", batch.get(0).at())
                        .insertInto(tables.unsealed()));
        List<Sql.Statement> rows = new ArrayList<>(batch.size());
        for (int i = 0; i < batch.size(); i++) {
            rows.add(new Columns()
                    .number("batch_no", Long.valueOf(batchNo))
                    .number("entry_no", i)
                    .text("recording_id", batch.get(i).recordingId())
                    .text("entry", batch.get(i).line())
                    .insertInto(tables.evidence()));
        }
        session.sql().batch(rows);
        return batchNo;
    }

    /** Each has a salt of its own, so that it is new, unless several of these entries have it. */
    private void writeTexts(Session session) {
        session.sql()
                .batch(entries.stream()
                        .flatMap(entry -> entry.texts().stream())
                        .distinct()
                        .map(text -> text(text, session.tables()))
                        .toList());
    }

    private static Sql.Statement text(Text text, Tables tables) {
        return new Columns()
                .text("text_hash", text.hash())
                .text("salt", text.salt())
                .text("original", StoredText.cut(text.text(), Integer.MAX_VALUE))
                .insertInto(tables.evidenceText());
    }
}
