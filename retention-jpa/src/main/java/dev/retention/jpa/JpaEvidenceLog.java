package dev.retention.jpa;

import dev.retention.jpa.Database.Session;
import dev.retention.jpa.Sql.Statement;
import dev.retention.spi.EvidenceEntry;
import dev.retention.spi.EvidenceLog;
import dev.retention.spi.SealStep;
import dev.retention.spi.TreeHead;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * The tables of the evidence log. Writers add batches and queue them in {@code retention_unsealed}; whoever seals locks
 * the row of {@code retention_head} before it reads the queue, so that no lock is between writers and sealers.
 */
final class JpaEvidenceLog implements EvidenceLog {

    private static final String SEAL = "select seal_no, tree_size, root, frontier, checkpoint, sealed_at from ";

    private final Database database;

    JpaEvidenceLog(Database database) {
        this.database = database;
    }

    @Override
    public boolean enabled() {
        return database.hasEvidence();
    }

    @Override
    public void append(Collection<EvidenceEntry> entries) {
        database.once(
                "append evidence",
                session -> {
                    session.evidence().addAll(() -> List.copyOf(entries));
                    return session.evidence().write(session);
                },
                batches -> batches.isEmpty() || isWritten(batches.get(0)) ? Optional.of(batches) : Optional.empty());
    }

    private boolean isWritten(long batch) {
        return database.read(
                "read evidence",
                session -> !session.sql()
                        .query(
                                "select batch_no from " + session.tables().evidence()
                                        + " where batch_no = ? and entry_no = 0",
                                row -> true,
                                batch)
                        .isEmpty());
    }

    @Override
    public Optional<Seal> seal(int most, SealStep step) {
        return database.once(
                "seal the evidence",
                session -> Sealing.seal(session, most, step),
                // One that took effect is found again by its number; otherwise the entries are sealed again.
                made -> made.isEmpty()
                        ? Optional.of(made)
                        : database.read(
                                        "read a seal",
                                        session -> seal(session, made.get().number()))
                                .filter(found -> found.head().equals(made.get().head()))
                                .map(found -> made));
    }

    @Override
    public Unsealed unsealed() {
        return database.read(
                "count unsealed evidence",
                session -> session.sql()
                        .query(
                                "select coalesce(sum(entries), 0) as entries, min(written_at) as since from "
                                        + session.tables().unsealed(),
                                row -> new Unsealed(row.number("entries"), row.timeOrNull("since")))
                        .get(0));
    }

    @Override
    public TreeHead head() {
        return newestSeal().map(Seal::head).orElse(TreeHead.EMPTY);
    }

    @Override
    public Optional<Seal> newestSeal() {
        return database.read(
                "read the newest seal",
                session -> session
                        .sql()
                        .query(
                                SEAL + session.tables().seal() + " order by seal_no desc limit 1",
                                JpaEvidenceLog::sealOf)
                        .stream()
                        .findFirst());
    }

    static Optional<Seal> seal(Session session, long number) {
        return session
                .sql()
                .query(SEAL + session.tables().seal() + " where seal_no = ?", JpaEvidenceLog::sealOf, number)
                .stream()
                .findFirst();
    }

    @Override
    public List<Seal> seals(long fromSize, int limit) {
        return database.read(
                "read seals",
                session -> session.sql()
                        .query(
                                SEAL + session.tables().seal() + " where tree_size >= ? order by tree_size limit ?",
                                JpaEvidenceLog::sealOf,
                                fromSize,
                                limit));
    }

    private static Seal sealOf(Sql.Row row) throws SQLException {
        return new Seal(
                row.number("seal_no"),
                new TreeHead(row.number("tree_size"), row.bytes("root"), Hashes.split(row.bytes("frontier"))),
                row.text("checkpoint"),
                row.time("sealed_at"));
    }

    @Override
    public List<Leaf> leaves(long from, int limit) {
        return database.read("read evidence", session -> Leaves.range(session, from, limit));
    }

    @Override
    public List<Leaf> leavesOf(String recordingId) {
        return StoredText.isStorable(recordingId)
                ? database.read("read the evidence of a recording", session -> Leaves.of(session, recordingId))
                : List.of();
    }

    @Override
    public List<byte[]> hashes(int level, long from, int limit) {
        return database.read(
                "read hashes of the evidence",
                session -> level == 0
                        ? Leaves.hashes(session, from, limit)
                        : session.sql()
                                .query(
                                        "select node_hash from "
                                                + session.tables().node()
                                                + " where node_level = ? and node_no >= ? and node_no < ?"
                                                + " order by node_no",
                                        row -> row.bytes("node_hash"),
                                        level,
                                        from,
                                        from + limit));
    }

    @Override
    public void anchored(AnchoredHead head) {
        database.repeatable("store what is anchored", session -> {
            if (!isStored(session, head)) {
                session.sql()
                        .update(new Columns()
                                .text("anchor", head.anchor())
                                .number("tree_size", Long.valueOf(head.size()))
                                .time("anchored_at", head.at())
                                .text("receipt", StoredText.cut(head.receipt(), StoredText.LONG))
                                .insertInto(session.tables().anchor()));
            }
            return true;
        });
    }

    private static boolean isStored(Session session, AnchoredHead head) {
        return !session.sql()
                .query(
                        "select tree_size from " + session.tables().anchor() + " where anchor = ? and tree_size = ?",
                        row -> row.number("tree_size"),
                        head.anchor(),
                        head.size())
                .isEmpty();
    }

    @Override
    public Optional<AnchoredHead> newestAnchored(String anchor) {
        return database.read(
                "read what is anchored",
                session -> session
                        .sql()
                        .query(
                                "select anchor, tree_size, anchored_at, receipt from "
                                        + session.tables().anchor()
                                        + " where anchor = ? order by tree_size desc limit 1",
                                JpaEvidenceLog::anchoredHead,
                                anchor)
                        .stream()
                        .findFirst());
    }

    @Override
    public List<AnchoredHead> anchoredHeads(long fromSize, int limit) {
        return database.read(
                "read what is anchored",
                session -> session.sql()
                        .query(
                                "select anchor, tree_size, anchored_at, receipt from "
                                        + session.tables().anchor()
                                        + " where tree_size >= ? order by tree_size, anchor limit ?",
                                JpaEvidenceLog::anchoredHead,
                                fromSize,
                                limit));
    }

    private static AnchoredHead anchoredHead(Sql.Row row) throws SQLException {
        return new AnchoredHead(
                row.text("anchor"), row.number("tree_size"), row.time("anchored_at"), row.text("receipt"));
    }

    @Override
    public List<EvidenceEntry.Text> texts(Collection<String> hashes) {
        return database.read("read texts of the evidence", session -> {
            List<EvidenceEntry.Text> found = new ArrayList<>();
            for (List<String> chunk : Sql.chunks(hashes)) {
                OneOf one = session.tables().dialect().oneOf("text_hash", chunk);
                found.addAll(session.sql()
                        .query(
                                "select text_hash, salt, original from "
                                        + session.tables().evidenceText() + " where " + one.condition(),
                                row -> new EvidenceEntry.Text(
                                        row.text("text_hash"), row.text("salt"), row.text("original")),
                                one.after()));
            }
            return found;
        });
    }

    @Override
    public int eraseTexts(Collection<String> hashes) {
        return database.repeatable("erase texts of the evidence", session -> {
            int erased = 0;
            for (String hash : hashes) {
                erased += session.sql()
                        .update(Statement.of(
                                "delete from " + session.tables().evidenceText() + " where text_hash = ?", hash));
            }
            return erased;
        });
    }
}
