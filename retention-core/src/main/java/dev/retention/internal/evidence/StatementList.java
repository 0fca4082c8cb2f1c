package dev.retention.internal.evidence;

import dev.retention.internal.support.Sha256;
import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The ids of a statement's recordings that are not simply deleted or not due, as a table. Its hash is in the statement,
 * so that nobody can exchange the table. Written as it is read, whatever its length.
 */
final class StatementList implements Closeable {

    private final @Nullable Path file;
    private @Nullable DigestOutputStream digest;
    private @Nullable CsvFile table;

    /** @param file where it is written to; null if only the hash is wanted */
    StatementList(@Nullable Path file) {
        this.file = file;
    }

    /** Begins, or begins again with nothing. */
    void begin() {
        try {
            close();
            OutputStream target = file == null ? OutputStream.nullOutputStream() : Files.newOutputStream(file);
            DigestOutputStream hashed = new DigestOutputStream(target, Sha256.digest());
            digest = hashed;
            table = new CsvFile(
                    new BufferedWriter(new OutputStreamWriter(hashed, StandardCharsets.UTF_8)), "group,detail,id");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void add(StatementGroups.Place place, String id) {
        try {
            Objects.requireNonNull(table, "begun").row(place.group().text(), place.detail(), id);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends the table, and returns the SHA-256 of its bytes, in Base64. */
    String end() throws IOException {
        close();
        return Base64Text.encode(
                Objects.requireNonNull(digest, "begun").getMessageDigest().digest());
    }

    @Override
    public void close() throws IOException {
        if (table != null) {
            table.close();
            table = null;
        }
    }
}
