package dev.retention.twilio;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What Twilio says of a recording in an answer to a look-up.
 *
 * @param status as it came, in lower case; empty when none came
 * @param elsewhere the host of media outside of Twilio, or null
 * @param created when Twilio made it, where that is readable
 */
record RecordingState(
        String status, @Nullable String elsewhere, @Nullable Instant created) {

    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    private static final Pattern HOST = Pattern.compile("[0-9a-z._-]{1,253}");

    /** Reads the answer; null when it is not readable, or not about this recording of this account. */
    static @Nullable RecordingState read(Outcome.Answer answer, String account, String sid) {
        JsonNode json = object(answer);
        if (json == null
                || !sid.equals(json.path("sid").textValue())
                || !account.equals(json.path("account_sid").textValue())) {
            return null;
        }
        JsonNode media = json.path("media_url");
        if (!media.isTextual() && !media.isNull() && !media.isMissingNode()) {
            return null;
        }
        String status = json.path("status").textValue();
        return new RecordingState(
                status == null ? "" : status.toLowerCase(Locale.ROOT),
                elsewhere(media.textValue()),
                instant(json.path("date_created").textValue()));
    }

    /** The accounts of the recordings on a page; null when it is not readable as one. */
    static @Nullable Set<String> accountsOfPage(Outcome.Answer answer) {
        JsonNode json = object(answer);
        if (json == null || !json.path("recordings").isArray()) {
            return null;
        }
        Set<String> accounts = new LinkedHashSet<>();
        for (JsonNode recording : json.path("recordings")) {
            String account = recording.path("account_sid").textValue();
            if (!Sids.isAccount(account)) {
                return null;
            }
            accounts.add(account);
        }
        return accounts;
    }

    /** Twilio's error code in an answer; null when there is none. */
    static @Nullable Integer errorCode(Outcome.Answer answer) {
        JsonNode json = object(answer);
        return json != null && json.path("code").isInt()
                ? (Integer) json.path("code").intValue()
                : null;
    }

    private static @Nullable JsonNode object(Outcome.Answer answer) {
        byte[] body = answer.body();
        if (body == null || body.length == 0 || !answer.isJson()) {
            return null;
        }
        try {
            JsonNode json = JSON.readTree(body);
            return json.isObject() ? json : null;
        } catch (IOException e) {
            return null;
        }
    }

    /** No {@code media_url}, or one at Twilio: the media is there. Anything else is elsewhere, an unreadable URL too. */
    private static @Nullable String elsewhere(@Nullable String url) {
        if (url == null || url.isEmpty()) {
            return null;
        }
        String host;
        try {
            host = new URI(url).getHost();
        } catch (URISyntaxException e) {
            host = null;
        }
        if (host == null || !HOST.matcher(host.toLowerCase(Locale.ROOT)).matches()) {
            return "an address that is no readable URL";
        }
        String lower = host.toLowerCase(Locale.ROOT);
        return lower.equals("twilio.com") || lower.endsWith(".twilio.com") ? null : lower;
    }

    private static @Nullable Instant instant(@Nullable String rfc2822) {
        try {
            return rfc2822 == null ? null : Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(rfc2822));
        } catch (DateTimeException e) {
            return null;
        }
    }
}
