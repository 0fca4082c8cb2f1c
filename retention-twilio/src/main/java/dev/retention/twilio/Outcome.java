package dev.retention.twilio;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What became of one HTTP request. */
sealed interface Outcome {

    /**
     * There was no answer.
     *
     * @param cause in our own words
     * @param sent whether any of the request may have left this machine
     */
    record Failure(String cause, boolean sent) implements Outcome {}

    /**
     * The status line and the headers came; the body perhaps not.
     *
     * @param body what was read, or null when it was too long, broke off or took too long
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

        /** For evidence. Only what looks like Twilio's id: a stranger's header goes into no ledger. */
        String requestIdText() {
            return requestId != null && REQUEST_ID.matcher(requestId).matches()
                    ? "Twilio-Request-Id " + requestId
                    : "no Twilio-Request-Id";
        }

        /** How long to wait, at most a day; null where nothing readable was said. */
        @Nullable
        Duration retryAfter(Clock clock) {
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
            return shortened(Duration.between(now == null ? clock.instant() : now, until));
        }

        /** How many requests the account had under way, this one included; null where nothing readable was said. */
        @Nullable
        Integer concurrentRequests() {
            if (concurrentHeader == null || !COUNT.matcher(concurrentHeader).matches()) {
                return null;
            }
            return Integer.valueOf(concurrentHeader);
        }

        /** What the other side's clock says; null where it says nothing readable. */
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
