package dev.retention.internal.account;

/**
 * What is known about an account when one of its answers is judged.
 *
 * @param stopped whether no more requests are sent for it in this run
 * @param open whether its circuit is open
 * @param confirmedByProof whether a proof shows that it is the right one, so that withheld recordings are decided
 * @param withholdsUnproven whether an unproven recording may say more about the account than about itself
 * @param withholdsRefused whether a refused recording may say more about the account than about itself
 * @param suspectsMismatch whether it seems to be another account than the one where the recordings are
 * @param suspectsStorageKey whether it seems that another attribute should be mapped as the storage key
 */
public record AccountFacts(
        boolean stopped,
        boolean open,
        boolean confirmedByProof,
        boolean withholdsUnproven,
        boolean withholdsRefused,
        boolean suspectsMismatch,
        boolean suspectsStorageKey) {}
