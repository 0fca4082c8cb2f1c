package dev.retention;

/**
 * The recordings that a hold by attribute applied to when it was placed. These stay held until it has ended, whatever
 * their rows say later. It also holds future recordings: a recording that gets the value later is held too.
 *
 * @param holdId the id of the hold
 * @param held recordings that are held: no deletion was sent, and none is sent until the hold has ended. Includes those
 *     whose row the engine has soft-deleted itself
 * @param late recordings for which a deletion may have been sent before; no new attempt starts
 * @param alreadyDeleted recordings that were deleted before, by the ledger
 */
public record HoldSummary(String holdId, long held, long late, long alreadyDeleted) {}
