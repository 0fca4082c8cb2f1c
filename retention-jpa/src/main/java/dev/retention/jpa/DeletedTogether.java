package dev.retention.jpa;

import dev.retention.LedgerEvent;
import dev.retention.spi.Candidate;
import dev.retention.spi.Claim;
import dev.retention.spi.ClaimOutcome;
import dev.retention.spi.ClaimOutcome.Step;
import dev.retention.spi.EvidenceEntry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * What else is proven to be deleted with a claim's recording: the live rows with its key and exactly its account, of
 * recordings made before the proof. A row without an account is left to a claim of its own where the other has one: it
 * may be of another account.
 */
final class DeletedTogether {

    private final Map<String, ClaimOutcome> outcomes = new HashMap<>();
    private final Map<String, String> claimed = new HashMap<>();
    private final List<LedgerEvent> events = new ArrayList<>();

    DeletedTogether(SharedKeys keys, Collection<ClaimOutcome> all) {
        Set<String> proven = new TreeSet<>();
        List<ClaimOutcome> proofs =
                all.stream().filter(outcome -> outcome.step() == Step.DELETED).toList();
        proofs.forEach(proof -> proven.add(proof.claim().id()));
        for (ClaimOutcome proof : proofs) {
            String key = proof.claim().recording().storageKey();
            for (EngineRow row : key == null ? List.<EngineRow>of() : keys.named(key)) {
                if (row.isLive() && isOfAccount(row, proof.claim())) {
                    row.candidate()
                            .filter(also -> also.recording().created().isBefore(proof.at()) && proven.add(also.id()))
                            .ifPresent(also -> add(proof, also));
                }
            }
        }
    }

    private static boolean isOfAccount(EngineRow row, Claim claim) {
        return Objects.equals(
                StoredText.account(row.identity().account()),
                StoredText.account(claim.recording().account()));
    }

    private void add(ClaimOutcome proof, Candidate also) {
        Claim claim = proof.claim();
        outcomes.put(also.id(), proof.deletedToo(also.recording()));
        claimed.put(also.id(), claim.id());
        events.add(new LedgerEvent(
                proof.at(),
                "DELETED_WITH",
                also.id(),
                claim.runId(),
                null,
                "deleted with recording " + claim.id() + ", whose row names the same storage key"));
    }

    /** Their outcomes, by id. */
    Map<String, ClaimOutcome> outcomes() {
        return outcomes;
    }

    /** One for each of them. */
    List<LedgerEvent> events() {
        return events;
    }

    /** The entry of the evidence log for any outcome. */
    EvidenceEntry evidence(ClaimOutcome outcome) {
        String with = claimed.get(outcome.claim().id());
        return with == null ? EvidenceEntry.outcome(outcome) : EvidenceEntry.outcomeWith(outcome, with);
    }
}
