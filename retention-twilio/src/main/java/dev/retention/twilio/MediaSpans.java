package dev.retention.twilio;

import dev.retention.spi.Recording;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * For each account a span of time, by the engine's creation times, in which media lay at Twilio. It grows only by recordings that
 * were looked at, by a day at most at a time or by an announced page, so that each part of it lies between two of them. Media found
 * elsewhere ends it.
 */
final class MediaSpans {

    private static final Duration LONGEST_STEP = Duration.ofDays(1);
    /** Rows whose time has nothing to do with Twilio's, after an import for instance, say nothing about their neighbours. */
    private static final Duration CLOCKS_AGREE = Duration.ofHours(1);

    private static final int MOST_ACCOUNTS = 10_000;

    private record Span(Instant from, Instant to) {}

    private final Map<String, Span> spans = new HashMap<>();
    private final Map<String, Recording> pageEnds = new HashMap<>();

    /** Notes the last recording of a page for each account. */
    synchronized void announce(Map<String, Recording> lastOfEachAccount) {
        pageEnds.clear();
        pageEnds.putAll(lastOfEachAccount);
    }

    /** The last recording of the account's page, if it is newer than this and not covered yet. Handed out once. */
    synchronized Optional<Recording> takePageEnd(String account, Instant created) {
        Recording end = pageEnds.get(account);
        if (end == null || !end.created().isAfter(created) || covers(account, end.created())) {
            return Optional.empty();
        }
        pageEnds.remove(account);
        return Optional.of(end);
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

    /** The end of a page lies at Twilio, whose beginning is in the span. However long the page, nothing lies between its rows. */
    synchronized void sawPageEndAtTwilio(
            String account, Instant begin, Instant end, @Nullable Instant endCreatedAtTwilio) {
        Span span = spans.get(account);
        if (span != null && covers(account, begin) && clocksAgree(end, endCreatedAtTwilio)) {
            spans.put(account, new Span(span.from(), end.isAfter(span.to()) ? end : span.to()));
        }
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
