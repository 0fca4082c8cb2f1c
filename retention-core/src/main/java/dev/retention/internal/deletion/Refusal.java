package dev.retention.internal.deletion;

import dev.retention.Cause;
import dev.retention.spi.DeletionGate.Objection;
import java.util.Collection;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Why the check before a send refused a deletion.
 *
 * @param soon whether a check may allow it soon, here or in another instance
 */
public record Refusal(Cause cause, boolean soon) {

    static final Refusal DRY_RUN = new Refusal(Causes.dryRun(), false);

    /** What forbade it has ended since, or is not known. */
    static final Refusal ENDED = new Refusal(Causes.keptForAMoment(), true);

    /** Their causes, each once. */
    static Set<Cause> causes(Collection<Refusal> refusals) {
        return refusals.stream().map(Refusal::cause).collect(Collectors.toSet());
    }

    /**
     * What forbids an instance everything, and may not forbid it to others, is left to them; this instance claims
     * nothing more. What its own row forbids is not looked up again soon.
     */
    static Refusal of(Objection objection) {
        boolean ofInstance = objection == Objection.NOT_CONFIRMED || objection == Objection.HOLD_UNMAPPED;
        return new Refusal(Causes.kept(objection), ofInstance);
    }
}
