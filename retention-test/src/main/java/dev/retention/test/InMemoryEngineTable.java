package dev.retention.test;

import dev.retention.spi.Candidate;
import dev.retention.spi.HoldRegister.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The engine's table as one instance sees it, which may map fewer attributes than the rows have.
 *
 * @param unmapped attributes that it does not map
 */
record InMemoryEngineTable(InMemoryDatabase database, Set<String> unmapped) {

    /** Empty also for a row that can't be read. */
    Optional<EngineRow> row(String id) {
        return seen(id).filter(row -> !database.isUnreadable(row.id()));
    }

    private Optional<EngineRow> seen(String id) {
        return database.engineRow(id).map(this::mapped);
    }

    Optional<Candidate> candidate(String id) {
        return row(id).flatMap(EngineRow::candidate);
    }

    /** Those that can be read. */
    Stream<EngineRow> rows() {
        return allRows().filter(row -> !database.isUnreadable(row.id()));
    }

    Stream<EngineRow> allRows() {
        return database.engine.all().stream().map(this::mapped);
    }

    private EngineRow mapped(EngineRow row) {
        EngineRow seen = row;
        for (String attribute : unmapped) {
            seen = seen.withAttribute(attribute, null);
        }
        return seen;
    }

    /** The holds by attribute that have not ended. */
    private Stream<HoldRow> scoped() {
        return database.holds.all().stream().filter(hold -> hold.lasts() && hold.scope() != null);
    }

    List<Scope> scopes() {
        return scoped().map(HoldRow::scope).filter(Objects::nonNull).toList();
    }

    List<Scope> unmappedScopes() {
        return scopes().stream()
                .filter(scope -> unmapped.contains(scope.attribute()))
                .toList();
    }

    boolean isInScope(Map<String, String> attributes) {
        return scopes().stream().anyMatch(scope -> scope.covers(attributes));
    }

    /** Whether it is in the scope of a hold by attribute that does not apply to it yet. */
    boolean isNewInScope(String id) {
        return !missing(id).isEmpty();
    }

    /**
     * Applies the holds by attribute to a row in their scope that is not proven deleted, also to one of which something
     * else can't be read. Returns whether one did not apply before.
     */
    boolean holdIfInScope(String id) {
        List<HoldRow> missing = missing(id);
        List<String> all = new ArrayList<>(List.of(id));
        seen(id).ifPresent(row -> all.addAll(new InMemorySharedKeys(this).toHold(row)));
        for (HoldRow hold : missing) {
            // Each changes the hold's row.
            all.forEach(each -> database.hold(
                    Objects.requireNonNull(database.holds.get(hold.id())),
                    each,
                    hold.hold().placedBy(),
                    database.now()));
        }
        return !missing.isEmpty();
    }

    private List<HoldRow> missing(String id) {
        GateRow gate = database.gate.get(id);
        return seen(id).filter(row -> gate == null || !gate.isDeletionOf(row)).stream()
                .flatMap(row -> scoped().filter(
                                hold -> hold.scope() != null && hold.scope().covers(row.attributes())))
                .filter(hold -> !hold.recordings().contains(id))
                .toList();
    }
}
