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
        boolean applied) {}
