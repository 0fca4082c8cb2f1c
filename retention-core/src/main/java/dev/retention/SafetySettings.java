package dev.retention;

import org.jspecify.annotations.Nullable;

/** What the {@link Brakes} go by. */
record SafetySettings(
        String environment,
        FirstRun firstRun,
        double maxShare,
        long maxShareFloor,
        @Nullable String confirm) {}
