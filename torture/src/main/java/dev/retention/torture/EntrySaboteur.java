package dev.retention.torture;

import dev.retention.RetentionException;
import dev.retention.spi.Claim;
import dev.retention.spi.ClaimOutcome;
import dev.retention.spi.EvidenceEntry;
import dev.retention.spi.EvidenceLog;
import java.time.Instant;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Breaks a guard of the evidence log, from outside. */
final class EntrySaboteur {

    static final EntrySaboteur NONE = new EntrySaboteur(Sabotage.NONE, null, sql -> {});

    private static final int EVERY = 5;

    private final Sabotage sabotage;
    private final @Nullable EvidenceLog log;
    private final Consumer<String> sql;
    private final AtomicInteger seals = new AtomicInteger();

    EntrySaboteur(Sabotage sabotage, @Nullable EvidenceLog log, Consumer<String> sql) {
        this.sabotage = sabotage;
        this.log = log;
        this.sql = sql;
    }

    /** Before something is sealed. */
    void sealing() {
        if (sabotage == Sabotage.SEAL_SKIPS && seals.incrementAndGet() % EVERY == 0) {
            sql.accept(
                    "delete from retention_unsealed where batch_no = (select min(batch_no) from retention_unsealed)");
        } else if (sabotage == Sabotage.SEALED_BY_NUMBER) {
            sql.accept("delete from retention_unsealed where batch_no < (select max(batch_no) from retention_leaf)");
        }
    }

    void rewrite() {
        sql.accept("update retention_evidence set entry = replace(entry, '\"outcome\":\"DELETED\"',"
                + " '\"outcome\":\"ALREADY_GONE\"') where batch_no in (select batch_no from retention_leaf)");
    }

    /** The claims are committed. Whoever dies now has written no entry for them. */
    void claimed(Collection<Claim> claims) {
        Instant now = Instant.now();
        append(claims.stream().map(claim -> EvidenceEntry.claim(claim, now)).toList());
    }

    /** The outcomes are not committed yet. Whoever dies now has written entries for nothing. */
    void recording(Collection<ClaimOutcome> outcomes) {
        append(outcomes.stream().map(EvidenceEntry::outcome).toList());
    }

    private void append(Collection<EvidenceEntry> entries) {
        if (sabotage == Sabotage.ENTRY_BY_ITSELF && log != null && !entries.isEmpty()) {
            try {
                log.append(entries);
            } catch (RetentionException e) {
                // The database is away: they are lost.
            }
        }
    }
}
