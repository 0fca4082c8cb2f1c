package dev.retention.internal.recording;

import dev.retention.spi.HoldRegister;
import dev.retention.spi.HoldRegister.Scope;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** What is said where a hold by attribute can't be judged, since its attribute is not mapped here. */
public final class UnmappedHolds {

    private UnmappedHolds() {}

    /** What happened, why, and what to do; empty if there are no such holds. */
    public static Optional<String> objection(HoldRegister register) {
        List<Scope> unmapped = register.unmappedScopes();
        if (unmapped.isEmpty()) {
            return Optional.empty();
        }
        String holds = unmapped.stream()
                .map(scope -> "hold '" + scope.holdId() + "' on attribute '" + scope.attribute() + "'")
                .collect(Collectors.joining(", "));
        return Optional.of("this instance does not map what an active hold by attribute names, so it can't tell which"
                + " recordings are held, and deletes none: " + holds
                + ". Map the attribute under this name on this instance, or release the hold; instances that map it"
                + " continue");
    }
}
