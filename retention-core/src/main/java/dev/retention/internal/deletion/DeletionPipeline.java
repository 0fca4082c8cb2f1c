package dev.retention.internal.deletion;

import dev.retention.DeletionOutcome;
import dev.retention.Obstacle;
import dev.retention.RetentionException;
import dev.retention.SweepEnd;
import dev.retention.SweepTracer.Span;
import dev.retention.WrittenOffAccount;
import dev.retention.internal.account.AccountState;
import dev.retention.internal.account.AccountState.Trust;
import dev.retention.internal.account.Accounts;
import dev.retention.internal.deletion.AccountIdentification.Findings;
import dev.retention.internal.deletion.AccountIdentification.MoreNeeded;
import dev.retention.internal.deletion.AccountIdentification.Refused;
import dev.retention.internal.deletion.AccountIdentification.Untested;
import dev.retention.internal.deletion.AccountIdentification.Verdict;
import dev.retention.internal.deletion.Dispatcher.Answered;
import dev.retention.internal.deletion.Dispatcher.Message;
import dev.retention.internal.recording.Storages;
import dev.retention.internal.recording.UnmappedHolds;
import dev.retention.internal.safety.Suspicions;
import dev.retention.internal.safety.WriteOffs;
import dev.retention.internal.settings.SweepSettings;
import dev.retention.internal.support.StopSignal;
import dev.retention.internal.support.Ticker;
import dev.retention.internal.telemetry.RequestGauge;
import dev.retention.internal.telemetry.Telemetry;
import dev.retention.internal.time.ClockGuard;
import dev.retention.internal.time.DatabaseTime;
import dev.retention.spi.Claim;
import dev.retention.spi.ClaimOutcome;
import dev.retention.spi.Controls;
import dev.retention.spi.Controls.Control;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.Recording;
import dev.retention.spi.RecordingLookup;
import dev.retention.spi.RecordingRepository;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Processes claims at the storages, step by step. The sweeping thread alone decides and uses the database; worker
 * threads call storages, through the {@link Dispatcher}. One class, because it only connects the parts that decide.
 */
public final class DeletionPipeline implements RequestGauge {

    /** So many accounts are kept in memory at least. */
    private static final int LEAST_ACCOUNTS = 1_000;

    /** So many accounts of the newest recordings are identified if several others are of no use. */
    private static final int NEWEST_ACCOUNTS = 5;

    /** Among so many recordings. */
    private static final int NEWEST_RECORDINGS = 100;

    private final RecordingRepository repository;
    private final Storages storages;
    private final SweepSettings settings;
    private final Ticker ticker;
    private final DueCriteria policies;
    private final DatabaseTime time;
    private final ClockGuard clocks;
    private final Telemetry telemetry;

    private final Accounts accounts;
    private final SendPermission permission;
    private final AccountIdentification identification;
    private final StorageCaller caller;
    private final Dispatcher dispatcher;
    private final OutcomeRecorder recorder;
    private final DecisionExecutor executor;
    private final Obstacles obstacles;
    private final AnswerEvents events;
    private final Suspicions suspicions;
    private final WrittenOff writtenOff;
    private final Drain drain;
    private boolean unconfirmed;

    /**
     * What is to be done.
     *
     * @param stop asks the work to stop
     * @param criteria which recordings are deleted
     * @param policies which are due by the policies: recent ones that are not due identify an account
     * @param span the sweep that requests belong to in a trace; null for none
     */
    public record Work(
            StopSignal stop,
            DueCriteria criteria,
            DueCriteria policies,
            @Nullable Span span) {}

    /** @param limits which other work of the sweeper shares */
    public DeletionPipeline(
            RecordingRepository repository,
            Storages storages,
            SweepSettings settings,
            InstanceLimits limits,
            Work work) {
        this.repository = repository;
        this.storages = storages;
        this.settings = settings;
        this.ticker = settings.ticker();
        this.policies = work.policies();
        this.time = new DatabaseTime(repository, ticker);
        this.clocks = new ClockGuard(repository, settings);
        this.telemetry = settings.telemetry();
        this.events = new AnswerEvents(telemetry);
        this.accounts = new Accounts(limits.accounts(), Math.max(LEAST_ACCOUNTS, 4 * settings.batchSize()));
        AnswerRules rules =
                new AnswerRules(settings.maxAttempts(), Backoff.of(settings), storages.coverExternalMedia());
        this.permission = new SendPermission(
                settings, work.stop(), work.criteria(), rules, SendPermission.Database.of(repository));
        this.caller = new StorageCaller(telemetry, work.span());
        this.identification = new AccountIdentification(storages, caller, settings.maxClockSkew());
        this.dispatcher = new Dispatcher(settings, work.stop(), permission, limits.budget(), this::ask);
        this.obstacles = new Obstacles(time::now, ticker);
        this.recorder = new OutcomeRecorder(
                OutcomeRecorder.Database.of(repository, time), obstacles, settings, dispatcher::add);
        this.executor = new DecisionExecutor(repository, storages, rules, time, dispatcher, recorder, obstacles);
        this.suspicions = new Suspicions(repository);
        this.writtenOff = new WrittenOff(dispatcher, executor.withheld(), recorder);
        this.drain = new Drain(dispatcher, executor, recorder, settings, work.stop(), this::handle);
    }

    /** The account of this name. If too many are kept in memory, those without work are forgotten. */
    public AccountState account(@Nullable String name) {
        if (accounts.isFullFor(name)) {
            Set<AccountState> inUse = new HashSet<>(dispatcher.sizes().keySet());
            inUse.addAll(executor.withheld().accounts());
            recorder.progressing().forEach(deletion -> inUse.add(deletion.account));
            inUse.addAll(accounts.references());
            Set<AccountState> forgotten = accounts.forget(inUse, ticker.nanos());
            dispatcher.forget(forgotten);
            obstacles.forget(forgotten);
        }
        return accounts.get(name);
    }

    public Collection<AccountState> accounts() {
        return accounts.all();
    }

    /** How many requests are at storages now. From any thread. */
    @Override
    public int underWay() {
        return dispatcher.underWay();
    }

    /** How many requests at once the accounts allow now. From any thread. */
    @Override
    public int limit() {
        return accounts.limit();
    }

    @Override
    public List<Obstacle> obstacles() {
        return obstacles.all();
    }

    /** How many claims of each account are in flight; accounts without are absent. */
    public Map<AccountState, Integer> sizes() {
        return dispatcher.sizes();
    }

    public int size() {
        return dispatcher.size() + recorder.progressing().size();
    }

    /** How many requests were answered so far. */
    public long answers() {
        return dispatcher.answers();
    }

    /** How many claims were released that may be claimed again: not those of an account that was stopped. */
    public long postponed() {
        return executor.postponed();
    }

    public boolean isIdle() {
        return size() == 0
                && recorder.isEmpty()
                && !dispatcher.isExpecting()
                && executor.withheld().accountsToIdentify().isEmpty();
    }

    /** Why the clocks can't be trusted any more; null while they can. */
    @Nullable
    public String clockObjection() {
        return clocks.objection();
    }

    /**
     * Whether the database refuses what this instance works with, because it is no longer what was confirmed. Nothing
     * is sent any more.
     */
    public boolean isUnconfirmed() {
        return unconfirmed;
    }

    /** A claim was refused for that reason. */
    public void unconfirmed() {
        unconfirmed = true;
    }

    /**
     * Takes claims in. {@code claimedNanos} is from before the claim was asked for, so that its age is never
     * underestimated.
     */
    public void add(List<Claim> claims, long claimedNanos) {
        telemetry.working(this);
        for (Claim claim : claims) {
            AccountState account = account(claim.recording().account());
            if (!storages.mayHold(claim.recording())) {
                refuse(claim);
            } else if (!writtenOff.takes(claim, account)) {
                executor.begin(claim, account, claimedNanos);
            }
        }
    }

    /** Nothing can prove the deletion of what no storage may hold. */
    private void refuse(Claim claim) {
        recorder.add(at -> claim.attempt() == 1
                ? ClaimOutcome.refusedUnsent(claim, Causes.noStorage(), at)
                : ClaimOutcome.quarantine(claim, DeletionOutcome.REFUSED_UNSENT, Causes.noStorage(), at)
                        .inDoubt(claim.inDoubt()));
    }

    /** The accounts that are written off, and that the storage has refused in this work. */
    public Set<String> writtenOff() {
        return writtenOff.accounts();
    }

    /** Decides about withheld recordings: no further answers of their account come. */
    public void releaseWithheld() {
        executor.decideWithheld();
    }

    /**
     * One round: sends what may be sent, waits up to {@code maxWaitNanos} for answers, and records outcomes.
     *
     * @throws RetentionException when the database refuses what a round needs, or does not answer it; outcomes are kept
     *     and recorded later
     */
    public void step(long maxWaitNanos) throws InterruptedException {
        try {
            boolean handled = handleAll(dispatcher.messages().poll());
            long overdue = ticker.nanos() - settings.lease().toNanos() / 2;
            executor.decideWithheld(overdue);
            // Outcomes that can't be recorded are kept in memory, so nothing is sent while the database does not
            // answer.
            boolean recordable = recorder.isAnswered();
            if (recordable) {
                dispatch();
            }
            long nextSend = recordable ? dispatcher.nanosToNextTurn() : Long.MAX_VALUE;
            // What was just answered is recorded and replaced by new claims first: that keeps the storages busy.
            long longest = handled ? 0 : maxWaitNanos;
            long wait = Math.max(0, Math.min(longest, Math.min(nextSend, recorder.nanosToNextTurn())));
            handleAll(ticker.poll(dispatcher.messages(), wait, dispatcher.isExpecting()));
            recorder.recordDue(dispatcher.size() == 0 && dispatcher.messages().isEmpty());
        } finally {
            tell();
        }
    }

    /** The run needed the database outside a step, and it failed. */
    public void databaseFailed(RetentionException e) {
        if (e.kind() == RetentionException.Kind.UNAVAILABLE) {
            obstacles.databaseFailed("the run waits", e.getMessage());
        } else {
            obstacles.databaseRefused(e.getMessage());
        }
    }

    /** The run needed the database outside a step, and it answered. */
    public void databaseAnswered() {
        if (recorder.isAnswered()) {
            obstacles.databaseAnswered();
        }
    }

    /** Informs listeners and operators. */
    private void tell() {
        events.tell();
        SweepEnd stopped = accounts.stopped();
        if (stopped != null) {
            obstacles.allStopped(stopped, accounts.stopCause());
        }
        accounts.all().forEach(obstacles::look);
    }

    /** Returns whether there was any. */
    private boolean handleAll(@Nullable Message first) {
        for (Message message = first;
                message != null;
                message = dispatcher.messages().poll()) {
            handle(message);
        }
        return first != null;
    }

    private void dispatch() {
        List<AccountState> doubtful = executor.withheld().accountsToIdentify();
        if (!dispatcher.hasReady() && doubtful.isEmpty()) {
            dispatcher.stopWaiting();
            return;
        }
        try {
            Set<AccountState> unidentified = dispatcher.unidentified();
            Stream.concat(doubtful.stream(), references().stream())
                    .filter(account -> account.trust() == Trust.UNKNOWN && account.mayTry(ticker.nanos()))
                    .forEach(unidentified::add);
            unidentified.forEach(this::identify);
            check();
        } catch (RetentionException e) {
            if (e.kind() == RetentionException.Kind.UNAVAILABLE) {
                obstacles.databaseFailed("no deletion is sent before its row was checked", e.getMessage());
            }
            throw e;
        }
        Dispatcher.Unsendable unsendable = dispatcher.send();
        try {
            executor.usedUp(unsendable.usedUp());
        } finally {
            executor.notSent(unsendable.notSoon());
        }
    }

    /** The accounts of the newest recordings, if several others are of no use. */
    private Set<AccountState> references() {
        if (accounts.needReferences()) {
            accounts.refer(newestAccounts());
        }
        return accounts.references();
    }

    private List<AccountState> newestAccounts() {
        return !identification.isPossible()
                ? List.of()
                : repository.recordings().newestNotDue(policies, NEWEST_RECORDINGS).stream()
                        .map(recording -> account(recording.account()))
                        .distinct()
                        .filter(account -> !account.isStopped())
                        .limit(NEWEST_ACCOUNTS)
                        .toList();
    }

    /** Checks rows again whose last check is too long ago, before anything is sent for them. */
    private void check() {
        long now = ticker.nanos();
        SendPermission.Checked checked = permission.check(dispatcher.ready(), now);
        if (!checked.isEmpty() && recorder.isAnswered()) {
            obstacles.databaseAnswered();
        }
        tellOfUnmappedHolds(checked);
        if (!checked.refused().isEmpty() && !settings.dryRun()) {
            unconfirmed |= !isConfirmed();
        }
        dispatcher.remove(checked.refused());
        dispatcher.checked(checked.allowed(), now);
        executor.refusedByCheck(checked.refused(), permission, unconfirmed);
    }

    private void tellOfUnmappedHolds(SendPermission.Checked checked) {
        if (!checked.allowed().isEmpty()) {
            obstacles.holdsJudged();
        } else if (!checked.refused().isEmpty()) {
            UnmappedHolds.objection(repository.holds())
                    .ifPresentOrElse(obstacles::holdUnmapped, obstacles::holdsJudged);
        }
    }

    /** The check itself says only which claims it refused, and not why. */
    private boolean isConfirmed() {
        Control confirmed = repository.controls().all().get(Controls.FINGERPRINT);
        return Objects.equals(confirmed == null ? null : confirmed.setting(), policies.fingerprint());
    }

    /** Runs on worker threads. */
    private DeletionResult ask(PendingDeletion deletion) {
        Recording recording = deletion.claim.recording();
        return deletion.isLookUp()
                ? caller.lookUpToDelete((RecordingLookup) deletion.storage(), recording)
                : caller.delete(deletion.storage(), recording, permission.permit(deletion));
    }

    private void identify(AccountState account) {
        if (!identification.isPossible()) {
            account.identified(false);
            return;
        }
        if (!dispatcher.reserve(account)) {
            return;
        }
        String name = account.name();
        List<Recording> recent;
        WrittenOffAccount decided;
        int limit = account.isAskedForMore() ? AccountIdentification.MOST_READ : AccountIdentification.RECENT;
        try {
            Map<String, Control> controls = repository.controls().all();
            decided = WriteOffs.of(name, controls, storages).orElse(null);
            Suspicions.Trusted trusted = suspicions.trusted(name, controls);
            account.confirmed(trusted.account(), trusted.keys());
            recent = repository.recordings().recentNotDue(policies, name, limit);
        } catch (RetentionException e) {
            dispatcher.cancel(account);
            throw e;
        }
        account.beingAsked(ticker.nanos());
        dispatcher.outside(account, () -> {
            boolean thereMayBeMore = limit == AccountIdentification.RECENT && recent.size() == limit;
            Findings findings = identification.ask(name, recent, thereMayBeMore);
            return () -> identified(account, identification.judge(findings, time.now()), decided);
        });
    }

    private void identified(AccountState account, Verdict verdict, @Nullable WrittenOffAccount decided) {
        if (verdict instanceof MoreNeeded) {
            account.askForMore();
        } else if (verdict instanceof Refused refused && refused.recordingsAreMissing()) {
            if (account.isConfirmed()) {
                executor.identified(account, new Untested(), ticker.nanos());
            } else {
                account.missesRecordings();
                executor.identified(account, verdict, ticker.nanos());
            }
        } else if (!writtenOff.takes(account, verdict, decided)) {
            executor.identified(account, verdict, ticker.nanos());
        }
    }

    private void handle(Message message) {
        dispatcher.seen(message);
        if (message instanceof Dispatcher.Done done) {
            done.whatFollows().run();
        } else if (message instanceof Dispatcher.Withdrawn withdrawn) {
            withdrawn.deletion().withdraw();
            dispatcher.addFirst(withdrawn.deletion());
        } else if (message instanceof Answered answered) {
            events.add(answered);
            executor.answered(answered, permission.isLeaseHalfOver(answered.deletion(), ticker.nanos()));
        }
    }

    /** Ends the work: see {@link Drain}. */
    public void finish() {
        try {
            drain.run();
        } finally {
            accounts.close();
            tell();
            telemetry.done(this);
        }
    }

    /** Waits, and handles the answers that arrive meanwhile. */
    public void pause(Duration wait) {
        long until = ticker.nanos() + wait.toNanos();
        try {
            for (long left = wait.toNanos(); left > 0; left = until - ticker.nanos()) {
                handleAll(ticker.poll(dispatcher.messages(), left, false));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            tell();
        }
    }
}
