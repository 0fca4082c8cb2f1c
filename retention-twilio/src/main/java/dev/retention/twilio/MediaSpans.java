package dev.retention.twilio;

import dev.retention.spi.Recording;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * For each account a span of time, by the engine's creation times, in which media was stored at Twilio. It grows only
 * by recordings that were looked at, a day at most at a time, so that each part of it is between two of them. It is
 * dropped when media is found elsewhere.
 */
final class MediaSpans {

    private static final Duration LONGEST_STEP = Duration.ofDays(1);
    /** A row whose time differs more from Twilio's, after an import for instance, says nothing about other rows. */
    private static final Duration CLOCKS_AGREE = Duration.ofHours(1);

    private static final int MOST_ACCOUNTS = 10_000;

    private record Span(Instant from, Instant to) {}

    private final Map<String, Span> spans = new HashMap<>();
    private final Map<String, NavigableMap<Instant, Recording>> announced = new HashMap<>();

    /** Notes which recordings come next, for each account by creation time. */
    synchronized void announce(Map<String, NavigableMap<Instant, Recording>> next) {
        announced.clear();
        announced.putAll(next);
    }

    /**
     * The newest recording that is announced, not covered yet, and was created within a day after this time. Returned
     * once.
     */
    synchronized Optional<Recording> takeFarEnd(String account, Instant created) {
        NavigableMap<Instant, Recording> next = announced.get(account);
        if (next == null) {
            return Optional.empty();
        }
        Map.Entry<Instant, Recording> end = next.floorEntry(created.plus(LONGEST_STEP));
        if (end == null || !end.getKey().isAfter(created) || covers(account, end.getKey())) {
            return Optional.empty();
        }
        announced.put(account, next.tailMap(end.getKey(), false));
        return Optional.of(end.getValue());
    }

    synchronized boolean covers(String account, Instant created) {
        Span span = spans.get(account);
        return span != null && !created.isBefore(span.from()) && !created.isAfter(span.to());
    }

    synchronized void sawAtTwilio(String account, Instant created, @Nullable Instant createdAtTwilio) {
        if (!clocksAgree(created, createdAtTwilio) || covers(account, created)) {
            return;
        }
        makeRoom(account);
        spans.merge(account, new Span(created, created), (old, alone) -> grown(old, created, alone));
    }

    private static boolean clocksAgree(Instant created, @Nullable Instant createdAtTwilio) {
        return createdAtTwilio != null
                && Duration.between(created, createdAtTwilio).abs().compareTo(CLOCKS_AGREE) <= 0;
    }

    private void makeRoom(String account) {
        if (spans.size() >= MOST_ACCOUNTS && !spans.containsKey(account)) {
            spans.clear();
        }
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
