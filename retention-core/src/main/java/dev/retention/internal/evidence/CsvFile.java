package dev.retention.internal.evidence;

import java.io.Closeable;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A table for people, in a new file (RFC 4180, with line feeds). */
final class CsvFile implements Closeable {

    /** A spreadsheet takes a cell that begins so for a formula, and runs it. */
    private static final Pattern FORMULA = Pattern.compile("[=+\\-@\t\r].*", Pattern.DOTALL);

    private static final Pattern QUOTED = Pattern.compile(".*[\",\n\r].*", Pattern.DOTALL);

    private final Writer writer;
    private long rows;

    CsvFile(Path file, String header) throws IOException {
        this(Files.newBufferedWriter(file, StandardCharsets.UTF_8, StandardOpenOption.CREATE_NEW), header);
    }

    /** A table that is written there, and closes it. */
    CsvFile(Writer target, String header) throws IOException {
        writer = target;
        writer.append(header).append('\n');
    }

    void row(@Nullable Object... cells) throws IOException {
        for (int i = 0; i < cells.length; i++) {
            Object cell = cells[i];
            String text = cell == null ? "" : cell.toString();
            if (i > 0) {
                writer.append(',');
            }
            writer.append(cell(FORMULA.matcher(text).matches() ? "'" + text : text));
        }
        writer.append('\n');
        rows++;
    }

    long rows() {
        return rows;
    }

    private static String cell(String text) {
        return QUOTED.matcher(text).matches() ? "\"" + text.replace("\"", "\"\"") + "\"" : text;
    }

    @Override
    public void close() throws IOException {
        writer.close();
    }
}
