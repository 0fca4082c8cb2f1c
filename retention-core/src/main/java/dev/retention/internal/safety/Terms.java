package dev.retention.internal.safety;

import dev.retention.internal.evidence.LostHead;
import dev.retention.internal.evidence.LostHeads;
import dev.retention.internal.policy.PolicyText;
import dev.retention.internal.support.Sha256;
import dev.retention.spi.Controls.Change;
import dev.retention.spi.Controls.Control;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What an instance works with, or what was confirmed, each in the form in which it is stored.
 *
 * @param target what is swept: see {@link SweepTarget}
 * @param policies see {@link dev.retention.internal.policy.PolicyText}
 * @param mapping see {@link MappingText}
 * @param lost what the database no longer has, since it was restored from a backup: see {@link RestoredBackup}
 */
record Terms(String target, String policies, String mapping, List<LostHead> lost) {

    Terms {
        lost = List.copyOf(lost);
    }

    Terms withLost(List<LostHead> heads) {
        return new Terms(target, policies, mapping, heads);
    }

    /**
     * The same for the same target, policies and mapping. The gate compares it in each transaction that leads to a
     * deletion.
     */
    String fingerprint() {
        return hash(Stream.of(target, policies, mapping));
    }

    /** The same for the same terms: whoever confirms them does not confirm that something else is lost. */
    String id() {
        return lost.isEmpty() ? fingerprint() : hash(Stream.of(target, policies, mapping, LostHeads.text(lost)));
    }

    private static String hash(Stream<String> parts) {
        return Sha256.hex(parts.map(part -> part.length() + ":" + part).collect(Collectors.joining()));
    }

    /** The changes that make these terms the confirmed ones, if nobody has changed the controls since. */
    List<Change> confirmedOver(Map<String, Control> controls) {
        List<Change> changes = new ArrayList<>();
        changes.add(change(controls, Plans.IDENTITY, target));
        changes.add(change(controls, Plans.POLICIES, policies));
        changes.add(change(controls, Plans.MAPPING, mapping));
        changes.add(change(controls, Plans.FINGERPRINT, fingerprint()));
        changes.addAll(LostHeads.accept(lost, controls));
        return changes;
    }

    /** What differs from what is confirmed, for people; nothing if nothing is confirmed yet. */
    List<String> changesSince(Map<String, Control> controls) {
        List<String> changes = new ArrayList<>();
        compared(controls, Plans.IDENTITY, confirmed -> changes.addAll(SweepTarget.changes(confirmed, target)));
        compared(controls, Plans.POLICIES, confirmed -> changes.addAll(PolicyText.changes(confirmed, policies)));
        compared(controls, Plans.MAPPING, confirmed -> changes.addAll(MappingText.changes(confirmed, mapping)));
        return changes;
    }

    private static void compared(Map<String, Control> controls, String name, Consumer<String> comparison) {
        Control confirmed = controls.get(name);
        if (confirmed != null) {
            comparison.accept(confirmed.setting());
        }
    }

    private static Change change(Map<String, Control> controls, String name, String to) {
        Control before = controls.get(name);
        return new Change(name, before == null ? null : before.setting(), to);
    }
}
