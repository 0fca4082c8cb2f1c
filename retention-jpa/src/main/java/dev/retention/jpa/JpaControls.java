package dev.retention.jpa;

import dev.retention.LedgerEvent;
import dev.retention.jpa.Database.Session;
import dev.retention.spi.Controls;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The rows of {@code retention_control}, without those that the adapter keeps for itself. */
final class JpaControls implements Controls {

    /** The name, as SQL, of the row that stops claims and requests while it exists. */
    static final String PAUSED = "'paused'";

    private final Database database;

    JpaControls(Database database) {
        this.database = database;
    }

    @Override
    public Map<String, Control> all() {
        return database.read("read controls", session -> all(session, ""));
    }

    private static Map<String, Control> all(Session session, String locking) {
        Map<String, Control> found = new HashMap<>();
        session.sql()
                .query(
                        "select name, setting, changed_by, changed_at from "
                                + session.tables().control() + " where " + InternalControl.isSetting()
                                + " order by name" + locking,
                        row -> found.put(
                                row.text("name"),
                                new Control(
                                        Optional.ofNullable(row.textOrNull("setting"))
                                                .orElse(""),
                                        row.textOrNull("changed_by"),
                                        row.timeOrNull("changed_at"))));
        return found;
    }

    @Override
    public boolean change(Collection<Change> changes, LedgerEvent event) {
        return database.once(
                "change controls", session -> change(session, changes, event), changed -> standing(changed, event));
    }

    private static boolean change(Session session, Collection<Change> changes, LedgerEvent event) {
        // They are few, so that all are locked, in one order.
        Map<String, Control> stand = changes.isEmpty() ? Map.of() : all(session, " for update");
        for (Change change : changes) {
            if (!Objects.equals(setting(stand, change), change.from())) {
                return false;
            }
        }
        changes.stream().sorted(Comparator.comparing(Change::name)).forEach(change -> apply(session, change, event));
        Events.add(session, List.of(event));
        return true;
    }

    private static @Nullable String setting(Map<String, Control> stand, Change change) {
        Control control = stand.get(change.name());
        return control == null ? null : control.setting();
    }

    private static void apply(Session session, Change change, LedgerEvent event) {
        String table = session.tables().control();
        String by = StoredText.cutOrNull(event.actor(), StoredText.NAME);
        if (change.to() == null) {
            session.sql().update("delete from " + table + " where name = ?", change.name());
        } else if (change.from() == null) {
            session.sql()
                    .update(
                            "insert into " + table + " (name, setting, changed_by, changed_at) values (?, ?, ?, ?)",
                            change.name(),
                            change.to(),
                            by,
                            event.at());
        } else {
            session.sql()
                    .update(
                            "update " + table + " set setting = ?, changed_by = ?, changed_at = ? where name = ?",
                            change.to(),
                            by,
                            event.at(),
                            change.name());
        }
    }

    /** A refused change wrote nothing, so its answer is right whether the commit took effect or not. */
    private Optional<Boolean> standing(boolean changed, LedgerEvent event) {
        return !changed
                        || database.read(
                                "read events",
                                session -> Events.isStored(
                                        session, event.at(), event.kind(), event.recordingId(), event.actor()))
                ? Optional.of(changed)
                : Optional.empty();
    }

    @Override
    public Optional<String> statementToSet(String name, String setting) {
        if (!(name + setting).matches("[A-Za-z0-9-]+")) {
            throw new IllegalArgumentException("only letters, digits and - can be in a statement for a person");
        }
        return Optional.of(database.read(
                "read the names of the tables",
                session -> "insert into " + session.tables().control() + " (name, setting) values ('" + name + "', '"
                        + setting + "')"));
    }
}
