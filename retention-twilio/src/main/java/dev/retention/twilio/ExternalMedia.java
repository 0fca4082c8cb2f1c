package dev.retention.twilio;

/**
 * When to check whether a recording's media is stored outside of Twilio. A customer may have recordings stored in its
 * own bucket. Twilio then answers a deletion with 204 like any other, and leaves the bucket as it is. The setting at
 * Twilio affects new recordings only, so one account may hold both kinds.
 */
public enum ExternalMedia {

    /**
     * Looks each recording up before its deletion, except recordings that were created between two others, at most a
     * day apart, whose media was found at Twilio. Of the recordings that the sweeper announces, the first and the last
     * of a day are looked up before those between. A setting at Twilio that was switched on and off again between the
     * two is not noticed: if that may happen, use {@link #CHECK}.
     */
    AUTO,

    /** Looks each recording up before its deletion. */
    CHECK,

    /** Looks no recording up before its deletion: this account has always stored its media at Twilio. */
    NONE
}
