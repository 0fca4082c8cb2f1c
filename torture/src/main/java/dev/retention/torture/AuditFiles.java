package dev.retention.torture;

import dev.retention.CheckpointAnchors;
import dev.retention.RetentionEvidence;
import dev.retention.spi.CheckpointAnchor;
import dev.retention.spi.RecordingRepository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What of the evidence log is outside of the database: the key, the heads that were anchored, and the export. */
final class AuditFiles implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(AuditFiles.class);
    private static final String ORIGIN = "torture.example/recordings";

    private final Path folder;

    private AuditFiles(Path folder) {
        this.folder = folder;
    }

    static AuditFiles create() throws IOException {
        AuditFiles files = new AuditFiles(Files.createTempDirectory("torture-audit"));
        Files.createFile(
                files.key(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(files.key(), pem());
        return files;
    }

    private static String pem() {
        try {
            byte[] key = KeyPairGenerator.getInstance("Ed25519")
                    .generateKeyPair()
                    .getPrivate()
                    .getEncoded();
            return "-----BEGIN PRIVATE KEY-----\n" + Base64.getMimeEncoder().encodeToString(key)
                    + "\n-----END PRIVATE KEY-----\n";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** All instances sign with it. */
    Path key() {
        return folder.resolve("key.pem");
    }

    /** All instances append to it. */
    Path heads() {
        return folder.resolve("heads");
    }

    /** The heads that instances have shown. */
    Path shown(Set<String> heads) throws IOException {
        return Files.writeString(folder.resolve("shown"), String.join("", heads));
    }

    /** Does not exist yet. */
    Path export() {
        return folder.resolve("export");
    }

    RetentionEvidence evidence(RecordingRepository repository) {
        return evidence(repository, key(), heads(), UnaryOperator.identity());
    }

    /** @param around comes before the anchor */
    static RetentionEvidence evidence(
            RecordingRepository repository, Path key, Path heads, UnaryOperator<CheckpointAnchor> around) {
        return RetentionEvidence.builder(repository)
                .origin(ORIGIN)
                .signingKey(key)
                .anchor(around.apply(CheckpointAnchors.file(heads)))
                .build();
    }

    @Override
    public void close() throws IOException {
        if (System.getProperty("torture.keep") != null) {
            log.info("the export is in {}", folder);
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            List<Path> all = files.sorted(Collections.reverseOrder()).toList();
            for (Path file : all) {
                Files.deleteIfExists(file);
            }
        }
    }
}
