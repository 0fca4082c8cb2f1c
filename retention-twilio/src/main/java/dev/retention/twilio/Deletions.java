package dev.retention.twilio;

import dev.retention.spi.CreationCheck;
import dev.retention.spi.DeletionPermit;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.Recording;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The order of a deletion's requests: a page of a list if one is to be read, a look-up of the media if one is needed,
 * the DELETE, and a look-up if its answer is unclear.
 */
final class Deletions {

    private final AccountAccess access;
    private final TwilioApi api;
    private final MediaLooks looks;
    private final RefusedAlone refusedAlone = new RefusedAlone();
    private final Clock clock;

    Deletions(AccountAccess access, TwilioApi api, TwilioSettings settings) {
        this.access = access;
        this.api = api;
        this.looks = new MediaLooks(settings.externalMedia, settings.clock);
        this.clock = settings.clock;
    }

    void announce(List<Recording> recordings) {
        looks.announce(recordings, access::accountOf);
    }

    DeletionResult lookUp(Recording recording) {
        Call call = api.begin();
        try {
            return call.end(lookUp(access.targetOf(recording), call));
        } catch (AccessDenied denied) {
            return denied.result();
        }
    }

    DeletionResult delete(Recording recording, DeletionPermit permit) {
        Call call = api.begin();
        try {
            return call.end(delete(recording, permit, call));
        } catch (AccessDenied denied) {
            return denied.result();
        }
    }

    private DeletionResult delete(Recording recording, DeletionPermit permit, Call call) throws AccessDenied {
        AccountAccess.Target target = access.targetOf(recording);
        Look look = look(recording, target, call);
        if (look.obstacle != null) {
            return look.obstacle;
        }
        if (look.asked && call.hasLessThanHalfOfItsTime()) {
            return DeletionResult.tryLater(
                            "the look-up before the deletion took more than half of the request time-out;"
                                    + " no DELETE was sent",
                            null,
                            true)
                    .withCode(TwilioCauseCodes.LOOK_TOO_SLOW);
        }
        Outcome outcome = api.delete(target.account(), target.sid(), call, permit);
        Answers.Deletion meaning =
                Answers.toDelete(target.asked(Question.Operation.DELETE), outcome, look.media, clock.instant());
        if (meaning instanceof Answers.Unsettled unsettled) {
            return unsettled.after(lookUp(target, call));
        }
        DeletionResult result = ((Answers.Settled) meaning).result();
        if (result.kind() == DeletionResult.Kind.DELETED) {
            refusedAlone.deleted(target.account().sid());
        }
        return concerned(target.asked(Question.Operation.DELETE), outcome, result, target, call);
    }

    /**
     * The result, unless an answer that refuses access is about this recording alone: then its account can still be
     * listed.
     */
    private DeletionResult concerned(
            Question asked, Outcome outcome, DeletionResult result, AccountAccess.Target target, Call call) {
        if (result.kind() != DeletionResult.Kind.STOP
                || !Answers.mayBeAboutTheRecordingAlone(asked, outcome, clock.instant())) {
            return result;
        }
        Outcome list = api.listRecordings(target.account(), call);
        boolean listed =
                list instanceof Outcome.Answer && Answers.toList(target.askedAboutAll(), list, clock.instant()) == null;
        return listed && refusedAlone.isPossible(target.account().sid()) ? Answers.refusedAlone(result) : result;
    }

    /**
     * What was found before a deletion.
     *
     * @param asked whether Twilio may have been asked
     * @param obstacle why nothing may be deleted; null if the deletion may continue
     */
    private record Look(
            Answers.Media media, boolean asked, @Nullable DeletionResult obstacle) {

        static Look obstacle(DeletionResult found) {
            return new Look(Answers.Media.NOT_LOOKED_AT, true, Answers.withoutDelete(found));
        }
    }

    private Look look(Recording recording, AccountAccess.Target target, Call call) {
        Optional<Answers.Listing> listing = readList(target, call);
        DeletionResult objection = listing.isPresent() ? listing.get().objection() : null;
        if (objection != null && objection.kind() == DeletionResult.Kind.MISMATCH) {
            return Look.obstacle(objection);
        }
        if (!looks.areNeeded(target)) {
            DeletionResult younger =
                    CreationCheck.objection(recording, looks.madeAt(target)).orElse(null);
            return new Look(looks.withoutLook(), listing.isPresent(), younger);
        }
        // Also after a list that could not be read: it shows nothing then.
        DeletionResult own = lookUp(target, call);
        return own.kind() == DeletionResult.Kind.STILL_THERE
                ? new Look(
                        Answers.Media.AT_TWILIO,
                        true,
                        CreationCheck.objection(recording, own.made()).orElse(null))
                : Look.obstacle(own);
    }

    /** Reads a page of a list of the account's recordings; empty where none is to be read now. */
    private Optional<Answers.Listing> readList(AccountAccess.Target near, Call call) {
        return looks.takePage(near).map(page -> {
            Question asked = near.askedAboutAll();
            Outcome outcome = api.listRecordings(near.account(), page, call);
            Answers.Listing listing = Answers.toListing(asked, outcome, clock.instant());
            looks.read(page, listing);
            return listing;
        });
    }

    private DeletionResult lookUp(AccountAccess.Target target, Call call) {
        Outcome outcome = api.lookUp(target.account(), target.sid(), call);
        Question asked = target.asked(Question.Operation.LOOK_UP);
        return concerned(asked, outcome, Answers.toLookUp(asked, outcome, clock.instant()), target, call);
    }
}
