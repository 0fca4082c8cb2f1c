package dev.retention.spi;

import dev.retention.HoldAnswer;
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
     * Ends a hold; recordings on which no other hold lies are free.
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
