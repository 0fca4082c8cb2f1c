package dev.retention.spi;

import dev.retention.LedgerEntry;
import dev.retention.ReviewAnswer;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Decisions of a person about recordings that need one.
 *
 * <p>Threads, transactions, precision of times and errors are as in {@link RecordingRepository}.
 */
public interface QuarantineDesk {

    /**
     * Entries that need a decision, ordered by id: those in {@code QUARANTINED}, and those in {@code ACTIVE} that were
     * refused before anything was sent. Those with the outcome {@code KEY_SHARED} need none.
     *
     * @param afterId only ids after this one; null for the start
     * @param limit the most to return, at least 1
     * @return the entries; empty if there are no more
     */
    List<LedgerEntry> waiting(@Nullable String afterId, int limit);

    /**
     * Grants recordings a retry. Those in {@code QUARANTINED} become {@code DELETING}, in doubt, without a lease, due
     * at once. Their attempts are counted again from 1, so that the next one is the second and looks up first. Those in
     * {@code ACTIVE} become as if they had never been claimed. An event {@code RETRY_GRANTED} is written for each.
     *
     * <p>If the engine's row is live and names another recording by now, with a key, the entry names that one from then
     * on, without evidence, and the event's detail names what it was claimed as. An erasure's entry does so only if the
     * creation time is the same, or its outcome is {@code ROW_CHANGED}: no age protects what it names.
     *
     * @param ids the engine's ids
     * @param by who decided
     * @param now the database's time
     * @return an answer for each id; anything but {@code DONE} has changed nothing
     */
    Map<String, ReviewAnswer> retry(Collection<String> ids, String by, Instant now);

    /**
     * Records unproven recordings as deleted because a person decides so: those in {@code QUARANTINED} with the outcome
     * {@code UNPROVEN} become {@code DELETED} with the outcome {@code ACCEPTED_UNPROVEN} and evidence that names the
     * person. The engine's row is soft-deleted in the same transaction, if it is live. Nothing is accepted if the row
     * has another key, account or creation time than the entry: a person has decided about that one. An event
     * {@code ACCEPTED_UNPROVEN} is written for each.
     *
     * @param ids the engine's ids
     * @param by who decided
     * @param now the database's time
     * @return an answer for each id; {@code HELD} also if the engine's row is flagged as held, has a retain-until in
     *     the future or can't be read, and while a hold by attribute names an attribute that is not mapped;
     *     {@code ROW_CHANGED} if the row is there and names another recording. Anything but {@code DONE} has changed
     *     nothing
     */
    Map<String, ReviewAnswer> acceptUnproven(Collection<String> ids, String by, Instant now);
}
