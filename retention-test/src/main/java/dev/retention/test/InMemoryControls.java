package dev.retention.test;

import dev.retention.LedgerEvent;
import dev.retention.spi.Controls;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** The table of controls. */
final class InMemoryControls implements Controls {

    private final InMemoryDatabase database;

    InMemoryControls(InMemoryDatabase database) {
        this.database = database;
    }

    @Override
    public Map<String, Control> all() {
        return database.read(() -> database.controls.byKey());
    }

    @Override
    public boolean change(Collection<Change> changes, LedgerEvent event) {
        return database.commit(() -> {
            if (!changes.stream().allMatch(this::isAsExpected)) {
                return false;
            }
            for (Change change : changes) {
                if (change.to() == null) {
                    database.controls.remove(change.name());
                } else {
                    database.controls.put(change.name(), new Control(change.to(), event.actor(), event.at()));
                }
            }
            database.event(event);
            return true;
        });
    }

    private boolean isAsExpected(Change change) {
        Control stands = database.controls.get(change.name());
        return Objects.equals(change.from(), stands == null ? null : stands.setting());
    }

    /** There is no SQL here. */
    @Override
    public Optional<String> statementToSet(String name, String setting) {
        return Optional.empty();
    }
}
