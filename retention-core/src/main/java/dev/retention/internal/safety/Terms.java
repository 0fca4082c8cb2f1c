package dev.retention.internal.safety;

import dev.retention.internal.support.Sha256;
import dev.retention.spi.Controls.Change;
import dev.retention.spi.Controls.Control;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What an instance works with, or what was confirmed, each in the form in which it is stored.
 *
 * @param target what is swept: see {@link SweepTarget}
 * @param policies see {@link dev.retention.internal.policy.PolicyText}
 * @param mapping see {@link MappingText}
 */
record Terms(String target, String policies, String mapping) {

    /** The same for the same terms. The gate compares it in each transaction that leads to a deletion. */
    String fingerprint() {
        return Sha256.hex(Stream.of(target, policies, mapping)
                .map(part -> part.length() + ":" + part)
                .collect(Collectors.joining()));
    }

    /** The changes that make these terms the confirmed ones, if nobody has changed the controls since. */
    List<Change> confirmedOver(Map<String, Control> controls) {
        List<Change> changes = new ArrayList<>();
        changes.add(change(controls, Plans.IDENTITY, target));
        changes.add(change(controls, Plans.POLICIES, policies));
        changes.add(change(controls, Plans.MAPPING, mapping));
        changes.add(change(controls, Plans.FINGERPRINT, fingerprint()));
        return changes;
    }

    private static Change change(Map<String, Control> controls, String name, String to) {
        Control before = controls.get(name);
        return new Change(name, before == null ? null : before.setting(), to);
    }
}
