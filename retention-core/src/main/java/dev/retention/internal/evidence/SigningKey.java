package dev.retention.internal.evidence;

import dev.retention.RetentionException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.EdECPrivateKey;
import java.security.interfaces.EdECPublicKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The Ed25519 key that signs heads, from a file. Messages name the file and never quote it, and no failure of a parser
 * is passed on as a cause, since it may quote it.
 */
public final class SigningKey {

    private static final String HEADER = "-----BEGIN PRIVATE KEY-----";
    private static final String FOOTER = "-----END PRIVATE KEY-----";
    private static final int MOST_BYTES = 16 * 1024;
    private static final byte[] PROBE = "a text that is signed to try the key".getBytes(StandardCharsets.US_ASCII);
    private static final String MAKE_ONE =
            "; it must hold an Ed25519 key as PKCS#8 in PEM, as" + " 'openssl genpkey -algorithm ed25519' makes it";

    private static final Set<PosixFilePermission> FORBIDDEN = EnumSet.of(
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE,
            PosixFilePermission.OTHERS_EXECUTE);

    private final PrivateKey key;
    private final VerifierKey verifier;

    private SigningKey(PrivateKey key, VerifierKey verifier) {
        this.key = key;
        this.verifier = verifier;
    }

    /**
     * Reads a key.
     *
     * @param name the name that its signatures carry: the origin of the log
     * @throws RetentionException if the file is missing or unreadable, if others may read it, or if it holds no Ed25519
     *     key
     */
    public static SigningKey read(String name, Path file) {
        KeyName.require(name);
        checkPermissions(file);
        byte[] encoded = decode(file, content(file));
        try {
            PrivateKey key =
                    KeyFactory.getInstance(VerifierKey.ALGORITHM).generatePrivate(new PKCS8EncodedKeySpec(encoded));
            VerifierKey verifier = verifier(name, key);
            if (verifier != null) {
                SigningKey signing = new SigningKey(key, verifier);
                if (verifier.verify(PROBE, signing.signature(PROBE))) {
                    return signing;
                }
            }
        } catch (GeneralSecurityException e) {
            throw refused(file, "does not hold an Ed25519 key" + MAKE_ONE);
        } finally {
            Arrays.fill(encoded, (byte) 0);
        }
        throw refused(file, "holds a key whose public half this Java can't derive; use the JDK's own Ed25519 provider");
    }

    /** The key that verifies what this one signs. */
    public VerifierKey verifier() {
        return verifier;
    }

    /** The signature of a text, as a line of its note. */
    SignedNote.Line sign(String text) {
        try {
            return new SignedNote.Line(verifier.name(), verifier.id(), signature(text.getBytes(SignedNote.CHARSET)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a key that has signed before does not sign", e);
        }
    }

    private byte[] signature(byte[] text) throws GeneralSecurityException {
        Signature signature = Signature.getInstance(VerifierKey.ALGORITHM);
        signature.initSign(key);
        signature.update(text);
        return signature.sign();
    }

    /** Says which key it is, and nothing of its private half. */
    @Override
    public String toString() {
        return verifier.toString();
    }

    private static void checkPermissions(Path file) {
        try {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
            if (permissions.stream().anyMatch(FORBIDDEN::contains)) {
                throw refused(
                        file,
                        "has the permissions " + PosixFilePermissions.toString(permissions)
                                + "; allowed are rw-r----- or less: others may not read it, nor its group write it"
                                + " (chmod 600)");
            }
        } catch (UnsupportedOperationException e) {
            // A file system without such permissions.
        } catch (NoSuchFileException e) {
            throw refused(file, "does not exist" + MAKE_ONE);
        } catch (IOException e) {
            throw refused(file, "can't be read (" + e.getClass().getSimpleName() + "); this process needs to read it");
        }
    }

    private static String content(Path file) {
        try {
            if (!Files.isRegularFile(file) || Files.size(file) > MOST_BYTES) {
                throw refused(file, "is not a regular file of at most " + MOST_BYTES + " bytes" + MAKE_ONE);
            }
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw refused(file, "can't be read (" + e.getClass().getSimpleName() + "); this process needs to read it");
        }
    }

    private static byte[] decode(Path file, String pem) {
        int begin = pem.indexOf(HEADER);
        int end = pem.indexOf(FOOTER);
        if (begin < 0 || end < begin) {
            boolean encrypted = pem.contains("ENCRYPTED");
            throw refused(
                    file,
                    (encrypted ? "holds an encrypted key" : "does not hold a private key as PKCS#8 in PEM") + MAKE_ONE);
        }
        try {
            return Base64.getMimeDecoder().decode(pem.substring(begin + HEADER.length(), end));
        } catch (IllegalArgumentException e) {
            throw refused(file, "does not hold a readable PEM block" + MAKE_ONE);
        }
    }

    /**
     * The public half. The platform offers no way to it from the private half alone, but it makes a pair of 32 random
     * bytes: given those of the key, it makes the key's pair.
     *
     * @return null if the platform makes pairs in another way
     */
    private static @Nullable VerifierKey verifier(String name, PrivateKey key) throws GeneralSecurityException {
        byte[] seed = key instanceof EdECPrivateKey edwards ? edwards.getBytes().orElse(new byte[0]) : new byte[0];
        KeyPairGenerator generator = KeyPairGenerator.getInstance(VerifierKey.ALGORITHM);
        generator.initialize(NamedParameterSpec.ED25519, new FixedBytes(seed));
        KeyPair pair = generator.generateKeyPair();
        if (!(pair.getPublic() instanceof EdECPublicKey)) {
            return null;
        }
        byte[] encoded = pair.getPublic().getEncoded();
        return new VerifierKey(
                name, Arrays.copyOfRange(encoded, encoded.length - VerifierKey.KEY_LENGTH, encoded.length));
    }

    private static RetentionException refused(Path file, String why) {
        return RetentionException.configuration("the evidence log's signing key, the file " + file + ", " + why);
    }

    private static final class FixedBytes extends SecureRandom {
        private static final long serialVersionUID = 1L;
        private final byte[] fixed;

        FixedBytes(byte[] fixed) {
            this.fixed = fixed;
        }

        @Override
        public void nextBytes(byte[] bytes) {
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = i < fixed.length ? fixed[i] : 0;
            }
        }
    }
}
