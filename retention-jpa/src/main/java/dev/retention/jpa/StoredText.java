package dev.retention.jpa;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Makes texts of unknown origin fit their columns. */
final class StoredText {

    static final int KEY = 1024;
    static final int HELD_KEY = 255;
    static final int ACCOUNT = 255;
    static final int NAME = 255;
    static final int IDENTITY = 1000;
    static final int CAUSE = 1000;
    static final int REASON = 1000;
    static final int HOLD_REASON = 2000;
    static final int DETAIL = 2000;
    static final int LONG = 100_000;

    private static final int KEPT_OF_A_LONG_VALUE = 64;

    private StoredText() {}

    /**
     * The form in which a storage key is kept and compared: as it is up to 1,024 characters, else its beginning, its
     * length and its SHA-256. Applied twice it changes nothing.
     */
    static @Nullable String key(@Nullable String key) {
        return key == null ? null : identifying(key, KEY);
    }

    /** The same with a limit of 255 characters, for a key under a hold, by which it is found. */
    static @Nullable String heldKey(@Nullable String key) {
        return key == null ? null : identifying(key, HELD_KEY);
    }

    /** The same for an account, up to 255 characters. */
    static @Nullable String account(@Nullable String account) {
        return account == null ? null : identifying(account, ACCOUNT);
    }

    /** The same for the identity of a database, up to 1,000 characters. */
    static String identity(String identity) {
        return identifying(identity, IDENTITY);
    }

    private static String identifying(String value, int limit) {
        if (value.length() <= limit && isStorable(value)) {
            return value;
        }
        String start = cut(value, KEPT_OF_A_LONG_VALUE);
        return start + "... (" + value.length() + " characters, sha256 " + sha256(value) + ")";
    }

    /** The text, cut to the column, without characters that a database refuses. */
    static String cut(String text, int limit) {
        int end = Math.min(text.length(), limit);
        if (end < text.length() && end > 0 && Character.isHighSurrogate(text.charAt(end - 1))) {
            end--;
        }
        String kept = text.substring(0, end);
        if (isStorable(kept)) {
            return kept;
        }
        StringBuilder clean = new StringBuilder();
        kept.codePoints().map(c -> c == 0 || isSurrogate(c) ? '?' : c).forEach(clean::appendCodePoint);
        return clean.toString();
    }

    static @Nullable String cutOrNull(@Nullable String text, int limit) {
        return text == null ? null : cut(text, limit);
    }

    /** Whether every supported database can keep it: no NUL, no half of a surrogate pair. */
    static boolean isStorable(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0 || Character.isSurrogate(c)) {
                return text.codePoints().noneMatch(each -> each == 0 || isSurrogate(each));
            }
        }
        return true;
    }

    private static boolean isSurrogate(int codePoint) {
        return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
    }

    private static String sha256(String value) {
        try {
            // UTF-16, since UTF-8 would make all unpaired surrogates alike.
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(value.getBytes(StandardCharsets.UTF_16BE));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
