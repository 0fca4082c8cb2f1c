package dev.retention.twilio;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The outcome of one HTTP request. */
sealed interface Outcome {

    /**
     * There was no answer.
     *
     * @param code one of {@link TwilioCauseCodes}
     * @param cause a text of this adapter, without anything that the server sent
     * @param sent whether any of the request may have left this machine
     */
    record Failure(String code, String cause, boolean sent) implements Outcome {

        static Failure unsent(String code, String cause) {
            return new Failure(code, cause, false);
        }
    }

    /**
     * The status line and the headers arrived, and perhaps the body.
     *
     * @param body the body, or null if it was too long, broke off or took too long
     */
    record Answer(
            int status,
            @Nullable String contentType,
            @Nullable String requestId,
            @Nullable String retryAfterHeader,
            @Nullable String dateHeader,
            @Nullable String concurrentHeader,
            byte @Nullable [] body)
            implements Outcome {

        private static final Pattern REQUEST_ID = Pattern.compile("RQ[0-9a-zA-Z]{1,62}");
        private static final Pattern COUNT = Pattern.compile("[0-9]{1,6}");
        private static final Duration LONGEST_WAIT = Duration.ofDays(1);

        Answer withBody(byte[] bytes) {
            return new Answer(status, contentType, requestId, retryAfterHeader, dateHeader, concurrentHeader, bytes);
        }

        boolean isJson() {
            return contentType != null
                    && contentType.toLowerCase(java.util.Locale.ROOT).contains("json");
        }

        /** For evidence. Only what has the form of Twilio's id: another server's header must not be in the ledger. */
        String requestIdText() {
            return requestId != null && REQUEST_ID.matcher(requestId).matches()
                    ? "Twilio-Request-Id " + requestId
                    : "no Twilio-Request-Id";
        }

        /** How long to wait from now on, at most a day; null if the answer does not say. */
        @Nullable
        Duration retryAfter(Instant ourNow) {
            if (retryAfterHeader == null) {
                return null;
            }
            String value = retryAfterHeader.strip();
            if (value.length() <= 9 && !value.isEmpty() && value.chars().allMatch(c -> c >= '0' && c <= '9')) {
                return shortened(Duration.ofSeconds(Long.parseLong(value)));
            }
            Instant until = httpDate(value);
            if (until == null) {
                return null;
            }
            Instant now = date();
            return shortened(Duration.between(now == null ? ourNow : now, until));
        }

        /** How many requests the account had in flight, this one included; null if the answer does not say. */
        @Nullable
        Integer concurrentRequests() {
            if (concurrentHeader == null || !COUNT.matcher(concurrentHeader).matches()) {
                return null;
            }
            return Integer.valueOf(concurrentHeader);
        }

        /** The server's time; null if the answer does not say. */
        @Nullable
        Instant date() {
            return dateHeader == null ? null : httpDate(dateHeader.strip());
        }

        private static Duration shortened(Duration wait) {
            if (wait.isNegative()) {
                return Duration.ZERO;
            }
            return wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait;
        }

        private static @Nullable Instant httpDate(String value) {
            try {
                return Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(value));
            } catch (DateTimeException e) {
                return null;
            }
        }

        /** Without the body, which may hold a media URL. */
        @Override
        public String toString() {
            return "Answer[" + status + "]";
        }
    }
}
