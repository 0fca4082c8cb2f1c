package dev.retention.twilio;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An answer together with what it answers, when it came, and its body as far as that is readable. */
record Reply(Question asked, Outcome.Answer answer, AnswerBody body, Instant now) {

    static Reply of(Question asked, Outcome.Answer answer, Instant now) {
        return new Reply(asked, answer, AnswerBody.of(answer), now);
    }

    int status() {
        return answer.status();
    }

    boolean isNotFound() {
        return status() == 404 || status() == 410;
    }

    /** Whether it is an error in Twilio's format: another server's 404 is not Twilio's. */
    boolean isTwilioError() {
        return errorCode() != null;
    }

    boolean hasErrorIn(Set<Integer> codes) {
        Integer code = errorCode();
        return code != null && codes.contains(code);
    }

    private @Nullable Integer errorCode() {
        return status() < 400 ? null : body.errorCode();
    }

    /** What groups answers like this one. */
    String code() {
        Integer code = errorCode();
        return code == null ? TwilioCauseCodes.ofStatus(status()) : TwilioCauseCodes.ofError(code);
    }

    /** For people. The request id is what Twilio's support asks for. */
    String said() {
        Integer code = errorCode();
        return asked.operation() + " " + status() + (code == null ? "" : ", code " + code) + ", " + requestId();
    }

    String requestId() {
        return answer.requestIdText();
    }

    /** How long to wait; null where the answer does not say. */
    @Nullable
    Duration retryAfter() {
        return answer.retryAfter(now);
    }

    /** When it came, to the second. */
    String time() {
        return now.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /** Without the body, which may hold a media URL. */
    @Override
    public String toString() {
        return "Reply[" + said() + "]";
    }
}
