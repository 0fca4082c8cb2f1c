package dev.retention.internal.evidence;

import dev.retention.internal.support.Sha256;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;

/** The public half of an Ed25519 key, and its name (c2sp.org/signed-note, verifier keys). */
public final class VerifierKey {

    static final String ALGORITHM = "Ed25519";
    static final int KEY_LENGTH = 32;

    private static final byte ED25519 = 1;
    /** What precedes the 32 bytes of every Ed25519 key in X.509's encoding (RFC 8410). */
    private static final byte[] X509_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

    private final String name;
    private final byte[] key;
    private final int id;
    private final PublicKey publicKey;

    /**
     * A key.
     *
     * @param key its 32 bytes
     * @throws IllegalArgumentException if the name or the key is malformed
     */
    VerifierKey(String name, byte[] key) {
        this.name = KeyName.require(name);
        this.key = key.clone();
        this.id = id(name, key);
        this.publicKey = publicKey(key);
    }

    /**
     * Reads a key in the form of {@link #toString()}.
     *
     * @throws IllegalArgumentException if it is malformed, of another type, or has another id than its parts yield
     */
    public static VerifierKey parse(String text) {
        String[] parts = text.split("\\+", 3);
        if (parts.length != 3) {
            throw new IllegalArgumentException("not a verifier key, name+id+key: " + text);
        }
        byte[] typed = Base64Text.decode(parts[2]);
        if (typed.length != 1 + KEY_LENGTH || typed[0] != ED25519) {
            throw new IllegalArgumentException("not an Ed25519 verifier key: " + text);
        }
        VerifierKey key = new VerifierKey(parts[0], Arrays.copyOfRange(typed, 1, typed.length));
        if (!HexFormat.of().toHexDigits(key.id).equals(parts[1])) {
            throw new IllegalArgumentException("the key's id does not match its name and bytes: " + text);
        }
        return key;
    }

    /** The name. */
    public String name() {
        return name;
    }

    /** The id, which with the name tells keys apart. */
    public int id() {
        return id;
    }

    /** Whether this signature was made with this key over exactly these bytes. */
    public boolean verify(byte[] signed, byte[] signature) {
        try {
            Signature check = Signature.getInstance(ALGORITHM);
            check.initVerify(publicKey);
            check.update(signed);
            return check.verify(signature);
        } catch (GeneralSecurityException e) {
            // A signature of another length, for example.
            return false;
        }
    }

    /** The line that verifiers are configured with. */
    @Override
    public String toString() {
        return name + "+" + HexFormat.of().toHexDigits(id) + "+" + Base64Text.encode(typed(key));
    }

    private static int id(String name, byte[] key) {
        MessageDigest digest = Sha256.digest();
        digest.update(name.getBytes(SignedNote.CHARSET));
        digest.update((byte) '\n');
        return ByteBuffer.wrap(digest.digest(typed(key))).getInt();
    }

    private static byte[] typed(byte[] key) {
        return ByteBuffer.allocate(1 + key.length).put(ED25519).put(key).array();
    }

    private static PublicKey publicKey(byte[] key) {
        if (key.length != KEY_LENGTH) {
            throw new IllegalArgumentException("an Ed25519 key has " + KEY_LENGTH + " bytes, not " + key.length);
        }
        byte[] encoded = ByteBuffer.allocate(X509_PREFIX.length + KEY_LENGTH)
                .put(X509_PREFIX)
                .put(key)
                .array();
        try {
            return KeyFactory.getInstance(ALGORITHM).generatePublic(new X509EncodedKeySpec(encoded));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("not an Ed25519 key", e);
        }
    }
}
