package dev.retention.twilio;

import com.twilio.http.TwilioRestClient;
import com.twilio.rest.api.v2010.account.Recording;
import com.twilio.rest.api.v2010.account.RecordingReader;
import dev.retention.spi.DeletionPermit;
import java.time.ZoneOffset;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Twilio's API calls: the requests that are ever sent, each once. */
final class TwilioApi implements AutoCloseable {

    /** Enough to identify the account. */
    private static final long PAGE_SIZE = 20;

    /** Twilio allows 1,000. These are half a megabyte, and fit into what is read of an answer. */
    private static final long LONG_PAGE_SIZE = 500;

    /** The library turns it into the address that is configured. */
    private static final String TWILIO = "https://api.twilio.com";

    /** For requests that delete nothing. */
    private static final DeletionPermit ALWAYS = () -> true;

    private final Transport transport;
    private final LongSupplier ticker;
    private final long timeoutNanos;

    TwilioApi(TwilioSettings settings) {
        this.transport = new Transport(settings.place.base(), settings.limits, settings.ticker);
        this.ticker = settings.ticker;
        this.timeoutNanos = settings.limits.requestTimeout().toNanos();
    }

    /** Begins a call of the sweeper: its request time-out starts now. */
    Call begin() {
        return new Call(ticker, timeoutNanos);
    }

    /** @param permit asked as the last thing before the request is sent, when its connection is ready */
    Outcome delete(Account account, String recording, Call call, DeletionPermit permit) {
        return exchange(
                account,
                call,
                permit,
                client -> Recording.deleter(account.sid(), recording).delete(client));
    }

    /** Finds deleted recordings too. */
    Outcome lookUp(Account account, String recording, Call call) {
        return exchange(
                account,
                call,
                ALWAYS,
                client -> Recording.fetcher(account.sid(), recording)
                        .setIncludeSoftDeleted(true)
                        .fetch(client));
    }

    /** Lists the recordings of some days, deleted ones too: so their pages stay the same while some are deleted. */
    Outcome listRecordings(Account account, MediaLists.Page page, Call call) {
        return exchange(account, call, ALWAYS, client -> {
            RecordingReader reader = Recording.reader(account.sid());
            if (page.uri() != null) {
                reader.getPage(TWILIO + page.uri(), client);
            } else {
                // Midnights: Twilio documents days, and its library sends times.
                reader.setDateCreatedAfter(page.from().atStartOfDay(ZoneOffset.UTC))
                        .setDateCreatedBefore(page.to().plusDays(1).atStartOfDay(ZoneOffset.UTC))
                        .setIncludeSoftDeleted(true)
                        .setPageSize(LONG_PAGE_SIZE)
                        .firstPage(client);
            }
        });
    }

    /** Lists some of the account's newest recordings. */
    Outcome listRecordings(Account account, Call call) {
        return exchange(
                account,
                call,
                ALWAYS,
                client -> Recording.reader(account.sid()).setPageSize(PAGE_SIZE).firstPage(client));
    }

    private Outcome exchange(Account account, Call call, DeletionPermit permit, Consumer<TwilioRestClient> request) {
        Exchange exchange = new Exchange(transport, call.deadline(), permit);
        String failure = "Twilio's library sent no request";
        try {
            request.accept(account.client(exchange));
        } catch (RuntimeException e) {
            // The library's view of the answer, or that there was none. The exchange has the adapter's view.
            failure = "Twilio's library failed: " + e.getClass().getSimpleName();
        }
        Outcome outcome = exchange.outcome();
        call.note(outcome);
        return outcome == null ? Outcome.Failure.unsent(TwilioCauseCodes.NOT_SENT, failure) : outcome;
    }

    /** Aborts what is in flight. */
    @Override
    public void close() {
        transport.close();
    }
}
