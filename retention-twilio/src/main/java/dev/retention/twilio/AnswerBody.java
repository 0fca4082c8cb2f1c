package dev.retention.twilio;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The body of an answer, as far as it is read. A body that is no JSON object, is cut off or has a field twice counts as
 * empty.
 */
final class AnswerBody {

    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    private static final Pattern HOST = Pattern.compile("[0-9a-z._-]{1,253}");

    private static final String RECORDINGS = "/2010-04-01/Accounts/%s/Recordings.json?";
    private static final Pattern QUERY = Pattern.compile("[^?]*\\?[0-9A-Za-z=&%._:~<>+-]{1,2000}");

    private final JsonNode json;

    private AnswerBody(JsonNode json) {
        this.json = json;
    }

    static AnswerBody of(Outcome.Answer answer) {
        return new AnswerBody(object(answer));
    }

    private static JsonNode object(Outcome.Answer answer) {
        byte[] body = answer.body();
        if (body == null || body.length == 0 || !answer.isJson()) {
            return MissingNode.getInstance();
        }
        try {
            JsonNode json = JSON.readTree(body);
            return json.isObject() ? json : MissingNode.getInstance();
        } catch (IOException e) {
            return MissingNode.getInstance();
        }
    }

    /** Twilio's error code; null when there is none. */
    @Nullable
    Integer errorCode() {
        JsonNode code = json.path("code");
        return code.isInt() ? (Integer) code.intValue() : null;
    }

    /**
     * The SID of another recording, if the answer is about that; null otherwise. The same SID in other letter case is
     * not another recording, but proves nothing either: one row that is written wrongly must not stop its account.
     */
    @Nullable
    String recordingOtherThan(String sid) {
        String answered = json.path("sid").textValue();
        return Sids.isRecording(answered) && !sid.equalsIgnoreCase(answered) ? answered : null;
    }

    /** The SID of another account, if the answer or a recording of its page is about that; null otherwise. */
    @Nullable
    String accountOtherThan(String account) {
        String other = otherThan(account, json);
        for (JsonNode recording : json.path("recordings")) {
            other = other != null ? other : otherThan(account, recording);
        }
        return other;
    }

    private static @Nullable String otherThan(String account, JsonNode described) {
        String answered = described.path("account_sid").textValue();
        return Sids.isAccount(answered) && !account.equals(answered) ? answered : null;
    }

    /** The recording's state; null when it is not readable, or not about this recording of this account. */
    @Nullable
    RecordingState recording(String account, String sid) {
        return state(json, account, sid);
    }

    private static @Nullable RecordingState state(JsonNode described, String account, String sid) {
        JsonNode media = described.path("media_url");
        if (!sid.equals(described.path("sid").textValue())
                || !account.equals(described.path("account_sid").textValue())
                || !(media.isTextual() || media.isNull() || media.isMissingNode())) {
            return null;
        }
        String status = described.path("status").textValue();
        return new RecordingState(
                status == null ? "" : status.toLowerCase(Locale.ROOT),
                elsewhere(media.textValue()),
                instant(described.path("date_created").textValue()));
    }

    /** The state of each recording of a page, by SID. What is not readable, or is there twice, is left out. */
    Map<String, RecordingState> recordings(String account) {
        Map<String, RecordingState> states = new HashMap<>();
        Set<String> met = new HashSet<>();
        for (JsonNode recording : json.path("recordings")) {
            String sid = recording.path("sid").textValue();
            if (sid == null || !Sids.isRecording(sid)) {
                continue;
            }
            RecordingState state = state(recording, account, sid);
            if (met.add(sid) && state != null) {
                states.put(sid, state);
            } else {
                states.remove(sid);
            }
        }
        return states;
    }

    /** The path and query of the next page of the account's recordings; null if there is none. */
    @Nullable
    String nextPage(String account) {
        String uri = json.path("next_page_uri").textValue();
        // Nothing but a further page of the same list is ever asked for, whatever the answer says.
        return uri != null
                        && uri.startsWith(RECORDINGS.formatted(account))
                        && QUERY.matcher(uri).matches()
                ? uri
                : null;
    }

    /** Whether it is a page of recordings, all of this account. */
    boolean isPageOf(String account) {
        JsonNode recordings = json.path("recordings");
        if (!recordings.isArray()) {
            return false;
        }
        for (JsonNode recording : recordings) {
            if (!account.equals(recording.path("account_sid").textValue())) {
                return false;
            }
        }
        return true;
    }

    /** No {@code media_url}, or one at Twilio: the media is there. Any other is elsewhere, an unreadable URL too. */
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
