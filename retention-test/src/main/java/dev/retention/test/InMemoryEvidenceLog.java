package dev.retention.test;

import dev.retention.DeletionState;
import dev.retention.RetentionException;
import dev.retention.spi.AdoptedLedger;
import dev.retention.spi.EvidenceEntry;
import dev.retention.spi.EvidenceLog;
import dev.retention.spi.Recording;
import dev.retention.spi.SealStep;
import dev.retention.spi.TreeHead;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The tables of the evidence log: entries, the queue, leaves, nodes, seals, anchors and texts. */
final class InMemoryEvidenceLog implements EvidenceLog {

    private final InMemoryDatabase database;
    private final InMemoryDatabase.Table<EvidenceEntry> unsealed;
    private final InMemoryDatabase.Table<Sealed> leaves;
    private final InMemoryDatabase.Table<SealStep.Node> nodes;
    private final InMemoryDatabase.Table<Seal> seals;
    private final InMemoryDatabase.Table<AnchoredHead> anchors;
    private final InMemoryDatabase.Table<EvidenceEntry.Text> texts;
    private long lastEntry;
    private boolean enabled = true;

    /** A leaf and the recording that it names. */
    private record Sealed(Leaf leaf, Optional<String> recordingId) {}

    InMemoryEvidenceLog(InMemoryDatabase database) {
        this.database = database;
        unsealed = database.table();
        leaves = database.table();
        nodes = database.table();
        seals = database.table();
        anchors = database.table();
        texts = database.table();
    }

    void setEnabled(boolean isEnabled) {
        database.locked(() -> enabled = isEnabled);
    }

    /** Adds an entry, within a transaction. */
    void add(EvidenceEntry entry) {
        if (enabled) {
            String id = entry.recordingId();
            if (id != null && id.length() > Recording.MAX_ID_LENGTH) {
                throw RetentionException.refused("no column takes an id of " + id.length() + " characters");
            }
            // Rolled-back numbers are not used again.
            unsealed.put(Long.toString(++lastEntry), entry);
            entry.texts().forEach(text -> texts.put(text.hash(), text));
        }
    }

    /** How many entries are sealed, within a transaction. */
    long sealed() {
        return newest().map(seal -> seal.head().size()).orElse(0L);
    }

    /** Whether an entry, sealed or not, says that the recording was deleted, within a transaction. */
    boolean saysDeleted(String id) {
        return Stream.concat(
                        unsealed.all().stream()
                                .filter(entry -> id.equals(entry.recordingId()))
                                .map(EvidenceEntry::line),
                        leaves.all().stream()
                                .filter(made ->
                                        made.recordingId().filter(id::equals).isPresent())
                                .map(made -> new String(made.leaf().entry(), StandardCharsets.US_ASCII)))
                .anyMatch(line -> line.contains("\"kind\":\"acceptance\"")
                        || line.contains("\"kind\":\"outcome\"") && line.contains("\"step\":\"DELETED\""));
    }

    @Override
    public boolean enabled() {
        return database.locked(() -> enabled);
    }

    @Override
    public void append(Collection<EvidenceEntry> entries) {
        database.commit(() -> {
            entries.forEach(this::add);
            return true;
        });
    }

    @Override
    public Optional<Seal> seal(int most, SealStep step) {
        return database.commit(() -> {
            List<String> queued = unsealed.keys().stream().limit(most).toList();
            List<EvidenceEntry> entries = new ArrayList<>();
            if (enabled && newest().isEmpty()) {
                adopted().ifPresent(entries::add);
            }
            queued.forEach(number -> entries.add(Objects.requireNonNull(unsealed.get(number))));
            if (entries.isEmpty()) {
                return Optional.empty();
            }
            TreeHead head = newest().map(Seal::head).orElse(TreeHead.EMPTY);
            SealStep.Sealing made =
                    step.append(head, entries.stream().map(EvidenceEntry::bytes).toList());
            if (made.leafHashes().size() != entries.size() || made.head().size() != head.size() + entries.size()) {
                throw RetentionException.refused("a seal of " + entries.size() + " entries on a tree of " + head.size()
                        + " has " + made.leafHashes().size() + " hashes and a tree of "
                        + made.head().size());
            }
            return Optional.of(write(queued, entries, head.size(), made));
        });
    }

    /** What the ledger had before the log began. */
    private Optional<EvidenceEntry> adopted() {
        Set<String> described = unsealed.all().stream()
                .flatMap(entry -> Optional.ofNullable(entry.recordingId()).stream())
                .collect(Collectors.toSet());
        AdoptedLedger ledger = new AdoptedLedger();
        database.gate.all().stream()
                .filter(row -> !described.contains(row.id()))
                .filter(row -> row.state != DeletionState.ACTIVE || row.held)
                .sorted(Comparator.comparing(GateRow::id))
                .forEach(row -> ledger.add(row.entry()));
        return ledger.entry(database.now());
    }

    private Seal write(List<String> queued, List<EvidenceEntry> entries, long first, SealStep.Sealing made) {
        List<byte[]> hashes = made.leafHashes();
        for (int i = 0; i < entries.size(); i++) {
            EvidenceEntry entry = entries.get(i);
            leaves.put(
                    Long.toString(first + i),
                    new Sealed(
                            new Leaf(first + i, entry.bytes(), hashes.get(i)),
                            Optional.ofNullable(entry.recordingId())));
        }
        queued.forEach(unsealed::remove);
        made.nodes().forEach(node -> nodes.put(node.level() + "/" + node.number(), node));
        long number = newest().map(Seal::number).orElse(0L) + 1;
        Seal seal = new Seal(number, made.head(), made.checkpoint(), database.now());
        seals.put(Long.toString(number), seal);
        return seal;
    }

    private Optional<Seal> newest() {
        return seals.all().stream().reduce((earlier, later) -> later);
    }

    @Override
    public Unsealed unsealed() {
        return database.read(() -> new Unsealed(
                unsealed.all().size(),
                unsealed.all().stream()
                        .map(EvidenceEntry::at)
                        .min(Comparator.naturalOrder())
                        .orElse(null)));
    }

    @Override
    public TreeHead head() {
        return newestSeal().map(Seal::head).orElse(TreeHead.EMPTY);
    }

    @Override
    public Optional<Seal> newestSeal() {
        return database.read(this::newest);
    }

    @Override
    public List<Seal> seals(long fromSize, int limit) {
        return database.read(() -> seals.all().stream()
                .filter(seal -> seal.head().size() >= fromSize)
                .limit(limit)
                .toList());
    }

    @Override
    public List<Leaf> leaves(long from, int limit) {
        return database.read(() -> {
            List<Leaf> found = new ArrayList<>();
            for (long number = from; number < from + limit; number++) {
                Sealed made = leaves.get(Long.toString(number));
                if (made == null) {
                    break;
                }
                found.add(made.leaf());
            }
            return found;
        });
    }

    @Override
    public List<Leaf> leavesOf(String recordingId) {
        Predicate<Sealed> names =
                made -> made.recordingId().filter(recordingId::equals).isPresent();
        return database.read(
                () -> leaves.all().stream().filter(names).map(Sealed::leaf).toList());
    }

    @Override
    public List<byte[]> hashes(int level, long from, int limit) {
        return level == 0
                ? leaves(from, limit).stream().map(Leaf::hash).toList()
                : database.read(() -> Stream.iterate(from, number -> number < from + limit, number -> number + 1)
                        .map(number -> Optional.ofNullable(nodes.get(level + "/" + number)))
                        .takeWhile(Optional::isPresent)
                        .map(node -> node.orElseThrow().hash())
                        .toList());
    }

    @Override
    public void anchored(AnchoredHead head) {
        database.commit(() -> {
            String key = head.anchor() + "/" + head.size();
            if (anchors.get(key) == null) {
                anchors.put(key, head);
            }
            return true;
        });
    }

    @Override
    public Optional<AnchoredHead> newestAnchored(String anchor) {
        return database.read(() -> anchors.all().stream()
                .filter(head -> head.anchor().equals(anchor))
                .max(Comparator.comparing(AnchoredHead::size)));
    }

    @Override
    public List<AnchoredHead> anchoredHeads(long fromSize, int limit) {
        return database.read(() -> anchors.all().stream()
                .filter(head -> head.size() >= fromSize)
                .sorted(Comparator.comparing(AnchoredHead::size).thenComparing(AnchoredHead::anchor))
                .limit(limit)
                .toList());
    }

    @Override
    public List<EvidenceEntry.Text> texts(Collection<String> hashes) {
        return database.read(() -> hashes.stream()
                .map(hash -> Optional.ofNullable(texts.get(hash)))
                .flatMap(Optional::stream)
                .toList());
    }

    @Override
    public int eraseTexts(Collection<String> hashes) {
        return database.commit(() -> {
            int erased = 0;
            for (String hash : hashes) {
                if (texts.get(hash) != null) {
                    texts.remove(hash);
                    erased++;
                }
            }
            return erased;
        });
    }
}
