package dev.retention.test;

import dev.retention.DeletionState;
import dev.retention.LedgerEntry;
import dev.retention.spi.Population;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the recordings of a period, while nobody can change them. */
final class InMemoryPopulation implements Population {

    private final InMemoryDatabase database;
    private final InMemoryEngineTable engine;

    InMemoryPopulation(InMemoryEngineTable engine) {
        this.database = engine.database();
        this.engine = engine;
    }

    @Override
    public void read(Period period, Reader reader) {
        database.read(() -> {
            List<EngineRow> rows = engine.allRows()
                    .filter(row -> row.created() != null && period.contains(row.created()))
                    .sorted(Comparator.<EngineRow, Instant>comparing(row -> Objects.requireNonNull(row.created()))
                            .thenComparing(EngineRow::id))
                    .toList();
            List<EngineRow> undated = engine.allRows()
                    .filter(row -> row.deleted() == null)
                    .filter(row -> row.created() == null || row.created().isBefore(period.earliest()))
                    .toList();
            List<GateRow> gates = database.gate.all().stream()
                    .filter(gate -> gate.state != DeletionState.ACTIVE)
                    .filter(gate -> gate.created != null
                            && !gate.created.isBefore(period.from())
                            && gate.created.isBefore(period.to()))
                    .toList();
            reader.begin(new Moment(database.now(), database.evidence.sealed(), rows.size()));
            Set<String> read = new HashSet<>();
            rows.forEach(row -> reader.member(member(row.id(), ofPeriod(row), row, read)));
            undated.forEach(row -> reader.member(member(row.id(), Row.UNDATED, row, read)));
            gates.stream()
                    .filter(gate -> !read.contains(gate.id()) && !database.isUnreadable(gate.id()))
                    .forEach(gate -> {
                        EngineRow row = engine.row(gate.id()).orElse(null);
                        reader.member(member(gate.id(), row == null ? Row.GONE : Row.ELSEWHERE, row, read));
                    });
            return true;
        });
    }

    private Row ofPeriod(EngineRow row) {
        GateRow gate = database.gate.get(row.id());
        // A recording that was only held was never described.
        return gate == null
                        || gate.state == DeletionState.ACTIVE
                        || row.names(gate.storageKey, gate.account, gate.created)
                ? Row.PRESENT
                : Row.DIFFERENT;
    }

    private Member member(String id, Row as, @Nullable EngineRow row, Set<String> read) {
        read.add(id);
        Row known = row != null && database.isUnreadable(id) ? Row.UNREADABLE : as;
        EngineRow readable = known == Row.UNREADABLE ? null : row;
        GateRow gate = database.gate.get(id);
        LedgerEntry entry = gate == null ? null : gate.entry();
        boolean held = gate != null && gate.held
                || readable != null && (readable.flaggedHeld() || engine.isInScope(readable.attributes()));
        return new Member(
                id,
                known,
                readable == null ? null : readable.candidate().orElse(null),
                entry,
                held,
                gate != null && gate.state == DeletionState.DELETED && database.evidence.saysDeleted(id));
    }
}
