package dev.retention.autoconfigure;

import dev.retention.Backlog;
import dev.retention.RetentionException;
import dev.retention.autoconfigure.RetentionStatus.Attention;
import dev.retention.autoconfigure.RetentionStatus.Snapshot;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;

/**
 * Says whether a person should look at retention. An instance that needs attention still serves calls, so that its
 * status is not {@code DOWN}.
 */
final class RetentionHealthIndicator implements HealthIndicator {

    static final Status ATTENTION = new Status("ATTENTION", "a person should look at retention");

    private final RetentionStatus status;
    private final Status bad;
    private final EvidenceWatch evidence;

    /**
     * An indicator.
     *
     * @param down whether to report {@code DOWN} in place of {@code ATTENTION}
     */
    RetentionHealthIndicator(RetentionStatus status, boolean down, EvidenceWatch evidence) {
        this.status = status;
        this.bad = down ? Status.DOWN : ATTENTION;
        this.evidence = evidence;
    }

    @Override
    public Health health() {
        try {
            return health(status.current());
        } catch (RetentionException e) {
            return Health.status(bad)
                    .withDetail(
                            "attention",
                            List.of(new Attention(
                                    "the database could not be read: " + e.getMessage(),
                                    "check the database; retention continues when it answers")))
                    .build();
        }
    }

    private Health health(Snapshot now) {
        Health.Builder health = now.attention().isEmpty() ? Health.up() : Health.status(bad);
        health.withDetails(Map.of(
                "attention", now.attention(), "due", now.backlog().due(), "paused", now.paused(), "readAt", now.at()));
        if (status.isIdentityMoving()) {
            health.withDetail(
                    "identity",
                    "the database is identified by what changes with its machine, so that sweeps are refused after a"
                            + " failover; set retention.identity before");
        }
        detail(health, "withoutKey", now.backlog().withoutKey());
        detail(health, "undated", now.backlog().undated());
        detail(health, "unreadable", now.backlog().unreadable());
        if (now.runs().engineDeleted() > 0) {
            health.withDetail("engineDeleted", now.runs().engineDeleted());
        }
        Duration sinceCompleted = now.runs().sinceCompleted();
        if (sinceCompleted != null) {
            health.withDetail("sinceCompletedSweep", Durations.readable(sinceCompleted));
        }
        now.backlog()
                .longestOverdue()
                .map(Backlog.Overdue::overdue)
                .ifPresent(overdue -> health.withDetail("overdue", Durations.readable(overdue)));
        health.withDetail("evidence", evidence());
        return health.build();
    }

    private Object evidence() {
        try {
            return evidence.current()
                    .<Object>map(RetentionHealthIndicator::shown)
                    .orElse("off");
        } catch (RetentionException e) {
            return "not readable";
        }
    }

    private static Map<String, Object> shown(EvidenceWatch.View view) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("sealed", view.status().sealed());
        shown.put("unsealed", view.status().unsealed());
        Duration unanchored = view.unanchoredFor();
        shown.put("unanchoredFor", unanchored == null ? "there is no anchor" : Durations.readable(unanchored));
        return shown;
    }

    private static void detail(Health.Builder health, String name, Backlog.Some some) {
        if (some.count() > 0) {
            health.withDetail(name, some);
        }
    }
}
