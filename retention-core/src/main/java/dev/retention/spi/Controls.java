package dev.retention.spi;

import dev.retention.LedgerEvent;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A few settings by name that all instances on one database share: whether deleting is paused, which plans need a
 * confirmation, what was confirmed. The sweeper gives them their meaning. Only two matter to the {@link DeletionGate}:
 * nothing is claimed or sent while {@link #PAUSED} exists, or while {@link #FINGERPRINT} is not that of the criteria.
 *
 * <p>Threads, transactions, precision of times and errors are as in {@link RecordingRepository}.
 */
public interface Controls {

    /** The name of the control that pauses deleting while it exists, whatever its setting. */
    String PAUSED = "paused";

    /**
     * The name of the control whose setting is the fingerprint of what was confirmed: which database and storages,
     * which policies, which mapping. See {@link DueCriteria#fingerprint}.
     */
    String FINGERPRINT = "fingerprint";

    /** All controls, by name; empty if there are none. They are few, and read at the start of each sweep. */
    Map<String, Control> all();

    /**
     * Changes controls together, if all of them are as expected, and writes an event, in one transaction.
     *
     * @param changes at most one for each name; empty to write only the event
     * @param event the event to write; its actor and time also become those of the changed controls
     * @return false if one of them was not as expected; then nothing is changed or written
     */
    boolean change(Collection<Change> changes, LedgerEvent event);

    /**
     * The statement with which a person who has only access to the database creates a control; empty if the adapter has
     * none.
     *
     * @param name letters, digits and {@code -} only
     * @param setting letters, digits and {@code -} only
     */
    Optional<String> statementToSet(String name, String setting);

    /**
     * The current value of a control.
     *
     * @param setting its setting; may be empty
     * @param by who set it; null if not known, such as after a change by SQL
     * @param at when it was set, by the database's time; null if not known
     */
    record Control(
            String setting, @Nullable String by, @Nullable Instant at) {}

    /**
     * A change of one control.
     *
     * @param name 1 to 100 characters
     * @param from the setting that is expected; null if the control must not exist
     * @param to the new setting, at most {@value #MAX_SETTING_LENGTH} characters; null removes the control
     */
    record Change(
            String name, @Nullable String from, @Nullable String to) {

        /** The longest setting, in characters. */
        public static final int MAX_SETTING_LENGTH = 500_000;

        /**
         * A change.
         *
         * @throws IllegalArgumentException for a name or a setting of another length
         */
        public Change {
            if (name.isEmpty() || name.length() > 100) {
                throw new IllegalArgumentException("control name of " + name.length() + " characters; use 1 to 100");
            }
            if (to != null && to.length() > MAX_SETTING_LENGTH) {
                throw new IllegalArgumentException("setting of control '" + name + "' has " + to.length()
                        + " characters; use at most " + MAX_SETTING_LENGTH);
            }
        }
    }
}
