package com.example.voice.demo;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A table of text with aligned columns; numbers to the right. The last column is wrapped at 100 columns. */
final class TextTable {

    /** What a terminal shows without a line break. */
    static final int WIDTH = 100;

    private static final String GAP = "   ";

    private final List<List<String>> rows = new ArrayList<>();

    TextTable(String... titles) {
        rows.add(List.of(titles));
    }

    TextTable row(@Nullable Object... cells) {
        List<String> row = new ArrayList<>();
        for (Object cell : cells) {
            row.add(cell == null ? "-" : cell instanceof Number number ? "%,d".formatted(number) : cell.toString());
        }
        rows.add(row);
        return this;
    }

    /** The same, unless the number is zero. */
    TextTable count(String what, long number, String explanation) {
        return number == 0 ? this : row(what, number, explanation);
    }

    /** Breaks a text at blanks, so that no line is longer than some columns unless a word is. */
    static List<String> wrap(String text, int columns) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.split(" ")) {
            if (line.length() > 0 && line.length() + 1 + word.length() > columns) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.length() == 0 ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return lines;
    }

    @Override
    public String toString() {
        int last = rows.get(0).size() - 1;
        int[] widths = new int[last + 1];
        for (List<String> row : rows) {
            for (int i = 0; i <= last; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        int before = 2;
        for (int i = 0; i < last; i++) {
            before += widths[i] + GAP.length();
        }
        widths[last] = Math.min(widths[last], WIDTH - before);
        StringBuilder text = new StringBuilder();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder("  ");
            for (int i = 0; i < last; i++) {
                line.append(aligned(row.get(i), widths[i])).append(GAP);
            }
            for (String part : wrap(row.get(last), widths[last])) {
                text.append((line + aligned(part, widths[last])).stripTrailing())
                        .append('\n');
                line = new StringBuilder(" ".repeat(before));
            }
            if (row == rows.get(0)) {
                text.append("  ");
                for (int i = 0; i <= last; i++) {
                    text.append("-".repeat(widths[i])).append(i < last ? GAP : "\n");
                }
            }
        }
        return text.toString();
    }

    private static String aligned(String cell, int width) {
        String blank = " ".repeat(Math.max(0, width - cell.length()));
        return cell.matches("[\\d,]+") ? blank + cell : cell + blank;
    }
}
