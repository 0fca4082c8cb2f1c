package dev.retention.test;

import dev.retention.LedgerEvent;
import dev.retention.RetentionException;
import dev.retention.spi.Controls;
import dev.retention.spi.Controls.Control;
import dev.retention.spi.DatabaseIdentity;
import dev.retention.spi.DeletionGate.Signal;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.EvidenceEntry;
import dev.retention.spi.RecordingMapping;
import dev.retention.spi.SweepRuns.SweepRun;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Tables under one lock, with transactions that roll back, and with the faults that a test sets. */
final class InMemoryDatabase {

    enum CommitFault {
        ROLLED_BACK,
        COMMITTED_ALL_THE_SAME
    }

    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<Runnable> undo = new ArrayDeque<>();
    private final Queue<CommitFault> faults = new ArrayDeque<>();
    private final Set<String> unwritable = new HashSet<>();
    private final Set<String> unreadable = new HashSet<>();
    private final Set<String> lockedRows = new HashSet<>();
    private Duration offset = Duration.ZERO;
    private boolean away;
    boolean callerHasTransaction;
    DatabaseIdentity identity = new DatabaseIdentity("memory", true);
    RecordingMapping mapping = new RecordingMapping(Map.of(), null);
    long lastEvent;

    private final List<Table<?>> tables = new ArrayList<>();
    final Table<EngineRow> engine = table();
    final Table<GateRow> gate = table();
    final Table<HoldRow> holds = table();
    final Table<SweepRun> runs = table();
    final Table<LedgerEvent> events = table();
    final Table<Control> controls = table();
    final Table<Long> census = table();
    final InMemoryEvidenceLog evidence = new InMemoryEvidenceLog(this);

    InMemoryDatabase(Clock clock) {
        this.clock = clock;
    }

    /** Like the time of the databases that are supported, to the microsecond. */
    Instant now() {
        return clock.instant().plus(offset).truncatedTo(ChronoUnit.MICROS);
    }

    <T> T read(Supplier<T> work) {
        return locked(() -> {
            requireReachable();
            return work.get();
        });
    }

    /** Runs a transaction: all of it, or nothing if it throws. */
    <T> T commit(Supplier<T> work) {
        return locked(() -> {
            requireReachable();
            boolean committed = false;
            try {
                T result = work.get();
                CommitFault fault = faults.poll();
                if (fault == CommitFault.ROLLED_BACK) {
                    throw RetentionException.unavailable("the commit failed, as the test wanted");
                }
                committed = true;
                if (fault == CommitFault.COMMITTED_ALL_THE_SAME) {
                    throw RetentionException.unavailable("the commit's answer was lost, as the test wanted");
                }
                return result;
            } finally {
                while (!committed && !undo.isEmpty()) {
                    undo.pop().run();
                }
                undo.clear();
            }
        });
    }

    /** For the test's own access, which no fault concerns. */
    <T> T locked(Supplier<T> work) {
        lock.lock();
        try {
            return work.get();
        } finally {
            lock.unlock();
        }
    }

    void locked(Runnable work) {
        locked(() -> {
            work.run();
            undo.clear();
            return true;
        });
    }

    void offset(Duration ofDatabase) {
        locked(() -> offset = ofDatabase);
    }

    void away(boolean isAway) {
        locked(() -> away = isAway);
    }

    void nextCommit(CommitFault fault, int times) {
        locked(() -> {
            for (int i = 0; i < times; i++) {
                faults.add(fault);
            }
        });
    }

    void unwritable(String id, boolean isUnwritable) {
        locked(() -> {
            if (isUnwritable) {
                unwritable.add(id);
            } else {
                unwritable.remove(id);
            }
        });
    }

    void unreadable(String id, boolean isUnreadable) {
        locked(() -> {
            if (isUnreadable) {
                unreadable.add(id);
            } else {
                unreadable.remove(id);
            }
        });
    }

    /** Whether the engine's row has a value that can't be read. */
    boolean isUnreadable(String id) {
        return unreadable.contains(id);
    }

    void requireReachable() {
        if (away) {
            throw RetentionException.unavailable("the database does not answer, as the test wanted");
        }
    }

    Optional<EngineRow> engineRow(String id) {
        return Optional.ofNullable(engine.get(id));
    }

    GateRow changeGate(String id) {
        GateRow row = Optional.ofNullable(gate.get(id)).map(GateRow::copy).orElseGet(() -> new GateRow(id));
        gate.put(id, row);
        return row;
    }

    void softDelete(EngineRow row, Instant at, @Nullable String reason) {
        requireWritable(row.id());
        engine.put(row.id(), row.withDeleted(at, reason));
    }

    void lockRow(String id, boolean isLocked) {
        read(() -> isLocked ? lockedRows.add(id) : lockedRows.remove(id));
    }

    /** Another transaction has locked the row. */
    static final class RowLocked extends RetentionException {
        private static final long serialVersionUID = 1L;

        RowLocked(String id) {
            super(Kind.REFUSED, "another transaction has locked recording " + id + ", as the test wanted");
        }
    }

    void requireWritable(String id) {
        if (lockedRows.contains(id)) {
            throw new RowLocked(id);
        }
        refusalToWrite(id).ifPresent(why -> {
            throw RetentionException.refused(why);
        });
    }

    Optional<String> refusalToWrite(String id) {
        if (lockedRows.contains(id)) {
            return Optional.of(String.valueOf(new RowLocked(id).getMessage()));
        }
        return unwritable.contains(id)
                ? Optional.of("the database refuses to update recording " + id + ", as the test wanted")
                : Optional.empty();
    }

    /** Why nothing may be claimed or sent, whatever the rows say. */
    Optional<Signal> forbidden(DueCriteria criteria) {
        if (controls.get(Controls.PAUSED) != null) {
            return Optional.of(Signal.PAUSED);
        }
        Control confirmed = controls.get(Controls.FINGERPRINT);
        return Objects.equals(confirmed == null ? null : confirmed.setting(), criteria.fingerprint())
                ? Optional.empty()
                : Optional.of(Signal.NOT_CONFIRMED);
    }

    /** Marks the gate row of a recording as held, which remembers the key that the engine's row names. */
    void markHeld(String id) {
        GateRow row = changeGate(id);
        row.held = true;
        if (row.heldKey == null) {
            engineRow(id).ifPresent(named -> {
                row.heldKey = named.storageKey();
                row.heldAccount = named.account();
            });
        }
    }

    /** Places a hold on a recording, which marks the gate row. */
    void hold(HoldRow hold, String id, String by, Instant now) {
        markHeld(id);
        if (!hold.recordings().contains(id)) {
            Set<String> more = new HashSet<>(hold.recordings());
            more.add(id);
            holds.put(hold.id(), hold.with(more));
            event(new LedgerEvent(now, "HOLD_PLACED", id, null, by, hold.id()));
        }
    }

    void event(LedgerEvent event) {
        events.put(Long.toString(++lastEvent), event);
        EvidenceEntry.events(List.of(event)).forEach(evidence::add);
    }

    <V> Table<V> table() {
        Table<V> table = new Table<>();
        tables.add(table);
        return table;
    }

    /** What restores all tables as they are now. Numbers that were drawn since are not drawn again. */
    Runnable backup() {
        List<Runnable> restores =
                locked(() -> tables.stream().map(Table::backup).toList());
        return () -> locked(() -> restores.forEach(Runnable::run));
    }

    /** Rows by their key, in the order in which they were first put. */
    final class Table<V> {

        private final Map<String, V> rows = new LinkedHashMap<>();

        @Nullable
        V get(String key) {
            return rows.get(key);
        }

        Map<String, V> byKey() {
            return Map.copyOf(rows);
        }

        List<String> keys() {
            return List.copyOf(rows.keySet());
        }

        Collection<V> all() {
            return List.copyOf(rows.values());
        }

        void put(String key, V row) {
            V before = rows.put(key, row);
            undo.push(() -> restore(key, before));
        }

        void remove(String key) {
            V before = rows.remove(key);
            undo.push(() -> restore(key, before));
        }

        private Runnable backup() {
            Map<String, V> copy = new LinkedHashMap<>(rows);
            return () -> {
                rows.clear();
                rows.putAll(copy);
            };
        }

        private void restore(String key, @Nullable V before) {
            if (before == null) {
                rows.remove(key);
            } else {
                rows.put(key, before);
            }
        }
    }
}
