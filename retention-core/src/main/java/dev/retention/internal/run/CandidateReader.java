package dev.retention.internal.run;

import dev.retention.LedgerEntry;
import dev.retention.internal.account.AccountState;
import dev.retention.internal.deletion.DeletionPipeline;
import dev.retention.internal.recording.DueStatus;
import dev.retention.internal.recording.LedgerEntries;
import dev.retention.internal.recording.Storages;
import dev.retention.internal.report.Tally;
import dev.retention.internal.support.Ticker;
import dev.retention.spi.Candidate;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.RecordingRepository;
import dev.retention.spi.RecordingSource.Page;
import dev.retention.spi.SweepRuns.SweepRun;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads due recordings page by page, in one or more passes over the table. Whoever moves the run's cursor owns the page
 * between, so that instances that share a run read different pages.
 */
final class CandidateReader {

    private static final Logger log = LoggerFactory.getLogger(CandidateReader.class);
    private static final int MOST_PASSES_FOR_MISSED = 3;

    private final RecordingRepository repository;
    private final Storages storages;
    private final Ticker ticker;
    private final int batchSize;
    private final JoinedRun run;
    private final DueCriteria criteria;
    private final DeletionPipeline pipeline;
    private final Predicate<String> leftOut;
    private final UnreadableRecordings unreadable = new UnreadableRecordings();

    /** Candidates of pages that this instance owns, and has not claimed yet. */
    private final Deque<Candidate> pending = new ArrayDeque<>();

    private boolean passOver;
    /** Whether this pass may have lost candidates that nobody else works on. */
    private boolean missed;

    private int passesForMissed;
    private long postponedBeforePass;

    /** @param leftOut ids that are not read again in this run */
    CandidateReader(Resources resources, JoinedRun run, DeletionPipeline pipeline, Predicate<String> leftOut) {
        this.repository = resources.repository();
        this.storages = resources.storages();
        this.ticker = resources.settings().ticker();
        this.batchSize = resources.settings().batchSize();
        this.run = run;
        this.criteria = run.criteria();
        this.pipeline = pipeline;
        this.leftOut = leftOut;
        // An instance that has left the run may not have claimed all that it had read.
        this.missed = run.joined().passDone() || run.joined().cursor() != null;
    }

    /** The due recordings that this instance has met and can't read. */
    UnreadableRecordings unreadable() {
        return unreadable;
    }

    Deque<Candidate> pending() {
        return pending;
    }

    /** Whether the last page of this pass was read, and nothing of this instance's pages is left. */
    boolean isPassOver() {
        return passOver && pending.isEmpty();
    }

    /** Whether there is nothing to claim now, though this pass has further pages. */
    boolean hasToRead() {
        return !passOver && pending.isEmpty();
    }

    /** A candidate was lost to another instance or a change of its row; it may be due all the same. */
    void missed() {
        missed = true;
    }

    /** Leaves the account's candidates to the next pass, so that later ones get a turn. Not at the last page. */
    void moveOn(AccountState account) {
        if (!passOver
                && pending.removeIf(
                        candidate -> pipeline.account(candidate.recording().account()) == account)) {
            missed = true;
        }
    }

    /** Reads the next page, unless there is enough to do. Returns false when the run has ended. */
    boolean readIfNeeded() {
        if (passOver || !pending.isEmpty() && !onlyBlockedArePending() && !anAccountIsIdle()) {
            return true;
        }
        SweepRun current = run.current();
        if (current.report() != null) {
            return false;
        }
        if (current.passDone()) {
            passOver = true;
        } else {
            read(current);
        }
        return true;
    }

    private void read(SweepRun current) {
        Page page = DuePages.next(repository.recordings(), criteria, current.cursor(), batchSize);
        List<Candidate> due = page.candidates().stream().filter(criteria::isDue).toList();
        Map<String, LedgerEntry> entries =
                LedgerEntries.find(repository, due.stream().map(Candidate::id).toList());
        // All that can fail comes first: once the cursor has moved, no other instance reads this page. If the answer to
        // that is lost, nobody reads it in this pass.
        boolean unsure = missed;
        missed = true;
        if (!repository.runs().advance(current, page.next(), repository.now())) {
            return;
        }
        missed = unsure;
        passOver = page.next() == null;
        List<Candidate> liveAgain = new ArrayList<>();
        List<String> notRead = new ArrayList<>(page.unreadable());
        for (Candidate candidate : due) {
            DueStatus status = DueStatus.of(candidate, entries.get(candidate.id()), storages);
            if (status.isToBeClaimed() && !leftOut.test(candidate.id())) {
                addUnlessTooMany(candidate);
            } else if (status == DueStatus.LIVE_AGAIN && candidate.deleted() == null) {
                liveAgain.add(candidate);
            } else if (status == DueStatus.UNREADABLE) {
                notRead.add(candidate.id());
            }
        }
        unreadable.add(notRead);
        storages.announce(pending.stream().map(Candidate::recording).toList());
        repair(liveAgain);
    }

    /** Of accounts that have to wait, no more than a page is kept in memory; the next pass reads the rest. */
    private void addUnlessTooMany(Candidate candidate) {
        AccountState account = pipeline.account(candidate.recording().account());
        if (account.isStopped()) {
            return;
        }
        if (pending.size() >= batchSize && account.hasToWait(ticker.nanos())) {
            missed = true;
        } else {
            pending.add(candidate);
        }
    }

    private void repair(List<Candidate> liveAgain) {
        if (liveAgain.isEmpty()) {
            return;
        }
        Set<String> repaired = repository.gate().repair(liveAgain);
        for (Candidate candidate : liveAgain) {
            if (repaired.contains(candidate.id())) {
                log.warn(
                        "recording={} was deleted before, but its row was live again. The row was soft-deleted again;"
                                + " find out which code of the engine saved it",
                        candidate.id());
            } else {
                log.warn(
                        "recording={} was deleted before, but its row names another recording now, as after a restore."
                                + " It is kept; compare the row with its ledger entry",
                        candidate.id());
            }
        }
    }

    /**
     * Whether to read the next page though some are pending: all of those belong to accounts that have to wait, and the
     * next page may have recordings of others. With a single account there are no others.
     */
    private boolean onlyBlockedArePending() {
        long now = ticker.nanos();
        return pending.stream()
                        .allMatch(candidate -> pipeline.account(
                                        candidate.recording().account())
                                .hasToWait(now))
                && (pending.stream().anyMatch(candidate -> candidate.recording().account() != null)
                        || pipeline.accounts().stream().anyMatch(account -> !account.hasToWait(now)));
    }

    /**
     * Whether to read the next page though less than a page is pending: an account has nothing to do, and a slow one
     * would delay it otherwise.
     */
    private boolean anAccountIsIdle() {
        if (pending.size() >= batchSize || pipeline.accounts().size() <= 1) {
            return false;
        }
        long now = ticker.nanos();
        Map<AccountState, Integer> sizes = pipeline.sizes();
        Set<AccountState> pendingOf = pending.stream()
                .map(candidate -> pipeline.account(candidate.recording().account()))
                .collect(Collectors.toSet());
        return pipeline.accounts().stream()
                .anyMatch(account ->
                        !account.hasToWait(now) && sizes.getOrDefault(account, 0) == 0 && !pendingOf.contains(account));
    }

    /** After the last page: begins another pass if more can be claimed, such as the pages of an instance that died. */
    boolean beginAnotherPass() {
        SweepRun current = run.current();
        if (current.report() != null) {
            return false;
        }
        if (!current.passDone()) {
            // Another instance has begun one.
            return joinPass();
        }
        boolean claimedSome =
                current.claimed() > current.claimedBeforePass() || pipeline.postponed() > postponedBeforePass;
        if (!claimedSome && !(missed && passesForMissed++ < MOST_PASSES_FOR_MISSED)) {
            return false;
        }
        if (Tally.of(repository, current, criteria).remaining() == 0) {
            return false;
        }
        repository.runs().nextPass(current, repository.now());
        return joinPass();
    }

    private boolean joinPass() {
        passOver = false;
        missed = false;
        postponedBeforePass = pipeline.postponed();
        return true;
    }
}
