package dev.retention.internal.deletion;

import dev.retention.internal.account.AccountState;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The requests that may be sent next, in order, and how many each account has. Used under its dispatcher's lock. */
final class ReadyRequests implements Iterable<PendingDeletion> {

    private final Deque<PendingDeletion> queue = new ArrayDeque<>();
    private final Map<AccountState, Integer> byAccount = new IdentityHashMap<>();

    void add(PendingDeletion deletion) {
        queue.add(deletion);
        byAccount.merge(deletion.account, 1, Integer::sum);
    }

    void addFirst(PendingDeletion deletion) {
        queue.addFirst(deletion);
        byAccount.merge(deletion.account, 1, Integer::sum);
    }

    /** Whether another one is the better probe of an account that does not answer: it has not failed before. */
    boolean isOutranked(PendingDeletion deletion) {
        return deletion.account.isOpen()
                && deletion.claim.attempt() > 1
                && queue.stream().anyMatch(other -> other.account == deletion.account && other.claim.attempt() == 1);
    }

    int size() {
        return queue.size();
    }

    boolean isEmpty() {
        return queue.isEmpty();
    }

    List<PendingDeletion> all() {
        return List.copyOf(queue);
    }

    void clear() {
        queue.clear();
        byAccount.clear();
    }

    void remove(Set<PendingDeletion> deletions) {
        for (Iterator<PendingDeletion> each = iterator(); each.hasNext(); ) {
            if (deletions.contains(each.next())) {
                each.remove();
            }
        }
    }

    /** How many accounts have some. */
    int accounts() {
        return byAccount.size();
    }

    /** Adds how many each account has. */
    void addSizes(Map<AccountState, Integer> sizes) {
        byAccount.forEach((account, count) -> sizes.merge(account, count, Integer::sum));
    }

    @Override
    public Iterator<PendingDeletion> iterator() {
        Iterator<PendingDeletion> each = queue.iterator();
        return new Iterator<>() {
            private @Nullable PendingDeletion last;

            @Override
            public boolean hasNext() {
                return each.hasNext();
            }

            @Override
            public PendingDeletion next() {
                PendingDeletion next = each.next();
                last = next;
                return next;
            }

            @Override
            public void remove() {
                each.remove();
                AccountState of = Objects.requireNonNull(last, "next comes first").account;
                byAccount.computeIfPresent(of, (account, count) -> count == 1 ? null : count - 1);
            }
        };
    }
}
