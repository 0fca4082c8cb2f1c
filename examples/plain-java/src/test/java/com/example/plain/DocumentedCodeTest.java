package com.example.plain;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Code on a page is that of an example, which is compiled and tested. A comment before the block names the file:
 * {@code <!-- code: examples/… -->}. A line with nothing but an ellipsis means that lines are left out there.
 */
@DisplayName("The code in the documentation")
class DocumentedCodeTest {

    private static final Path ROOT = Path.of("..", "..").toAbsolutePath().normalize();
    private static final Pattern FENCE = Pattern.compile(" *```(\\w*)");
    private static final Pattern MARK = Pattern.compile(" *<!-- code: (\\S+) -->");
    private static final Pattern LEFT_OUT = Pattern.compile("\\s*(//|#|<!--)?\\s*…\\s*(-->)?");

    /** On these pages, each block in one of these languages names its file. */
    private static final Set<String> COMPLETE = Set.of("README.md", "docs/ten-minutes.md", "docs/custom-storage.md");

    private static final Set<String> LANGUAGES = Set.of("java", "xml", "yaml", "groovy");

    private record Block(String place, String language, String file, List<String> lines) {}

    @TestFactory
    Stream<DynamicTest> isThatOfTheExamples() throws IOException {
        return blocks().stream()
                .filter(block -> !block.file().isEmpty())
                .map(block -> DynamicTest.dynamicTest(block.place(), () -> {
                    List<String> source = Files.readAllLines(ROOT.resolve(block.file()));
                    assertThat(missing(block.lines(), source))
                            .as("lines at %s that are not in %s", block.place(), block.file())
                            .isEmpty();
                }));
    }

    @Test
    void namesItsFileOnThePagesThatOneCopiesFrom() throws IOException {
        assertThat(blocks())
                .filteredOn(block -> COMPLETE.contains(block.place().split(":")[0])
                        && LANGUAGES.contains(block.language())
                        && block.file().isEmpty())
                .extracting(Block::place)
                .isEmpty();
    }

    @Test
    void isFoundAtAll() throws IOException {
        assertThat(blocks())
                .filteredOn(block -> !block.file().isEmpty())
                .extracting(block -> block.place().split(":")[0])
                .contains(COMPLETE.toArray(String[]::new));
    }

    @Test
    void isComparedLineByLine() {
        List<String> source = List.of("class A {", "    int a;", "", "    int b;", "    int c;", "}");
        assertThat(missing(List.of("int a;", "", "int b;"), source)).isEmpty();
        assertThat(missing(List.of("class A {", "    // …", "    int c;", "}"), source))
                .isEmpty();
        assertThat(missing(List.of("int a;", "int b;"), source)).isNotEmpty();
        assertThat(missing(List.of("int c;", "…", "int a;"), source)).isNotEmpty();
        assertThat(missing(List.of("class A {", "int a;"), source)).isNotEmpty();
    }

    /** The first part of the block, between two ellipses, that is not in the source; empty if there is none. */
    private static List<String> missing(List<String> block, List<String> source) {
        int from = 0;
        List<String> part = new ArrayList<>();
        List<String> lines = new ArrayList<>(block);
        lines.add("…");
        for (String line : lines) {
            if (!LEFT_OUT.matcher(line).matches()) {
                part.add(line);
            } else if (!part.isEmpty()) {
                from = end(part, source, from);
                if (from < 0) {
                    return part;
                }
                part.clear();
            }
        }
        return List.of();
    }

    private static int end(List<String> part, List<String> source, int from) {
        for (int start = from; start + part.size() <= source.size(); start++) {
            int shift = source.get(start).indexOf(part.get(0));
            if (shift >= 0 && matches(part, source.subList(start, start + part.size()), " ".repeat(shift))) {
                return start + part.size();
            }
        }
        return -1;
    }

    private static boolean matches(List<String> part, List<String> source, String indentation) {
        for (int i = 0; i < part.size(); i++) {
            String line = part.get(i);
            if (!source.get(i).equals(line.isEmpty() ? "" : indentation + line)) {
                return false;
            }
        }
        return true;
    }

    private static List<Block> blocks() throws IOException {
        List<Path> pages;
        try (Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
            pages = Stream.concat(Stream.of(ROOT.resolve("README.md")), docs)
                    .filter(page -> page.toString().endsWith(".md"))
                    .sorted()
                    .toList();
        }
        List<Block> blocks = new ArrayList<>();
        for (Path page : pages) {
            blocks.addAll(blocks(ROOT.relativize(page).toString(), Files.readAllLines(page)));
        }
        return blocks;
    }

    private static List<Block> blocks(String page, List<String> lines) {
        List<Block> blocks = new ArrayList<>();
        Block open = null;
        String file = "";
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            Matcher fence = FENCE.matcher(line);
            if (fence.lookingAt() && open == null) {
                open = new Block(page + ":" + (i + 1), fence.group(1), file, new ArrayList<>());
            } else if (fence.lookingAt() && open != null) {
                blocks.add(open);
                open = null;
            } else if (open != null) {
                open.lines().add(line);
            }
            if (open == null && !line.isBlank()) {
                Matcher mark = MARK.matcher(line);
                file = mark.matches() ? mark.group(1) : "";
            }
        }
        return blocks;
    }
}
