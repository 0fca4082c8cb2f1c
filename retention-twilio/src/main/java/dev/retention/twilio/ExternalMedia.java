package dev.retention.twilio;

/**
 * When to look whether a recording's media lies outside of Twilio. A customer may have recordings stored in a bucket of its own;
 * Twilio then answers a deletion with 204 like any other and leaves the bucket alone. The switch concerns new recordings only, so
 * one account may hold both kinds.
 */
public enum ExternalMedia {

    /**
     * Looks before each deletion, except between two recordings that were looked at and whose media both lay at Twilio: two
     * that were made at most a day apart stand for all that were made between them. Of the recordings that the sweeper announces, the first and the
     * last of a day are looked at before those between. A switch that was turned on and off again between the two is
     * not noticed: where that can be, use {@link #CHECK}.
     */
    AUTO,

    /** Looks before each deletion. */
    CHECK,

    /** Never looks: this account has always stored its media at Twilio. */
    NONE
}
