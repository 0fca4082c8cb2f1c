package dev.retention.internal.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retention.RetentionException;
import dev.retention.internal.evidence.SignedNote.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The key that signs heads: read from a file, or refused with a reason that quotes nothing of it. */
class SigningKeyTest {

    private static final String NAME = "example.com/log";

    /** Test 1 of RFC 8032, section 7.1. */
    private static final String SEED = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";

    private static final String PUBLIC = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

    private static final String PKCS8_PREFIX = "302e020100300506032b657004220420";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    @Test
    void aKeyFromAFileSigns() throws Exception {
        SigningKey key = SigningKey.read(NAME, file(pem(PKCS8_PREFIX + SEED)));
        assertThat(key.verifier().toString())
                .isEqualTo(new VerifierKey(NAME, HexFormat.of().parseHex(PUBLIC)).toString());
        SignedNote note = SignedNote.of("a text\n", key);
        assertThat(SignedNote.parse(note.toString()).verify(List.of(key.verifier())))
                .isEqualTo(Verdict.VERIFIED);
        assertThat(VerifierKey.parse(key.verifier().toString()).id())
                .isEqualTo(key.verifier().id());
    }

    @Test
    void theJdksOwnKeysAreRead() throws Exception {
        KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        Path file = file(pem(HexFormat.of().formatHex(pair.getPrivate().getEncoded())));
        byte[] expected = pair.getPublic().getEncoded();
        byte[] last = java.util.Arrays.copyOfRange(expected, expected.length - 32, expected.length);
        assertThat(SigningKey.read(NAME, file).verifier().toString()).isEqualTo(new VerifierKey(NAME, last).toString());
    }

    @Test
    void commentsAroundTheBlockAreAllowed() throws Exception {
        Path file = file("made on 2026-01-01\n" + pem(PKCS8_PREFIX + SEED) + "kept in the vault\n");
        assertThat(SigningKey.read(NAME, file).verifier().name()).isEqualTo(NAME);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-r--r--", "rw----r--", "rw-rw----", "rw-----w-", "rw------x"})
    void aFileThatOthersReachIsRefused(String permissions) throws Exception {
        Path file = file(pem(PKCS8_PREFIX + SEED));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
        assertRefused(file, permissions, "allowed are rw-r-----", "chmod 600");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-------", "r--------", "r--r-----", "rw-r-----"})
    void aFileThatOnlyItsOwnerAndGroupReadIsAllowed(String permissions) throws Exception {
        Path file = file(pem(PKCS8_PREFIX + SEED));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
        assertThat(SigningKey.read(NAME, file)).isNotNull();
    }

    /** As Kubernetes mounts secrets. */
    @Test
    void theFileBehindALinkIsJudged() throws Exception {
        Path file = file(pem(PKCS8_PREFIX + SEED));
        Path link = Files.createSymbolicLink(directory.resolve("link"), file);
        assertThat(SigningKey.read(NAME, link)).isNotNull();
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertRefused(link, "rw-r--r--");
    }

    @Test
    void aMissingFileIsRefused() {
        assertRefused(directory.resolve("missing.pem"), "does not exist", "openssl genpkey -algorithm ed25519");
    }

    @Test
    void whatIsNoFileIsRefused() throws Exception {
        Path folder = Files.createDirectory(directory.resolve("folder"));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        assertRefused(folder, "is not a regular file");
        assertRefused(file("x".repeat(20_000)), "is not a regular file of at most");
    }

    @Test
    void aKeyOfAnotherKindIsRefused() throws Exception {
        for (String algorithm : List.of("Ed448", "X25519", "EC", "RSA")) {
            KeyPair pair = KeyPairGenerator.getInstance(algorithm).generateKeyPair();
            Path file = file(pem(HexFormat.of().formatHex(pair.getPrivate().getEncoded())));
            assertRefused(file, "does not hold an Ed25519 key");
        }
    }

    @Test
    void whatIsNoPemIsRefused() throws Exception {
        String key = Base64.getEncoder().encodeToString(HexFormat.of().parseHex(PKCS8_PREFIX + SEED));
        assertRefused(file(""), "does not hold a private key as PKCS#8 in PEM");
        assertRefused(file(key), "does not hold a private key as PKCS#8 in PEM");
        assertRefused(
                file("-----BEGIN OPENSSH PRIVATE KEY-----\n" + key + "\n-----END OPENSSH PRIVATE KEY-----\n"),
                "does not hold a private key as PKCS#8 in PEM");
        assertRefused(
                file("-----BEGIN ENCRYPTED PRIVATE KEY-----\n" + key + "\n-----END ENCRYPTED PRIVATE KEY-----\n"),
                "holds an encrypted key");
        assertRefused(file(pem(SEED)), "does not hold an Ed25519 key");
        assertRefused(file(pem("")), "does not hold an Ed25519 key");
        assertRefused(
                file("-----BEGIN PRIVATE KEY-----\nA\n-----END PRIVATE KEY-----\n"), "does not hold a readable PEM");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "my log", "a+b", "a\nb", "a\u00a0b", "\ud800"})
    void aNameThatNoNoteCanCarryIsRefused(String name) throws Exception {
        Path file = file(pem(PKCS8_PREFIX + SEED));
        assertThatThrownBy(() -> SigningKey.read(name, file)).isInstanceOf(IllegalArgumentException.class);
    }

    private void assertRefused(Path file, String... parts) {
        assertThatThrownBy(() -> SigningKey.read(NAME, file)).isInstanceOfSatisfying(RetentionException.class, e -> {
            assertThat(e.kind()).isEqualTo(RetentionException.Kind.CONFIGURATION);
            assertThat(e).hasMessageContaining(file.toString()).hasNoCause();
            assertThat(e.getMessage())
                    .contains(parts)
                    .doesNotContain(SEED)
                    .doesNotContain(Base64.getEncoder()
                            .encodeToString(HexFormat.of().parseHex(SEED))
                            .substring(0, 12));
        });
    }

    private Path file(String content) throws IOException {
        Path file = Files.createTempFile(directory, "key", ".pem");
        return Files.writeString(file, content);
    }

    private static String pem(String hex) throws GeneralSecurityException {
        return "-----BEGIN PRIVATE KEY-----\n"
                + Base64.getMimeEncoder().encodeToString(HexFormat.of().parseHex(hex))
                + "\n-----END PRIVATE KEY-----\n";
    }
}
