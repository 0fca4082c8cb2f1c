package dev.retention;

import dev.retention.Sender.Answered;
import dev.retention.Sender.Message;
import dev.retention.SweepTracer.Span;
import dev.retention.spi.Claim;
import dev.retention.spi.ClaimOutcome;
import dev.retention.spi.ClaimOutcome.Step;
import dev.retention.spi.DeletionPermit;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.Recording;
import dev.retention.spi.RecordingLookup;
import dev.retention.spi.RecordingLookup.Introduction;
import dev.retention.spi.RecordingRepository;
import dev.retention.spi.RecordingStorage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes claims through the storages and records what became of them. One thread, the one that sweeps, decides and talks to the database; worker threads
 * call storages, by the {@link Sender}.
 */
final class DeletionPipeline {

    private static final Logger log = LoggerFactory.getLogger(DeletionPipeline.class);

    /** Outcomes wait at most this long for others to be recorded with. */
    private static final Duration FLUSH = Duration.ofMillis(250);

    private static final int RECENT_TO_LOOK_UP = 5;
    private static final int RECORD_TRIES = 5;
    private static final Duration LOOK_FOR_STOP = Duration.ofMillis(100);
    private static final Duration AFTER_INTERRUPT = Duration.ofSeconds(2);
    private static final Duration LATER_LOOK = Duration.ofHours(1);
    private static final String FAILED = "FAILED";

    private final RecordingRepository repository;
    private final Storages storages;
    private final SweepSettings settings;
    private final StopSignal stop;
    private final Ticker ticker;
    private final DueCriteria criteria;
    private final DatabaseTime time;
    private final ClockGuard clocks;

    /** Written by the sweeping thread, and read by who asks how much is under way. */
    private final Map<Optional<String>, Account> accounts = new ConcurrentHashMap<>();

    private final List<ClaimOutcome> outcomes = new ArrayList<>();
    private final List<Work> progressing = new ArrayList<>();
    private final List<SweepEvent> answersToTell = new ArrayList<>();
    private final Sender sender;
    private final Telemetry telemetry;
    private final @Nullable Span span;

    private long firstUnrecordedNanos;
    private long postponed;

    /** What storages said about an account: what one of them objects, what their clocks say, and what look-ups of recent recordings found. */
    private record Introductions(
            @Nullable DeletionResult objection, Map<String, Instant> times, List<DeletionResult> lookUps) {}

    /**
     * @param span the sweep that requests belong to in a trace; null for none
     */
    DeletionPipeline(
            RecordingRepository repository,
            Storages storages,
            SweepSettings settings,
            StopSignal stop,
            DueCriteria criteria,
            @Nullable Span span) {
        this.repository = repository;
        this.storages = storages;
        this.settings = settings;
        this.stop = stop;
        this.ticker = settings.ticker();
        this.criteria = criteria;
        this.time = new DatabaseTime(repository, ticker);
        this.clocks = new ClockGuard(repository, settings);
        this.sender = new Sender(settings, stop, this::ask);
        this.telemetry = settings.telemetry();
        this.span = span;
    }

    Account account(@Nullable String name) {
        return accounts.computeIfAbsent(
                Optional.ofNullable(name),
                key -> new Account(
                        name,
                        new ConcurrencyLimit(
                                settings.maxConcurrency(), settings.headroom(), settings.permittedConcurrency())));
    }

    Collection<Account> accounts() {
        return accounts.values();
    }

    /** How many requests are at storages now. From any thread. */
    int underWay() {
        return sender.underWay();
    }

    /** How many requests at once the accounts let through now. From any thread. */
    int limit() {
        return Math.min(
                settings.maxConcurrency(),
                accounts.values().stream().mapToInt(Account::limit).sum());
    }

    int size() {
        return sender.size() + progressing.size();
    }

    /** How many requests were answered so far. */
    long answers() {
        return sender.answers();
    }

    /** How many claims were given back that may be claimed again: not those of an account that was stopped. */
    long postponed() {
        return postponed;
    }

    boolean isIdle() {
        return size() == 0 && outcomes.isEmpty() && !sender.isExpecting();
    }

    /** Takes claims in. {@code claimedNanos} is from before the claim was asked for, so that its age is never underestimated. */
    void add(List<Claim> claims, long claimedNanos) {
        telemetry.working(this);
        for (Claim claim : claims) {
            Evidence evidence = Evidence.parse(claim.evidence());
            if (storages.next(evidence).isEmpty() && leftElsewhere(evidence)) {
                // A person wants it tried again: those that have proven nothing are asked anew.
                evidence = evidence.proofs();
            }
            Account account = account(claim.recording().account());
            Optional<RecordingStorage> next = storages.next(evidence);
            if (next.isEmpty()) {
                settle(claim, evidence);
            } else {
                sender.add(new Work(claim, account, next.get(), evidence, claimedNanos));
            }
        }
    }

    /** Decides about unproven recordings that were withheld for what others of their account would show: no others come. */
    void releaseWithheld() {
        accounts.values().forEach(this::releaseWithheld);
    }

    /** One round: sends what may be sent, waits up to {@code maxWaitNanos} for answers, and records outcomes. */
    void step(long maxWaitNanos) throws InterruptedException {
        releaseOverdue();
        dispatch();
        long now = ticker.nanos();
        long wait = outcomes.isEmpty()
                ? maxWaitNanos
                : Math.min(maxWaitNanos, Math.max(0, firstUnrecordedNanos + FLUSH.toNanos() - now));
        wait = Math.max(0, Math.min(wait, sender.nanosToNextTurn()));
        Message message = ticker.poll(sender.messages(), wait, sender.isExpecting());
        while (message != null) {
            handle(message);
            message = sender.messages().poll();
        }
        tellAnswers();
        flushIfWorthwhile();
    }

    /**
     * Gives back what was not sent, waits for what was, and records it. What has no answer within half a lease, or within the shutdown timeout once
     * stopping was asked for, is interrupted.
     */
    void finish() {
        boolean interrupted = Thread.interrupted();
        sender.end();
        try {
            giveBackReady();
            interrupted |= awaitAnswers(interrupted);
        } finally {
            interrupted |= stopWorkers();
            releaseWithheld();
            tellAnswers();
            try {
                flush();
                giveBackReady();
            } finally {
                telemetry.done(this);
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }
    }

    /** Returns whether the thread was interrupted meanwhile. */
    private boolean awaitAnswers(boolean wasInterrupted) {
        boolean interrupted = wasInterrupted;
        long began = ticker.nanos();
        long stopSeen = 0;
        boolean stopping = false;
        while (sender.isExpecting()) {
            long now = ticker.nanos();
            if (!stopping && (interrupted || stop.isRequested())) {
                stopping = true;
                stopSeen = now;
            }
            long left = began + settings.lease().toNanos() / 2 - now;
            if (stopping) {
                left = Math.min(left, stopSeen + settings.shutdownTimeout().toNanos() - now);
            }
            if (left <= 0) {
                break;
            }
            try {
                Message message = ticker.poll(sender.messages(), Math.min(left, LOOK_FOR_STOP.toNanos()), true);
                if (message != null) {
                    handle(message);
                }
                giveBackReady();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        return interrupted;
    }

    /** Interrupts what is still under way, and returns whether the thread was interrupted meanwhile. */
    private boolean stopWorkers() {
        boolean interrupted = false;
        try {
            if (!sender.stopWorkers(AFTER_INTERRUPT)) {
                log.warn("a storage does not honour interrupts; its threads live on");
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        for (Message message = sender.messages().poll();
                message != null;
                message = sender.messages().poll()) {
            handle(message);
        }
        int unanswered = sender.unseen();
        if (unanswered > 0) {
            log.warn(
                    "{} deletions had no answer in time; they stay claimed and are looked up once their lease has run out",
                    unanswered);
        }
        return interrupted;
    }

    /** Before the leases of withheld ones run out, and they are claimed anew as if nobody had asked. */
    private void releaseOverdue() {
        long now = ticker.nanos();
        for (Account account : accounts.values()) {
            if (account.withholdsSince(now - settings.lease().toNanos() / 2)) {
                releaseWithheld(account);
            }
        }
    }

    private void giveBackReady() {
        giveBack(sender.takeReady(), "not sent");
    }

    private void dispatch() {
        if (!sender.hasReady()) {
            return;
        }
        sender.strangers().forEach(this::introduce);
        checkStale();
        Sender.Unsendable unsendable = sender.send();
        try {
            unsendable
                    .usedUp()
                    .forEach(work -> quarantine(
                            work, DeletionOutcome.ATTEMPTS_USED_UP, "every attempt ended without an answer"));
        } finally {
            giveBack(unsendable.postponed(), "not sent");
        }
    }

    /** Lets the repository see again what was seen too long ago, before anything of it is sent. */
    private void checkStale() {
        long now = ticker.nanos();
        List<Work> stale = sender.ready().stream()
                .filter(work -> work.needsCheck(now, Sender.FRESH.toNanos()))
                .filter(work -> !work.account.isStopped())
                .toList();
        if (stale.isEmpty()) {
            return;
        }
        Set<String> allowed = verified(stale.stream().map(work -> work.claim).toList());
        List<Work> confirmed = new ArrayList<>();
        List<Work> refused = new ArrayList<>();
        for (Work work : stale) {
            boolean goes = allowed.contains(work.claim.id()) && !settings.dryRun();
            (goes ? confirmed : refused).add(work);
        }
        sender.remove(refused);
        sender.checked(confirmed, now);
        List<Work> firstAndUnsent = refused.stream()
                .filter(work -> work.claim.attempt() == 1 && work.isUnsent())
                .toList();
        giveBack(firstAndUnsent, "held, paused, changed or no longer due");
        refused.stream()
                .filter(work -> work.claim.attempt() > 1 || !work.isUnsent())
                .forEach(this::keep);
    }

    /** What a person wants erased is due whatever the policies say, also when recovery takes it up. */
    private Set<String> verified(List<Claim> claims) {
        Set<String> allowed = new HashSet<>();
        Map<Boolean, List<Claim>> byKind = claims.stream()
                .collect(Collectors.partitioningBy(claim -> claim.policy().equals(DueCriteria.ERASURE)));
        byKind.forEach((erasure, concerned) -> {
            if (!concerned.isEmpty()) {
                DueCriteria due = erasure ? DueCriteria.erasure(repository.now()) : criteria;
                allowed.addAll(repository.gate().verify(concerned, due));
            }
        });
        return allowed;
    }

    /** Why the clocks can't be trusted any more; null while they can. */
    @Nullable
    String clockObjection() {
        return clocks.objection();
    }

    private void keep(Work work) {
        String cause = settings.dryRun()
                ? "dry run: nothing is sent"
                : work.claim.late()
                        ? "held since a deletion may have been sent"
                        : "held, paused, changed or no longer due";
        log.warn("recording={} stays in the door: {}", work.claim.id(), cause);
        retry(work, DeletionOutcome.KEPT, cause, LATER_LOOK, false);
    }

    /** Runs on worker threads. */
    private DeletionResult ask(Work work) {
        return ask(work.storage(), work.claim.recording(), work.isLookUp(), permit(work.claim, work.checkedNanos()));
    }

    /** What a storage asks that does something else before it deletes. Used on worker threads. */
    private DeletionPermit permit(Claim claim, long checkedNanos) {
        return () -> {
            if (ticker.nanos() - checkedNanos <= Sender.FRESH.toNanos()) {
                return true;
            }
            try {
                return !stop.isRequested() && verified(List.of(claim)).contains(claim.id());
            } catch (RetentionException e) {
                log.warn("recording={} is not deleted: the check before it failed: {}", claim.id(), e.getMessage());
                return false;
            }
        };
    }

    /** Runs on a worker thread. */
    private DeletionResult ask(RecordingStorage storage, Recording recording, boolean lookUp, DeletionPermit permit) {
        Span request = telemetry.requestStarts(
                span, storage.name(), lookUp ? StorageOperation.LOOK_UP : StorageOperation.DELETE);
        try {
            DeletionResult result =
                    lookUp ? ((RecordingLookup) storage).lookUp(recording) : storage.delete(recording, permit);
            Objects.requireNonNull(result, "the storage answered null");
            request.end(result.kind().name(), null);
            return result;
        } catch (Throwable e) {
            request.end(FAILED, e);
            // An Error too: an answer that never came would be waited for until the run's time is up.
            log.warn("storage={} recording={} threw", storage.name(), recording.id(), e);
            return DeletionResult.tryLater("the storage threw " + e.getClass().getName(), null, false);
        }
    }

    /** Asks the storages who the account is, and looks recent recordings of it up, which should be there, before anything of it is deleted. */
    private void introduce(Account account) {
        List<Recording> recent = repository.recordings().recentNotDue(criteria, account.name(), RECENT_TO_LOOK_UP);
        List<RecordingLookup> lookups = storages.inOrder().stream()
                .filter(RecordingLookup.class::isInstance)
                .map(RecordingLookup.class::cast)
                .toList();
        if (lookups.isEmpty()) {
            account.trust(Account.Trust.UNTESTED);
            return;
        }
        account.trust(Account.Trust.BEING_ASKED);
        String name = account.name();
        sender.outside(() -> {
            Introductions said = introductions(lookups, name, recent);
            return () -> introduced(account, said);
        });
    }

    /** Runs on a worker thread. */
    private Introductions introductions(
            List<RecordingLookup> lookups, @Nullable String account, List<Recording> recent) {
        Map<String, Instant> times = new HashMap<>();
        for (RecordingLookup lookup : lookups) {
            Introduction introduction = introduction(lookup, account);
            if (introduction.time() != null) {
                times.put(lookup.name(), introduction.time());
            }
            if (introduction.objection() != null) {
                return new Introductions(introduction.objection(), times, List.of());
            }
        }
        List<DeletionResult> worst = List.of();
        for (RecordingLookup lookup : lookups) {
            worst = lookedUp(lookup, recent);
            if (worst.stream().noneMatch(DeletionPipeline::isKnown)) {
                break;
            }
        }
        return new Introductions(null, times, worst);
    }

    private Introduction introduction(RecordingLookup lookup, @Nullable String account) {
        Span request = telemetry.requestStarts(span, lookup.name(), StorageOperation.INTRODUCE);
        try {
            Introduction introduction = Objects.requireNonNull(lookup.introduce(account), "the storage answered null");
            DeletionResult objection = introduction.objection();
            request.end(objection == null ? "KNOWN" : objection.kind().name(), null);
            return introduction;
        } catch (Throwable e) {
            request.end(FAILED, e);
            log.warn("storage={} threw when it was asked who it is", lookup.name(), e);
            return new Introduction(
                    DeletionResult.tryLater("the storage threw " + e.getClass().getName(), null, true), null);
        }
    }

    /** Until one is known. */
    private List<DeletionResult> lookedUp(RecordingLookup lookup, List<Recording> recent) {
        List<DeletionResult> results = new ArrayList<>();
        for (Recording recording : recent) {
            DeletionResult result = ask(lookup, recording, true, () -> false);
            results.add(result);
            if (isKnown(result) || result.kind() == DeletionResult.Kind.STOP) {
                break;
            }
        }
        return results;
    }

    private static boolean isKnown(DeletionResult result) {
        return switch (result.kind()) {
            case DELETED, ALREADY_GONE, NOTHING_STORED, KEPT_ELSEWHERE, STILL_THERE, NOT_YET, REFUSED -> true;
            case NOT_FOUND, TRY_LATER, REFUSED_UNSENT, STOP -> false;
        };
    }

    private void handle(Message message) {
        sender.seen(message);
        if (message instanceof Sender.Done done) {
            done.whatFollows().run();
        } else if (message instanceof Answered answered) {
            answered(answered);
        }
    }

    private void introduced(Account account, Introductions said) {
        account.trust(Account.Trust.UNTESTED);
        List<DeletionResult> lookUps = said.lookUps();
        if (said.objection() != null) {
            objected(account, said.objection());
            return;
        }
        String clock = clockOf(said.times());
        if (clock != null) {
            stop(account, SweepEnd.CLOCKS_DISAGREE, clock);
            return;
        }
        Optional<DeletionResult> stop = lookUps.stream()
                .filter(result -> result.kind() == DeletionResult.Kind.STOP)
                .findFirst();
        if (lookUps.stream().anyMatch(DeletionPipeline::isKnown)) {
            account.trust(Account.Trust.KNOWN);
            account.answers();
        } else if (stop.isPresent()) {
            stop(account, SweepEnd.CREDENTIALS_REFUSED, stop.get().detail());
        } else if (lookUps.stream().anyMatch(result -> result.kind() == DeletionResult.Kind.TRY_LATER)) {
            account.trust(Account.Trust.UNKNOWN);
            lookUps.stream()
                    .filter(result -> result.kind() == DeletionResult.Kind.TRY_LATER)
                    .forEach(result -> account.judged(result, true, ticker.nanos()));
        } else if (lookUps.stream().anyMatch(result -> result.kind() == DeletionResult.Kind.NOT_FOUND)) {
            stop(
                    account,
                    SweepEnd.ACCOUNT_MISMATCH_SUSPECTED,
                    "the storage knows none of " + lookUps.size()
                            + " recent recordings that should be there: wrong account, key or region");
        }
    }

    private void objected(Account account, DeletionResult objection) {
        switch (objection.kind()) {
            case STOP -> stop(account, SweepEnd.CREDENTIALS_REFUSED, objection.detail());
            case TRY_LATER -> {
                account.trust(Account.Trust.UNKNOWN);
                account.judged(objection, true, ticker.nanos());
            }
            default -> stop(account, SweepEnd.ACCOUNT_MISMATCH_SUSPECTED, objection.detail());
        }
    }

    private @Nullable String clockOf(Map<String, Instant> times) {
        Instant now = time.now();
        for (Map.Entry<String, Instant> told : times.entrySet()) {
            if (Duration.between(now, told.getValue()).abs().compareTo(settings.maxClockSkew()) > 0) {
                return "the clock of " + told.getKey() + " says " + told.getValue() + " and the database's " + now
                        + ", which is more than " + settings.maxClockSkew() + " apart";
            }
        }
        return null;
    }

    private void stop(Account account, SweepEnd end, String cause) {
        if (!account.isStopped()) {
            log.error("{} is left alone for the rest of the run: {}: {}", account.label(), end, cause);
        }
        account.stop(end, cause);
        for (Work work : account.takeWithheld()) {
            retry(work, DeletionOutcome.UNPROVEN, cause, settings.initialBackoff(), false);
        }
    }

    private void answered(Answered answer) {
        Work work = answer.work();
        DeletionResult result = answer.result();
        Account account = work.account;
        noteAnswer(answer);
        if (answer.circuitTurned()) {
            log.warn(
                    "{} {}",
                    account.label(),
                    result.kind() != DeletionResult.Kind.TRY_LATER
                            ? "answers again"
                            : "has not answered usefully " + Account.IN_A_ROW + " times in a row; waiting and probing: "
                                    + result.detail());
        }
        if (!result.provesGone() && !result.surelyNotApplied() && !work.isUnsent()) {
            work.inDoubt();
        }
        if (result.provesGone()) {
            advance(work, result);
            if (work.account.trust() == Account.Trust.UNTESTED) {
                releaseWithheld(account);
            }
            return;
        }
        String cause = work.storage().name() + ": " + result.detail();
        switch (result.kind()) {
            case STILL_THERE -> stillThere(work);
            case NOT_FOUND -> unproven(work, cause);
            case KEPT_ELSEWHERE -> keptElsewhere(work, result, cause);
            case NOT_YET -> retry(work, DeletionOutcome.NOT_YET, cause, untilFinished(work.claim), false);
            case TRY_LATER -> tryLater(work, result, cause, answer.counts());
            case REFUSED -> quarantine(work, DeletionOutcome.REFUSED, cause);
            case REFUSED_UNSENT -> refusedUnsent(work, cause);
            case STOP -> {
                stop(account, SweepEnd.CREDENTIALS_REFUSED, cause);
                retry(work, DeletionOutcome.STOPPED, cause, settings.initialBackoff(), false);
            }
            default -> throw new IllegalStateException("no transition for " + result.kind());
        }
    }

    private void noteAnswer(Answered answer) {
        if (telemetry.isListenedTo()) {
            Work work = answer.work();
            answersToTell.add(new SweepEvent.RequestAnswered(
                    work.claim.runId(),
                    work.storage().name(),
                    work.isLookUp() ? StorageOperation.LOOK_UP : StorageOperation.DELETE,
                    answer.result(),
                    Duration.ofNanos(answer.tookNanos())));
        }
    }

    private void tellAnswers() {
        telemetry.tell(List.copyOf(answersToTell));
        answersToTell.clear();
    }

    /** One storage has proven that it holds nothing: on to the next one, once that is committed, or done. */
    private void advance(Work work, DeletionResult result) {
        work.evidence(work.evidence().with(work.storage().name(), result));
        Optional<RecordingStorage> next = storages.next(work.evidence());
        if (next.isEmpty()) {
            settle(work.claim, work.evidence());
        } else {
            add(new ClaimOutcome(
                    work.claim,
                    Step.PROGRESS,
                    null,
                    work.evidence().text(),
                    null,
                    time.now(),
                    null,
                    true,
                    work.isInDoubt()));
            work.moveTo(next.get());
            progressing.add(work);
        }
    }

    /** Every storage has answered. */
    private void settle(Claim claim, Evidence evidence) {
        if (leftElsewhere(evidence)) {
            String cause = "its media is kept elsewhere, and no storage that covers it has proven its deletion";
            warn(claim, DeletionOutcome.KEPT_ELSEWHERE, cause);
            add(new ClaimOutcome(
                    claim,
                    Step.QUARANTINE,
                    DeletionOutcome.KEPT_ELSEWHERE,
                    evidence.text(),
                    cause,
                    time.now(),
                    null,
                    true,
                    claim.inDoubt()));
            return;
        }
        add(new ClaimOutcome(
                claim, Step.DELETED, evidence.outcome(), evidence.text(), null, time.now(), null, true, false));
    }

    private boolean leftElsewhere(Evidence evidence) {
        return evidence.hasKeptElsewhere() && !storages.externalMediaIsGone(evidence);
    }

    private void stillThere(Work work) {
        if (!work.isLookUp()) {
            retry(
                    work,
                    DeletionOutcome.TRY_LATER,
                    work.storage().name() + ": still there after a deletion",
                    backoff(work.claim),
                    true);
            return;
        }
        work.lookedUp();
        sender.addFirst(work);
    }

    private void unproven(Work work, String cause) {
        Account account = work.account;
        if (account.suspectsMismatch()) {
            String message = "it knew none of " + Account.IN_A_ROW
                    + " recordings in a row, and there is no recent one to ask it for: wrong account, key or region";
            account.withhold(work);
            stop(account, SweepEnd.ACCOUNT_MISMATCH_SUSPECTED, message);
        } else if (account.isStopped()) {
            retry(work, DeletionOutcome.UNPROVEN, cause, settings.initialBackoff(), false);
        } else if (account.withholdsUnproven()) {
            account.withhold(work);
        } else {
            quarantine(work, DeletionOutcome.UNPROVEN, cause);
        }
    }

    private void releaseWithheld(Account account) {
        for (Work work : account.takeWithheld()) {
            quarantine(
                    work,
                    DeletionOutcome.UNPROVEN,
                    work.storage().name() + ": " + DeletionResult.notFound().detail());
        }
    }

    private void keptElsewhere(Work work, DeletionResult result, String cause) {
        if (storages.coverExternalMedia()) {
            advance(work, result);
        } else {
            quarantine(work, DeletionOutcome.KEPT_ELSEWHERE, cause);
        }
    }

    private void tryLater(Work work, DeletionResult result, String cause, boolean counts) {
        Duration after = result.after();
        if (result.isThrottled()
                && (after == null || after.compareTo(Sender.FRESH) <= 0)
                && !work.account.isOpen()
                && !sender.isHalfOver(work, ticker.nanos())) {
            // Fewer are sent from now on; this one takes its turn again.
            sender.addFirst(work);
            return;
        }
        if (counts && work.claim.attempt() >= settings.maxAttempts()) {
            quarantine(work, DeletionOutcome.ATTEMPTS_USED_UP, cause);
            return;
        }
        Duration asked = after == null ? Duration.ZERO : after;
        Duration own = backoff(work.claim);
        Duration longer = asked.compareTo(own) > 0 ? asked : own;
        Duration bounded = longer.compareTo(settings.maxBackoff()) < 0 ? longer : settings.maxBackoff();
        retry(work, DeletionOutcome.TRY_LATER, cause, bounded, counts);
    }

    private void refusedUnsent(Work work, String cause) {
        if (work.claim.attempt() == 1 && work.evidence().isEmpty()) {
            warn(work.claim, DeletionOutcome.REFUSED_UNSENT, cause);
            add(new ClaimOutcome(
                    work.claim,
                    Step.REFUSED_UNSENT,
                    DeletionOutcome.REFUSED_UNSENT,
                    null,
                    cause,
                    time.now(),
                    null,
                    true,
                    false));
        } else {
            quarantine(work, DeletionOutcome.REFUSED_UNSENT, cause);
        }
        if (work.account.suspectsStorageKey()) {
            stop(
                    work.account,
                    SweepEnd.STORAGE_KEY_SUSPECTED,
                    "none of the first " + Account.IN_A_ROW + " storage keys can be one of the storage's; the last: "
                            + cause);
        }
    }

    private void quarantine(Work work, DeletionOutcome outcome, String cause) {
        warn(work.claim, outcome, cause);
        add(new ClaimOutcome(
                work.claim,
                Step.QUARANTINE,
                outcome,
                work.evidence().text(),
                cause,
                time.now(),
                null,
                true,
                work.isInDoubt()));
    }

    private void retry(Work work, DeletionOutcome outcome, String cause, Duration wait, boolean counts) {
        if (outcome == DeletionOutcome.TRY_LATER || outcome == DeletionOutcome.STOPPED) {
            warn(work.claim, outcome, cause);
        }
        Instant now = time.now();
        add(new ClaimOutcome(
                work.claim,
                Step.RETRY,
                outcome,
                work.evidence().text(),
                cause,
                now,
                now.plus(wait),
                counts || work.claim.attempt() == 1,
                work.isInDoubt()));
    }

    private static void warn(Claim claim, DeletionOutcome outcome, String cause) {
        log.warn(
                "recording={} account={} attempt={} outcome={} cause={}",
                claim.id(),
                claim.recording().account(),
                claim.attempt(),
                outcome,
                cause);
    }

    /** Doubles with each attempt. Spread by up to a tenth, so that what failed together is not tried again together. */
    private Duration backoff(Claim claim) {
        int doublings = Math.min(claim.attempt() - 1, 40);
        double spread = 1 + Math.floorMod(claim.id().hashCode(), 100) / 1000.0;
        double seconds = settings.initialBackoff().toMillis() / 1000.0 * Math.pow(2, doublings) * spread;
        double bound = settings.maxBackoff().toMillis() / 1000.0;
        return Duration.ofMillis((long) (Math.min(seconds, bound) * 1000));
    }

    /** What is unfinished counts no attempts, so that its backoff would not grow; it is asked for seldom instead. */
    private Duration untilFinished(Claim claim) {
        Duration own = backoff(claim);
        Duration longer = own.compareTo(LATER_LOOK) > 0 ? own : LATER_LOOK;
        return longer.compareTo(settings.maxBackoff()) < 0 ? longer : settings.maxBackoff();
    }

    private void giveBack(List<Work> works, String why) {
        if (works.isEmpty()) {
            return;
        }
        List<Claim> unsent = new ArrayList<>();
        for (Work work : works) {
            postponed += work.account.isStopped() ? 0 : 1;
            if (work.isUnsent()) {
                unsent.add(work.claim);
            } else {
                retry(
                        work,
                        DeletionOutcome.KEPT,
                        "waits for " + work.storage().name() + ": " + why,
                        settings.initialBackoff(),
                        false);
            }
        }
        if (!unsent.isEmpty()) {
            log.debug("{} claims given back: {}", unsent.size(), why);
            try {
                repository.gate().giveBack(unsent, time.now().plus(settings.initialBackoff()));
            } catch (RetentionException e) {
                log.warn(
                        "{} claims could not be given back; they end with their lease: {}",
                        unsent.size(),
                        e.getMessage());
            }
        }
    }

    private void add(ClaimOutcome outcome) {
        if (outcomes.isEmpty()) {
            firstUnrecordedNanos = ticker.nanos();
        }
        outcomes.add(outcome);
    }

    private void flushIfWorthwhile() {
        if (outcomes.isEmpty()) {
            return;
        }
        boolean nothingElse = sender.size() == 0 && sender.messages().isEmpty();
        if (nothingElse
                || outcomes.size() >= settings.batchSize()
                || ticker.nanos() - firstUnrecordedNanos >= FLUSH.toNanos()) {
            flush();
        }
    }

    /** Records outcomes. What a database that answers does not take after several tries stays claimed, and recovery looks it up. */
    private void flush() {
        Set<String> refused = Set.of();
        if (!outcomes.isEmpty()) {
            Instant at = time.now();
            List<ClaimOutcome> batch =
                    outcomes.stream().map(outcome -> outcome.at(at)).toList();
            refused = record(batch);
            outcomes.clear();
            Set<String> notTaken = refused;
            batch.stream()
                    .filter(outcome -> outcome.step() == Step.DELETED
                            && !notTaken.contains(outcome.claim().token()))
                    .forEach(outcome -> log.debug(
                            "recording={} outcome={} evidence={}",
                            outcome.claim().id(),
                            outcome.outcome(),
                            outcome.evidence()));
        }
        for (Work work : progressing) {
            if (!refused.contains(work.claim.token())) {
                sender.add(work);
            }
        }
        progressing.clear();
    }

    /** Returns the tokens of those that the database does not take though it answers; throws, to be called again, while it does not answer. */
    private Set<String> record(List<ClaimOutcome> batch) {
        Duration wait = Duration.ofMillis(200);
        for (int tries = 1; ; tries++) {
            try {
                recordTogether(batch);
                return Set.of();
            } catch (RetentionException e) {
                if (tries == RECORD_TRIES) {
                    return recordOneByOne(batch);
                }
                log.warn("recording {} outcomes failed; trying again: {}", batch.size(), e.getMessage());
                pause(wait);
                wait = wait.multipliedBy(2);
            }
        }
    }

    private void recordTogether(List<ClaimOutcome> batch) {
        Set<String> notUpdated = repository.gate().record(batch);
        tellOutcomes(batch);
        if (!notUpdated.isEmpty()) {
            log.warn(
                    "proven gone, but the engine's row is gone, deleted already, or names another recording by now: recordings={}",
                    notUpdated);
        }
    }

    private void tellOutcomes(List<ClaimOutcome> recorded) {
        if (!telemetry.isListenedTo()) {
            return;
        }
        List<SweepEvent> events = new ArrayList<>();
        for (ClaimOutcome each : recorded) {
            DeletionOutcome outcome = each.outcome();
            if (outcome != null) {
                Claim claim = each.claim();
                events.add(new SweepEvent.OutcomeRecorded(
                        claim.runId(), claim.id(), claim.policy(), outcome, claim.attempt(), each.cause(), each.at()));
            }
        }
        telemetry.tell(events);
    }

    private Set<String> recordOneByOne(List<ClaimOutcome> batch) {
        repository.now();
        Map<String, String> refused = new HashMap<>();
        for (ClaimOutcome outcome : batch) {
            try {
                recordTogether(List.of(outcome));
            } catch (RetentionException e) {
                refused.put(outcome.claim().token(), outcome.claim().id());
                keepProof(outcome, e);
                log.error(
                        "recording={} what became of it could not be recorded; it stays claimed, and is looked up once its lease has run out",
                        outcome.claim().id(),
                        e);
            }
        }
        repository.now();
        return refused.keySet();
    }

    /** The engine's row can't be marked, but the ledger may take what was proven: then no storage is asked again. */
    private void keepProof(ClaimOutcome outcome, RetentionException refusal) {
        if (outcome.step() != Step.DELETED) {
            return;
        }
        try {
            recordTogether(List.of(new ClaimOutcome(
                    outcome.claim(),
                    Step.RETRY,
                    DeletionOutcome.TRY_LATER,
                    outcome.evidence(),
                    "proven gone, but the engine's row could not be marked: " + refusal.getMessage(),
                    outcome.at(),
                    outcome.at().plus(backoff(outcome.claim())),
                    true,
                    true)));
        } catch (RetentionException e) {
            log.debug(
                    "recording={} its proof could not be kept either",
                    outcome.claim().id(),
                    e);
        }
    }

    /** Waits, and leaves the answers that come meanwhile for the next step. */
    void pause(Duration wait) {
        long until = ticker.nanos() + wait.toNanos();
        List<Message> meanwhile = new ArrayList<>();
        boolean interrupted = false;
        for (long left = wait.toNanos(); left > 0; left = until - ticker.nanos()) {
            try {
                Message message = ticker.poll(sender.messages(), left, false);
                if (message != null) {
                    meanwhile.add(message);
                }
            } catch (InterruptedException e) {
                interrupted = true;
                break;
            }
        }
        sender.messages().addAll(meanwhile);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
