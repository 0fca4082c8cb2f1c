package com.example.plain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.spi.DeletionResult.Kind;
import dev.retention.spi.Recording;
import dev.retention.spi.RecordingStorage;
import dev.retention.test.RecordingStorageContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalFolderStorageTest extends RecordingStorageContract {

    private final AtomicLong accesses = new AtomicLong();

    @TempDir
    Path parent;

    private Path folder() {
        return parent.resolve("recordings");
    }

    @Override
    protected RecordingStorage createStorage() {
        inFolder(() -> {
            Files.createDirectories(folder());
            LocalFolderStorage.prepare(folder());
        });
        return storage();
    }

    private LocalFolderStorage storage() {
        return new LocalFolderStorage(folder()) {
            @Override
            Path file(String key) {
                accesses.incrementAndGet();
                return super.file(key);
            }
        };
    }

    @Override
    protected Recording newRecording(int n) {
        return recording("call-" + n + ".wav");
    }

    @Override
    protected void store(Recording recording) {
        inFolder(() -> Files.writeString(folder().resolve(String.valueOf(recording.storageKey())), "audio"));
    }

    @Override
    protected boolean isStored(Recording recording) {
        return Files.exists(folder().resolve(String.valueOf(recording.storageKey())));
    }

    @Override
    protected Collection<String> foreignKeys() {
        return List.of("/etc/passwd", "a/b.wav", "..wav/..", "call-1.mp3", ".recordings", "call-\0.wav");
    }

    @Override
    protected long requests() {
        return accesses.get();
    }

    @Override
    protected Collection<String> secrets() {
        return List.of();
    }

    @Override
    protected boolean absenceIsCertain() {
        return true;
    }

    @Override
    protected boolean canHang() {
        return false;
    }

    @Override
    protected Map<String, Runnable> faults() {
        return Map.of("unmounted", () -> inFolder(() -> Files.move(folder(), parent.resolve("elsewhere"))));
    }

    private interface Step {
        void run() throws IOException;
    }

    private static void inFolder(Step step) {
        try {
            step.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Recording recording(String key) {
        return new Recording("row-1", key, null, Instant.EPOCH, Map.of());
    }

    @Test
    void anEmptyMountPointProvesNothing() throws IOException {
        Files.createDirectories(folder());
        Files.delete(folder().resolve(".recordings"));
        assertThat(storage().delete(recording("call-1.wav")).kind()).isEqualTo(Kind.STOP);
        assertThat(storage().lookUp(recording("call-1.wav")).kind()).isEqualTo(Kind.STOP);
        assertThat(storage().identify(null).objection()).isNotNull();
        LocalFolderStorage.prepare(folder());
        assertThat(storage().delete(recording("call-1.wav")).kind()).isEqualTo(Kind.ALREADY_GONE);
        assertThat(storage().identify(null).objection()).isNull();
    }

    @Test
    void audioBehindALinkIsNotCalledDeleted() throws IOException {
        Path elsewhere = Files.writeString(parent.resolve("audio"), "audio");
        Files.createSymbolicLink(folder().resolve("link.wav"), elsewhere);
        Files.createSymbolicLink(folder().resolve("dangling.wav"), parent.resolve("nothing"));
        Files.createDirectory(folder().resolve("folder.wav"));
        Files.createLink(folder().resolve("hard.wav"), elsewhere);
        for (String key : List.of("link.wav", "dangling.wav", "folder.wav", "hard.wav")) {
            assertThat(storage().delete(recording(key)).kind()).as(key).isEqualTo(Kind.REFUSED);
        }
        assertThat(elsewhere).exists();
    }

    @Test
    void aHoldThatComesWhileItLooksIsRespected() {
        store(recording("call-1.wav"));
        assertThat(storage().delete(recording("call-1.wav"), () -> false).provesGone())
                .isFalse();
        assertThat(isStored(recording("call-1.wav"))).isTrue();
        assertThat(storage().delete(recording("call-1.wav"), () -> true).kind()).isEqualTo(Kind.DELETED);
    }

    @Test
    void theFolderIsNamedSoThatACopyElsewhereIsNoticed() {
        assertThat(storage().target()).endsWith(folder().toString());
        assertThat(new LocalFolderStorage(parent.resolve("copy")).target())
                .isNotEqualTo(storage().target());
    }
}
