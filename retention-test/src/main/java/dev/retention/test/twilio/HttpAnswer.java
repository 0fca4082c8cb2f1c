package dev.retention.test.twilio;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An answer, before a fault changes how it is sent.
 *
 * @param contentType empty for none
 * @param headers further headers, and other values of those that every answer has
 */
record HttpAnswer(int status, String contentType, byte @Nullable [] body, Map<String, String> headers) {

    static HttpAnswer noContent() {
        return new HttpAnswer(204, "", null, Map.of());
    }

    static HttpAnswer json(int status, String body) {
        return new HttpAnswer(status, "application/json", body.getBytes(StandardCharsets.UTF_8), Map.of());
    }

    /** An error as Twilio writes it. */
    static HttpAnswer error(int status, int code, String message) {
        return json(status, TwilioJson.error(status, code, message));
    }

    HttpAnswer withHeaders(Map<String, String> others) {
        return new HttpAnswer(status, contentType, body, others);
    }
}
