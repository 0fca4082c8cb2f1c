package dev.retention.spi;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The evidence log: entries that say what happened, each written in the transaction of the change that it describes,
 * and sealed afterwards under the heads of one Merkle tree. Entries are stored as the bytes that {@link EvidenceEntry}
 * gives, and never built again from columns.
 *
 * <p>Writers need no lock and no order. A seal takes the entries that are committed by then, in the order in which they
 * were written, and numbers them from 0 without gaps; an entry that is committed later comes into a later seal.
 *
 * <p>Threads, transactions, precision of times and errors are as in {@link RecordingRepository}.
 */
public interface EvidenceLog {

    /**
     * Whether changes are described by entries. If not, {@link #append} writes nothing either; what was written before
     * can be sealed and read. Does not ask the database.
     */
    boolean enabled();

    /** Appends entries that belong to no other change, in one transaction. */
    void append(Collection<EvidenceEntry> entries);

    /**
     * Seals entries, in one transaction: locks the head, reads unsealed entries in order, and writes what the step
     * makes of them. Of two that seal at once, one waits for the other. The first seal of a log begins with an entry
     * about what the ledger has that no entry describes, if there is such a part: {@link AdoptedLedger}.
     *
     * @param most seals no more transactions once there are so many entries, at least 1. The entries of one transaction
     *     may stay together
     * @param step makes the new head
     * @return the new seal; empty if no entry was unsealed
     * @throws dev.retention.RetentionException of the kind {@code REFUSED} if the step returned another number of
     *     hashes than there are entries, or a head of another size, or if unsealed entries were removed or added by
     *     another program; then nothing is sealed
     */
    Optional<Seal> seal(int most, SealStep step);

    /** How many entries are committed but not sealed, and since when the oldest one. */
    Unsealed unsealed();

    /** The newest head; {@link TreeHead#EMPTY} before the first seal. */
    TreeHead head();

    /** The newest seal; empty before the first one. */
    Optional<Seal> newestSeal();

    /**
     * Seals in their order.
     *
     * @param fromSize only those whose tree has at least this size
     * @param limit the most to return, at least 1
     */
    List<Seal> seals(long fromSize, int limit);

    /**
     * Sealed entries in their order.
     *
     * @param from the number of the first one, from 0
     * @param limit the most to return, at least 1
     */
    List<Leaf> leaves(long from, int limit);

    /** The sealed entries that name a recording, in their order. */
    List<Leaf> leavesOf(String recordingId);

    /**
     * Hashes of consecutive nodes of one level, in their order. Fewer than asked for are returned where they end.
     *
     * @param level 0 for the leaves, otherwise the level of nodes that seals have given
     * @param from the number of the first one among those of its level
     * @param limit the most to return, at least 1
     */
    List<byte[]> hashes(int level, long from, int limit);

    /** Stores that an anchor has a head. Storing it again for the same anchor and size changes nothing. */
    void anchored(AnchoredHead head);

    /** The largest head that an anchor has; empty if it has none. */
    Optional<AnchoredHead> newestAnchored(String anchor);

    /** The heads of all anchors of at least this size, the smallest first. */
    List<AnchoredHead> anchoredHeads(long fromSize, int limit);

    /**
     * Texts that entries contain only as a hash, by {@link EvidenceEntry.Text#hash}. Those that were erased are
     * missing.
     */
    List<EvidenceEntry.Text> texts(Collection<String> hashes);

    /**
     * Erases texts. The entries keep their hashes, and the log stays whole.
     *
     * @return how many existed
     */
    int eraseTexts(Collection<String> hashes);

    /**
     * A seal.
     *
     * @param number its number, from 1, without gaps
     * @param head the head
     * @param checkpoint the signed note of the head
     * @param at when, by the database's time
     */
    record Seal(long number, TreeHead head, String checkpoint, Instant at) {}

    /**
     * A sealed entry.
     *
     * @param number its number, from 0
     * @param entry its bytes
     * @param hash its hash
     */
    record Leaf(long number, byte[] entry, byte[] hash) {

        /** A sealed entry. */
        public Leaf {
            entry = entry.clone();
            hash = TreeHead.hash(hash);
        }

        @Override
        public byte[] entry() {
            return entry.clone();
        }

        @Override
        public byte[] hash() {
            return hash.clone();
        }
    }

    /**
     * What is not sealed.
     *
     * @param entries how many entries
     * @param since when the oldest of them was written, by the database's time; null if there is none
     */
    record Unsealed(long entries, @Nullable Instant since) {}

    /**
     * A head that an anchor has.
     *
     * @param anchor the anchor's name, of 100 characters at most
     * @param size the size of the head's tree
     * @param at when it was anchored, by the database's time
     * @param receipt what the anchor answered
     */
    record AnchoredHead(String anchor, long size, Instant at, String receipt) {}
}
