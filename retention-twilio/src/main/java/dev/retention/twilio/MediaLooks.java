package dev.retention.twilio;

import dev.retention.spi.DeletionResult;
import dev.retention.spi.Recording;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/** Which recordings are looked at before their deletion, since their media may be stored outside of Twilio. */
final class MediaLooks {

    private final ExternalMedia when;
    private final MediaSpans spans = new MediaSpans();

    MediaLooks(ExternalMedia when) {
        this.when = when;
    }

    /** Notes which recordings come next, so that the first and the last of a day are looked at before the others. */
    void announce(List<Recording> recordings, Function<Recording, String> accountOf) {
        Map<String, NavigableMap<Instant, Recording>> next = new HashMap<>();
        for (Recording recording : recordings) {
            next.computeIfAbsent(accountOf.apply(recording), name -> new TreeMap<>())
                    .put(recording.created(), recording);
        }
        spans.announce(next);
    }

    boolean areNeeded(AccountAccess.Target target) {
        return switch (when) {
            case NONE -> false;
            case CHECK -> true;
            case AUTO -> !isCovered(target);
        };
    }

    /** What is known of the media of a recording that needs no look-up. */
    Answers.Media withoutLook() {
        return when == ExternalMedia.NONE ? Answers.Media.NOT_LOOKED_AT : Answers.Media.BETWEEN_OTHERS;
    }

    /**
     * The last of those that are announced for the day after a recording that is covered. Once it has been looked at,
     * those between are covered when their turn comes; otherwise each that is sent before the first of them is answered
     * would be looked at.
     */
    Optional<Recording> ahead(AccountAccess.Target near) {
        return when == ExternalMedia.AUTO && isCovered(near)
                ? spans.takeFarEnd(near.account().sid(), near.created())
                : Optional.empty();
    }

    void note(AccountAccess.Target target, Answers.Found found) {
        String account = target.account().sid();
        if (found.result().kind() == DeletionResult.Kind.KEPT_ELSEWHERE) {
            spans.sawElsewhere(account);
        } else if (found.result().kind() == DeletionResult.Kind.STILL_THERE) {
            spans.sawAtTwilio(account, target.created(), found.createdAtTwilio());
        }
    }

    private boolean isCovered(AccountAccess.Target target) {
        return spans.covers(target.account().sid(), target.created());
    }
}
