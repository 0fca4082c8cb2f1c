package dev.retention.test;

import dev.retention.spi.DeletionResult;
import dev.retention.spi.Recording;
import dev.retention.spi.RecordingLookup;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A storage in memory that a test fills, asks and tells what to answer. It remembers what it deleted: a delete of a key that it holds
 * answers {@link DeletionResult#deleted}, of one that it deleted before {@link DeletionResult#alreadyGone}, of any other
 * {@link DeletionResult#notFound()}; a look-up likewise, without deleting anything. A key that is null or not of the form of its keys is
 * {@link DeletionResult#refusedUnsent}, whatever else the test wanted.
 *
 * <p>What to answer is looked for in this order: the answers for the next calls, the answer for the key, what it holds.
 *
 * <p>Safe for use by several threads.
 */
public final class FakeRecordingStorage implements RecordingLookup {

    /** What was asked for. */
    public enum Operation {
        DELETE,
        LOOK_UP
    }

    /**
     * A call that has begun.
     *
     * @param operation what was asked for
     * @param recording for which recording
     */
    public record Call(Operation operation, Recording recording) {}

    private static final Pattern KEY = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._/-]{0,254}");

    private final String name;
    private final Object lock = new Object();
    private final Set<String> held = new HashSet<>();
    private final Set<String> deleted = new HashSet<>();
    private final Queue<Function<Recording, DeletionResult>> nextDeletes = new ArrayDeque<>();
    private final Queue<Function<Recording, DeletionResult>> nextLookUps = new ArrayDeque<>();
    private final Map<String, Function<Recording, DeletionResult>> deleteByKey = new HashMap<>();
    private final Map<String, Function<Recording, DeletionResult>> lookUpByKey = new HashMap<>();
    private final List<Call> calls = new ArrayList<>();
    private int sent;
    private int running;
    private int maxConcurrent;
    private boolean coversExternalMedia;
    private final List<@Nullable String> introductions = new ArrayList<>();
    private Function<@Nullable String, Introduction> introduction = account -> Introduction.NOTHING_KNOWN;
    private String target;
    private @Nullable CountDownLatch gate;

    /** An empty storage named {@code fake}. */
    public FakeRecordingStorage() {
        this("fake");
    }

    /** An empty storage with this name. */
    public FakeRecordingStorage(String name) {
        this.name = name;
        this.target = name;
    }

    /** Adds recordings under these keys; one that was deleted is there again. */
    public FakeRecordingStorage put(String... keys) {
        synchronized (lock) {
            for (String key : keys) {
                held.add(key);
                deleted.remove(key);
            }
        }
        return this;
    }

    /** Whether a recording lies under this key. */
    public boolean holds(String key) {
        synchronized (lock) {
            return held.contains(key);
        }
    }

    /** The keys under which recordings lie. */
    public Set<String> keys() {
        synchronized (lock) {
            return Set.copyOf(held);
        }
    }

    /** Answers the next deletes, of whatever key, with these results in this order. Nothing is deleted by them but for {@code deleted}. */
    public FakeRecordingStorage answerNext(DeletionResult... results) {
        synchronized (lock) {
            for (DeletionResult result : results) {
                nextDeletes.add(recording -> result);
            }
        }
        return this;
    }

    /** Answers every delete of this key so. Nothing is deleted by it but for {@code deleted}. */
    public FakeRecordingStorage answer(String key, DeletionResult result) {
        return answer(key, recording -> result);
    }

    /**
     * Answers every delete of this key with what the function returns or throws. It is called in the sweeper's thread and may call back, such as to
     * place a hold while the delete is under way.
     */
    public FakeRecordingStorage answer(String key, Function<Recording, DeletionResult> function) {
        synchronized (lock) {
            deleteByKey.put(key, function);
        }
        return this;
    }

    /** Deletes the key when asked to, and then answers so all the same, such as with a time-out. */
    public FakeRecordingStorage deleteButAnswer(String key, DeletionResult result) {
        return answer(key, recording -> {
            remove(key);
            return result;
        });
    }

    /** Answers the next look-ups, of whatever key, with these results in this order. */
    public FakeRecordingStorage answerNextLookUps(DeletionResult... results) {
        synchronized (lock) {
            for (DeletionResult result : results) {
                nextLookUps.add(recording -> result);
            }
        }
        return this;
    }

    /** Answers every look-up of this key so. */
    public FakeRecordingStorage answerLookUp(String key, DeletionResult result) {
        return answerLookUp(key, recording -> result);
    }

    /** Answers every look-up of this key with what the function returns or throws. */
    public FakeRecordingStorage answerLookUp(String key, Function<Recording, DeletionResult> function) {
        synchronized (lock) {
            lookUpByKey.put(key, function);
        }
        return this;
    }

    /** Answers so from now on when it is asked who an account is, whichever; at first with {@link Introduction#NOTHING_KNOWN}. */
    public FakeRecordingStorage answerIntroductions(Introduction said) {
        return answerIntroductions(account -> said);
    }

    /** Answers with what the function returns or throws when it is asked who an account is. The account is null where recordings name none. */
    public FakeRecordingStorage answerIntroductions(Function<@Nullable String, Introduction> function) {
        synchronized (lock) {
            introduction = function;
        }
        return this;
    }

    /** What {@link #target()} answers; its name at first. */
    public FakeRecordingStorage setTarget(String text) {
        synchronized (lock) {
            target = text;
        }
        return this;
    }

    /** Forgets what it was told to answer; what it holds, its target and the journal stay. */
    public void answerNormally() {
        synchronized (lock) {
            nextDeletes.clear();
            nextLookUps.clear();
            deleteByKey.clear();
            lookUpByKey.clear();
            introduction = account -> Introduction.NOTHING_KNOWN;
        }
    }

    /** Lets every delete and look-up from now on wait, after it is in the journal, until the latch is open. An interrupt ends the wait: nothing was deleted then. */
    public FakeRecordingStorage blockUntil(CountDownLatch latch) {
        synchronized (lock) {
            gate = latch;
        }
        return this;
    }

    /** What {@link #coversExternalMedia()} answers; false at first. */
    public FakeRecordingStorage setCoversExternalMedia(boolean covers) {
        synchronized (lock) {
            coversExternalMedia = covers;
        }
        return this;
    }

    /** The calls, in the order in which they began. */
    public List<Call> calls() {
        synchronized (lock) {
            return List.copyOf(calls);
        }
    }

    /** The recordings whose deletion was asked for, in this order, one for each call. */
    public List<Recording> deletes() {
        return recordings(Operation.DELETE);
    }

    /** The recordings that were looked up, in this order, one for each call. */
    public List<Recording> lookUps() {
        return recordings(Operation.LOOK_UP);
    }

    /** The accounts that it was asked about, in this order, one for each call; null where none was named. They are not among the {@link #calls}. */
    public List<@Nullable String> introductions() {
        synchronized (lock) {
            return Collections.unmodifiableList(new ArrayList<>(introductions));
        }
    }

    /** How many deletes and look-ups were not refused unsent: what would have gone out over the network. */
    public int sent() {
        synchronized (lock) {
            return sent;
        }
    }

    /** How many calls ran at once at most. */
    public int maxConcurrent() {
        synchronized (lock) {
            return maxConcurrent;
        }
    }

    /**
     * Waits until so many calls have begun since the journal was last cleared.
     *
     * @return false when the time was up before
     */
    public boolean awaitCalls(int count, Duration atMost) throws InterruptedException {
        long deadline = System.nanoTime() + atMost.toNanos();
        synchronized (lock) {
            while (calls.size() < count) {
                long millis = (deadline - System.nanoTime()) / 1_000_000;
                if (millis <= 0) {
                    return false;
                }
                lock.wait(millis);
            }
            return true;
        }
    }

    /** Empties the journal. */
    public void clearJournal() {
        synchronized (lock) {
            calls.clear();
            introductions.clear();
            sent = 0;
            maxConcurrent = running;
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String target() {
        synchronized (lock) {
            return target;
        }
    }

    @Override
    public Introduction introduce(@Nullable String account) {
        Function<@Nullable String, Introduction> told;
        synchronized (lock) {
            introductions.add(account);
            told = introduction;
        }
        return told.apply(account);
    }

    @Override
    public boolean coversExternalMedia() {
        synchronized (lock) {
            return coversExternalMedia;
        }
    }

    @Override
    public DeletionResult delete(Recording recording) {
        return call(Operation.DELETE, recording);
    }

    @Override
    public DeletionResult lookUp(Recording recording) {
        return call(Operation.LOOK_UP, recording);
    }

    private DeletionResult call(Operation operation, Recording recording) {
        CountDownLatch waitFor;
        synchronized (lock) {
            calls.add(new Call(operation, recording));
            running++;
            maxConcurrent = Math.max(maxConcurrent, running);
            waitFor = gate;
            lock.notifyAll();
        }
        try {
            return answer(operation, recording, waitFor);
        } finally {
            synchronized (lock) {
                running--;
            }
        }
    }

    private DeletionResult answer(Operation operation, Recording recording, @Nullable CountDownLatch waitFor) {
        String key = recording.storageKey();
        if (key == null || !KEY.matcher(key).matches() || key.contains("..")) {
            return DeletionResult.refusedUnsent("no key of this storage");
        }
        Function<Recording, DeletionResult> told;
        synchronized (lock) {
            sent++;
            told = told(operation, key);
        }
        if (waitFor != null) {
            try {
                waitFor.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return DeletionResult.tryLater("interrupted", null, true);
            }
        }
        if (told == null) {
            return operation == Operation.DELETE ? deleteHeld(key) : lookUpHeld(key);
        }
        DeletionResult result = told.apply(recording);
        if (result.kind() == DeletionResult.Kind.DELETED) {
            remove(key);
        }
        return result;
    }

    private @Nullable Function<Recording, DeletionResult> told(Operation operation, String key) {
        boolean delete = operation == Operation.DELETE;
        Function<Recording, DeletionResult> next = (delete ? nextDeletes : nextLookUps).poll();
        return next != null ? next : (delete ? deleteByKey : lookUpByKey).get(key);
    }

    private DeletionResult deleteHeld(String key) {
        synchronized (lock) {
            if (held.remove(key)) {
                deleted.add(key);
                return DeletionResult.deleted(name + " deleted it");
            }
            return absent(key);
        }
    }

    private DeletionResult lookUpHeld(String key) {
        synchronized (lock) {
            return held.contains(key) ? DeletionResult.stillThere() : absent(key);
        }
    }

    private DeletionResult absent(String key) {
        return deleted.contains(key)
                ? DeletionResult.alreadyGone(name + " shows it as deleted")
                : DeletionResult.notFound();
    }

    private void remove(String key) {
        synchronized (lock) {
            if (held.remove(key)) {
                deleted.add(key);
            }
        }
    }

    private List<Recording> recordings(Operation operation) {
        return calls().stream()
                .filter(call -> call.operation() == operation)
                .map(Call::recording)
                .toList();
    }
}
