package dev.retention.jpa;

import dev.retention.jpa.Database.Session;
import dev.retention.spi.EvidenceLog.Leaf;
import dev.retention.spi.TreeHead;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Reads sealed entries, within a transaction. A row of {@code retention_leaf} has those of one batch. */
final class Leaves {

    private static final String COLUMNS =
            "select l.leaf_no + e.entry_no as number, e.entry as entry, substring(l.hashes, e.entry_no * "
                    + TreeHead.HASH_LENGTH + " + 1, " + TreeHead.HASH_LENGTH + ") as leaf_hash from ";

    private Leaves() {}

    static List<Leaf> range(Session session, long from, int limit) {
        List<Leaf> leaves = new ArrayList<>();
        // The first one may be in the middle of a batch.
        session.sql()
                .query(
                        COLUMNS + session.tables().leaf() + " l join "
                                + session.tables().evidence() + " e on e.batch_no = l.batch_no where l.leaf_no > ?"
                                + " and l.leaf_no < ? order by l.leaf_no, e.entry_no",
                        row -> {
                            Leaf leaf = leaf(row);
                            return leaf.number() >= from && leaf.number() < from + limit && leaves.add(leaf);
                        },
                        from - EvidenceEntries.MOST,
                        from + limit);
        return leaves;
    }

    static List<Leaf> of(Session session, String recordingId) {
        return session.sql()
                .query(
                        COLUMNS + session.tables().evidence() + " e join "
                                + session.tables().leaf() + " l on l.batch_no = e.batch_no where e.recording_id = ?"
                                + " order by l.leaf_no, e.entry_no",
                        Leaves::leaf,
                        recordingId);
    }

    private static Leaf leaf(Sql.Row row) throws SQLException {
        return new Leaf(row.number("number"), Sealing.bytes(row), row.bytes("leaf_hash"));
    }

    static List<byte[]> hashes(Session session, long from, int limit) {
        List<byte[]> hashes = new ArrayList<>();
        session.sql()
                .query(
                        "select leaf_no, hashes from " + session.tables().leaf()
                                + " where leaf_no > ? and leaf_no < ? order by leaf_no",
                        row -> {
                            long first = row.number("leaf_no");
                            List<byte[]> all = Hashes.split(row.bytes("hashes"));
                            int start = (int) Math.max(0, from - first);
                            int end = (int) Math.min(all.size(), from + limit - first);
                            return start < end && hashes.addAll(all.subList(start, end));
                        },
                        from - EvidenceEntries.MOST,
                        from + limit);
        return hashes;
    }
}
