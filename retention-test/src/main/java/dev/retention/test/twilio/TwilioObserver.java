package dev.retention.test.twilio;

import org.jspecify.annotations.Nullable;

/** Receives each request to a {@link LoopbackTwilio} when it arrives, before its answer is sent. */
public interface TwilioObserver {

    /**
     * A request's head was read, and nothing is decided yet. Called on the connection's thread, without any lock: the
     * answer waits for it.
     *
     * @param request the request, without status
     * @param user the account or API key that it names, whether or not that is so; empty where it names none
     * @return the fault of this request; null for the faults that are set otherwise, if any
     */
    @Nullable
    TwilioFault received(TwilioRequest request, String user);

    /** The effect of the request is decided, and nothing of the answer was sent. Called with the server's lock held. */
    default void decided(TwilioRequest request) {}

    /** A deletion that was to be applied late was applied now. Called with the server's lock held. */
    default void appliedLate(TwilioRequest request) {}
}
