package dev.retention.test.twilio;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One way in which {@link LoopbackTwilio} fails. A fault is immutable; each {@code with} method returns another one.
 *
 * <p>A fault has no effect on the recording unless {@link #applied()} or {@link #appliedLate()} says so: the request is answered
 * wrongly, and nothing is deleted.
 */
public final class TwilioFault {

    enum Delivery {
        WHOLE,
        RESET,
        NO_ANSWER,
        DRIP_HEAD,
        DRIP_BODY,
        TRUNCATED,
        UNANNOUNCED
    }

    enum Effect {
        NONE,
        APPLIED,
        APPLIED_LATE
    }

    final Delivery delivery;
    final Effect effect;
    /** 0 for the answer that the request deserves. */
    final int status;

    final String contentType;
    final byte @Nullable [] body;
    /** Bytes of filler after the body. */
    final long filler;

    final Map<String, String> headers;
    final Duration dripInterval;
    private final String description;

    private TwilioFault(
            Delivery delivery,
            Effect effect,
            int status,
            String contentType,
            byte @Nullable [] body,
            long filler,
            Map<String, String> headers,
            Duration dripInterval,
            String description) {
        this.delivery = delivery;
        this.effect = effect;
        this.status = status;
        this.contentType = contentType;
        this.body = body;
        this.filler = filler;
        this.headers = Map.copyOf(headers);
        this.dripInterval = dripInterval;
        this.description = description;
    }

    private static TwilioFault of(
            Delivery delivery, int status, String contentType, byte @Nullable [] body, String text) {
        return new TwilioFault(
                delivery, Effect.NONE, status, contentType, body, 0, Map.of(), Duration.ofMillis(20), text);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Answers with a status and an error body as Twilio writes them. */
    public static TwilioFault error(int status, int code) {
        String body = "{\"code\": " + code + ", \"message\": \"Told to fail\", \"more_info\": "
                + "\"https://www.twilio.com/docs/errors/" + code + "\", \"status\": " + status + "}";
        return of(Delivery.WHOLE, status, "application/json", utf8(body), status + " with code " + code);
    }

    /** Answers with a status and no body. */
    public static TwilioFault empty(int status) {
        return of(Delivery.WHOLE, status, "application/json", null, status + " without a body");
    }

    /** Answers with a status and an HTML page, as a gateway or a load balancer does. */
    public static TwilioFault html(int status) {
        return body(status, "text/html", "<!DOCTYPE html><html><body><h1>" + status + "</h1></body></html>");
    }

    /** Answers with a status, a content type and a body of your own. A 204 is sent with the body too, against HTTP. */
    public static TwilioFault body(int status, String contentType, String body) {
        return of(Delivery.WHOLE, status, contentType, utf8(body), status + " with " + contentType);
    }

    /**
     * Answers with a status, announces no body and sends these bytes after it all the same. What keeps the connection must not take
     * them for the answer to its next request.
     */
    public static TwilioFault unannouncedBytes(int status, String bytes) {
        return of(Delivery.UNANNOUNCED, status, "", utf8(bytes), status + " with unannounced bytes");
    }

    /** Answers with a redirect to an address on the same server. */
    public static TwilioFault redirect(int status, String location) {
        return of(Delivery.WHOLE, status, "text/html", null, status + " to elsewhere")
                .withHeader("Location", location);
    }

    /** Answers with a status and a body of so many bytes. */
    public static TwilioFault hugeBody(int status, long bytes) {
        return new TwilioFault(
                Delivery.WHOLE,
                Effect.NONE,
                status,
                "application/json",
                utf8("{\"sid\": \""),
                bytes,
                Map.of(),
                Duration.ZERO,
                status + " with " + bytes + " bytes");
    }

    /** Announces a body, sends half of it and closes the connection. */
    public static TwilioFault truncatedBody(int status) {
        return of(
                Delivery.TRUNCATED,
                status,
                "application/json",
                utf8("{\"code\": 20500, \"message\": \"cut off here and never finished\"}"),
                status + " with a truncated body");
    }

    /** Resets the connection in place of an answer. */
    public static TwilioFault reset() {
        return of(Delivery.RESET, 0, "", null, "reset");
    }

    /** Reads the request and never answers; the connection stays open until the client or the server closes it. */
    public static TwilioFault noAnswer() {
        return of(Delivery.NO_ANSWER, 0, "", null, "no answer");
    }

    /** Sends the answer's head one byte at a time, so slowly that each single read succeeds and the whole never ends. */
    public static TwilioFault dripHead() {
        return of(Delivery.DRIP_HEAD, 200, "application/json", null, "dripping head");
    }

    /** Sends the head at once and the body one byte at a time, so slowly that each single read succeeds. */
    public static TwilioFault dripBody(int status) {
        return of(
                Delivery.DRIP_BODY,
                status,
                "application/json",
                utf8(" ".repeat(10_000)),
                status + " with a dripping body");
    }

    /** The answer that the request deserves; for combination with {@link #withHeader} or {@link #withRetryAfter}. */
    public static TwilioFault none() {
        return of(Delivery.WHOLE, 0, "", null, "no fault");
    }

    /** The same, with the deletion taking effect although the answer does not say so. */
    public TwilioFault applied() {
        return with(Effect.APPLIED, "applied");
    }

    /** The same, with the deletion taking effect only when {@link LoopbackTwilio#applyLate()} is called. */
    public TwilioFault appliedLate() {
        return with(Effect.APPLIED_LATE, "applied late");
    }

    /** The same, with a {@code Retry-After} header, which may be any text. */
    public TwilioFault withRetryAfter(String value) {
        return withHeader("Retry-After", value);
    }

    /** The same, with a further header, or another value of one that is sent anyway, such as {@code Date}. */
    public TwilioFault withHeader(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(name, value);
        return new TwilioFault(
                delivery, effect, status, contentType, body, filler, more, dripInterval, description + ", " + name);
    }

    private TwilioFault with(Effect newEffect, String text) {
        return new TwilioFault(
                delivery,
                newEffect,
                status,
                contentType,
                body,
                filler,
                headers,
                dripInterval,
                description + ", " + text);
    }

    @Override
    public String toString() {
        return description;
    }
}
