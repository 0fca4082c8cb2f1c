package dev.retention.twilio;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * For each account a span of time, by the engine's creation times, in which media lay at Twilio. It grows only by recordings that
 * were looked at, a day at most at a time, so that each part of it lies between two of them. Media found elsewhere ends it.
 */
final class MediaSpans {

    private static final Duration LONGEST_STEP = Duration.ofDays(1);
    /** Rows whose time has nothing to do with Twilio's, after an import for instance, say nothing about their neighbours. */
    private static final Duration CLOCKS_AGREE = Duration.ofHours(1);

    private static final int MOST_ACCOUNTS = 10_000;

    private record Span(Instant from, Instant to) {}

    private final Map<String, Span> spans = new HashMap<>();

    synchronized boolean covers(String account, Instant created) {
        Span span = spans.get(account);
        return span != null && !created.isBefore(span.from()) && !created.isAfter(span.to());
    }

    synchronized void sawAtTwilio(String account, Instant created, @Nullable Instant createdAtTwilio) {
        if (createdAtTwilio == null
                || Duration.between(created, createdAtTwilio).abs().compareTo(CLOCKS_AGREE) > 0
                || covers(account, created)) {
            return;
        }
        if (spans.size() >= MOST_ACCOUNTS && !spans.containsKey(account)) {
            spans.clear();
        }
        spans.merge(account, new Span(created, created), (old, alone) -> grown(old, created, alone));
    }

    private static Span grown(Span old, Instant created, Span alone) {
        if (created.isAfter(old.to())) {
            return Duration.between(old.to(), created).compareTo(LONGEST_STEP) <= 0
                    ? new Span(old.from(), created)
                    : alone;
        }
        return Duration.between(created, old.from()).compareTo(LONGEST_STEP) <= 0 ? new Span(created, old.to()) : alone;
    }

    synchronized void sawElsewhere(String account) {
        spans.remove(account);
    }
}
