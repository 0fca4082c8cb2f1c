package dev.retention.spi;

import dev.retention.LedgerEntry;
import dev.retention.ReviewAnswer;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a person decides about recordings that wait for one. */
public interface QuarantineDesk {

    /**
     * Entries that wait for a person, by id: those in {@code QUARANTINED}, and those in {@code ACTIVE} that were refused before anything was sent.
     *
     * @param afterId only ids after this one; null for the start
     */
    List<LedgerEntry> waiting(@Nullable String afterId, int limit);

    /**
     * Lets recordings be tried again. Those in {@code QUARANTINED} become {@code DELETING}, in doubt, without a lease, due at once, their attempts
     * counted anew from 1, so that the next one is the second and looks up first. Those in {@code ACTIVE} lose what was said of
     * them. Each leaves an event {@code RETRY_GRANTED}.
     *
     * @return an answer for each id; anything but {@code DONE} has changed nothing
     */
    Map<String, ReviewAnswer> retry(Collection<String> ids, String by, Instant now);

    /**
     * Records unproven recordings as deleted on a person's word: those in {@code QUARANTINED} with the outcome {@code UNPROVEN} become {@code DELETED} with
     * the outcome {@code ACCEPTED_UNPROVEN} and evidence that names the person, and the engine's row is soft-deleted in the same transaction, provided that it is
     * live and has the claim's key, account and creation time. Each leaves an event {@code ACCEPTED_UNPROVEN}.
     *
     * @return an answer for each id; {@code HELD} also where the engine's row is flagged as held or names a later time until which it is to
     *     be kept. Anything but {@code DONE} has changed nothing
     */
    Map<String, ReviewAnswer> acceptUnproven(Collection<String> ids, String by, Instant now);
}
