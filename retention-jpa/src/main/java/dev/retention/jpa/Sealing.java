package dev.retention.jpa;

import dev.retention.RetentionException;
import dev.retention.jpa.Database.Session;
import dev.retention.jpa.Sql.Statement;
import dev.retention.spi.EvidenceLog.Seal;
import dev.retention.spi.SealStep;
import dev.retention.spi.TreeHead;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Seals batches, within a transaction. Lock order: the row of {@code retention_head}, then the queue. */
final class Sealing {

    private static final int HEAD = 1;

    private Sealing() {}

    /** A batch of the queue. */
    private record Batch(long number, int entries) {}

    /**
     * What is sealed now.
     *
     * @param batches the batches, in their order
     * @param entries the bytes of all of their entries
     */
    private record Queued(List<Batch> batches, List<byte[]> entries) {}

    static Optional<Seal> seal(Session session, int most, SealStep step) {
        // Before anything is read: what is read then knows every seal, and the batches that are left.
        long newest = lockHead(session);
        Queued queued = queued(session, most, newest == 0 ? adopted(session) : List.of());
        if (queued.batches().isEmpty()) {
            return Optional.empty();
        }
        TreeHead head = JpaEvidenceLog.seal(session, newest).map(Seal::head).orElse(TreeHead.EMPTY);
        SealStep.Sealing made = step.append(head, queued.entries());
        require(head, queued.entries().size(), made);
        Instant now = Sql.micros(session.tables().dialect().now(session.sql()));
        Seal seal = new Seal(newest + 1, made.head(), made.checkpoint(), now);
        write(session, seal, head.size(), queued.batches(), made);
        return Optional.of(seal);
    }

    private static long lockHead(Session session) {
        List<Long> found = head(session);
        if (found.isEmpty()) {
            session.sql()
                    .update(new Columns()
                            .number("head_no", HEAD)
                            .sql("seal_no", "0")
                            .insertInto(
                                    session.tables().head(),
                                    "head_no",
                                    session.tables().dialect()));
            found = head(session);
        }
        return found.get(0);
    }

    private static List<Long> head(Session session) {
        return session.sql()
                .query(
                        "select seal_no from " + session.tables().head() + " where head_no = ? for update",
                        row -> row.number("seal_no"),
                        HEAD);
    }

    /** What the ledger had before the log began comes first. */
    private static List<Batch> adopted(Session session) {
        return session.evidence().isWanted()
                ? Adoption.write(session).map(number -> new Batch(number, 1)).stream()
                        .toList()
                : List.of();
    }

    /** Batches are sealed whole. */
    private static Queued queued(Session session, int most, List<Batch> before) {
        List<Batch> batches = new ArrayList<>(before);
        int left = most;
        for (Batch batch : session.sql()
                .query(
                        "select batch_no, entries from " + session.tables().unsealed() + " order by batch_no limit ?",
                        row -> new Batch(row.number("batch_no"), (int) row.number("entries")),
                        most)) {
            if (left > 0 && !before.contains(batch)) {
                batches.add(batch);
                left -= batch.entries();
            }
        }
        List<byte[]> entries = new ArrayList<>();
        entries.addAll(before.isEmpty() ? List.of() : entries(session, before));
        for (List<Batch> chunk : Sql.chunks(batches.subList(before.size(), batches.size()))) {
            entries.addAll(entries(session, chunk));
        }
        return new Queued(batches, entries);
    }

    private static List<byte[]> entries(Session session, List<Batch> batches) {
        List<byte[]> entries = new ArrayList<>();
        Object[] numbers = batches.stream().map(Batch::number).toArray();
        session.sql()
                .query(
                        "select batch_no, entry from " + session.tables().evidence() + " where batch_no in ("
                                + Sql.marks(numbers.length) + ") order by batch_no, entry_no",
                        row -> entries.add(bytes(row)),
                        numbers);
        int expected = batches.stream().mapToInt(Batch::entries).sum();
        if (entries.size() != expected) {
            throw RetentionException.refused("the unsealed batches "
                    + batches.get(0).number() + " to "
                    + batches.get(batches.size() - 1).number() + " have " + entries.size() + " entries in place of "
                    + expected + ": another program has removed or added rows of retention_evidence. Nothing is sealed"
                    + " until they are as they were; restore them from a backup");
        }
        return entries;
    }

    static byte[] bytes(Sql.Row row) throws SQLException {
        return row.text("entry").getBytes(StandardCharsets.UTF_8);
    }

    private static void require(TreeHead before, int entries, SealStep.Sealing made) {
        if (made.leafHashes().size() != entries || made.head().size() != before.size() + entries) {
            throw RetentionException.refused("a seal of " + entries + " entries on a tree of " + before.size()
                    + " has " + made.leafHashes().size() + " hashes and a tree of "
                    + made.head().size());
        }
    }

    private static void write(Session session, Seal seal, long firstLeaf, List<Batch> batches, SealStep.Sealing made) {
        Tables tables = session.tables();
        List<Statement> changes = new ArrayList<>();
        List<byte[]> hashes = made.leafHashes();
        int done = 0;
        for (Batch batch : batches) {
            changes.add(Statement.of(
                    "insert into " + tables.leaf() + " (leaf_no, batch_no, entries, hashes) values (?, ?, ?, ?)",
                    firstLeaf + done,
                    batch.number(),
                    batch.entries(),
                    Hashes.join(hashes.subList(done, done + batch.entries()))));
            done += batch.entries();
        }
        made.nodes()
                .forEach(node -> changes.add(Statement.of(
                        "insert into " + tables.node() + " (node_level, node_no, node_hash) values (?, ?, ?)",
                        node.level(),
                        node.number(),
                        node.hash())));
        changes.add(Statement.of(
                "insert into " + tables.seal()
                        + " (seal_no, tree_size, root, frontier, checkpoint, sealed_at) values (?, ?, ?, ?, ?, ?)",
                seal.number(),
                seal.head().size(),
                seal.head().root(),
                Hashes.join(seal.head().frontier()),
                seal.checkpoint(),
                seal.at()));
        // By their key, one by one: a condition on several might read, and lock, what writers add.
        batches.forEach(batch ->
                changes.add(Statement.of("delete from " + tables.unsealed() + " where batch_no = ?", batch.number())));
        changes.add(
                Statement.of("update " + tables.head() + " set seal_no = ? where head_no = ?", seal.number(), HEAD));
        session.sql().batch(changes);
    }
}
