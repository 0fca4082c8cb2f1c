package dev.retention.twilio;

/**
 * The codes by which the results of {@link TwilioRecordingStorage} are grouped:
 * {@link dev.retention.spi.DeletionResult#code()}, and the code of a recording's {@link dev.retention.Cause}. A code
 * never holds a request id, a time or a SID; those are in the detail. Codes are stable, and details may be reworded.
 *
 * <p>An answer with an error in Twilio's format has the code {@link #ofError}, another one the code {@link #ofStatus}
 * or one of the constants here. A result that needs no explanation has the name of its kind: {@code DELETED},
 * {@code ALREADY_GONE}, {@code NOTHING_STORED}, {@code STILL_THERE}, {@code KEPT_ELSEWHERE}, and {@code NOT_FOUND}
 * where both the deletion and the look-up were answered with 404.
 */
public final class TwilioCauseCodes {

    // Nothing was sent.

    /** The storage key is missing or no recording SID. Correct the row. */
    public static final String INVALID_STORAGE_KEY = "INVALID_STORAGE_KEY";

    /** The row's account is no account SID. Correct the row. */
    public static final String INVALID_ACCOUNT = "INVALID_ACCOUNT";

    /** The row's account is not the configured one, and no {@link TwilioCredentialsLookup} is configured. */
    public static final String ACCOUNT_NOT_CONFIGURED = "ACCOUNT_NOT_CONFIGURED";

    /** The {@link TwilioCredentialsLookup} has no credentials for the account. Add them. */
    public static final String NO_CREDENTIALS = "NO_CREDENTIALS";

    /** The row names none of the {@link TwilioRegions}. Correct the row, or add the region. */
    public static final String REGION_NOT_CONFIGURED = "REGION_NOT_CONFIGURED";

    /** The {@link TwilioCredentialsLookup} threw an exception. */
    public static final String CREDENTIALS_LOOKUP_FAILED = "CREDENTIALS_LOOKUP_FAILED";

    /** No connection: the name is unknown, the port closed, TLS failed, or it took too long. Check the network. */
    public static final String NO_CONNECTION = "NO_CONNECTION";

    /** All connections were in use for half of the request time-out. */
    public static final String NO_FREE_CONNECTION = "NO_FREE_CONNECTION";

    /** The proxy opened no tunnel. Check its settings. */
    public static final String PROXY_REFUSED = "PROXY_REFUSED";

    /** Twilio's library or a {@link TwilioRestClientCustomizer} failed before anything was sent. */
    public static final String NOT_SENT = "NOT_SENT";

    /** The look-up before the deletion took more than half of the request time-out. No DELETE was sent. */
    public static final String LOOK_TOO_SLOW = "LOOK_TOO_SLOW";

    /** When the connection was ready, the deletion was no longer permitted. No DELETE was sent. */
    public static final String PERMIT_ENDED = "PERMIT_ENDED";

    // Sent or not; the detail says which.

    /** The calling thread was interrupted. */
    public static final String INTERRUPTED = "INTERRUPTED";

    /** The storage was closed. */
    public static final String CLOSED = "CLOSED";

    // Sent, and the outcome is unknown.

    /** No complete answer within the request time-out. */
    public static final String TIMEOUT = "TIMEOUT";

    /** The connection broke before an answer. */
    public static final String RESET = "RESET";

    /** The answer is not one of Twilio's, or broke off. Check the base URL and any gateway. */
    public static final String UNREADABLE_ANSWER = "UNREADABLE_ANSWER";

    /** A deletion was answered with 404, and the look-up after it shows the recording. */
    public static final String CONTRADICTED = "CONTRADICTED";

    // Twilio answered.

    /** The recording is not complete yet: Twilio is still recording or processing it. */
    public static final String NOT_COMPLETE = "NOT_COMPLETE";

    /** The recording has a status that this version does not support. */
    public static final String UNKNOWN_STATUS = "UNKNOWN_STATUS";

    /** The answer is about another recording than the one asked about. Check any gateway or cache. */
    public static final String OTHER_RECORDING = "OTHER_RECORDING";

    /** The answer is about another account than the one asked about. Check the account, and any gateway or cache. */
    public static final String OTHER_ACCOUNT = "OTHER_ACCOUNT";

    private TwilioCauseCodes() {}

    /**
     * The code of an error answer in Twilio's format.
     *
     * @param twilioCode Twilio's error code, such as 20003
     * @return {@code TWILIO_} and the error code
     */
    public static String ofError(int twilioCode) {
        return "TWILIO_" + twilioCode;
    }

    /**
     * The code of an answer without an error in Twilio's format, such as a gateway's.
     *
     * @param status the HTTP status, such as 502
     * @return {@code HTTP_} and the status
     */
    public static String ofStatus(int status) {
        return "HTTP_" + status;
    }
}
