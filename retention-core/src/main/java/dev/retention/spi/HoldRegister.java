package dev.retention.spi;

import dev.retention.HoldAnswer;
import dev.retention.HoldSummary;
import dev.retention.LegalHold;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The register of holds. A recording is held while at least one hold that lasts lies on it. */
public interface HoldRegister {

    /**
     * Lays a hold on recordings, in one transaction, by setting the held mark of their gate rows, which are created where missing. Repeating it, or
     * adding recordings to the same hold, is harmless.
     *
     * @return an answer for each id: {@code UNKNOWN} when the engine's table has no such row, {@code ALREADY_DELETED} when the gate row is
     *     {@code DELETED} or the engine's row is soft-deleted, {@code LATE} when the gate row is {@code DELETING} or {@code QUARANTINED}, else {@code HELD}. The
     *     first two store nothing for the id
     * @throws dev.retention.RetentionException when a hold of this id was released before, or stands with another reason or end: nothing is stored then
     */
    Map<String, HoldAnswer> place(
            String holdId, Collection<String> ids, String by, String reason, @Nullable Instant until, Instant now);

    /**
     * Lays a hold on all recordings whose attribute has a value, also on those that get it later, in one transaction that is exclusive with
     * every claim: what was claimed before it is late, and what is claimed after it is refused. Then marks the gate rows, in transactions of their own, of such recordings that
     * are in {@code DELETING} or {@code QUARANTINED}. Others are marked when a claim meets them, which refuses them and lays the hold on them.
     * Repeating it is harmless, and completes what a failure left.
     *
     * @throws dev.retention.RetentionException when no such attribute is known, saying which are; when a hold of this id was released before, or stands
     *     with another reason or on something else: nothing is stored then
     */
    HoldSummary placeWhere(String holdId, String attribute, String value, String by, String reason, Instant now);

    /** The holds by attribute that last. */
    List<Scope> scopes();

    /**
     * What a hold by attribute lies on.
     *
     * @param holdId the hold
     * @param attribute the attribute's name
     * @param value the value, compared character by character
     */
    record Scope(String holdId, String attribute, String value) {

        /** Whether it lies on a recording with these attributes. An attribute without a value is in no scope. */
        public boolean covers(Map<String, String> attributes) {
            return value.equals(attributes.get(attribute));
        }
    }

    /**
     * Ends a hold; recordings on which no other hold lies are free. Of these, those in {@code DELETING} that were looked up and kept are due again at once.
     *
     * @return false when there is no such hold or it has ended already
     */
    boolean release(String holdId, String by, Instant now);

    /**
     * Ends the holds whose end has come.
     *
     * @return how many
     */
    int expire(Instant now);

    /** Holds, newest first, ended ones included. */
    List<LegalHold> list(int offset, int limit);
}
