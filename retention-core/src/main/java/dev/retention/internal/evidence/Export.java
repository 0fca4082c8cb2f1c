package dev.retention.internal.evidence;

import dev.retention.EvidenceStatement;
import dev.retention.RetentionException;
import dev.retention.spi.EvidenceLog;
import dev.retention.spi.EvidenceLog.Leaf;
import dev.retention.spi.EvidenceLog.Seal;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Writes the log into a folder, with all that is needed to verify it. The log is written in full, since a tree is
 * verified in full; the tables contain what happened in a period.
 */
public final class Export {

    private static final int PAGE = 1_000;
    private static final long BYTES_PER_ENTRY = 1_000;
    private static final String INCOMPLETE = "INCOMPLETE";
    private static final String VERIFIER = "Verify.java";

    private final EvidenceLog evidence;
    private final TreeSealing sealing;
    private final @Nullable Stating stating;

    /** @param stating makes the statement; null for an export without one */
    public Export(EvidenceLog evidence, TreeSealing sealing, @Nullable Stating stating) {
        this.evidence = evidence;
        this.sealing = sealing;
        this.stating = stating;
    }

    /** What makes a statement whose entry is exported with it. */
    public record Stating(Statements statements, Sealer sealer) {

        private EvidenceStatement write(Path folder, Instant from, Instant to) throws IOException {
            EvidenceStatement statement = statements.of(from, to, folder.resolve("statement.csv"));
            Files.writeString(folder.resolve("statement.txt"), statement.note(), StandardOpenOption.CREATE_NEW);
            sealer.seal();
            return statement;
        }
    }

    /**
     * Writes the export.
     *
     * @param folder a folder that does not exist or is empty
     * @param from the tables begin here
     * @param to the tables end before this
     * @return how many entries it has
     * @throws RetentionException if nothing is sealed, the folder is not empty, there is too little space, or the
     *     folder or the database fails; the folder then has the file {@value #INCOMPLETE}, unless nothing was written
     */
    public long write(Path folder, Instant from, Instant to) {
        return writeMicros(folder, from.truncatedTo(ChronoUnit.MICROS), to.truncatedTo(ChronoUnit.MICROS));
    }

    private long writeMicros(Path folder, Instant from, Instant to) {
        try {
            prepare(folder, newestSeal().head().size());
            Files.createFile(folder.resolve(INCOMPLETE));
            EvidenceStatement statement = stating == null ? null : stating.write(folder, from, to);
            Seal newest = newestSeal();
            try (ExportTables tables = new ExportTables(folder, from, to)) {
                writeEntries(folder, newest, tables);
                tables.end();
                new ExportReport(sealing, newest, from, to, tables, statement).write(folder.resolve("report.html"));
            }
            writeCheckpoints(folder, newest);
            write(folder, "export.txt", about(newest, statement, from, to));
            copy(folder, VERIFIER);
            copy(folder, "README.txt");
            Files.delete(folder.resolve(INCOMPLETE));
            return newest.head().size();
        } catch (IOException e) {
            throw new RetentionException(
                    RetentionException.Kind.UNAVAILABLE,
                    "the export to " + folder + " failed (" + e.getClass().getSimpleName() + ": " + e.getMessage()
                            + "); it is not whole. Remove the folder and export again",
                    e);
        }
    }

    private Seal newestSeal() {
        return evidence.newestSeal()
                .orElseThrow(() -> RetentionException.refused(
                        "the evidence log has no sealed entry yet, so there is nothing to export; seal it first"));
    }

    private static void prepare(Path folder, long entries) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.list(folder)) {
                if (files.findAny().isPresent()) {
                    throw RetentionException.refused("the folder " + folder + " is not empty, so nothing was exported;"
                            + " name an empty folder or one that does not exist");
                }
            }
        }
        Files.createDirectories(folder);
        long needed = entries * BYTES_PER_ENTRY;
        long usable = Files.getFileStore(folder).getUsableSpace();
        if (usable < needed) {
            throw RetentionException.refused("the export of " + entries + " entries needs about " + needed / 1_000_000
                    + " MB, and " + folder + " has " + usable / 1_000_000 + " MB; nothing was exported");
        }
    }

    private void writeEntries(Path folder, Seal newest, ExportTables tables) throws IOException {
        long size = newest.head().size();
        try (OutputStream lines = new BufferedOutputStream(
                Files.newOutputStream(folder.resolve("entries.jsonl"), StandardOpenOption.CREATE_NEW))) {
            for (long next = 0; next < size; ) {
                List<Leaf> leaves = evidence.leaves(next, (int) Math.min(PAGE, size - next));
                for (Leaf leaf : leaves) {
                    if (leaf.number() != next) {
                        throw missing(next);
                    }
                    byte[] entry = leaf.entry();
                    lines.write(entry);
                    lines.write('\n');
                    // What can't be read is exported all the same: the verifier names it.
                    tables.entryIfReadable(next, new String(entry, StandardCharsets.UTF_8));
                    next++;
                }
                if (leaves.isEmpty()) {
                    throw missing(next);
                }
            }
        }
    }

    private static RetentionException missing(long leaf) {
        return RetentionException.refused("the evidence log lacks entry " + leaf
                + ", so the export is not whole: rows of its tables are missing");
    }

    private void writeCheckpoints(Path folder, Seal newest) throws IOException {
        write(folder, "checkpoint", newest.checkpoint());
        SigningKey key = sealing.key();
        if (key != null) {
            write(folder, "key.vkey", key.verifier() + "\n");
        }
        Path all = Files.createDirectory(folder.resolve("checkpoints")).resolve("all");
        try (Writer notes = Files.newBufferedWriter(all, StandardCharsets.UTF_8, StandardOpenOption.CREATE_NEW)) {
            for (long from = 1; from <= newest.head().size(); ) {
                List<Seal> seals = evidence.seals(from, PAGE);
                for (Seal seal : seals) {
                    from = seal.head().size() + 1;
                    if (seal.number() <= newest.number()) {
                        notes.write(seal.checkpoint());
                    }
                }
                if (seals.isEmpty()) {
                    return;
                }
            }
        }
    }

    private String about(Seal newest, @Nullable EvidenceStatement statement, Instant from, Instant to) {
        return "format 1\norigin " + sealing.origin() + "\nentries "
                + newest.head().size() + "\nfrom " + from + "\nto " + to + "\nstatement " + (statement == null ? 0 : 1)
                + "\n";
    }

    private static void write(Path folder, String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text, StandardOpenOption.CREATE_NEW);
    }

    private static void copy(Path folder, String name) throws IOException {
        try (InputStream resource = Objects.requireNonNull(Export.class.getResourceAsStream(name), name)) {
            Files.copy(resource, folder.resolve(name));
        }
    }
}
