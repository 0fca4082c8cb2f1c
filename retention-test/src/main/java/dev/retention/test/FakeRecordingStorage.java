package dev.retention.test;

import dev.retention.spi.DeletionResult;
import dev.retention.spi.Recording;
import dev.retention.spi.RecordingLookup;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A storage in memory. A test fills it, sets its answers and reads what it did. It remembers what it deleted: deleting
 * a key that it holds answers {@link DeletionResult#deleted}, a key that it deleted before
 * {@link DeletionResult#alreadyGone}, and any other key {@link DeletionResult#notFound()}. A look-up answers the same
 * way, and deletes nothing. A key that is null, or that has another form than its keys, is answered
 * {@link DeletionResult#refusedUnsent}, whatever answer the test has set.
 *
 * <p>An answer is searched for in this order: the answers for the next calls, the answer for the key, what it holds.
 *
 * <p>Safe for use by several threads. One class, since a test sets answers and reads the calls at the same object.
 */
public final class FakeRecordingStorage implements RecordingLookup {

    /** A storage's operation. */
    public enum Operation {
        DELETE,
        LOOK_UP
    }

    /**
     * A call that has begun.
     *
     * @param operation the operation
     * @param recording its recording
     */
    public record Call(Operation operation, Recording recording) {}

    private static final Pattern KEY = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._/-]{0,254}");

    private final String name;
    private final StorageJournal journal = new StorageJournal();
    private final ToldAnswers toDeletes = new ToldAnswers();
    private final ToldAnswers toLookUps = new ToldAnswers();
    private final Object lock = new Object();
    private final Set<String> held = new HashSet<>();
    private final Set<String> deleted = new HashSet<>();
    private boolean coversExternalMedia;
    private boolean inSeveralPlaces;
    private Function<@Nullable String, Identification> identification = account -> Identification.NOTHING_KNOWN;
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

    /** Adds recordings under these keys; one that was deleted exists again. */
    public FakeRecordingStorage put(String... keys) {
        synchronized (lock) {
            for (String key : keys) {
                held.add(key);
                deleted.remove(key);
            }
        }
        return this;
    }

    /** Whether a recording is stored under this key. */
    public boolean holds(String key) {
        synchronized (lock) {
            return held.contains(key);
        }
    }

    /** The keys under which recordings are stored. */
    public Set<String> keys() {
        synchronized (lock) {
            return Set.copyOf(held);
        }
    }

    /**
     * Answers the next deletes, of whatever key, with these results in this order. Nothing is deleted by them but for
     * {@code deleted}.
     */
    public FakeRecordingStorage answerNext(DeletionResult... results) {
        toDeletes.next(results);
        return this;
    }

    /** Answers every delete of this key so. Nothing is deleted by it but for {@code deleted}. */
    public FakeRecordingStorage answer(String key, DeletionResult result) {
        return answer(key, recording -> result);
    }

    /**
     * Answers every delete of this key with what the function returns or throws. It is called in the sweeper's thread
     * and may call back, such as to place a hold while the delete is in progress.
     */
    public FakeRecordingStorage answer(String key, Function<Recording, DeletionResult> function) {
        toDeletes.always(key, function);
        return this;
    }

    /** Deletes the key when it is called, and then gives this answer all the same, such as a time-out. */
    public FakeRecordingStorage deleteButAnswer(String key, DeletionResult result) {
        return answer(key, recording -> {
            remove(key);
            return result;
        });
    }

    /** Answers the next look-ups, of whatever key, with these results in this order. */
    public FakeRecordingStorage answerNextLookUps(DeletionResult... results) {
        toLookUps.next(results);
        return this;
    }

    /** Answers every look-up of this key so. */
    public FakeRecordingStorage answerLookUp(String key, DeletionResult result) {
        return answerLookUp(key, recording -> result);
    }

    /** Answers every look-up of this key with what the function returns or throws. */
    public FakeRecordingStorage answerLookUp(String key, Function<Recording, DeletionResult> function) {
        toLookUps.always(key, function);
        return this;
    }

    /**
     * Sets the answer to every identification from now on, whichever the account; at first it is
     * {@link Identification#NOTHING_KNOWN}.
     */
    public FakeRecordingStorage answerIdentifications(Identification said) {
        return answerIdentifications(account -> said);
    }

    /**
     * Answers every identification with what the function returns or throws. The account is null where recordings name
     * none.
     */
    public FakeRecordingStorage answerIdentifications(Function<@Nullable String, Identification> function) {
        synchronized (lock) {
            identification = function;
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

    /** Removes the answers that were set; what it holds, its target and the journal remain. */
    public void answerNormally() {
        toDeletes.clear();
        toLookUps.clear();
        answerIdentifications(Identification.NOTHING_KNOWN);
    }

    /**
     * Lets every delete and look-up from now on wait, after it is in the journal, until the latch is open. An interrupt
     * ends the wait: nothing was deleted then.
     */
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

    /** What {@link #isInSeveralPlaces()} answers; false at first. */
    public FakeRecordingStorage setInSeveralPlaces(boolean several) {
        synchronized (lock) {
            inSeveralPlaces = several;
        }
        return this;
    }

    /** The calls, in the order in which they began. */
    public List<Call> calls() {
        return journal.calls();
    }

    /** The recordings whose deletion was requested, in this order, one for each call. */
    public List<Recording> deletes() {
        return journal.recordings(Operation.DELETE);
    }

    /** The recordings that were looked up, in this order, one for each call. */
    public List<Recording> lookUps() {
        return journal.recordings(Operation.LOOK_UP);
    }

    /**
     * The accounts that were identified, in this order, one for each call; null if none was named. They are not among
     * the {@link #calls}.
     */
    public List<@Nullable String> identifications() {
        return journal.identifications();
    }

    /** How many deletes and look-ups were not refused unsent: those that would have been sent over the network. */
    public int sent() {
        return journal.sent();
    }

    /** How many calls ran at once at most. */
    public int maxConcurrent() {
        return journal.maxConcurrent();
    }

    /**
     * Waits until so many calls have begun since the journal was last cleared.
     *
     * @return false when the time was up before
     */
    public boolean awaitCalls(int count, Duration atMost) throws InterruptedException {
        return journal.await(count, atMost);
    }

    /** Empties the journal. */
    public void clearJournal() {
        journal.clear();
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
    public Identification identify(@Nullable String account) {
        journal.identify(account);
        Function<@Nullable String, Identification> told;
        synchronized (lock) {
            told = identification;
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
    public boolean isInSeveralPlaces() {
        synchronized (lock) {
            return inSeveralPlaces;
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
            // Before the journal shows the call: what a test sets afterwards concerns later calls.
            waitFor = gate;
        }
        journal.begin(operation, recording);
        try {
            return answer(operation, recording, waitFor);
        } finally {
            journal.end();
        }
    }

    private DeletionResult answer(Operation operation, Recording recording, @Nullable CountDownLatch waitFor) {
        String key = recording.storageKey();
        if (key == null || !KEY.matcher(key).matches() || key.contains("..")) {
            return DeletionResult.refusedUnsent("no key of this storage");
        }
        journal.send();
        Function<Recording, DeletionResult> told = (operation == Operation.DELETE ? toDeletes : toLookUps).take(key);
        if (waitFor != null && !await(waitFor)) {
            return DeletionResult.tryLater("interrupted", null, true);
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

    /** Returns false when it was interrupted. */
    private static boolean await(CountDownLatch latch) {
        try {
            latch.await();
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
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
}
