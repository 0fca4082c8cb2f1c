package dev.retention.internal.run;

import dev.retention.RetentionException;
import dev.retention.SweepEnd;
import dev.retention.internal.account.AccountState;
import dev.retention.internal.deletion.DeletionPipeline;
import dev.retention.internal.settings.SweepSettings;
import dev.retention.spi.Candidate;
import dev.retention.spi.DeletionGate.ClaimRequest;
import dev.retention.spi.DeletionGate.Claims;
import dev.retention.spi.DeletionGate.Signal;
import dev.retention.spi.RecordingRepository;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Claims about one second's work at a time, so that few recordings are in flight, and equally many of each account that
 * has work. Recordings of accounts that have to wait are left out. So no account delays another.
 */
final class ClaimSlices {

    /** What the engine's row names as the reason of a sweep. */
    static final String REASON = "retention_policy";

    private final RecordingRepository repository;
    private final SweepSettings settings;
    private final JoinedRun run;
    private final CandidateReader candidates;
    private final Rehearsal rehearsal;
    private final DeletionPipeline pipeline;
    private final Deque<Candidate> pending;
    private boolean metUnmappedHold;

    ClaimSlices(
            Resources resources,
            JoinedRun run,
            CandidateReader candidates,
            Rehearsal rehearsal,
            DeletionPipeline pipeline) {
        this.repository = resources.repository();
        this.settings = resources.settings();
        this.run = run;
        this.candidates = candidates;
        this.rehearsal = rehearsal;
        this.pipeline = pipeline;
        this.pending = candidates.pending();
    }

    /**
     * Claims a slice, if it is time for one.
     *
     * @return what ends the run; null if nothing does
     */
    @Nullable
    SweepEnd claim(double answersPerSecond) {
        long now = settings.ticker().nanos();
        // Otherwise they might be all that is left, and the run would wait for them.
        if (pipeline.accounts().stream().anyMatch(AccountState::isStopped)) {
            pending.removeIf(candidate -> accountOf(candidate).isStopped());
        }
        List<Candidate> slice = take(target(answersPerSecond), now);
        if (slice.isEmpty()) {
            return null;
        }
        Claims claims;
        List<Candidate> markable;
        try {
            markable = rehearsal.withoutRefused(slice);
            if (markable.isEmpty()) {
                return rehearsal.hasFailed() ? SweepEnd.REFUSED : null;
            }
            Instant leaseUntil = repository.now().plus(settings.lease());
            claims = repository
                    .gate()
                    .claim(new ClaimRequest(run.id(), settings.owner(), leaseUntil, run.criteria(), REASON, markable));
        } catch (RetentionException e) {
            putBack(slice);
            throw e;
        }
        return claimed(claims, markable.size(), now);
    }

    /** Whether claims are refused for a hold by attribute that this instance can't judge, and others may. */
    boolean hasMetUnmappedHold() {
        return metUnmappedHold;
    }

    /** As many as are answered in a second, and twice the concurrency at least, so that no request waits for claims. */
    private int target(double answersPerSecond) {
        int most = 2 * settings.batchSize();
        return (int) Math.min(most, Math.max(2 * settings.maxConcurrency(), Math.ceil(answersPerSecond)));
    }

    /**
     * Takes what is missing in flight. Nothing while each account has more than half of its part in flight and more is
     * pending than would fit: a larger slice follows soon.
     */
    private List<Candidate> take(int target, long now) {
        int size = pipeline.size();
        int wanted = Math.min(settings.batchSize(), target - size);
        boolean oneAccount = pipeline.accounts().size() <= 1;
        boolean more = pending.size() > wanted;
        if (wanted <= 0 || oneAccount && more && size > target / 2) {
            return List.of();
        }
        ClaimShares shares = shares(target, now);
        return !oneAccount && more && pending.stream().noneMatch(row -> isLow(accountOf(row), shares, now))
                ? List.of()
                : take(wanted, shares, now);
    }

    private static boolean isLow(AccountState account, ClaimShares shares, long now) {
        return !account.hasToWait(now) && shares.isLow(account);
    }

    private ClaimShares shares(int target, long now) {
        Map<AccountState, Integer> inFlight = pipeline.sizes();
        Set<AccountState> accounts = Collections.newSetFromMap(new IdentityHashMap<>());
        accounts.addAll(inFlight.keySet());
        for (Candidate candidate : pending) {
            AccountState account = accountOf(candidate);
            if (!account.hasToWait(now)) {
                accounts.add(account);
            }
        }
        return ClaimShares.of(target, accounts.size(), inFlight);
    }

    private List<Candidate> take(int wanted, ClaimShares shares, long now) {
        List<Candidate> slice = new ArrayList<>();
        Set<AccountState> open = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Iterator<Candidate> each = pending.iterator(); each.hasNext() && slice.size() + open.size() < wanted; ) {
            Candidate candidate = each.next();
            AccountState account = accountOf(candidate);
            if (account.hasToWait(now) || shares.isUsedUp(account)) {
                continue;
            }
            if (!account.isOpen()) {
                each.remove();
                slice.add(candidate);
                shares.take(account);
            } else if (open.add(account)) {
                shares.take(account);
            }
        }
        slice.addAll(takeProbes(open));
        return slice;
    }

    /**
     * Takes one recording of each account whose circuit is open: the newest, since the oldest ones may be those that
     * fail, night after night. If several have failed, the account's others wait for the next pass, and the next probe
     * is one of the next page.
     */
    private List<Candidate> takeProbes(Set<AccountState> open) {
        List<Candidate> probes = new ArrayList<>();
        Set<AccountState> left = Collections.newSetFromMap(new IdentityHashMap<>());
        left.addAll(open);
        for (Iterator<Candidate> each = pending.descendingIterator(); each.hasNext() && !left.isEmpty(); ) {
            Candidate candidate = each.next();
            if (left.remove(accountOf(candidate))) {
                each.remove();
                probes.add(candidate);
            }
        }
        open.stream().filter(AccountState::isStuck).forEach(candidates::moveOn);
        return probes;
    }

    private void putBack(List<Candidate> slice) {
        for (int i = slice.size() - 1; i >= 0; i--) {
            Candidate candidate = slice.get(i);
            if (!rehearsal.hasRefused(candidate.id())) {
                pending.addFirst(candidate);
            }
        }
    }

    private @Nullable SweepEnd claimed(Claims claims, int asked, long claimedNanos) {
        if (claims.signal() == Signal.GO_ON && claims.claims().size() < asked) {
            candidates.missed();
        }
        pipeline.add(claims.claims(), claimedNanos);
        return switch (claims.signal()) {
            case GO_ON -> null;
            case CAP_REACHED -> {
                pending.clear();
                yield SweepEnd.CAPPED;
            }
            case PAUSED -> SweepEnd.PAUSED;
            case NOT_CONFIRMED -> {
                pipeline.unconfirmed();
                yield SweepEnd.REFUSED;
            }
            case RUN_ENDED -> SweepEnd.ALREADY_RUNNING;
            case HOLD_UNMAPPED -> {
                metUnmappedHold = true;
                yield SweepEnd.REFUSED;
            }
        };
    }

    private AccountState accountOf(Candidate candidate) {
        return pipeline.account(candidate.recording().account());
    }
}
