package dev.retention.internal.deletion;

import dev.retention.DeletionOutcome;
import dev.retention.SweepEvent;
import dev.retention.internal.settings.SweepSettings;
import dev.retention.internal.telemetry.Telemetry;
import dev.retention.spi.Claim;
import dev.retention.spi.ClaimOutcome;
import dev.retention.spi.ClaimOutcome.Step;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Passes recorded outcomes to listeners. */
final class OutcomeEvents {

    private static final Logger log = LoggerFactory.getLogger(OutcomeEvents.class);

    private final Telemetry telemetry;
    private final boolean proofsOnly;

    /** In a dry run, nothing but a proof changes a row. */
    OutcomeEvents(SweepSettings settings) {
        this.telemetry = settings.telemetry();
        this.proofsOnly = settings.dryRun();
    }

    void tell(List<ClaimOutcome> recorded) {
        List<SweepEvent> events = new ArrayList<>();
        for (ClaimOutcome each : recorded) {
            Claim claim = each.claim();
            DeletionOutcome outcome = each.outcome();
            if (each.step() == Step.DELETED) {
                log.debug("recording={} outcome={} evidence={}", claim.id(), outcome, each.evidence());
            }
            boolean tells = telemetry.isListenedTo() && (each.step() == Step.DELETED || !proofsOnly);
            if (outcome != null && tells) {
                events.add(new SweepEvent.OutcomeRecorded(
                        claim.runId(), claim.id(), claim.policy(), outcome, claim.attempt(), each.cause(), each.at()));
            }
        }
        telemetry.tell(events);
    }
}
