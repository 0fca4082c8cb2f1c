package dev.retention.internal.deletion;

import dev.retention.internal.account.AccountState;
import dev.retention.internal.deletion.SendPermission.Verdict;
import dev.retention.internal.settings.SweepSettings;
import dev.retention.internal.support.RunContext;
import dev.retention.internal.support.StopSignal;
import dev.retention.internal.support.Ticker;
import dev.retention.internal.support.Workers;
import dev.retention.spi.DeletionResult;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Holds the requests that are ready or in flight, and sends those that {@link SendPermission} allows, as many at once
 * as the accounts allow. A worker thread whose deletion succeeded continues with the next one that may be sent, so that
 * storages are busy while the sweeping thread uses the database. The sweeping thread does everything else that follows
 * from an answer.
 *
 * <p>Requests that are ready are used under this object's lock only.
 */
final class Dispatcher {

    /** The first answers of a run are awaited one by one, so that a mistake shows before it is repeated. */
    private static final int CAREFUL_ANSWERS = 10;

    /** A message to the sweeping thread. */
    sealed interface Message {}

    /**
     * A storage has answered.
     *
     * @param counts whether the attempt counts against its recording
     * @param tookNanos from sending to answer
     */
    record Answered(PendingDeletion deletion, DeletionResult result, boolean counts, long tookNanos)
            implements Message {}

    /** The permit for a request was refused, and the request was not sent. */
    record Withdrawn(PendingDeletion deletion) implements Message {}

    /** Something else that a worker did is done. */
    record Done(Runnable whatFollows) implements Message {}

    /**
     * Requests that can't be sent.
     *
     * @param notSoon whose claims are to be released
     * @param usedUp whose attempts ended without an outcome, each of them
     */
    record Unsendable(List<PendingDeletion> notSoon, List<PendingDeletion> usedUp) {}

    private final SweepSettings settings;
    private final StopSignal stop;
    private final Ticker ticker;
    private final SendPermission permission;
    private final Function<PendingDeletion, DeletionResult> storage;
    private final ExecutorService workers;
    private final BlockingQueue<Message> messages = new LinkedBlockingQueue<>();

    // Guarded by this object's lock.
    private final Deque<PendingDeletion> ready = new ArrayDeque<>();
    private int underWay;
    private int unseen;
    private int others;
    private long answers;
    private long nextSendNanos;
    private boolean ending;

    /** @param storage asks the storage whose turn it is; called on worker threads */
    Dispatcher(
            SweepSettings settings,
            StopSignal stop,
            SendPermission permission,
            Function<PendingDeletion, DeletionResult> storage) {
        this.settings = settings;
        this.stop = stop;
        this.ticker = settings.ticker();
        this.permission = permission;
        this.storage = storage;
        this.workers = Workers.create(settings.maxConcurrency());
        this.nextSendNanos = ticker.nanos();
    }

    BlockingQueue<Message> messages() {
        return messages;
    }

    synchronized void add(PendingDeletion deletion) {
        ready.add(deletion);
    }

    /** It had its turn before, so it is sent before others. */
    synchronized void addFirst(PendingDeletion deletion) {
        ready.addFirst(deletion);
    }

    synchronized List<PendingDeletion> ready() {
        return List.copyOf(ready);
    }

    /** Returns the requests that are ready, and sends none of them. */
    synchronized List<PendingDeletion> takeReady() {
        List<PendingDeletion> taken = List.copyOf(ready);
        ready.clear();
        return taken;
    }

    synchronized void remove(Collection<PendingDeletion> deletions) {
        Set<PendingDeletion> those = new HashSet<>(deletions);
        ready.removeIf(those::contains);
    }

    synchronized void checked(Collection<PendingDeletion> deletions, long atNanos) {
        deletions.forEach(deletion -> deletion.checkedAt(atNanos));
    }

    /** How many are ready, or were sent and their answers not seen yet. */
    synchronized int size() {
        return ready.size() + unseen;
    }

    synchronized boolean hasReady() {
        return !ready.isEmpty();
    }

    /** How many requests are at storages now. */
    synchronized int underWay() {
        return underWay;
    }

    /** How many were sent whose answers were not seen yet. */
    synchronized int unseen() {
        return unseen;
    }

    /** Whether a message will come. */
    synchronized boolean isExpecting() {
        return unseen + others > 0;
    }

    /** How many requests were answered so far. */
    synchronized long answers() {
        return answers;
    }

    /**
     * How long until the rate limit allows another request; endless if there is no such limit or nothing waits for it.
     */
    synchronized long nanosToNextTurn() {
        return settings.maxRate() == null || ready.isEmpty() ? Long.MAX_VALUE : nextSendNanos - ticker.nanos();
    }

    /** The sweeping thread has seen this message. */
    synchronized void seen(Message message) {
        if (message instanceof Done) {
            others--;
        } else {
            unseen--;
        }
    }

    /** Does something else on a worker thread, and lets the sweeping thread go on with what follows from it. */
    synchronized void outside(Supplier<Runnable> task) {
        others++;
        workers.execute(RunContext.carried(() -> messages.add(new Done(task.get()))));
    }

    /** The accounts of what is ready that could be sent to, were they identified. */
    synchronized List<AccountState> unidentified() {
        List<AccountState> unidentified = new ArrayList<>();
        for (PendingDeletion deletion : ready) {
            AccountState account = deletion.account;
            long now = ticker.nanos();
            if (account.trust() == AccountState.Trust.UNKNOWN
                    && !unidentified.contains(account)
                    && hasRoom(unidentified.size())
                    && account.allowance(now) > 0
                    && permission.canBeSentSoon(deletion, now)) {
                unidentified.add(account);
            }
        }
        return unidentified;
    }

    private boolean hasRoom(int more) {
        int limit = answers < CAREFUL_ANSWERS ? 1 : settings.maxConcurrency();
        return underWay + others + more < limit;
    }

    /** Sends what may be sent now, and takes out what can't be. Called by the sweeping thread. */
    synchronized Unsendable send() {
        Unsendable unsendable = new Unsendable(new ArrayList<>(), new ArrayList<>());
        for (Iterator<PendingDeletion> each = ready.iterator(); each.hasNext() && hasRoom(0); ) {
            PendingDeletion deletion = each.next();
            long now = ticker.nanos();
            switch (permission.judge(deletion, now)) {
                case NOT_SOON -> {
                    each.remove();
                    unsendable.notSoon().add(deletion);
                }
                case ATTEMPTS_USED_UP -> {
                    each.remove();
                    unsendable.usedUp().add(deletion);
                }
                case SEND -> {
                    if (!takeTurn(now)) {
                        return unsendable;
                    }
                    each.remove();
                    start(deletion, now);
                }
                case WAIT -> {}
            }
        }
        return unsendable;
    }

    private void start(PendingDeletion deletion, long now) {
        DeletionResult objection = permission.objectionToKey(deletion);
        depart(deletion, now, objection == null && !deletion.isLookUp());
        if (objection == null) {
            workers.execute(RunContext.carried(() -> work(deletion)));
        } else {
            arrive(deletion, objection);
        }
    }

    /** Runs on a worker thread, for as long as there is something to do. */
    private void work(PendingDeletion first) {
        for (PendingDeletion deletion = first; deletion != null; ) {
            deletion = next(deletion, storage.apply(deletion));
        }
    }

    private synchronized @Nullable PendingDeletion next(PendingDeletion answered, DeletionResult result) {
        arrive(answered, result);
        if (ending || stop.isRequested() || !result.provesGone() || answers < CAREFUL_ANSWERS) {
            return null;
        }
        for (Iterator<PendingDeletion> each = ready.iterator(); each.hasNext() && hasRoom(0); ) {
            PendingDeletion deletion = each.next();
            long now = ticker.nanos();
            if (permission.judge(deletion, now) == Verdict.SEND && permission.objectionToKey(deletion) == null) {
                if (!takeTurn(now)) {
                    return null;
                }
                each.remove();
                depart(deletion, now, !deletion.isLookUp());
                return deletion;
            }
        }
        return null;
    }

    private void depart(PendingDeletion deletion, long now, boolean asksToDelete) {
        underWay++;
        unseen++;
        deletion.account.sent(now);
        deletion.sent(now, asksToDelete);
    }

    private void arrive(PendingDeletion deletion, DeletionResult result) {
        underWay--;
        if (deletion.wasWithdrawn(result)) {
            deletion.account.withdrawn();
            messages.add(new Withdrawn(deletion));
            return;
        }
        answers++;
        long now = ticker.nanos();
        boolean counts = deletion.account.answered(result, deletion.isLookUp(), deletion.sentNanos(), now);
        messages.add(new Answered(deletion, result, counts, now - deletion.sentNanos()));
    }

    /** Whether the rate limit allows another request now. */
    private boolean takeTurn(long now) {
        Double rate = settings.maxRate();
        if (rate == null) {
            return true;
        }
        if (nextSendNanos - now > 0) {
            return false;
        }
        long spacing = (long) (TimeUnit.SECONDS.toNanos(1) / rate);
        nextSendNanos = Math.max(nextSendNanos, now - spacing) + spacing;
        return true;
    }

    /** From now on workers start no further requests by themselves. */
    synchronized void end() {
        ending = true;
    }

    /** Interrupts requests in flight, and returns whether they ended within this time. */
    boolean stopWorkers(Duration patience) throws InterruptedException {
        workers.shutdownNow();
        return workers.awaitTermination(patience.toMillis(), TimeUnit.MILLISECONDS);
    }
}
