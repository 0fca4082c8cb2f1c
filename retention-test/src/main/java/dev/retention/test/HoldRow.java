package dev.retention.test;

import dev.retention.LegalHold;
import dev.retention.spi.HoldRegister.Scope;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A hold of the register and the recordings that it is placed on. */
record HoldRow(LegalHold hold, Set<String> recordings) {

    HoldRow {
        recordings = Set.copyOf(recordings);
    }

    static HoldRow of(String id, String by, String reason, Instant at) {
        return new HoldRow(LegalHold.builder(id, by, reason, at).build(), Set.of());
    }

    HoldRow until(@Nullable Instant until) {
        return new HoldRow(builder().until(until).build(), recordings);
    }

    HoldRow onScope(Scope scope) {
        LegalHold placed =
                builder().attribute(scope.attribute()).value(scope.value()).build();
        return new HoldRow(placed, recordings);
    }

    HoldRow with(Set<String> others) {
        return new HoldRow(hold, others);
    }

    HoldRow released(String by, Instant at) {
        return new HoldRow(builder().releasedBy(by).releasedAt(at).build(), recordings);
    }

    boolean lasts() {
        return hold.releasedAt() == null;
    }

    String id() {
        return hold.id();
    }

    /** What the hold covers by attribute; null for a hold by recording. */
    @Nullable
    Scope scope() {
        String attribute = hold.attribute();
        String value = hold.value();
        return attribute == null || value == null ? null : new Scope(hold.id(), attribute, value);
    }

    LegalHold legalHold() {
        return builder().recordings(recordings.size()).build();
    }

    private LegalHold.Builder builder() {
        return LegalHold.builder(hold.id(), hold.placedBy(), hold.reason(), hold.placedAt())
                .until(hold.until())
                .releasedBy(hold.releasedBy())
                .releasedAt(hold.releasedAt())
                .attribute(hold.attribute())
                .value(hold.value());
    }
}
