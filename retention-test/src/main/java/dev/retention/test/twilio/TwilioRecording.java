package dev.retention.test.twilio;

import java.time.Instant;
import java.util.regex.Pattern;
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
 * @param recorded what it is a recording of
 */
public record TwilioRecording(
        String account,
        String sid,
        Instant created,
        String status,
        @Nullable String mediaUrl,
        @Nullable Instant deleted,
        Recorded recorded) {

    static final Pattern CALL = Pattern.compile("CA[0-9a-fA-F]{32}");
    static final Pattern CONFERENCE = Pattern.compile("CF[0-9a-fA-F]{32}");

    /**
     * A call, which may be part of a conference.
     *
     * @param call its {@code call_sid}
     * @param conference its {@code conference_sid}; null without a conference
     */
    public record Recorded(String call, @Nullable String conference) {
        public Recorded {
            LoopbackTwilio.requireSid(CALL, call, "call SID");
            if (conference != null) {
                LoopbackTwilio.requireSid(CONFERENCE, conference, "conference SID");
            }
        }
    }

    /** A completed recording with its media at Twilio, of a call of its own. */
    public static TwilioRecording completed(String account, String sid, Instant created) {
        LoopbackTwilio.requireSid(RecordingStore.RECORDING_SID, sid, "recording SID");
        return new TwilioRecording(
                account, sid, created, "completed", null, null, new Recorded("CA" + sid.substring(2), null));
    }

    /**
     * The same with another status, such as {@code processing}, {@code in-progress}, {@code absent} or {@code failed}.
     */
    public TwilioRecording withStatus(String newStatus) {
        return new TwilioRecording(account, sid, created, newStatus, mediaUrl, deleted, recorded);
    }

    /** The same with its media at another address, such as a bucket of the customer's. */
    public TwilioRecording withMediaUrl(String newMediaUrl) {
        return new TwilioRecording(account, sid, created, status, newMediaUrl, deleted, recorded);
    }

    /** The same of another call, of which there may be several recordings. */
    public TwilioRecording withRecorded(Recorded newRecorded) {
        return new TwilioRecording(account, sid, created, status, mediaUrl, deleted, newRecorded);
    }

    /** Whether its media is elsewhere than at Twilio: then a deletion leaves it where it is. */
    public boolean isExternal() {
        return mediaUrl != null && !mediaUrl.startsWith("https://api.twilio.com/");
    }

    TwilioRecording deletedAt(Instant time) {
        return new TwilioRecording(account, sid, created, "deleted", mediaUrl, time, recorded);
    }
}
