package dev.retention.twilio;

import com.twilio.http.TwilioRestClient;

/**
 * Changes the clients that call Twilio, such as their user agent. Called for each request, on its thread, so it must be
 * quick. It can't change account, HTTP client, edge and region, which are set afterwards: the storage's own settings
 * decide what is deleted, and where. If it throws, nothing is sent.
 */
@FunctionalInterface
public interface TwilioRestClientCustomizer {

    /** Changes a client before it is built. */
    void customize(TwilioRestClient.Builder client);
}
