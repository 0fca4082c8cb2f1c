package dev.retention.spi;

import dev.retention.LedgerEvent;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A few settings by name that all instances on one database share: whether deleting is paused, which plans wait for a person, what was
 * confirmed. What they mean is the sweeper's; one only is known to the {@link DeletionGate}: nothing is sent while {@link #PAUSED} stands.
 */
public interface Controls {

    /** The name of the control that pauses deleting, whatever its setting. */
    String PAUSED = "paused";

    /** All of them, by name. Few, and read at the start of each sweep. */
    Map<String, Control> all();

    /**
     * Changes controls together, provided that all of them are as expected, and writes an event, in one transaction.
     *
     * @param changes at most one for each name; none to write the event alone
     * @param event what to write down about it; its actor and time are also those of the changed controls
     * @return false when one of them was not as expected: nothing is changed or written then
     */
    boolean change(Collection<Change> changes, LedgerEvent event);

    /**
     * The statement by which a person who has nothing but the database sets a control that is not there yet; empty where there is none.
     *
     * @param name of letters, digits and {@code -} only
     * @param setting likewise
     */
    Optional<String> statementToSet(String name, String setting);

    /**
     * A control as it stands.
     *
     * @param setting its setting; empty where none was given
     * @param by who set it, where that is known
     * @param at when, by the database's time, where that is known
     */
    record Control(
            String setting, @Nullable String by, @Nullable Instant at) {}

    /**
     * A change of one control.
     *
     * @param name 1 to 100 characters
     * @param from the setting that is expected to stand; null when there must be none
     * @param to the new setting, at most {@value #MAX_SETTING_LENGTH} characters; null removes the control
     */
    record Change(
            String name, @Nullable String from, @Nullable String to) {

        /** The longest setting, in characters. */
        public static final int MAX_SETTING_LENGTH = 16_000;

        public Change {
            if (name.isEmpty() || name.length() > 100) {
                throw new IllegalArgumentException("control name of " + name.length() + " characters; 1 to 100");
            }
            if (to != null && to.length() > MAX_SETTING_LENGTH) {
                throw new IllegalArgumentException("setting of control '" + name + "' has " + to.length()
                        + " characters; at most " + MAX_SETTING_LENGTH);
            }
        }
    }
}
