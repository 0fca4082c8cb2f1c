package dev.retention.internal.safety;

import dev.retention.DeletionOutcome;
import dev.retention.LedgerEntry;
import dev.retention.LedgerEvent;
import dev.retention.RetentionException;
import dev.retention.ReviewAnswer;
import dev.retention.WrittenOffAccount;
import dev.retention.internal.recording.Storages;
import dev.retention.internal.support.Sha256;
import dev.retention.spi.Controls.Change;
import dev.retention.spi.Controls.Control;
import dev.retention.spi.RecordingRepository;
import dev.retention.spi.RecordingStorage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accounts that are gone for good, as a person has decided. While the storage refuses such an account, its due
 * recordings are recorded like unproven ones that this person has accepted. An account that answers is deleted from as
 * always, whatever was written about it.
 */
public final class WriteOffs {

    /** The cause of recordings whose account was written off. */
    public static final String CAUSE = "ACCOUNT_WRITTEN_OFF";

    private static final Logger log = LoggerFactory.getLogger(WriteOffs.class);

    private static final String PREFIX = "written-off ";
    /** The name of a control has no room for more. */
    private static final int LONGEST_IN_NAME = 80;

    private static final int SLICE = 200;

    private final RecordingRepository repository;
    private final Storages storages;

    public WriteOffs(RecordingRepository repository, Storages storages) {
        this.repository = repository;
        this.storages = storages;
    }

    /** Returns false if it was written off before; nothing is changed then. */
    public boolean writeOff(String account, String by, String reason) {
        if (mayHaveCopies(storages)) {
            throw RetentionException.refused("account " + account + " was not written off: its recordings may be"
                    + " at other storages or regions, or have copies there, and these must be deleted. Let a"
                    + " storage of your own answer for the account, or accept its unproven recordings");
        }
        boolean done = repository
                .controls()
                .change(
                        List.of(new Change(name(account), null, account + "\n" + reason)),
                        new LedgerEvent(
                                repository.now(), "ACCOUNT_WRITTEN_OFF", null, null, by, account + ": " + reason));
        if (done) {
            log.warn("account={} is written off by={} reason={}", account, by, reason);
        }
        return done;
    }

    /** Returns false if it was not written off. */
    public boolean reinstate(String account, String by) {
        Control control = repository.controls().all().get(name(account));
        boolean done = control != null
                && repository
                        .controls()
                        .change(
                                List.of(new Change(name(account), control.setting(), null)),
                                new LedgerEvent(repository.now(), "ACCOUNT_REINSTATED", null, null, by, account));
        if (done) {
            log.warn("account={} is reinstated by={}", account, by);
        }
        return done;
    }

    public List<WrittenOffAccount> all() {
        return repository.controls().all().entrySet().stream()
                .filter(control -> control.getKey().startsWith(PREFIX))
                .map(control -> read(control.getValue()))
                .sorted(Comparator.comparing(WrittenOffAccount::account))
                .toList();
    }

    /** Whether recordings may be where the account is not refused: these must be deleted whatever became of it. */
    private static boolean mayHaveCopies(Storages storages) {
        return storages.inOrder().size() > 1
                || storages.inOrder().stream().anyMatch(RecordingStorage::isInSeveralPlaces);
    }

    /** What a person has decided about an account, as all controls say; empty if nothing follows from it. */
    public static Optional<WrittenOffAccount> of(
            @Nullable String account, Map<String, Control> controls, Storages storages) {
        return account == null || mayHaveCopies(storages)
                ? Optional.empty()
                : Optional.ofNullable(controls.get(name(account)))
                        .map(WriteOffs::read)
                        .filter(found -> found.account().equals(account));
    }

    private static WrittenOffAccount read(Control control) {
        String[] parts = control.setting().split("\n", 2);
        return new WrittenOffAccount(parts[0], control.by(), control.at(), parts.length > 1 ? parts[1] : "");
    }

    private static String name(String account) {
        return PREFIX + (account.length() <= LONGEST_IN_NAME ? account : Sha256.hex(account));
    }

    /**
     * Records recordings of accounts that are written off as deleted, in the name of the person who decided so. Only
     * those that the run which ends now has claimed as due while their storage refused the account, and whose row still
     * names this account: an account that was refused before, and answers now, has them still.
     *
     * @param runId the run
     * @param refused the accounts that their storage has refused in it
     * @param tell is told of the answers, and the time
     * @return how many were recorded
     */
    public long accept(String runId, Set<String> refused, BiConsumer<Map<String, ReviewAnswer>, Instant> tell) {
        if (refused.isEmpty() || mayHaveCopies(storages)) {
            return 0;
        }
        Map<String, WrittenOffAccount> byAccount = new HashMap<>();
        all().stream()
                .filter(each -> refused.contains(each.account()))
                .forEach(each -> byAccount.put(each.account(), each));
        if (byAccount.isEmpty()) {
            return 0;
        }
        long accepted = 0;
        String after = null;
        List<LedgerEntry> page;
        do {
            page = repository.quarantine().waiting(after, SLICE);
            Map<String, List<String>> idsByPerson = new HashMap<>();
            for (LedgerEntry entry : page) {
                WrittenOffAccount account = byAccount.get(entry.account());
                if (account != null && runId.equals(entry.runId()) && isOfWrittenOff(entry)) {
                    String person = Optional.ofNullable(account.by()).orElse("statement");
                    idsByPerson.computeIfAbsent(person, by -> new ArrayList<>()).add(entry.recordingId());
                }
            }
            for (Map.Entry<String, List<String>> each : idsByPerson.entrySet()) {
                Instant now = repository.now();
                Map<String, ReviewAnswer> answers =
                        repository.quarantine().acceptUnproven(each.getValue(), each.getKey(), now);
                tell.accept(answers, now);
                accepted += answers.values().stream()
                        .filter(ReviewAnswer.DONE::equals)
                        .count();
            }
            after = page.isEmpty() ? after : page.get(page.size() - 1).recordingId();
        } while (page.size() == SLICE);
        return accepted;
    }

    private static boolean isOfWrittenOff(LedgerEntry entry) {
        return entry.outcome() == DeletionOutcome.UNPROVEN
                && entry.cause() != null
                && entry.cause().code().equals(CAUSE);
    }
}
