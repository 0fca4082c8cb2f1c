package dev.retention.test.twilio;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The requests so far, and how many are in flight. Its callers hold the server's lock. */
final class RequestJournal {

    private static final Pattern RECORDING =
            Pattern.compile("/2010-04-01/Accounts/([^/?]*)/Recordings/([^/?]*)\\.json(?:\\?(.*))?");
    private static final Pattern LIST = Pattern.compile("/2010-04-01/Accounts/([^/?]*)/Recordings\\.json(?:\\?(.*))?");

    private final Clock clock;
    private final List<Entry> entries = new ArrayList<>();
    private long forgotten;
    private int inFlight;
    private int mostInFlight;

    RequestJournal(Clock clock) {
        this.clock = clock;
    }

    /** A request and its outcome. */
    static final class Entry {

        private TwilioRequest request;

        private Entry(TwilioRequest request) {
            this.request = request;
        }

        TwilioRequest request() {
            return request;
        }

        void answered(int status) {
            request = request.toBuilder().status(status).build();
        }

        void markApplied() {
            request = request.toBuilder().applied(true).build();
        }
    }

    Entry enter(HttpHead head) {
        Matcher one = RECORDING.matcher(head.target());
        Matcher list = LIST.matcher(head.target());
        String account = one.matches() ? one.group(1) : list.matches() ? list.group(1) : null;
        String sid = one.matches() ? one.group(2) : null;
        Entry entry = new Entry(TwilioRequest.builder(count() + 1, clock.instant(), head.method(), head.target())
                .account(account)
                .sid(sid)
                .build());
        entries.add(entry);
        inFlight++;
        mostInFlight = Math.max(mostInFlight, inFlight);
        return entry;
    }

    void leave() {
        inFlight--;
    }

    long count() {
        return forgotten + entries.size();
    }

    int mostInFlight() {
        return mostInFlight;
    }

    List<TwilioRequest> requests() {
        return entries.stream().map(Entry::request).toList();
    }

    void clear() {
        forgotten += entries.size();
        entries.clear();
    }
}
