package dev.retention.twilio;

import dev.retention.spi.DeletionResult;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What Twilio's answers mean. Pure: the same question, answer and time have the same meaning, and nothing is asked or
 * remembered here. Decided by the HTTP status, Twilio's error code and the fields of a recording; Twilio's messages are
 * never read.
 *
 * <p>An answer about another recording or account than the one asked about is a mismatch, whatever else it says: then
 * none of the answers can be trusted. An answer that names neither is unreadable.
 */
final class Answers {

    private static final Set<Integer> THROTTLED = Set.of(20429, 70005);
    private static final Set<Integer> NOT_COMPLETE = Set.of(20009, 20409);
    private static final int UNPROCESSABLE = 20422;
    private static final Set<Integer> STOPPING_STATUSES = Set.of(401, 403, 405, 407);

    /** Credentials, account, permission and TLS: what is wrong for one recording is wrong for all of the account. */
    private static final Set<Integer> STOPPING =
            Set.of(10001, 20003, 20005, 20006, 20008, 20011, 20012, 20151, 20160, 20403, 20426, 70051, 90010);

    /** An API key without the permission: it is missing for every recording. */
    private static final Set<Integer> MISSING_PERMISSION = Set.of(70051);

    private Answers() {}

    /** What was known of a recording's media when its DELETE was sent; part of the evidence. */
    enum Media {
        NOT_LOOKED_AT("media not looked at"),
        LISTED("media looked at in a list and found at Twilio"),
        AT_TWILIO("media looked at and found at Twilio");

        private final String text;

        Media(String text) {
            this.text = text;
        }
    }

    /** What a DELETE led to: a result, or the need to look the recording up. */
    sealed interface Deletion {}

    /** The answer decides by itself. */
    record Settled(DeletionResult result) implements Deletion {}

    /** Only a look-up can decide. */
    record Unsettled(Reason reason, String said, String code) implements Deletion {

        /** Why the answer does not decide. */
        enum Reason {
            /** A wrong account or region answers 404 to everything. */
            NOT_FOUND,
            /** Twilio deletes completed recordings only, and some are never completed. */
            NOT_COMPLETE,
            /** Refused in its present state. */
            UNPROCESSABLE
        }

        /** What the answer and the look-up after it mean together. */
        DeletionResult after(DeletionResult lookUp) {
            return reason == Reason.NOT_FOUND ? afterNotFound(lookUp) : afterWrongState(lookUp);
        }

        private DeletionResult afterNotFound(DeletionResult found) {
            return switch (found.kind()) {
                case ALREADY_GONE -> DeletionResult.alreadyGone(said + "; then " + found.detail());
                case STILL_THERE ->
                    DeletionResult.tryLater(said + ", but a look-up shows the recording", null, false)
                            .withCode(TwilioCauseCodes.CONTRADICTED);
                case TRY_LATER ->
                    DeletionResult.tryLater(said + "; then " + found.detail(), found.after(), false)
                            .withCode(found.code());
                default -> found;
            };
        }

        private DeletionResult afterWrongState(DeletionResult found) {
            boolean notComplete = reason == Reason.NOT_COMPLETE;
            return switch (found.kind()) {
                case ALREADY_GONE, NOTHING_STORED, KEPT_ELSEWHERE, NOT_YET, REFUSED, STOP, MISMATCH -> found;
                case STILL_THERE ->
                    (notComplete ? DeletionResult.notYet(said) : DeletionResult.refused(said)).withCode(code);
                default ->
                    (notComplete ? DeletionResult.notYet(said) : DeletionResult.tryLater(said, found.after(), true))
                            .withCode(code);
            };
        }
    }

    /** The meaning of the answer to a DELETE. Only a 204 proves a deletion. */
    static Deletion toDelete(Question asked, Outcome outcome, Media media, Instant now) {
        if (outcome instanceof Outcome.Failure failure) {
            return new Settled(failed(asked, failure));
        }
        Reply reply = Reply.of(asked, (Outcome.Answer) outcome, now);
        if (reply.status() == 204) {
            return new Settled(DeletionResult.deleted(
                    "DELETE 204, " + reply.requestId() + ", " + media.text + ", " + reply.time()));
        }
        DeletionResult known = inGeneral(reply);
        if (known != null) {
            return new Settled(known);
        }
        Unsettled.Reason reason = reasonToLookUp(reply);
        if (reason != null) {
            return new Unsettled(reason, reply.said(), reply.code());
        }
        return new Settled(
                reply.isTwilioError() ? DeletionResult.refused(reply.said()).withCode(reply.code()) : foreign(reply));
    }

    private static Unsettled.@Nullable Reason reasonToLookUp(Reply reply) {
        if (reply.isNotFound()) {
            return Unsettled.Reason.NOT_FOUND;
        }
        if (reply.status() == 409 || reply.hasErrorIn(NOT_COMPLETE)) {
            return Unsettled.Reason.NOT_COMPLETE;
        }
        return reply.status() == 422 || reply.hasErrorIn(Set.of(UNPROCESSABLE)) ? Unsettled.Reason.UNPROCESSABLE : null;
    }

    /** The meaning of the answer to a look-up. */
    static DeletionResult toLookUp(Question asked, Outcome outcome, Instant now) {
        if (outcome instanceof Outcome.Failure failure) {
            return failed(asked, failure);
        }
        Reply reply = Reply.of(asked, (Outcome.Answer) outcome, now);
        DeletionResult known = inGeneral(reply);
        if (known != null) {
            return known;
        }
        if (reply.isNotFound()) {
            return DeletionResult.notFound();
        }
        if (reply.status() != 200) {
            return reply.isTwilioError() ? tryLater(reply, "says nothing about the recording", null) : foreign(reply);
        }
        RecordingState state = reply.body().recording(asked.account(), Objects.requireNonNull(asked.recording()));
        return state == null ? unreadable(reply, "does not describe the recording") : described(reply, state);
    }

    private static DeletionResult described(Reply reply, RecordingState state) {
        String elsewhere = state.elsewhere();
        if (elsewhere != null) {
            // Whatever the status: a bucket keeps its file when Twilio deletes the recording.
            return DeletionResult.keptElsewhere(elsewhere);
        }
        String evidence = "look-up 200, status " + Sids.word(state.status()) + ", " + reply.requestId()
                + ", media looked at and not found elsewhere, " + reply.time();
        return switch (state.status()) {
            case "completed" -> stillThere(state.created());
            case "deleted" -> DeletionResult.alreadyGone(evidence);
            case "absent", "failed" -> DeletionResult.nothingStored(evidence);
            case "in-progress", "processing", "paused", "stopped" ->
                DeletionResult.notYet("look-up 200: the recording is not complete, its status is " + state.status())
                        .withCode(TwilioCauseCodes.NOT_COMPLETE);
            default ->
                DeletionResult.tryLater(
                                "look-up 200 with the unknown status " + Sids.word(state.status())
                                        + "; the recording is kept",
                                null,
                                false)
                        .withCode(TwilioCauseCodes.UNKNOWN_STATUS);
        };
    }

    private static DeletionResult stillThere(@Nullable Instant made) {
        return made == null ? DeletionResult.stillThere() : DeletionResult.stillThere(made);
    }

    /** The objection to the account that follows from a list of its recordings; null if there is none. */
    static @Nullable DeletionResult toList(Question asked, Outcome outcome, Instant now) {
        if (outcome instanceof Outcome.Failure failure) {
            return failed(asked, failure);
        }
        Reply reply = Reply.of(asked, (Outcome.Answer) outcome, now);
        DeletionResult known = inGeneral(reply);
        if (known != null) {
            return known;
        }
        if (reply.isNotFound()) {
            return DeletionResult.refused(reply.said() + ": no account " + asked.account() + " is known there; check "
                            + (reply.isTwilioError() ? "the account, the region and the base URL" : "the base URL"))
                    .withCode(reply.code());
        }
        if (reply.status() != 200) {
            return reply.isTwilioError()
                    ? DeletionResult.stop(reply.said() + ": the recordings of account " + asked.account()
                                    + " can't be listed; check the account and its permissions")
                            .withCode(reply.code())
                    : foreign(reply);
        }
        return reply.body().isPageOf(asked.account()) ? null : unreadable(reply, "is not a page of recordings");
    }

    /**
     * What a page of an account's recordings shows.
     *
     * @param objection why the page can't be trusted; null if it can
     * @param recordings what it shows of each, by SID
     * @param next the path and query of the next page; null if there is none
     */
    record Listing(
            @Nullable DeletionResult objection,
            Map<String, RecordingState> recordings,
            @Nullable String next) {}

    /** The meaning of a page of recordings. */
    static Listing toListing(Question asked, Outcome outcome, Instant now) {
        DeletionResult objection = toList(asked, outcome, now);
        if (objection != null) {
            return new Listing(objection, Map.of(), null);
        }
        AnswerBody body = AnswerBody.of((Outcome.Answer) outcome);
        return new Listing(null, body.recordings(asked.account()), body.nextPage(asked.account()));
    }

    /** The result of a deletion that was not sent because of a look-up. */
    static DeletionResult withoutDelete(DeletionResult lookUp) {
        String cause = lookUp.detail() + "; no DELETE was sent";
        return switch (lookUp.kind()) {
            case TRY_LATER ->
                (lookUp.isThrottled()
                                ? DeletionResult.throttled(cause, lookUp.after())
                                : DeletionResult.tryLater(cause, lookUp.after(), true))
                        .withCode(lookUp.code());
            case MISMATCH -> DeletionResult.mismatch(cause).withCode(lookUp.code());
            default -> lookUp;
        };
    }

    /** The result of an answer that means the same for a deletion, a look-up and a list; null for any other answer. */
    private static @Nullable DeletionResult inGeneral(Reply reply) {
        int status = reply.status();
        if (status < 300) {
            DeletionResult mismatch = mismatch(reply);
            if (mismatch != null) {
                return mismatch;
            }
        }
        if (status < 400) {
            return status == 200 && reply.asked().operation() != Question.Operation.DELETE
                    ? null
                    : tryLater(reply, "proves nothing; check the base URL and any gateway", reply.retryAfter());
        }
        if (status >= 500) {
            return tryLater(reply, "a failure of Twilio or of a gateway", reply.retryAfter());
        }
        if (status == 429 || reply.hasErrorIn(THROTTLED)) {
            return DeletionResult.throttled(reply.said() + ": too many requests", reply.retryAfter())
                    .withCode(reply.code());
        }
        if (STOPPING_STATUSES.contains(status) || reply.hasErrorIn(STOPPING)) {
            return refusedAccess(reply);
        }
        return status == 408 ? tryLater(reply, "the request took too long", reply.retryAfter()) : null;
    }

    private static DeletionResult refusedAccess(Reply reply) {
        String user = reply.asked().user();
        return DeletionResult.stop(
                        reply.said() + ": refused for account " + reply.asked().account() + " as " + user
                                + "; check credentials, account and base URL"
                                + (reply.asked().operation() == Question.Operation.LIST && Sids.isApiKey(user)
                                        ? "; a restricted API key needs the permissions to list, read and delete"
                                                + " recordings"
                                        : ""))
                .withCode(reply.code());
    }

    /** Whether an answer that refuses access may be about this recording alone, which a list of its account shows. */
    static boolean mayBeAboutTheRecordingAlone(Question asked, Outcome outcome, Instant now) {
        if (!(outcome instanceof Outcome.Answer answer)) {
            return false;
        }
        Reply reply = Reply.of(asked, answer, now);
        return (reply.status() == 403 || reply.status() == 405) && !reply.hasErrorIn(MISSING_PERMISSION);
    }

    /** The result for a recording that is refused while its account can be listed. */
    static DeletionResult refusedAlone(DeletionResult stop) {
        return DeletionResult.refused(stop.detail()
                        + ". The account's recordings can be listed, so that this recording alone is refused")
                .withCode(stop.code());
    }

    private static @Nullable DeletionResult mismatch(Reply reply) {
        String account = reply.body().accountOtherThan(reply.asked().account());
        String askedRecording = reply.asked().recording();
        String recording = askedRecording == null ? null : reply.body().recordingOtherThan(askedRecording);
        if (account == null && recording == null) {
            return null;
        }
        String asked = (askedRecording == null ? "" : "recording " + askedRecording + " of ") + "account "
                + reply.asked().account();
        String answered = Stream.of(
                        recording == null ? "" : "recording " + recording, account == null ? "" : "account " + account)
                .filter(text -> !text.isEmpty())
                .collect(Collectors.joining(" of "));
        return DeletionResult.mismatch(reply.said() + ": asked about " + asked + ", answered about " + answered
                        + "; check the account, the base URL and any gateway or cache")
                .withCode(account == null ? TwilioCauseCodes.OTHER_RECORDING : TwilioCauseCodes.OTHER_ACCOUNT);
    }

    private static DeletionResult foreign(Reply reply) {
        return tryLater(reply, "not an error in Twilio's format; check the base URL and any gateway", null);
    }

    private static DeletionResult tryLater(Reply reply, String why, @Nullable Duration after) {
        return DeletionResult.tryLater(reply.said() + ": " + why, after, false).withCode(reply.code());
    }

    private static DeletionResult unreadable(Reply reply, String why) {
        return DeletionResult.tryLater(
                        reply.said() + ": the answer " + why + "; check the base URL and any gateway", null, false)
                .withCode(TwilioCauseCodes.UNREADABLE_ANSWER);
    }

    private static DeletionResult failed(Question asked, Outcome.Failure failure) {
        return DeletionResult.tryLater(
                        asked.operation()
                                + (failure.sent() ? " sent, outcome unknown: " : " not sent: ")
                                + failure.cause(),
                        null,
                        !failure.sent())
                .withCode(failure.code());
    }
}
