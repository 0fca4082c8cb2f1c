package dev.retention;

/**
 * What a hold on all recordings with an attribute's value achieved. It also holds those to come: a recording that gets the value later is held from its first moment.
 *
 * @param holdId the hold
 * @param held live recordings that are held: no deletion was sent, and none will be
 * @param late live recordings for which a deletion may have been sent before. No new attempt starts
 * @param alreadyDeleted recordings that are deleted
 */
public record HoldSummary(String holdId, long held, long late, long alreadyDeleted) {}
