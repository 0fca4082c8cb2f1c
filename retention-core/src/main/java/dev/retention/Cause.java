package dev.retention;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Why a recording is not deleted. Code decides by the cause's code, which is the same for recordings with the same
 * cause. The detail is for people: it may contain a request id or a time, and its wording may change in any release.
 *
 * @param code 1 to {@value #MAX_CODE_LENGTH} of {@code A-Z 0-9 _ . -}: the name of a {@link DeletionOutcome} or of a
 *     {@link dev.retention.spi.DeletionResult.Kind}, or a code of the storage's own, such as {@code TWILIO_20404}
 * @param storage the name of the storage that gave the answer; null if the cause is not an answer of a storage
 * @param detail what happened, for people; not blank; no credentials, phone numbers or media URLs
 */
public record Cause(String code, @Nullable String storage, String detail) {

    /** The longest code, in characters. */
    public static final int MAX_CODE_LENGTH = 60;

    private static final Pattern CODE = Pattern.compile("[A-Z0-9_.-]{1," + MAX_CODE_LENGTH + "}");

    /**
     * A cause.
     *
     * @throws IllegalArgumentException when the code has another form or the detail is blank
     */
    public Cause {
        requireCode(code);
        if (detail.isBlank()) {
            throw new IllegalArgumentException("cause " + code + " has no detail; say what happened");
        }
    }

    /**
     * A cause that is not an answer of a storage.
     *
     * @throws IllegalArgumentException when the code has another form or the detail is blank
     */
    public static Cause of(String code, String detail) {
        return new Cause(code, null, detail);
    }

    /**
     * Returns the code if it has the form of {@link #code()}.
     *
     * @throws IllegalArgumentException if it has another form
     */
    public static String requireCode(String code) {
        if (!CODE.matcher(code).matches()) {
            throw new IllegalArgumentException("cause code '" + code + "' is not allowed: use 1 to " + MAX_CODE_LENGTH
                    + " characters of A-Z 0-9 _ . -");
        }
        return code;
    }

    /** The storage, if there is one, and the detail: a line for people. */
    @Override
    public String toString() {
        return storage == null ? detail : storage + ": " + detail;
    }
}
