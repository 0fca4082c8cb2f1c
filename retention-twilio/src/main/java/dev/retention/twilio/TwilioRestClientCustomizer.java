package dev.retention.twilio;

import com.twilio.http.TwilioRestClient;

/**
 * Changes the clients by which Twilio is asked, such as their user agent. Called for each request, on the thread that asks, so it must be quick. Account, HTTP client,
 * edge and region are set afterwards and can't be changed by it: what is deleted, and where, is what the storage's own settings say. If it
 * throws, nothing is sent.
 */
@FunctionalInterface
public interface TwilioRestClientCustomizer {

    /** Changes a client before it is built. */
    void customize(TwilioRestClient.Builder client);
}
