package dev.retention;

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
 * Sends what is ready, as much at once as its account lets through. A worker thread whose deletion succeeded goes on with the next one that may be sent, so
 * that storages are kept busy while the sweeping thread is at the database. Whatever needs more than a glance is left to the sweeping thread.
 *
 * <p>Nothing is sent whose rows were last seen in a committed transaction more than {@link #FRESH} ago, or of whose lease less than half is left.
 *
 * <p>Accounts and what is ready are touched under this object's lock only, or by the sweeping thread through {@link Account}, which locks itself.
 */
final class Sender {

    static final Duration FRESH = Duration.ofSeconds(2);

    /** The first answers of a run are awaited one by one, so that a mistake shows before it is repeated. */
    private static final int CAREFUL_ANSWERS = 10;

    /** What the sweeping thread has to look at. */
    sealed interface Message {}

    /**
     * A storage has answered.
     *
     * @param counts whether the attempt counts against its recording
     * @param circuitTurned whether the account's circuit opened or closed by it
     * @param tookNanos from sending to answer
     */
    record Answered(Work work, DeletionResult result, boolean counts, boolean circuitTurned, long tookNanos)
            implements Message {}

    /** Something else that a worker did is done. */
    record Done(Runnable whatFollows) implements Message {}

    /**
     * What can't be sent.
     *
     * @param postponed to be given back
     * @param usedUp whose attempts ended without an outcome, each of them
     */
    record Unsendable(List<Work> postponed, List<Work> usedUp) {}

    private final SweepSettings settings;
    private final StopSignal stop;
    private final Ticker ticker;
    private final Function<Work, DeletionResult> storage;
    private final ExecutorService workers;
    private final BlockingQueue<Message> messages = new LinkedBlockingQueue<>();

    // Guarded by this object's lock.
    private final Deque<Work> ready = new ArrayDeque<>();
    private int underWay;
    private int unseen;
    private int others;
    private long answers;
    private long nextSendNanos;
    private boolean ending;

    /**
     * @param storage asks the storage that a work has turned to; called on worker threads
     */
    Sender(SweepSettings settings, StopSignal stop, Function<Work, DeletionResult> storage) {
        this.settings = settings;
        this.stop = stop;
        this.ticker = settings.ticker();
        this.storage = storage;
        this.workers = Workers.create(settings.maxConcurrency());
        this.nextSendNanos = ticker.nanos();
    }

    BlockingQueue<Message> messages() {
        return messages;
    }

    synchronized void add(Work work) {
        ready.add(work);
    }

    /** It has had its turn, and comes before others. */
    synchronized void addFirst(Work work) {
        ready.addFirst(work);
    }

    synchronized List<Work> ready() {
        return List.copyOf(ready);
    }

    /** Returns what is ready, and sends nothing of it. */
    synchronized List<Work> takeReady() {
        List<Work> taken = List.copyOf(ready);
        ready.clear();
        return taken;
    }

    synchronized void remove(Collection<Work> works) {
        Set<Work> those = new HashSet<>(works);
        ready.removeIf(those::contains);
    }

    synchronized void checked(Collection<Work> works, long atNanos) {
        works.forEach(work -> work.checkedAt(atNanos));
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

    /** How long until the rate lets another go; for ever where there is no such limit or nothing waits for it. */
    synchronized long nanosToNextTurn() {
        return settings.maxRate() == null || ready.isEmpty() ? Long.MAX_VALUE : nextSendNanos - ticker.nanos();
    }

    /** The sweeping thread has seen this message. */
    synchronized void seen(Message message) {
        if (message instanceof Answered) {
            unseen--;
        } else {
            others--;
        }
    }

    /** Does something else on a worker thread, and lets the sweeping thread go on with what follows from it. */
    synchronized void outside(Supplier<Runnable> task) {
        others++;
        workers.execute(RunContext.carried(() -> messages.add(new Done(task.get()))));
    }

    /** The accounts of what is ready that could be sent to, were they known. */
    synchronized List<Account> strangers() {
        List<Account> strangers = new ArrayList<>();
        for (Work work : ready) {
            Account account = work.account;
            if (account.trust() == Account.Trust.UNKNOWN
                    && !strangers.contains(account)
                    && hasRoom(strangers.size())
                    && account.allowance(ticker.nanos()) > 0
                    && !isHopeless(work, ticker.nanos())) {
                strangers.add(account);
            }
        }
        return strangers;
    }

    private boolean hasRoom(int more) {
        int limit = answers < CAREFUL_ANSWERS ? 1 : settings.maxConcurrency();
        return underWay + others + more < limit;
    }

    /** Sends what may be sent now, and takes out what can't be. Called by the sweeping thread. */
    synchronized Unsendable send() {
        Unsendable unsendable = new Unsendable(new ArrayList<>(), new ArrayList<>());
        for (Iterator<Work> each = ready.iterator(); each.hasNext() && hasRoom(0); ) {
            Work work = each.next();
            long now = ticker.nanos();
            if (isHopeless(work, now)) {
                each.remove();
                unsendable.postponed().add(work);
            } else if (mayGo(work, now)) {
                if (hasUsedUpAttempts(work)) {
                    each.remove();
                    unsendable.usedUp().add(work);
                } else if (takeTurn(now)) {
                    each.remove();
                    depart(work, now);
                    start(work);
                } else {
                    break;
                }
            }
        }
        return unsendable;
    }

    private void start(Work work) {
        DeletionResult refusal = work.refusal();
        if (refusal == null) {
            workers.execute(RunContext.carried(() -> work(work)));
        } else {
            arrive(work, refusal);
        }
    }

    /** Runs on a worker thread, for as long as there is something to do. */
    private void work(Work first) {
        for (Work work = first; work != null; ) {
            work = next(work, storage.apply(work));
        }
    }

    private synchronized @Nullable Work next(Work answered, DeletionResult result) {
        arrive(answered, result);
        if (ending || stop.isRequested() || !result.provesGone() || answers < CAREFUL_ANSWERS) {
            return null;
        }
        for (Iterator<Work> each = ready.iterator(); each.hasNext() && hasRoom(0); ) {
            Work work = each.next();
            long now = ticker.nanos();
            if (!isHopeless(work, now) && mayGo(work, now) && !hasUsedUpAttempts(work) && work.refusal() == null) {
                if (!takeTurn(now)) {
                    return null;
                }
                each.remove();
                depart(work, now);
                return work;
            }
        }
        return null;
    }

    private void depart(Work work, long now) {
        underWay++;
        unseen++;
        work.account.sent();
        work.sentAt(now);
        if (!work.isLookUp() && work.refusal() == null) {
            work.sent();
        }
    }

    private void arrive(Work work, DeletionResult result) {
        underWay--;
        answers++;
        Account account = work.account;
        boolean wasOpen = account.isOpen();
        long now = ticker.nanos();
        boolean counts = account.answered(result, work.isLookUp(), work.sentNanos(), now);
        messages.add(new Answered(work, result, counts, account.isOpen() != wasOpen, now - work.sentNanos()));
    }

    /** Whether it won't be sent soon, so that others should have it. */
    private boolean isHopeless(Work work, long now) {
        return work.account.isStopped() || work.account.waitNanos(now) > FRESH.toNanos() || isHalfOver(work, now);
    }

    boolean isHalfOver(Work work, long now) {
        return now - work.claimedNanos > settings.lease().toNanos() / 2;
    }

    private static boolean mayGo(Work work, long now) {
        Account.Trust trust = work.account.trust();
        return (trust == Account.Trust.KNOWN || trust == Account.Trust.UNTESTED)
                && work.account.allowance(now) > 0
                && !work.needsCheck(now, FRESH.toNanos());
    }

    /** Attempts that ended without an outcome were used up too: whoever made them may have died of this recording. */
    private boolean hasUsedUpAttempts(Work work) {
        return !work.isLookUp() && work.claim.attempt() > settings.maxAttempts();
    }

    /** Whether the rate limit lets another request go now. */
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

    /** From now on workers take nothing more by themselves. */
    synchronized void end() {
        ending = true;
    }

    /** Interrupts what is under way, and returns whether it ended within this time. */
    boolean stopWorkers(Duration patience) throws InterruptedException {
        workers.shutdownNow();
        return workers.awaitTermination(patience.toMillis(), TimeUnit.MILLISECONDS);
    }
}
