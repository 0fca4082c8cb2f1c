package dev.retention.twilio;

import dev.retention.spi.Recording;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Which recordings are looked at before their deletion, since their media may be stored outside of Twilio. */
final class MediaLooks {

    private final ExternalMedia when;
    private final MediaLists lists;

    MediaLooks(ExternalMedia when, Clock clock) {
        this.when = when;
        this.lists = new MediaLists(clock);
    }

    /** Notes which recordings come next, so that a list can show them. */
    void announce(List<Recording> recordings, Function<Recording, String> accountOf) {
        if (when != ExternalMedia.AUTO) {
            return;
        }
        Map<String, Map<String, Instant>> next = new HashMap<>();
        for (Recording recording : recordings) {
            String account = accountOf.apply(recording);
            String sid = recording.storageKey();
            if (sid != null && Sids.isRecording(sid) && Sids.isAccount(account)) {
                next.computeIfAbsent(account, name -> new HashMap<>()).put(sid, recording.created());
            }
        }
        next.forEach(lists::announce);
    }

    /** A page of a list that its caller must read now. */
    Optional<MediaLists.Page> takePage(AccountAccess.Target target) {
        return when == ExternalMedia.AUTO ? lists.take(target.account().sid()) : Optional.empty();
    }

    /** Takes in what a page shows. */
    void read(MediaLists.Page page, Answers.Listing listing) {
        if (listing.objection() == null) {
            lists.read(page, listing.recordings(), listing.next());
        } else {
            lists.failed(page);
        }
    }

    boolean areNeeded(AccountAccess.Target target) {
        return switch (when) {
            case NONE -> false;
            case CHECK -> true;
            case AUTO -> !lists.showsAtTwilio(target.account().sid(), target.sid());
        };
    }

    /** When Twilio made a recording that needs no look of its own, as a list has shown; null if nothing did. */
    @Nullable
    Instant madeAt(AccountAccess.Target target) {
        return when == ExternalMedia.AUTO ? lists.madeAt(target.account().sid(), target.sid()) : null;
    }

    /** What is known of the media of a recording that needs no look of its own. */
    Answers.Media withoutLook() {
        return when == ExternalMedia.NONE ? Answers.Media.NOT_LOOKED_AT : Answers.Media.LISTED;
    }
}
