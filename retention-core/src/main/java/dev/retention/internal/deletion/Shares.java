package dev.retention.internal.deletion;

import dev.retention.internal.account.AccountState;
import dev.retention.internal.deletion.RequestBudget.Share;
import dev.retention.internal.deletion.RequestBudget.Turn;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;

/** One work's shares of the budget, one for each account, and which of them wait. Used under its dispatcher's lock. */
final class Shares {

    /** For each account, since the answers of another one show nothing about it, and may not come for long. */
    private static final int CAREFUL_ANSWERS = 10;

    private final RequestBudget budget;
    private final Runnable wake;
    private final Map<AccountState, Line> byAccount = new IdentityHashMap<>();
    /** Those that could not send when they were last asked, and why. */
    private Map<Share, Turn> refused = new IdentityHashMap<>();
    /** Those of them whose accounts are to be identified. */
    private final Map<Share, Turn> unreserved = new IdentityHashMap<>();

    private boolean abandoned;

    /** One account's requests. */
    private static final class Line {

        private final Share share;
        private int underWay;
        private int unseen;
        private long answers;

        Line(Share share) {
            this.share = share;
        }

        /** The first answers of an account are awaited one by one, so that a mistake shows before it is repeated. */
        private boolean hasToWaitForAnswer() {
            return answers < CAREFUL_ANSWERS && underWay > 0;
        }
    }

    /** @param wake called when a share that waited may have room; it must not call the budget */
    Shares(RequestBudget budget, Runnable wake) {
        this.budget = budget;
        this.wake = wake;
    }

    /** What was found out while requests were gone through once. */
    static final class Pass {

        private final Map<Share, Turn> refused = new IdentityHashMap<>(4);
        private final Set<AccountState> blocked = Collections.newSetFromMap(new IdentityHashMap<>(4));

        /** Nothing more is sent for the account in this pass. */
        void block(AccountState account) {
            blocked.add(account);
        }

        boolean isBlocked(AccountState account) {
            return !blocked.isEmpty() && blocked.contains(account);
        }

        int blocked() {
            return blocked.size();
        }
    }

    private Line of(AccountState account) {
        return byAccount.computeIfAbsent(account, a -> new Line(new Share(this, wake)));
    }

    /** These accounts have nothing ready and nothing in flight. */
    void forget(Set<AccountState> accounts) {
        for (AccountState account : accounts) {
            Line line = byAccount.remove(account);
            if (line != null) {
                budget.leave(line.share);
                refused.remove(line.share);
                unreserved.remove(line.share);
            }
        }
    }

    /** Takes room for a request, by the limits of the sweeper and of the account. */
    boolean take(AccountState account, long nowNanos, Pass pass) {
        Line line = of(account);
        if (line.hasToWaitForAnswer()) {
            pass.block(account);
            return false;
        }
        Turn turn = budget.takeTurn(line.share);
        if (turn != Turn.TAKEN) {
            pass.refused.put(line.share, turn);
            pass.block(account);
            return false;
        }
        refused.remove(line.share);
        if (!account.trySend(nowNanos)) {
            budget.giveBackTurn(line.share);
            pass.block(account);
            return false;
        }
        line.underWay++;
        line.unseen++;
        return true;
    }

    /** Takes room for something else that asks a storage about an account. */
    boolean reserve(AccountState account) {
        Line line = of(account);
        if (line.hasToWaitForAnswer()) {
            return false;
        }
        Turn turn = budget.takeSlot(line.share);
        if (turn == Turn.TAKEN) {
            refused.remove(line.share);
            line.underWay++;
            return true;
        }
        refused.put(line.share, turn);
        unreserved.put(line.share, turn);
        return false;
    }

    /** Accounts are looked for that are to be identified: those before are forgotten. */
    void forgetUnreserved() {
        unreserved.clear();
    }

    /** Returns the room for a request. */
    void give(AccountState account) {
        if (!abandoned) {
            Line line = of(account);
            line.underWay--;
            budget.give(line.share);
        }
    }

    /** A request for the account was answered. */
    void answered(AccountState account) {
        of(account).answers++;
    }

    /** The sweeping thread has seen the answer to a request for the account. */
    void seen(AccountState account) {
        of(account).unseen--;
    }

    /** Adds how many requests for each account were sent whose answers were not seen yet. */
    void addUnseen(Map<AccountState, Integer> sizes) {
        byAccount.forEach((account, line) -> {
            if (line.unseen > 0) {
                sizes.merge(account, line.unseen, Integer::sum);
            }
        });
    }

    /** Whether one answer of the account after the other is awaited. */
    boolean isCareful(AccountState account) {
        return of(account).answers < CAREFUL_ANSWERS;
    }

    /** A pass in which the accounts that are to be identified, and have no room for that, count as refused. */
    Pass begin() {
        Pass pass = new Pass();
        pass.refused.putAll(unreserved);
        return pass;
    }

    /** A worker thread has gone through the requests, perhaps not through all. */
    void add(Pass pass) {
        refused.putAll(pass.refused);
    }

    /** The sweeping thread has gone through all requests. Returns whether a share waits no longer that did before. */
    boolean end(Pass pass) {
        boolean one = false;
        for (Share share : refused.keySet()) {
            if (!pass.refused.containsKey(share)) {
                budget.leave(share);
                one = true;
            }
        }
        refused = new IdentityHashMap<>(pass.refused);
        return one && !pass.refused.isEmpty();
    }

    /** Nothing is to be sent any more for now. */
    void stopWaiting() {
        forgetUnreserved();
        if (!refused.isEmpty()) {
            end(new Pass());
        }
    }

    /** Whether one of them waits for room that other work leaves. */
    boolean expectRoom() {
        return refused.containsValue(Turn.NO_SLOT);
    }

    /** How long until the rate allows another request; endless if none waits for that. */
    long nanosToNextTurn() {
        return refused.containsValue(Turn.TOO_EARLY) ? budget.nanosToNextTurn() : Long.MAX_VALUE;
    }

    /** Nobody waits for the requests in flight any more: they take no room of other work. */
    void abandon() {
        abandoned = true;
        byAccount.forEach((account, line) -> {
            account.abandon();
            budget.giveAll(line.share);
        });
    }

    boolean areAbandoned() {
        return abandoned;
    }
}
