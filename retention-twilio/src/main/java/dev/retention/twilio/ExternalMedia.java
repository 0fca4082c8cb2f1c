package dev.retention.twilio;

/**
 * When to check whether a recording's media is stored outside of Twilio. A customer may have recordings stored in its
 * own bucket. Twilio then answers a deletion with 204 like any other, and leaves the bucket as it is. The setting at
 * Twilio affects new recordings only, and may differ between calls, so one account may hold both kinds in any order.
 */
public enum ExternalMedia {

    /**
     * Checks each recording before its deletion. Lists of the account's recordings, which show 500 for one request, are
     * read for the recordings that the sweeper announces. Those that no list has shown, or not with their media at
     * Twilio, are looked up one by one. Usually one request more for every 500 deletions.
     */
    AUTO,

    /** Looks each recording up by itself before its deletion: one request more for each. */
    CHECK,

    /** Checks no recording before its deletion: this account has always stored its media at Twilio. */
    NONE
}
