package dev.retention.test.twilio;

import org.jspecify.annotations.Nullable;

/** Sees each request of a {@link LoopbackTwilio} as it comes, in time to write it down before its answer leaves. */
public interface TwilioObserver {

    /**
     * A request's head was read, and nothing is decided yet. Called on the connection's thread, without any lock: the answer waits for it.
     *
     * @param request the request, without status
     * @param user the account or API key that it names, whether or not that is so; empty where it names none
     * @return how it shall fail; null for the faults that are set otherwise, if any
     */
    @Nullable
    TwilioFault received(TwilioRequest request, String user);

    /** What becomes of the request is decided, and nothing of the answer has left. Called with the server's lock held. */
    default void decided(TwilioRequest request) {}

    /** A deletion that was to be applied late was applied now. Called with the server's lock held. */
    default void appliedLate(TwilioRequest request) {}
}
