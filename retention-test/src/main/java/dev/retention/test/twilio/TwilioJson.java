package dev.retention.test.twilio;

import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Resources and errors as Twilio writes them. */
final class TwilioJson {

    private static final DateTimeFormatter RFC_2822 = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss Z", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private TwilioJson() {}

    static String error(int status, int code, String message) {
        return "{\"code\": " + code + ", \"message\": " + quoted(message) + ", \"more_info\": "
                + quoted("https://www.twilio.com/docs/errors/" + code) + ", \"status\": " + status + "}";
    }

    /**
     * A recording.
     *
     * @param shownAccount the account that it names
     */
    static String recording(TwilioRecording r, String shownAccount) {
        String uri = "/2010-04-01/Accounts/" + r.account() + "/Recordings/" + r.sid();
        String media = r.mediaUrl() == null ? "https://api.twilio.com" + uri : r.mediaUrl();
        String created = RFC_2822.format(r.created());
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("account_sid", quoted(shownAccount));
        fields.put("api_version", quoted("2010-04-01"));
        String conference = r.recorded().conference();
        fields.put("call_sid", quoted(r.recorded().call()));
        fields.put("conference_sid", conference == null ? "null" : quoted(conference));
        fields.put("channels", "1");
        fields.put("date_created", quoted(created));
        fields.put("date_updated", quoted(r.deleted() == null ? created : RFC_2822.format(r.deleted())));
        fields.put("start_time", quoted(created));
        fields.put("price", quoted("-0.00250"));
        fields.put("price_unit", quoted("USD"));
        fields.put("duration", quoted("4"));
        fields.put("sid", quoted(r.sid()));
        fields.put("source", quoted("RecordVerb"));
        fields.put("status", quoted(r.status()));
        fields.put("error_code", r.status().equals("absent") ? "16101" : "null");
        fields.put("uri", quoted(uri + ".json"));
        fields.put(
                "subresource_uris",
                "{\"add_on_results\": " + quoted(uri + "/AddOnResults.json") + ", \"transcriptions\": "
                        + quoted(uri + "/Transcriptions.json") + "}");
        fields.put("encryption_details", "null");
        fields.put("media_url", quoted(media));
        return object(fields);
    }

    /** An object with these values, which are JSON already. */
    static String object(Map<String, String> fields) {
        StringBuilder json = new StringBuilder("{");
        fields.forEach((name, value) -> json.append(json.length() == 1 ? "" : ", ")
                .append(quoted(name))
                .append(": ")
                .append(value));
        return json.append('}').toString();
    }

    static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ') {
                quoted.append(String.format("\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
