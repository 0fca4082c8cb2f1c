package dev.retention.twilio;

import com.twilio.exception.ApiConnectionException;
import com.twilio.http.HttpClient;
import com.twilio.http.Request;
import com.twilio.http.Response;
import dev.retention.spi.DeletionPermit;
import java.io.ByteArrayInputStream;
import org.apache.hc.core5.http.Header;
import org.jspecify.annotations.Nullable;

/**
 * Sends one request of Twilio's library through this adapter's transport and keeps the outcome. The library's own
 * retries end here. Its exceptions are not used: they do not contain the status line and the headers.
 */
final class Exchange extends HttpClient {

    private final Transport transport;
    private final long deadline;
    private final DeletionPermit permit;
    private @Nullable Outcome outcome;

    /** @param permit asked as the last thing before the request is sent */
    Exchange(Transport transport, long deadline, DeletionPermit permit) {
        this.transport = transport;
        this.deadline = deadline;
        this.permit = permit;
    }

    /** The outcome, or null if nothing was sent. */
    @Nullable
    Outcome outcome() {
        return outcome;
    }

    @Override
    public Response reliableRequest(Request request) {
        return makeRequest(request);
    }

    @Override
    public Response reliableRequest(Request request, int[] retryCodes, int retries, long delayMillis) {
        return makeRequest(request);
    }

    @Override
    public Response makeRequest(Request request) {
        if (outcome != null) {
            throw new IllegalStateException("an exchange carries one request");
        }
        outcome = transport.send(request, deadline, permit);
        if (outcome instanceof Outcome.Answer answer) {
            byte[] body = answer.body();
            // No headers: the library would log them.
            return new Response(
                    new ByteArrayInputStream(body == null ? new byte[0] : body), answer.status(), new Header[0]);
        }
        throw new ApiConnectionException("no answer");
    }
}
