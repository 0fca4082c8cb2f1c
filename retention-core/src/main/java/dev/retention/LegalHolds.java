package dev.retention;

import dev.retention.internal.support.Texts;
import dev.retention.spi.RecordingRepository;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Legal holds. A held recording is not deleted, whatever its age. Several holds may apply to one recording; it is held
 * until the last of them is released or expires.
 *
 * <p><b>Threads and transactions.</b> All methods may be called from any thread. Each commits a transaction of its own
 * before it returns, even if the caller has one open. So an answer is final: a rollback of the caller does not undo it.
 */
public final class LegalHolds {

    /** The longest id of a hold, name of a person and reason, in characters. */
    public static final int MAX_TEXT_LENGTH = Texts.MAX_LENGTH;

    private static final Logger log = LoggerFactory.getLogger(LegalHolds.class);
    private static final int SLICE = 500;

    private final RecordingRepository repository;

    private LegalHolds(RecordingRepository repository) {
        this.repository = repository;
    }

    /** The holds that are kept in this repository. */
    public static LegalHolds of(RecordingRepository repository) {
        return new LegalHolds(repository);
    }

    /**
     * Places a hold on recordings. A large set is held in several transactions. If one of them fails, the recordings of
     * the earlier ones remain held; call again with the same arguments to complete the hold.
     *
     * <p>If several rows name the same storage key, a hold on one holds the key, so it applies to all of them. It is
     * late if a deletion may have been sent for any of them.
     *
     * @param holdId the caller's name for the hold, such as a case number. A further call with the same id, reason and
     *     end adds recordings
     * @param ids the engine's ids of the recordings
     * @param by who places it
     * @param reason why
     * @param until when it expires, in the future by the database's time; null for a hold that lasts until it is
     *     released
     * @return an answer for each id, in the order of the ids
     * @throws IllegalArgumentException if a text is blank or longer than {@value #MAX_TEXT_LENGTH} characters, if there
     *     is no id, or if the end is in the past
     * @throws RetentionException if a hold of this id has ended before, or exists with another reason or end, or the
     *     database fails
     */
    public Map<String, HoldAnswer> place(
            String holdId, Collection<String> ids, String by, String reason, @Nullable Instant until) {
        Texts.require("holdId", holdId);
        Texts.require("by", by);
        Texts.require("reason", reason);
        Instant now = repository.now();
        if (until != null && !until.isAfter(now)) {
            throw new IllegalArgumentException(
                    "until is " + until + ", which is past: the database's time is " + now + ". Give a later time");
        }
        List<String> distinct = ids.stream().distinct().toList();
        if (distinct.isEmpty()) {
            throw new IllegalArgumentException("a hold without recordings protects nothing; give at least one id");
        }
        Map<String, HoldAnswer> answers = new LinkedHashMap<>();
        for (int from = 0; from < distinct.size(); from += SLICE) {
            List<String> slice = distinct.subList(from, Math.min(from + SLICE, distinct.size()));
            Map<String, HoldAnswer> part = repository.holds().place(holdId, slice, by, reason, until, now);
            for (String id : slice) {
                answers.put(id, answerOf(part, id));
            }
        }
        answers.forEach((id, answer) -> {
            if (answer != HoldAnswer.HELD) {
                log.warn("hold={} recording={} answer={}: {}", holdId, id, answer, meaning(answer));
            }
        });
        long held = answers.values().stream().filter(HoldAnswer.HELD::equals).count();
        log.info("hold={} placed by={} held={} of={}", holdId, by, held, answers.size());
        return answers;
    }

    /**
     * Places a hold on all recordings whose attribute has a value, such as all of a tenant. It also applies to
     * recordings that get the value later, and lasts until it is released. A recording to which it applied once stays
     * held until then, even if its row loses the value. Until the hold has ended, instances that do not map the
     * attribute delete nothing.
     *
     * <p>Reads all live rows and the soft-deleted ones in scope, and marks each recording that the ledger does not
     * prove to be deleted, in several transactions; the first of them makes the hold effective. If the call fails
     * halfway, call again with the same arguments to complete it; the next sweep completes it too, for live rows.
     *
     * @param holdId the caller's name for the hold
     * @param attribute the attribute, by the name under which it is mapped
     * @param value the value; values that differ only in case, accents, spaces at either end or invisible characters
     *     count as the same
     * @param by who places it
     * @param reason why
     * @return how many recordings are held, for how many it is late, and how many were deleted before
     * @throws IllegalArgumentException for a text that is blank or longer than {@value #MAX_TEXT_LENGTH} characters
     * @throws RetentionException if no such attribute is mapped, if a hold of this id has ended before, or exists with
     *     another reason, attribute or value, or if the database fails
     */
    public HoldSummary placeWhere(String holdId, String attribute, String value, String by, String reason) {
        Texts.require("holdId", holdId);
        Texts.require("attribute", attribute);
        Texts.require("value", value);
        Texts.require("by", by);
        Texts.require("reason", reason);
        HoldSummary summary = repository.holds().placeWhere(holdId, attribute, value, by, reason, repository.now());
        log.info(
                "hold={} placed by={} attribute={} held={} late={}",
                holdId,
                by,
                attribute,
                summary.held(),
                summary.late());
        return summary;
    }

    /**
     * Ends a hold. Recordings to which no other hold applies are no longer held; the next sweep deletes those that are
     * due.
     *
     * @param holdId the id of the hold
     * @param by who releases it
     * @return false if there is no such hold, or it has ended already
     * @throws IllegalArgumentException if a text is blank or longer than {@value #MAX_TEXT_LENGTH} characters
     * @throws RetentionException if the database fails
     */
    public boolean release(String holdId, String by) {
        Texts.require("holdId", holdId);
        Texts.require("by", by);
        boolean released = repository.holds().release(holdId, by, repository.now());
        if (released) {
            log.info("hold={} released by={}", holdId, by);
        }
        return released;
    }

    /**
     * The holds, newest first, including those that have ended; empty if there are no more.
     *
     * @param offset how many to skip, 0 or more
     * @param limit the most to return, 1 to 1,000
     * @throws IllegalArgumentException for another offset or limit
     * @throws RetentionException if the database fails
     */
    public List<LegalHold> list(int offset, int limit) {
        if (offset < 0 || limit < 1 || limit > 1_000) {
            throw new IllegalArgumentException(
                    "offset is " + offset + ", limit is " + limit + "; use 0 or more, and 1 to 1000");
        }
        return repository.holds().list(offset, limit);
    }

    /** What an answer other than {@link HoldAnswer#HELD} means, and what to do. */
    private static String meaning(HoldAnswer answer) {
        return switch (answer) {
            case HELD -> "no deletion is sent until the hold has ended";
            case LATE ->
                "a deletion may have been sent before the hold. No new attempt starts; read the recording's"
                        + " ledger entry to find out whether it was deleted";
            case ALREADY_DELETED ->
                "the recording was deleted before the hold, and is not held. The ledger has the" + " proof";
            case UNKNOWN ->
                "the engine's table has no such recording, so it is not held. Check the id, and place the"
                        + " hold again once the row exists";
        };
    }

    private static HoldAnswer answerOf(Map<String, HoldAnswer> answers, String id) {
        HoldAnswer answer = answers.get(id);
        if (answer == null) {
            throw RetentionException.refused("the repository returned no answer for recording " + id
                    + ", so it is not known whether the recording is held. Place the hold again");
        }
        return answer;
    }
}
