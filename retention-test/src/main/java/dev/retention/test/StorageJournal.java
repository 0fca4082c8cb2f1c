package dev.retention.test;

import dev.retention.spi.Recording;
import dev.retention.test.FakeRecordingStorage.Call;
import dev.retention.test.FakeRecordingStorage.Operation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The calls of a {@link FakeRecordingStorage}, and how many of them run. Safe for use by several threads. */
final class StorageJournal {

    private final List<Call> calls = new ArrayList<>();
    private final List<@Nullable String> identifications = new ArrayList<>();
    private int sent;
    private int running;
    private int maxConcurrent;

    synchronized void begin(Operation operation, Recording recording) {
        calls.add(new Call(operation, recording));
        running++;
        maxConcurrent = Math.max(maxConcurrent, running);
        notifyAll();
    }

    synchronized void end() {
        running--;
    }

    synchronized void send() {
        sent++;
    }

    synchronized void identify(@Nullable String account) {
        identifications.add(account);
    }

    synchronized List<Call> calls() {
        return List.copyOf(calls);
    }

    List<Recording> recordings(Operation operation) {
        return calls().stream()
                .filter(call -> call.operation() == operation)
                .map(Call::recording)
                .toList();
    }

    synchronized List<@Nullable String> identifications() {
        return Collections.unmodifiableList(new ArrayList<>(identifications));
    }

    synchronized int sent() {
        return sent;
    }

    synchronized int maxConcurrent() {
        return maxConcurrent;
    }

    /** Returns false when the time was up before so many calls had begun. */
    synchronized boolean await(int count, Duration atMost) throws InterruptedException {
        long start = System.nanoTime();
        while (calls.size() < count) {
            long left = atMost.toNanos() - (System.nanoTime() - start);
            if (left <= 0) {
                return false;
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return true;
    }

    synchronized void clear() {
        calls.clear();
        identifications.clear();
        sent = 0;
        maxConcurrent = running;
    }
}
