package dev.retention.twilio;

import com.twilio.exception.ApiConnectionException;
import com.twilio.http.HttpClient;
import com.twilio.http.Request;
import com.twilio.http.Response;
import java.io.ByteArrayInputStream;
import org.apache.hc.core5.http.Header;
import org.jspecify.annotations.Nullable;

/**
 * Carries one request of Twilio's library over our transport and keeps what came back. The library's own retries are cut off
 * here, and its exceptions are not needed: they have lost the status line and the headers.
 */
final class Exchange extends HttpClient {

    private final Transport transport;
    private final long deadline;
    private @Nullable Outcome outcome;

    Exchange(Transport transport, long deadline) {
        this.transport = transport;
        this.deadline = deadline;
    }

    /** What came back, or null when nothing was asked. */
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
        outcome = transport.send(request, deadline);
        if (outcome instanceof Outcome.Answer answer) {
            byte[] body = answer.body();
            // No headers: the library would log them.
            return new Response(
                    new ByteArrayInputStream(body == null ? new byte[0] : body), answer.status(), new Header[0]);
        }
        throw new ApiConnectionException("no answer");
    }
}
