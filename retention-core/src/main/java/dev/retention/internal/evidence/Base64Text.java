package dev.retention.internal.evidence;

import java.util.Base64;

/** Base64 in its only canonical form: two texts never mean the same bytes. */
final class Base64Text {

    private Base64Text() {}

    static String encode(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** @throws IllegalArgumentException if it is not what {@link #encode} writes */
    static byte[] decode(String text) {
        byte[] bytes = Base64.getDecoder().decode(text);
        // Java's decoder accepts missing padding and unused bits.
        if (!encode(bytes).equals(text)) {
            throw new IllegalArgumentException("not canonical base64: " + text);
        }
        return bytes;
    }
}
