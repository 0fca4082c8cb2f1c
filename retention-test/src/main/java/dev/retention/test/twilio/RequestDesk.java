package dev.retention.test.twilio;

import dev.retention.test.twilio.RequestJournal.Entry;
import dev.retention.test.twilio.TwilioAccounts.Account;
import dev.retention.test.twilio.TwilioFault.Delivery;
import dev.retention.test.twilio.TwilioFault.Effect;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Processes one request: writes it to the journal, calls the observer, waits during a pause, and sends the usual answer
 * or a fault.
 */
final class RequestDesk implements LoopbackServer.Handler {

    private static final DateTimeFormatter HTTP_DATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    /** Guards everything that is not final, and what the final fields refer to. */
    final Object lock = new Object();

    final TwilioAccounts accounts = new TwilioAccounts();
    final FaultPlan faults = new FaultPlan();
    final RecordingStore store;
    final RequestJournal journal;
    private final RecordingsApi api;
    private final Clock clock;
    private final List<Entry> lateDeletions = new ArrayList<>();
    private final Random requestIds = new Random(20260101);
    private Duration dateOffset = Duration.ZERO;
    private boolean paused;
    private boolean closed;
    private volatile @Nullable TwilioObserver observer;

    RequestDesk(Clock clock) {
        this.clock = clock;
        this.store = new RecordingStore(clock);
        this.journal = new RequestJournal(clock);
        this.api = new RecordingsApi(accounts, store);
    }

    private record Decision(HttpAnswer answer, @Nullable TwilioFault fault) {}

    @Override
    public boolean answer(HttpHead head, AnswerWriter writer) throws IOException, InterruptedException {
        Entry entry;
        Account account;
        synchronized (lock) {
            entry = journal.enter(head);
            account = accounts.find(entry.request().account());
            if (account != null) {
                account.inFlight++;
            }
            lock.notifyAll();
        }
        try {
            HttpHead.Credentials named = head.credentials();
            TwilioObserver watching = observer;
            TwilioFault chosen =
                    watching == null ? null : watching.received(entry.request(), named == null ? "" : named.user());
            Decision decision;
            synchronized (lock) {
                while (paused) {
                    lock.wait();
                }
                if (closed) {
                    return false;
                }
                decision = decide(head, entry, chosen, account);
                if (watching != null) {
                    watching.decided(entry.request());
                }
            }
            return writer.send(decision.answer(), decision.fault());
        } finally {
            synchronized (lock) {
                journal.leave();
                if (account != null) {
                    account.inFlight--;
                }
            }
        }
    }

    private Decision decide(HttpHead head, Entry entry, @Nullable TwilioFault chosen, @Nullable Account account) {
        TwilioFault fault = chosen != null ? chosen : faults.take(entry.request());
        int concurrent = account == null ? 1 : account.inFlight;
        HttpAnswer answer =
                fault == null || fault.letsPass() ? deserved(head, entry, account) : failing(head, entry, fault);
        Map<String, String> headers = headers(concurrent);
        if (fault != null) {
            headers.putAll(fault.headers);
        }
        if (fault == null || fault.delivery != Delivery.RESET && fault.delivery != Delivery.NO_ANSWER) {
            entry.answered(answer.status());
        }
        return new Decision(answer.withHeaders(headers), fault);
    }

    private HttpAnswer deserved(HttpHead head, Entry entry, @Nullable Account account) {
        return account != null && account.isOverItsLimit()
                ? HttpAnswer.error(429, 20429, "Too Many Requests")
                : api.answer(head, entry, true);
    }

    private HttpAnswer failing(HttpHead head, Entry entry, TwilioFault fault) {
        if (fault.effect == Effect.APPLIED) {
            api.answer(head, entry, true);
        } else if (fault.effect == Effect.APPLIED_LATE
                && api.answer(head, entry, false).status() == 204) {
            lateDeletions.add(entry);
        }
        return new HttpAnswer(fault.status, fault.contentType, fault.body, Map.of());
    }

    /** Those that every answer has; a fault's own take their place. */
    private Map<String, String> headers(int concurrent) {
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        headers.put("Date", HTTP_DATE.format(clock.instant().plus(dateOffset)));
        headers.put("Twilio-Request-Id", String.format("RQ%016x%016x", requestIds.nextLong(), requestIds.nextLong()));
        headers.put("Twilio-Concurrent-Requests", String.valueOf(concurrent));
        headers.put("Twilio-Request-Duration", "0.080");
        headers.put("X-Home-Region", "us1");
        return headers;
    }

    void observe(@Nullable TwilioObserver newObserver) {
        observer = newObserver;
    }

    void setDateOffset(Duration offset) {
        synchronized (lock) {
            dateOffset = offset;
        }
    }

    void heal() {
        synchronized (lock) {
            faults.clear();
            store.showAllUnderTheirOwn();
            dateOffset = Duration.ZERO;
        }
    }

    void pause() {
        synchronized (lock) {
            paused = true;
        }
    }

    void resume() {
        synchronized (lock) {
            paused = false;
            lock.notifyAll();
        }
    }

    void close() {
        synchronized (lock) {
            closed = true;
            resume();
        }
    }

    void applyLate() {
        synchronized (lock) {
            TwilioObserver watching = observer;
            for (Entry entry : lateDeletions) {
                api.apply(entry);
                if (watching != null && entry.request().applied()) {
                    watching.appliedLate(entry.request());
                }
            }
            lateDeletions.clear();
        }
    }

    boolean awaitRequests(int count, Duration atMost) throws InterruptedException {
        long deadline = System.nanoTime() + atMost.toNanos();
        synchronized (lock) {
            while (journal.count() < count) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    return false;
                }
                TimeUnit.NANOSECONDS.timedWait(lock, left);
            }
            return true;
        }
    }
}
