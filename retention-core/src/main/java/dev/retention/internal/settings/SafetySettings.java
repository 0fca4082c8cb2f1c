package dev.retention.internal.settings;

import dev.retention.FirstRun;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a sweep is refused for.
 *
 * @param environment the name of this deployment
 * @param firstRun what happens when this database and these storages were never swept before
 * @param minimumPeriod the shortest period that a policy may have
 * @param maxShare the share of a policy's live recordings that may be due
 * @param maxShareFloor with no more recordings due than this, their share is not looked at
 * @param confirm the plan that the configuration confirms; null for none
 */
public record SafetySettings(
        String environment,
        FirstRun firstRun,
        Duration minimumPeriod,
        double maxShare,
        long maxShareFloor,
        @Nullable String confirm) {}
