package dev.retention.spi;

import dev.retention.HoldAnswer;
import dev.retention.HoldSummary;
import dev.retention.LegalHold;
import java.text.Normalizer;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The register of legal holds. A recording is held while at least one hold applies to it that has not ended.
 *
 * <p>Threads, transactions, precision of times and errors are as in {@link RecordingRepository}.
 */
public interface HoldRegister {

    /**
     * Places a hold on recordings, in one transaction, by marking their gate rows as held. Missing gate rows are
     * created. A second call with the same hold does no harm, and adds the recordings that are new. The hold is also
     * applied to the other rows that name the storage key of one of them, as {@link DeletionGate#claim} finds these. A
     * row with a value that can't be read is held like a live one, and for a gate row with such a value the answer is
     * {@code LATE}.
     *
     * @param holdId the hold's id
     * @param ids the engine's ids
     * @param by who places it
     * @param reason why
     * @param until when it expires; null for a hold that lasts until it is released
     * @param now the database's time
     * @return an answer for each id: {@code UNKNOWN} when the engine's table has no such row, {@code ALREADY_DELETED}
     *     when the gate row is {@code DELETED} and is about the recording of the engine's row (same key, account and
     *     creation time), {@code LATE} when the gate row is {@code DELETING} or {@code QUARANTINED}, or that of another
     *     row with the key is not {@code ACTIVE}, or the key is claimed for a row that is gone or names another key by
     *     now, else {@code HELD}, also for a row that the engine has soft-deleted itself. The first two store nothing
     *     for the id
     * @throws dev.retention.RetentionException of the kind {@code REFUSED} if a hold with this id has ended before, or
     *     exists with another reason or end; then nothing is stored
     */
    Map<String, HoldAnswer> place(
            String holdId, Collection<String> ids, String by, String reason, @Nullable Instant until, Instant now);

    /**
     * Places a hold on all recordings whose attribute has a value, including those that get it later. This is one
     * transaction that no claim overlaps: the hold is late for recordings claimed before it, and a later claim of such
     * a recording is refused. Then it applies the hold to each recording in its scope that is not proven to be deleted,
     * as {@link #place} does, in slices, each in a transaction of its own. A recording to which it was applied stays
     * held until the hold has ended, whatever its row says later. A second call does no harm, and completes what a
     * failure left.
     *
     * @param holdId the hold's id
     * @param attribute the attribute, by the name under which it is mapped
     * @param value the value, compared as {@link Scope#covers} does
     * @param by who places it
     * @param reason why
     * @param now the database's time
     * @return to how many recordings it was applied, and how many in its scope were deleted before, as {@link #place}
     *     answers
     * @throws dev.retention.RetentionException of the kind {@code REFUSED} if no such attribute is mapped (the message
     *     names those that are), or if a hold with this id has ended before, or exists with another reason or scope;
     *     then nothing is stored
     */
    HoldSummary placeWhere(String holdId, String attribute, String value, String by, String reason, Instant now);

    /**
     * Applies the holds by attribute to live recordings that came into their scope since they were placed, so that
     * these too stay held whatever their rows say later. Called before each run. Reads all live rows while there is
     * such a hold, and otherwise none. Works in slices, each in a transaction of its own; what a failure leaves is done
     * by the next call. Holds on attributes that are not mapped are left out.
     *
     * @param now the database's time
     * @return how many recordings it applied a hold to
     */
    long extendScopes(Instant now);

    /** The holds by attribute that have not ended; empty if there are none. */
    List<Scope> scopes();

    /**
     * Those of the {@link #scopes()} whose attribute this repository does not map, so that it can't tell what they
     * cover, such as during a rolling deployment. While there are any, the gate claims, claims again and verifies
     * nothing.
     */
    List<Scope> unmappedScopes();

    /**
     * What a hold by attribute applies to.
     *
     * @param holdId the hold
     * @param attribute the attribute's name
     * @param value the value
     */
    record Scope(String holdId, String attribute, String value) {

        /**
         * Whether it applies to a recording with these attributes. The one place where that is decided, for every
         * database. It errs towards holding: values are the same if they differ only in what some column or collation
         * disregards, which are case, accents, spaces at either end, and invisible characters. An attribute without a
         * value is in no scope.
         */
        public boolean covers(Map<String, String> attributes) {
            String other = attributes.get(attribute);
            return other != null && (value.equals(other) || folded(value).equals(folded(other)));
        }

        private static String folded(String text) {
            StringBuilder kept = new StringBuilder();
            Normalizer.normalize(text, Normalizer.Form.NFKD)
                    .codePoints()
                    .filter(Scope::isRegarded)
                    .forEach(kept::appendCodePoint);
            // Only both together make all forms of a letter one.
            return kept.toString()
                    .toUpperCase(Locale.ROOT)
                    .toLowerCase(Locale.ROOT)
                    .strip();
        }

        private static boolean isRegarded(int codePoint) {
            return switch (Character.getType(codePoint)) {
                case Character.NON_SPACING_MARK, Character.ENCLOSING_MARK, Character.CONTROL, Character.FORMAT -> false;
                default -> true;
            };
        }
    }

    /**
     * Ends a hold. From then on it applies to no further recording. Recordings to which no other hold applies are no
     * longer held when this returns. They may be freed in several transactions: until its own has been committed, each
     * of them remains held. What this leaves undone, because the database or the instance fails, {@link #expire}
     * continues. Recordings in {@code DELETING} that were looked up and kept are due again at once.
     *
     * @param holdId the hold's id
     * @param by who releases it
     * @param now the database's time
     * @return false if there is no such hold, or it has ended already; then nothing is changed
     */
    boolean release(String holdId, String by, Instant now);

    /**
     * Ends the holds that have expired, and frees the recordings that an interrupted {@link #release} has left held.
     *
     * @param now the database's time
     * @return how many
     */
    int expire(Instant now);

    /**
     * The holds, newest first, ended ones included; empty if there are no more.
     *
     * @param offset how many to skip, 0 or more
     * @param limit the most to return, at least 1
     */
    List<LegalHold> list(int offset, int limit);
}
