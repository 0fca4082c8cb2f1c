package dev.retention.spi;

import dev.retention.DeletionOutcome;
import dev.retention.LedgerEntry;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Describes by one entry of the evidence log what the ledger had before: how many recordings in each state, and a hash
 * over all of them. So the part of the ledger that no other entry describes can't be changed afterwards without being
 * noticed either, by whoever has a copy of it. Not thread-safe.
 */
public final class AdoptedLedger {

    private final MessageDigest digest = EvidenceTexts.sha256();
    private final Map<String, Long> states = new TreeMap<>();

    /** An empty ledger. */
    public AdoptedLedger() {}

    /** Adds what the ledger has about a recording that was claimed or held. They are ordered by their ids. */
    public void add(LedgerEntry entry) {
        DeletionOutcome outcome = entry.outcome();
        EvidenceLine line = new EvidenceLine()
                .text("id", entry.recordingId())
                .text("state", entry.state().name());
        text(line, "outcome", outcome == null ? null : outcome.name());
        text(line, "key", entry.storageKey());
        text(line, "account", entry.account());
        time(line, "created", entry.recordingCreated());
        time(line, "deleted", entry.deletedAt());
        text(line, "policy", entry.policy());
        time(line, "cutoff", entry.cutoff());
        text(line, "evidence", entry.evidence());
        digest.update((line.end() + "\n").getBytes(StandardCharsets.US_ASCII));
        states.merge(entry.state().name(), 1L, Long::sum);
    }

    private static void text(EvidenceLine line, String key, @Nullable String value) {
        if (value != null) {
            line.text(key, value);
        }
    }

    private static void time(EvidenceLine line, String key, @Nullable Instant value) {
        text(line, key, value == null ? null : value.toString());
    }

    /**
     * The entry, of the kind {@code adoption}; empty if nothing was added. The ledger is used up.
     *
     * @param at when, by the database's time
     */
    public Optional<EvidenceEntry> entry(Instant at) {
        return states.isEmpty()
                ? Optional.empty()
                : Optional.of(EvidenceEntry.builder(EvidenceEntry.Kind.ADOPTION, at)
                        .numbers("states", states)
                        .text("sha256", HexFormat.of().formatHex(digest.digest()))
                        .build());
    }
}
