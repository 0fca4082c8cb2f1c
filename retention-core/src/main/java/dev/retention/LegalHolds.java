package dev.retention;

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
 * Legal holds: what keeps recordings from being deleted, whatever their age. Many holds may lie on one recording; the last release
 * frees it.
 *
 * <p><b>Threads and transactions.</b> All methods may be called from any thread, and commit a transaction of their own before they answer,
 * also where the caller has one open: an answer is final, and does not go away with the caller's rollback.
 */
public final class LegalHolds {

    /** The longest id of a hold, name of a person and reason, in characters. */
    public static final int MAX_TEXT_LENGTH = 200;

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
     * Lays a hold on recordings. Large sets are worked through in slices of their own transactions: if one fails, what was answered
     * before stands, and calling again with the same arguments completes it.
     *
     * @param holdId the caller's name for the hold, such as a case number. A further call with the same id, reason and end adds recordings
     * @param ids the engine's ids of the recordings
     * @param by who places it
     * @param reason why
     * @param until when it ends by itself, in the future by the database's time; null for a hold that lasts until it is released
     * @return an answer for each id, in the order of the ids
     * @throws IllegalArgumentException for a text that is blank or longer than {@value #MAX_TEXT_LENGTH} characters, no id, or an end that is past
     * @throws RetentionException when a hold of this id has ended before, or stands with another reason or end, or the database fails
     */
    public Map<String, HoldAnswer> place(
            String holdId, Collection<String> ids, String by, String reason, @Nullable Instant until) {
        Texts.require("holdId", holdId);
        Texts.require("by", by);
        Texts.require("reason", reason);
        Instant now = repository.now();
        if (until != null && !until.isAfter(now)) {
            throw new IllegalArgumentException("until is " + until + ", which is past; it is " + now);
        }
        List<String> distinct = ids.stream().distinct().toList();
        if (distinct.isEmpty()) {
            throw new IllegalArgumentException("a hold on no recording protects nothing; give at least one id");
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
                log.warn("hold={} recording={} answer={}", holdId, id, answer);
            }
        });
        long held = answers.values().stream().filter(HoldAnswer.HELD::equals).count();
        log.info("hold={} placed by={} held={} of={}", holdId, by, held, answers.size());
        return answers;
    }

    /**
     * Lays a hold on all recordings whose attribute has a value, such as all of a tenant, also on those that get it later. It lasts until it is released. If it fails half-way, calling
     * again with the same arguments completes it.
     *
     * @param holdId the caller's name for the hold
     * @param attribute the attribute, by the name under which it is mapped
     * @param value the value, compared character by character
     * @param by who places it
     * @param reason why
     * @return how many recordings are held, and for how many it is late
     * @throws IllegalArgumentException for a text that is blank or longer than {@value #MAX_TEXT_LENGTH} characters
     * @throws RetentionException when no such attribute is mapped, when a hold of this id has ended before, or stands with another reason or on something else, or
     *     the database fails
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
     * Ends a hold. Recordings on which no other hold lies are free, and deleted by the next sweep that finds them due.
     *
     * @return false when there is no such hold, or it has ended already
     * @throws IllegalArgumentException for a text that is blank or too long
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
     * The holds, newest first, ended ones included.
     *
     * @param offset how many to skip
     * @param limit the most to return, 1 to 1,000
     */
    public List<LegalHold> list(int offset, int limit) {
        if (offset < 0 || limit < 1 || limit > 1_000) {
            throw new IllegalArgumentException(
                    "offset " + offset + ", limit " + limit + ": use 0 or more, and 1 to 1000");
        }
        return repository.holds().list(offset, limit);
    }

    private static HoldAnswer answerOf(Map<String, HoldAnswer> answers, String id) {
        HoldAnswer answer = answers.get(id);
        if (answer == null) {
            throw new RetentionException("the repository gave no answer for a hold on recording " + id);
        }
        return answer;
    }
}
