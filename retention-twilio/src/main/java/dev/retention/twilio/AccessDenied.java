package dev.retention.twilio;

import dev.retention.spi.DeletionResult;

/** Nothing may be sent for this recording or account, and this is the answer instead. Without a stack trace. */
final class AccessDenied extends Exception {

    private static final long serialVersionUID = 1L;

    private final transient DeletionResult result;

    AccessDenied(DeletionResult result) {
        super(result.toString(), null, false, false);
        this.result = result;
    }

    DeletionResult result() {
        return result;
    }
}
