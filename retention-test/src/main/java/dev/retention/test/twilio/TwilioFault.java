package dev.retention.test.twilio;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One way in which {@link LoopbackTwilio} fails. A fault is immutable; each {@code with} method returns another one.
 *
 * <p>A fault has no effect on the recording unless {@link #applied()} or {@link #appliedLate()} says so: the request is
 * answered wrongly, and nothing is deleted.
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

    private TwilioFault(Builder builder) {
        this.delivery = builder.delivery;
        this.effect = builder.effect;
        this.status = builder.status;
        this.contentType = builder.contentType;
        this.body = builder.body;
        this.filler = builder.filler;
        this.headers = Map.copyOf(builder.headers);
        this.dripInterval = Duration.ofMillis(20);
        this.description = builder.description;
    }

    /** A fault in the making; without a body and headers at first. */
    private static final class Builder {
        private final Delivery delivery;
        private final int status;
        private final Map<String, String> headers = new LinkedHashMap<>();
        private Effect effect = Effect.NONE;
        private String contentType = "";
        private byte @Nullable [] body;
        private long filler;
        private String description;

        private Builder(Delivery delivery, int status, String description) {
            this.delivery = delivery;
            this.status = status;
            this.description = description;
        }

        private Builder(TwilioFault fault) {
            this(fault.delivery, fault.status, fault.description);
            headers.putAll(fault.headers);
            effect = fault.effect;
            contentType = fault.contentType;
            body = fault.body;
            filler = fault.filler;
        }

        private Builder contentType(String value) {
            contentType = value;
            return this;
        }

        private Builder body(String value) {
            body = value.getBytes(StandardCharsets.UTF_8);
            return this;
        }

        private Builder filler(long bytes) {
            filler = bytes;
            return this;
        }

        private Builder header(String name, String value) {
            headers.put(name, value);
            description += ", " + name;
            return this;
        }

        private Builder effect(Effect value, String text) {
            effect = value;
            description += ", " + text;
            return this;
        }

        private TwilioFault build() {
            return new TwilioFault(this);
        }
    }

    private static Builder whole(int status, String description) {
        return new Builder(Delivery.WHOLE, status, description);
    }

    /** Whether the request gets the answer that it deserves. */
    boolean letsPass() {
        return status == 0 && delivery == Delivery.WHOLE;
    }

    /** Answers with a status and an error body as Twilio writes them. */
    public static TwilioFault error(int status, int code) {
        return whole(status, status + " with code " + code)
                .contentType("application/json")
                .body(TwilioJson.error(status, code, "Told to fail"))
                .build();
    }

    /** Answers with a status and no body. */
    public static TwilioFault empty(int status) {
        return whole(status, status + " without a body")
                .contentType("application/json")
                .build();
    }

    /** Answers with a status and an HTML page, as a gateway or a load balancer does. */
    public static TwilioFault html(int status) {
        return body(status, "text/html", "<!DOCTYPE html><html><body><h1>" + status + "</h1></body></html>");
    }

    /** Answers with a status, a content type and a body of your own. A 204 is sent with the body too, against HTTP. */
    public static TwilioFault body(int status, String contentType, String body) {
        return whole(status, status + " with " + contentType)
                .contentType(contentType)
                .body(body)
                .build();
    }

    /**
     * Answers with a status, announces no body, and sends these bytes after it all the same. A client that keeps the
     * connection must not read them as the answer to its next request.
     */
    public static TwilioFault unannouncedBytes(int status, String bytes) {
        return new Builder(Delivery.UNANNOUNCED, status, status + " with unannounced bytes")
                .body(bytes)
                .build();
    }

    /** Answers with a redirect to an address on the same server. */
    public static TwilioFault redirect(int status, String location) {
        return whole(status, status + " to elsewhere")
                .contentType("text/html")
                .header("Location", location)
                .build();
    }

    /** Answers with a status and a body of so many bytes. */
    public static TwilioFault hugeBody(int status, long bytes) {
        return whole(status, status + " with " + bytes + " bytes")
                .contentType("application/json")
                .body("{\"sid\": \"")
                .filler(bytes)
                .build();
    }

    /** Announces a body, sends half of it and closes the connection. */
    public static TwilioFault truncatedBody(int status) {
        return new Builder(Delivery.TRUNCATED, status, status + " with a truncated body")
                .contentType("application/json")
                .body("{\"code\": 20500, \"message\": \"cut off here and never finished\"}")
                .build();
    }

    /** Resets the connection in place of an answer. */
    public static TwilioFault reset() {
        return new Builder(Delivery.RESET, 0, "reset").build();
    }

    /** Reads the request and never answers; the connection stays open until the client or the server closes it. */
    public static TwilioFault noAnswer() {
        return new Builder(Delivery.NO_ANSWER, 0, "no answer").build();
    }

    /**
     * Sends the answer's head one byte at a time, so slowly that each single read succeeds and the whole never ends.
     */
    public static TwilioFault dripHead() {
        return new Builder(Delivery.DRIP_HEAD, 200, "dripping head")
                .contentType("application/json")
                .build();
    }

    /** Sends the head at once and the body one byte at a time, so slowly that each single read succeeds. */
    public static TwilioFault dripBody(int status) {
        return new Builder(Delivery.DRIP_BODY, status, status + " with a dripping body")
                .contentType("application/json")
                .body(" ".repeat(10_000))
                .build();
    }

    /** The answer that the request deserves; for combination with {@link #withHeader} or {@link #withRetryAfter}. */
    public static TwilioFault none() {
        return whole(0, "no fault").build();
    }

    /** The same, with the deletion taking effect although the answer does not say so. */
    public TwilioFault applied() {
        return new Builder(this).effect(Effect.APPLIED, "applied").build();
    }

    /** The same, with the deletion taking effect only when {@link LoopbackTwilio#applyLate()} is called. */
    public TwilioFault appliedLate() {
        return new Builder(this).effect(Effect.APPLIED_LATE, "applied late").build();
    }

    /** The same, with a {@code Retry-After} header, which may be any text. */
    public TwilioFault withRetryAfter(String value) {
        return withHeader("Retry-After", value);
    }

    /** The same, with a further header, or another value of one that is sent anyway, such as {@code Date}. */
    public TwilioFault withHeader(String name, String value) {
        return new Builder(this).header(name, value).build();
    }

    @Override
    public String toString() {
        return description;
    }
}
