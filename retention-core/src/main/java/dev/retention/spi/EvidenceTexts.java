package dev.retention.spi;

import dev.retention.spi.EvidenceEntry.Text;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * Salts texts. Without its salt, a text can't be guessed from its hash: that shreds a short one, such as a name, when
 * the salt is erased.
 */
final class EvidenceTexts {

    private static final int SALT_BYTES = 16;
    private static final SecureRandom RANDOM = new SecureRandom();

    private EvidenceTexts() {}

    static Text salted(String text) {
        byte[] random = new byte[SALT_BYTES];
        RANDOM.nextBytes(random);
        String salt = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
        return new Text(hash(salt, text), salt, text);
    }

    static String hash(String salt, String text) {
        byte[] hash = sha256().digest((salt + text).getBytes(StandardCharsets.UTF_8));
        return Base64.getEncoder().encodeToString(hash);
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
