package dev.retention.twilio;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Twilio's identifiers. Patterns are matched as a whole: {@code $} would match before a line break at the end. */
final class Sids {

    private static final Pattern ACCOUNT = Pattern.compile("AC[0-9a-fA-F]{32}");
    private static final Pattern API_KEY = Pattern.compile("SK[0-9a-fA-F]{32}");
    private static final Pattern RECORDING = Pattern.compile("RE[0-9a-fA-F]{32}");
    private static final int SHOWN = 16;

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

    /** Shows no part of the value: it may be a secret that was put into the wrong setting. */
    static String notAnAccount(@Nullable String value) {
        if (isApiKey(value)) {
            return "is the SID of an API key (SK…): the account's own SID, AC and 32 hexadecimal digits, belongs there";
        }
        return "is no account SID, which is AC and 32 hexadecimal digits; it has " + length(value);
    }

    static String notAnApiKey(@Nullable String value) {
        if (isAccount(value)) {
            return "is the SID of an account (AC…): the key's own SID, SK and 32 hexadecimal digits, belongs there";
        }
        return "is no API key SID, which is SK and 32 hexadecimal digits; it has " + length(value);
    }

    private static String length(@Nullable String value) {
        return (value == null ? 0 : value.length()) + " characters";
    }

    /** A stranger's text for a message: printable ASCII only, and little of it. */
    static String abbreviated(String value) {
        String head = value.length() <= SHOWN ? value : value.substring(0, SHOWN);
        StringBuilder shown = new StringBuilder("\"");
        head.chars().forEach(c -> shown.append(c >= ' ' && c < 0x7f && c != '"' ? (char) c : '?'));
        shown.append('"');
        return value.length() <= SHOWN ? shown.toString() : shown + "… of " + value.length() + " characters";
    }
}
