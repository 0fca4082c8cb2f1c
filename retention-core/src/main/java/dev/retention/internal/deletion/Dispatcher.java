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
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
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
 * as the accounts and the budget of the sweeper allow. A worker thread whose deletion succeeded continues with the next
 * one that may be sent, so that storages are busy while the sweeping thread uses the database. The sweeping thread does
 * everything else that follows from an answer.
 *
 * <p>Requests that are ready are used under this object's lock only. One class, because all of it happens under that
 * lock.
 */
final class Dispatcher {

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

    /** Other work of this sweeper has left room for a request. */
    record Room() implements Message {}

    /** Something else that a worker did is done. */
    record Done(Runnable whatFollows) implements Message {}

    /**
     * Requests that can't be sent.
     *
     * @param notSoon whose claims are to be released
     * @param usedUp whose attempts ended without an outcome, each of them
     */
    record Unsendable(List<PendingDeletion> notSoon, List<PendingDeletion> usedUp) {}

    private final StopSignal stop;
    private final Ticker ticker;
    private final SendPermission permission;
    private final Function<PendingDeletion, DeletionResult> storage;
    private final ExecutorService workers;
    private final BlockingQueue<Message> messages = new LinkedBlockingQueue<>();

    // Guarded by this object's lock.
    private final ReadyRequests ready = new ReadyRequests();
    private final Shares shares;
    private int underWay;
    private int unseen;
    private int others;
    private long answers;
    private boolean ending;

    /**
     * @param budget which other work of the sweeper shares
     * @param storage asks the storage whose turn it is; called on worker threads
     */
    Dispatcher(
            SweepSettings settings,
            StopSignal stop,
            SendPermission permission,
            RequestBudget budget,
            Function<PendingDeletion, DeletionResult> storage) {
        this.stop = stop;
        this.ticker = settings.ticker();
        this.permission = permission;
        this.storage = storage;
        this.workers = Workers.create(settings.maxConcurrency());
        this.shares = new Shares(budget, () -> messages.add(new Room()));
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
        return ready.all();
    }

    /** Returns the requests that are ready, and sends none of them. */
    synchronized List<PendingDeletion> takeReady() {
        List<PendingDeletion> taken = ready.all();
        ready.clear();
        shares.stopWaiting();
        return taken;
    }

    /** Returns the requests of the account that are ready, and sends none of them. */
    synchronized List<PendingDeletion> takeReady(AccountState account) {
        List<PendingDeletion> taken = ready.all().stream()
                .filter(deletion -> deletion.account == account)
                .toList();
        remove(taken);
        return taken;
    }

    synchronized void remove(Collection<PendingDeletion> deletions) {
        if (deletions.isEmpty()) {
            return;
        }
        ready.remove(new HashSet<>(deletions));
        if (ready.isEmpty()) {
            shares.stopWaiting();
        }
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

    /** Nothing is to be sent for now, so that room is left to other work. */
    synchronized void stopWaiting() {
        shares.stopWaiting();
    }

    /** How many requests are at storages now. */
    synchronized int underWay() {
        return underWay;
    }

    /** How many were sent whose answers were not seen yet. */
    synchronized int unseen() {
        return unseen;
    }

    /** Whether a message will come: an answer, or room that other work leaves. */
    synchronized boolean isExpecting() {
        return unseen + others > 0 || shares.expectRoom();
    }

    /** How many requests were answered so far. */
    synchronized long answers() {
        return answers;
    }

    /**
     * How long until the rate limit allows another request; endless if there is no such limit or nothing waits for it.
     */
    synchronized long nanosToNextTurn() {
        return ready.isEmpty() ? Long.MAX_VALUE : shares.nanosToNextTurn();
    }

    /** The sweeping thread has seen this message. */
    synchronized void seen(Message message) {
        if (message instanceof Done) {
            others--;
        } else if (message instanceof Answered answered) {
            seen(answered.deletion());
        } else if (message instanceof Withdrawn withdrawn) {
            seen(withdrawn.deletion());
        }
    }

    private void seen(PendingDeletion deletion) {
        unseen--;
        shares.seen(deletion.account);
    }

    /** How many of each account are ready, or were sent and not seen yet; accounts without are absent. */
    synchronized Map<AccountState, Integer> sizes() {
        Map<AccountState, Integer> sizes = new IdentityHashMap<>();
        ready.addSizes(sizes);
        shares.addUnseen(sizes);
        return sizes;
    }

    /** These accounts have no work any more. */
    synchronized void forget(Set<AccountState> accounts) {
        shares.forget(accounts);
    }

    /**
     * Reserves room for something else that asks a storage about an account, which {@link #outside} or {@link #cancel}
     * must follow. Returns false if there is none now.
     */
    synchronized boolean reserve(AccountState account) {
        return shares.reserve(account);
    }

    /** Returns the room that was reserved. */
    synchronized void cancel(AccountState account) {
        shares.give(account);
    }

    /**
     * Does something else on a worker thread, for which there is room, and lets the sweeping thread go on with what
     * follows from it.
     */
    synchronized void outside(AccountState account, Supplier<Runnable> task) {
        others++;
        workers.execute(RunContext.carried(() -> {
            Runnable whatFollows;
            try {
                whatFollows = task.get();
            } finally {
                cancel(account);
            }
            messages.add(new Done(whatFollows));
        }));
    }

    /** The accounts of what is ready that could be sent to, were they identified. */
    synchronized Set<AccountState> unidentified() {
        shares.forgetUnreserved();
        Set<AccountState> unidentified = new LinkedHashSet<>();
        for (PendingDeletion deletion : ready) {
            AccountState account = deletion.account;
            long now = ticker.nanos();
            if (account.trust() == AccountState.Trust.UNKNOWN
                    && !unidentified.contains(account)
                    && account.mayTry(now)
                    && permission.canBeSentSoon(deletion, now)) {
                unidentified.add(account);
            }
        }
        return unidentified;
    }

    /** Sends what may be sent now, and takes out what can't be. Called by the sweeping thread. */
    synchronized Unsendable send() {
        Unsendable unsendable = new Unsendable(new ArrayList<>(), new ArrayList<>());
        Shares.Pass pass;
        do {
            pass = shares.begin();
            send(pass, unsendable);
            // Those that wait no longer may have kept others waiting.
        } while (shares.end(pass));
        return unsendable;
    }

    private void send(Shares.Pass pass, Unsendable unsendable) {
        for (Iterator<PendingDeletion> each = ready.iterator(); each.hasNext(); ) {
            PendingDeletion deletion = each.next();
            long now = ticker.nanos();
            if (pass.isBlocked(deletion.account) && permission.canBeSentSoon(deletion, now)) {
                continue;
            }
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
                    if (!ready.isOutranked(deletion) && shares.take(deletion.account, now, pass)) {
                        each.remove();
                        start(deletion, now);
                    }
                }
                case WAIT -> {}
            }
        }
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
        if (ending || stop.isRequested() || !result.provesGone() || shares.isCareful(answered.account)) {
            return null;
        }
        Shares.Pass pass = new Shares.Pass();
        PendingDeletion next = next(pass);
        shares.add(pass);
        return next;
    }

    private @Nullable PendingDeletion next(Shares.Pass pass) {
        for (Iterator<PendingDeletion> each = ready.iterator(); each.hasNext() && pass.blocked() < ready.accounts(); ) {
            PendingDeletion deletion = each.next();
            AccountState account = deletion.account;
            if (pass.isBlocked(account)) {
                continue;
            }
            long now = ticker.nanos();
            if (!account.isIdentified() || !account.mayTry(now)) {
                pass.block(account);
            } else if (permission.judge(deletion, now) == Verdict.SEND
                    && permission.objectionToKey(deletion) == null
                    && !ready.isOutranked(deletion)
                    && shares.take(account, now, pass)) {
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
        deletion.sent(now, asksToDelete);
    }

    private void arrive(PendingDeletion deletion, DeletionResult result) {
        if (shares.areAbandoned()) {
            return;
        }
        underWay--;
        if (deletion.wasWithdrawn(result)) {
            deletion.account.withdrawn();
            shares.give(deletion.account);
            messages.add(new Withdrawn(deletion));
            return;
        }
        answers++;
        shares.answered(deletion.account);
        long now = ticker.nanos();
        boolean counts = deletion.account.answered(result, deletion.isLookUp(), deletion.sentNanos(), now);
        // Last, since other work that waits for room asks the account, too.
        shares.give(deletion.account);
        messages.add(new Answered(deletion, result, counts, now - deletion.sentNanos()));
    }

    /** From now on workers start no further requests by themselves. */
    synchronized void end() {
        ending = true;
        shares.stopWaiting();
    }

    /**
     * Interrupts requests in flight, and returns whether they ended within this time. Whatever became of them, they
     * take no room of other work any more.
     */
    boolean stopWorkers(Duration patience) throws InterruptedException {
        workers.shutdownNow();
        try {
            return workers.awaitTermination(patience.toMillis(), TimeUnit.MILLISECONDS);
        } finally {
            // Also if all ended: what a worker threw, or never began, has returned nothing.
            abandon();
        }
    }

    private synchronized void abandon() {
        shares.abandon();
    }
}
