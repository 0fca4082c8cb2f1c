package dev.retention.internal.safety;

import dev.retention.internal.settings.SweepSettings;
import dev.retention.internal.support.Texts;
import dev.retention.spi.RecordingSource.PolicyCounts;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The message of a refused sweep: what happened, why, and what to do. */
final class RefusalMessage {

    /** What one deletion takes, for the forecast. */
    private static final Duration ONE_DELETION = Duration.ofMillis(200);

    /** How many policies the message names. */
    private static final int MOST_NAMED = 20;

    private final SweepSettings settings;

    RefusalMessage(SweepSettings settings) {
        this.settings = settings;
    }

    /**
     * What the sweep would delete.
     *
     * @param counts of live rows, by policy
     * @param softDeleted how many rows the engine has soft-deleted itself that the sweep would delete, too
     */
    record Due(List<PolicyCounts> counts, long softDeleted) {}

    /** @param statement the SQL statement that confirms the plan, where there is one */
    String of(Plan plan, String why, Due due, Optional<String> statement) {
        return "Nothing was sent: " + why
                + ". A deletion can't be undone, and a mistake in the configuration looks like this. "
                + "The sweep would delete from "
                + SweepTarget.oneLine(plan.terms().target()) + ": " + describe(due.counts())
                + (due.softDeleted() == 0
                        ? ""
                        : "; also " + due.softDeleted()
                                + " recordings whose rows the application has soft-deleted itself")
                + ". If this is intended, confirm plan " + plan.id() + " (up to " + plan.ceiling()
                + " recordings where more are due than is usual, within " + Plans.CONFIRMATION_LASTS.toDays()
                + " days): by RetentionOperations.confirm, the endpoint, the setting retention.safety.confirm="
                + plan.id()
                + statement.map(sql -> ", or the statement " + sql).orElse("")
                + ". Then sweep again. If not, correct the configuration";
    }

    /** Of many policies, those of which most are due: a person reads this. */
    private String describe(List<PolicyCounts> counts) {
        if (counts.size() <= MOST_NAMED) {
            return counts.stream().map(this::describe).collect(Collectors.joining("; "));
        }
        List<PolicyCounts> mostDue = counts.stream()
                .sorted(Comparator.comparingLong(PolicyCounts::due).reversed())
                .toList();
        List<PolicyCounts> others = mostDue.subList(MOST_NAMED, mostDue.size());
        return describe(mostDue.subList(0, MOST_NAMED)) + "; " + others.size() + " further policies govern "
                + others.stream().mapToLong(PolicyCounts::live).sum() + " live recordings, "
                + others.stream().mapToLong(PolicyCounts::due).sum() + " due";
    }

    private String describe(PolicyCounts counts) {
        if (counts.due() == 0) {
            return "policy '" + counts.policy() + "' governs " + counts.live() + " live recordings, none due";
        }
        return "policy '" + counts.policy() + "' governs " + counts.live() + " live recordings, " + counts.due()
                + " due, the oldest of " + counts.oldestDue() + ", about " + Texts.duration(forecast(counts.due()))
                + " of work for this instance";
    }

    private Duration forecast(long due) {
        double perSecond = settings.maxConcurrency() * 1000.0 / ONE_DELETION.toMillis();
        Double rate = settings.maxRate();
        double seconds = due / (rate == null ? perSecond : Math.min(rate, perSecond));
        return Duration.ofMinutes((long) Math.ceil(seconds / 60));
    }
}
