package dev.retention.twilio;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Twilio's identifiers. The whole text must match: {@code $} would also match before a line break at the end. */
final class Sids {

    private static final Pattern ACCOUNT = Pattern.compile("AC[0-9a-fA-F]{32}");
    private static final Pattern API_KEY = Pattern.compile("SK[0-9a-fA-F]{32}");
    private static final Pattern RECORDING = Pattern.compile("RE[0-9a-fA-F]{32}");
    private static final Pattern SID = Pattern.compile("[A-Z]{2}[0-9a-fA-F]{32}");
    private static final Pattern WORD = Pattern.compile("[a-zA-Z-]{1,20}");

    private Sids() {}

    static boolean isAccount(@Nullable String value) {
        return value != null && ACCOUNT.matcher(value).matches();
    }

    static boolean isApiKey(@Nullable String value) {
        return value != null && API_KEY.matcher(value).matches();
    }

    static boolean isRecording(@Nullable String value) {
        return value != null && RECORDING.matcher(value).matches();
    }

    /** Shows no part of the value: it may be a secret in the wrong setting. */
    static String notAnAccount(@Nullable String value) {
        if (isApiKey(value)) {
            return "is the SID of an API key (SK…); give the account's own SID, AC and 32 hexadecimal digits";
        }
        return "is not AC and 32 hexadecimal digits; it has " + length(value);
    }

    static String notAnApiKey(@Nullable String value) {
        if (isAccount(value)) {
            return "is the SID of an account (AC…); give the key's own SID, SK and 32 hexadecimal digits";
        }
        return "is not SK and 32 hexadecimal digits; it has " + length(value);
    }

    private static String length(@Nullable String value) {
        return (value == null ? 0 : value.length()) + " characters";
    }

    /**
     * What may be logged of a value of the wrong form: it may be a phone number, a URL or a secret from the wrong
     * column.
     */
    static String shape(String value) {
        return "of " + value.length() + " characters"
                + (SID.matcher(value).matches() ? " (" + value.substring(0, 2) + "…)" : "");
    }

    /** A word of an answer for a message; anything but a short word is not repeated. */
    static String word(String value) {
        return WORD.matcher(value).matches() ? "\"" + value + "\"" : "(unreadable)";
    }
}
