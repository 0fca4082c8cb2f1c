package dev.retention.torture;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

/**
 * How instances are started: often, and on few processors, so that half of it is saved by a class data archive, which
 * is made once. Archives want jars, so folders of the class path are put into some.
 */
final class Launch {

    private static final Launch ONLY = new Launch();

    private final Path folder;
    private final String classPath;
    private final Path archive;
    private final CountDownLatch archived = new CountDownLatch(1);

    private Launch() {
        try {
            folder = Files.createTempDirectory("torture-launch");
            archive = folder.resolve("instance.jsa");
            classPath = jars(System.getProperty("java.class.path"));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        Thread archiving = new Thread(this::archive, "archive");
        archiving.setDaemon(true);
        archiving.start();
        Runtime.getRuntime()
                .addShutdownHook(new Thread(() -> Stream.of(
                                folder.toFile().listFiles() == null
                                        ? new File[0]
                                        : folder.toFile().listFiles())
                        .forEach(File::delete)));
    }

    /** Begins to make the archive. */
    static Launch prepared() {
        return ONLY;
    }

    List<String> command(boolean trace, String zone) {
        try {
            archived.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        List<String> command = new ArrayList<>(base(trace, zone));
        if (Files.exists(archive)) {
            command.add("-XX:SharedArchiveFile=" + archive);
        }
        command.addAll(List.of("-classpath", classPath, Instance.class.getName()));
        return command;
    }

    private static List<String> base(boolean trace, String zone) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "-Xlog:disable",
                "-Xlog:all=off",
                "-Duser.timezone=" + zone,
                "-Dlogback.configurationFile=" + (trace ? "instance-trace.xml" : "instance.xml"));
    }

    private void archive() {
        List<String> command = new ArrayList<>(base(false, "UTC"));
        command.add("-XX:ArchiveClassesAtExit=" + archive);
        command.addAll(List.of(
                "-classpath",
                classPath,
                Instance.class.getName(),
                "warm=true",
                "name=warm",
                "db=jdbc:postgresql://127.0.0.1:1/none",
                "dialect=org.hibernate.dialect.PostgreSQLDialect",
                "url=http://127.0.0.1:1",
                "accounts=AC00000000000000000000000000000001"));
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            // Then without.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            archived.countDown();
        }
    }

    private String jars(String classPath) throws IOException {
        List<String> entries = new ArrayList<>();
        for (String entry : classPath.split(File.pathSeparator)) {
            Path path = Path.of(entry);
            if (Files.isDirectory(path)) {
                Path jar = folder.resolve("classes-" + entries.size() + ".jar");
                pack(path, jar);
                entries.add(jar.toString());
            } else if (Files.exists(path)) {
                entries.add(entry);
            }
        }
        return String.join(File.pathSeparator, entries);
    }

    private static void pack(Path folder, Path jar) throws IOException {
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file);
                Stream<Path> files = Files.walk(folder)) {
            for (Path each : files.filter(Files::isRegularFile).toList()) {
                out.putNextEntry(new ZipEntry(folder.relativize(each).toString().replace(File.separatorChar, '/')));
                Files.copy(each, out);
                out.closeEntry();
            }
        }
    }
}
