package dev.retention.internal.evidence;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;

/** Runs the verifier that exports contain, and a second one in Python, which shares nothing with it. */
final class Verifiers {

    private static final Pattern FINDING = Pattern.compile("([A-Z]+(?:_[A-Z]+)*)((?: leaf=\\d+)?)((?: id=\\S+)?).*");

    private final Path directory;
    private final Class<?> verify;

    /**
     * What a verifier said.
     *
     * @param exit 0 if it found nothing
     * @param output all that it printed
     */
    record Answer(int exit, String output) {

        /** The findings, each with its code, leaf and id, in an order that does not depend on the verifier. */
        List<String> findings() {
            return output.lines()
                    .map(FINDING::matcher)
                    .filter(Matcher::matches)
                    .filter(finding -> !List.of("OK", "FINDINGS").contains(finding.group(1)))
                    // Tables are compared as a whole by one, and by lines by the other.
                    .map(finding -> finding.group(1).equals("CSV_DIFFERS")
                            ? "CSV_DIFFERS"
                            : finding.group(1) + finding.group(2) + finding.group(3))
                    .distinct()
                    .sorted()
                    .toList();
        }
    }

    private Verifiers(Path directory, Class<?> verify) {
        this.directory = directory;
        this.verify = verify;
    }

    /** @param directory a directory for what is compiled */
    static Verifiers compile(Path directory) throws Exception {
        Path source = resource("Verify.java", directory);
        resource("verify.py", directory);
        int status = ToolProvider.findFirst("javac")
                .orElseThrow()
                .run(System.out, System.err, "-Xlint:all", "-Werror", "--release", "17", source.toString());
        if (status != 0) {
            throw new IllegalStateException("Verify.java does not compile");
        }
        URLClassLoader loader = new URLClassLoader(new URL[] {directory.toUri().toURL()}, null);
        return new Verifiers(directory, Class.forName("Verify", true, loader));
    }

    Answer java(Path folder, String... arguments) throws Exception {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        Constructor<?> constructor = verify.getDeclaredConstructor(PrintStream.class);
        constructor.setAccessible(true);
        Object verifier = constructor.newInstance(new PrintStream(output, true, StandardCharsets.UTF_8));
        Method run = verify.getDeclaredMethod("run", String[].class);
        run.setAccessible(true);
        int exit = (int) run.invoke(verifier, (Object) all(folder, arguments).toArray(String[]::new));
        return new Answer(exit, output.toString(StandardCharsets.UTF_8));
    }

    /** The second verifier; empty where Python or openssl is missing. */
    Optional<Answer> python(Path folder, String... arguments) throws Exception {
        if (!hasPython()) {
            return Optional.empty();
        }
        List<String> command = new ArrayList<>(
                List.of("python3", directory.resolve("verify.py").toString()));
        command.addAll(all(folder, arguments));
        return Optional.of(run(command));
    }

    static boolean hasPython() throws Exception {
        try {
            return run(List.of("python3", "--version")).exit() == 0
                    && run(List.of("openssl", "version")).output().startsWith("OpenSSL 3");
        } catch (IOException e) {
            return false;
        }
    }

    static Answer run(List<String> command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Answer(process.waitFor(), output);
    }

    private static List<String> all(Path folder, String... arguments) {
        List<String> all = new ArrayList<>(List.of(folder.toString()));
        all.addAll(List.of(arguments));
        return all;
    }

    private static Path resource(String name, Path directory) throws IOException {
        try (InputStream resource = Objects.requireNonNull(Verifiers.class.getResourceAsStream(name))) {
            Path file = directory.resolve(name);
            Files.copy(resource, file);
            return file;
        }
    }
}
