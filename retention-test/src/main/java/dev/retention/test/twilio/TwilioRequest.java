package dev.retention.test.twilio;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One request as {@link LoopbackTwilio} saw it.
 *
 * @param number 1 for the server's first request
 * @param time when its head had been read, by the server's clock
 * @param method the HTTP method
 * @param rawPath path and query exactly as they came over the wire
 * @param account the account in the path, or null where the path names none
 * @param sid the recording in the path, or null where the path names none
 * @param status the status answered; 0 while there is none, or when there never was one
 * @param applied whether this request deleted the recording, at once or late
 */
public record TwilioRequest(
        long number,
        Instant time,
        String method,
        String rawPath,
        @Nullable String account,
        @Nullable String sid,
        int status,
        boolean applied) {

    /** Starts building a request that names no account and no recording and has no answer yet. */
    public static Builder builder(long number, Instant time, String method, String rawPath) {
        return new Builder(number, time, method, rawPath);
    }

    /** A builder that starts with these values. */
    public Builder toBuilder() {
        return builder(number, time, method, rawPath)
                .account(account)
                .sid(sid)
                .status(status)
                .applied(applied);
    }

    /** Builds a request. Not thread-safe. */
    public static final class Builder {
        private final long number;
        private final Instant time;
        private final String method;
        private final String rawPath;
        private @Nullable String account;
        private @Nullable String sid;
        private int status;
        private boolean applied;

        private Builder(long number, Instant time, String method, String rawPath) {
            this.number = number;
            this.time = time;
            this.method = method;
            this.rawPath = rawPath;
        }

        public Builder account(@Nullable String account) {
            this.account = account;
            return this;
        }

        public Builder sid(@Nullable String sid) {
            this.sid = sid;
            return this;
        }

        public Builder status(int status) {
            this.status = status;
            return this;
        }

        public Builder applied(boolean applied) {
            this.applied = applied;
            return this;
        }

        public TwilioRequest build() {
            return new TwilioRequest(number, time, method, rawPath, account, sid, status, applied);
        }
    }
}
