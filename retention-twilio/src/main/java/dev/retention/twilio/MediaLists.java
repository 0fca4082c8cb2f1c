package dev.retention.twilio;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Lists of an account's recordings, read a page at a time for the recordings that come next. A list shows where the
 * media of hundreds is, for one request. Nothing depends on what Twilio's filters and order are: only a recording that
 * a list has shown by itself, completed and with its media at Twilio, needs no look of its own. Lists that show few of
 * those that come next cost more than they save, and are not read for a while.
 */
final class MediaLists {

    /** Of fewer, each is looked up by itself: a list might cost as much. */
    static final int WORTH_A_LIST = 10;

    /** A page of a list that shows no more than this share of those that come next is one of two that end it. */
    private static final int SPARSE = 20;

    private static final int MOST_SPARSE_PAGES = 2;

    /** Lists begin with the newest of a day, and what comes next is the oldest. */
    private static final int MOST_NEWER_PAGES = 200;

    private static final int LONGEST_PAUSE = 64;
    private static final int MOST_PAUSES = 10_000;
    private static final int MOST_REMEMBERED = 20_000;
    private static final Duration REMEMBERED_FOR = Duration.ofDays(1);

    /** The engine's creation times may differ from Twilio's. */
    private static final Duration CLOCKS_AGREE = Duration.ofHours(1);

    /** The list of one account for what was announced of it. */
    private static final class Reading {

        private final String account;
        /** The creation times of those that no page has shown yet, by SID. */
        private final Map<String, Instant> wanted;

        private final Instant from;
        private final Instant to;
        private @Nullable String next;
        private boolean busy;
        private boolean over;
        private int found;
        private int pages;
        private int newerPages;
        private int sparsePages;

        private Reading(String account, Map<String, Instant> wanted) {
            this.account = account;
            this.wanted = wanted;
            Instant first = wanted.values().stream().min(Instant::compareTo).orElseThrow();
            Instant last = wanted.values().stream().max(Instant::compareTo).orElseThrow();
            this.from = first.minus(CLOCKS_AGREE);
            this.to = last.plus(CLOCKS_AGREE);
        }
    }

    /**
     * A page to be read.
     *
     * @param from the first day of the list, in GMT
     * @param to the last day
     * @param uri the path and query of a further page; null for the first
     */
    record Page(
            Reading reading,
            LocalDate from,
            LocalDate to,
            @Nullable String uri) {}

    /** For how many announcements no list is read. */
    private record Pause(int length, int left) {}

    private final Clock clock;
    private final Map<String, Reading> readings = new HashMap<>();
    private final Map<String, Pause> pauses = new HashMap<>();

    /**
     * What a list has shown.
     *
     * @param at when it did
     * @param made when Twilio made the recording; null where that was not readable
     */
    private record Shown(Instant at, @Nullable Instant made) {}

    /** Recordings with their media at Twilio; those that were shown first are forgotten first. */
    private final Map<String, Shown> atTwilio = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Shown> eldest) {
            return size() > MOST_REMEMBERED;
        }
    };

    MediaLists(Clock clock) {
        this.clock = clock;
    }

    /** Notes which recordings of an account come next: their creation times by SID. */
    synchronized void announce(String account, Map<String, Instant> next) {
        Map<String, Instant> wanted = new HashMap<>(next);
        wanted.keySet().removeIf(sid -> showsAtTwilio(account, sid));
        if (wanted.size() < WORTH_A_LIST) {
            return;
        }
        Pause pause = pauses.get(account);
        if (pause != null && pause.left > 0) {
            pauses.put(account, new Pause(pause.length, pause.left - 1));
            readings.remove(account);
        } else {
            readings.put(account, new Reading(account, wanted));
        }
    }

    /** Whether a list has shown the recording with its media at Twilio. */
    synchronized boolean showsAtTwilio(String account, String sid) {
        Shown shown = atTwilio.get(key(account, sid));
        return shown != null && clock.instant().isBefore(shown.at.plus(REMEMBERED_FOR));
    }

    /** When Twilio made a recording that a list has shown; null if none did, or if that was not readable. */
    @Nullable
    synchronized Instant madeAt(String account, String sid) {
        Shown shown = atTwilio.get(key(account, sid));
        return shown == null ? null : shown.made;
    }

    /** The page that its caller must read now; empty if none is worth it, or another thread reads one. */
    synchronized Optional<Page> take(String account) {
        Reading reading = readings.get(account);
        if (reading == null || reading.busy || reading.over) {
            return Optional.empty();
        }
        reading.busy = true;
        return Optional.of(new Page(reading, day(reading.from), day(reading.to), reading.next));
    }

    /**
     * Takes in what a page shows.
     *
     * @param next the path and query of the next page; null if there is none
     */
    synchronized void read(Page page, Map<String, RecordingState> shown, @Nullable String next) {
        Reading reading = page.reading;
        Instant now = clock.instant();
        int found = 0;
        boolean newer = !shown.isEmpty();
        boolean older = newer;
        for (Map.Entry<String, RecordingState> one : shown.entrySet()) {
            RecordingState state = one.getValue();
            Instant created = state.created();
            newer &= created != null && created.isAfter(reading.to);
            older &= created != null && created.isBefore(reading.from);
            String key = key(reading.account, one.getKey());
            if (state.isCompletedAtTwilio()) {
                atTwilio.put(key, new Shown(now, created));
            } else {
                atTwilio.remove(key);
            }
            found += reading.wanted.remove(one.getKey()) == null ? 0 : 1;
        }
        reading.busy = false;
        reading.next = next;
        reading.found += found;
        if (newer && ++reading.newerPages <= MOST_NEWER_PAGES && next != null) {
            return;
        }
        reading.pages++;
        if (found * SPARSE <= shown.size()) {
            reading.sparsePages++;
        }
        boolean goesOn = next != null
                && !newer
                && !older
                && !reading.wanted.isEmpty()
                && reading.sparsePages < MOST_SPARSE_PAGES;
        if (!goesOn) {
            end(reading, reading.found >= WORTH_A_LIST * reading.pages);
        }
    }

    /** A page could not be read. */
    synchronized void failed(Page page) {
        end(page.reading, false);
    }

    private void end(Reading reading, boolean hasPaid) {
        reading.busy = false;
        reading.over = true;
        if (hasPaid) {
            pauses.remove(reading.account);
        } else {
            if (pauses.size() >= MOST_PAUSES) {
                pauses.clear();
            }
            pauses.merge(reading.account, new Pause(1, 1), (before, first) -> {
                int length = Math.min(LONGEST_PAUSE, 2 * before.length);
                return new Pause(length, length);
            });
        }
    }

    private static LocalDate day(Instant instant) {
        return LocalDate.ofInstant(instant, ZoneOffset.UTC);
    }

    private static String key(String account, String sid) {
        return account + sid;
    }
}
