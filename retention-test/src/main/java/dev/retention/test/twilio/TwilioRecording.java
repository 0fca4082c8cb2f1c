package dev.retention.test.twilio;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A recording as {@link LoopbackTwilio} keeps it.
 *
 * @param account the SID of the account that holds it
 * @param sid its own SID
 * @param created its {@code date_created}
 * @param status one of Twilio's statuses, or any text, since Twilio documents some and sends more
 * @param mediaUrl its {@code media_url}; null for the address at Twilio itself
 * @param deleted when it was deleted; null while it exists. Its metadata remains visible for 40 days
 */
public record TwilioRecording(
        String account,
        String sid,
        Instant created,
        String status,
        @Nullable String mediaUrl,
        @Nullable Instant deleted) {

    /** A completed recording with its media at Twilio. */
    public static TwilioRecording completed(String account, String sid, Instant created) {
        return new TwilioRecording(account, sid, created, "completed", null, null);
    }

    /**
     * The same with another status, such as {@code processing}, {@code in-progress}, {@code absent} or {@code failed}.
     */
    public TwilioRecording withStatus(String newStatus) {
        return new TwilioRecording(account, sid, created, newStatus, mediaUrl, deleted);
    }

    /** The same with its media at another address, such as a bucket of the customer's. */
    public TwilioRecording withMediaUrl(String newMediaUrl) {
        return new TwilioRecording(account, sid, created, status, newMediaUrl, deleted);
    }

    /** Whether its media is elsewhere than at Twilio: then a deletion leaves it where it is. */
    public boolean isExternal() {
        return mediaUrl != null && !mediaUrl.startsWith("https://api.twilio.com/");
    }

    TwilioRecording deletedAt(Instant time) {
        return new TwilioRecording(account, sid, created, "deleted", mediaUrl, time);
    }
}
