package dev.retention.internal.safety;

import dev.retention.LedgerEvent;
import dev.retention.RetentionException;
import dev.retention.SweepEnd;
import dev.retention.internal.support.EncodedPairs;
import dev.retention.internal.support.Sha256;
import dev.retention.spi.Controls.Change;
import dev.retention.spi.Controls.Control;
import dev.retention.spi.RecordingRepository;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accounts for which runs were stopped because none of their first recordings was found, or no key was valid. That
 * looks like a wrong account or mapping, but may be right: recordings that were purged long ago, or rows of another
 * kind. Each has a plan, which a person may confirm. Then the account's recordings are judged one by one.
 */
public final class Suspicions {

    private static final Logger log = LoggerFactory.getLogger(Suspicions.class);

    private static final String SUSPECTED = "suspected ";
    private static final String TRUSTED = "trusted ";

    private final RecordingRepository repository;

    public Suspicions(RecordingRepository repository) {
        this.repository = repository;
    }

    /**
     * A suspicion.
     *
     * @param account null for the storage's only one
     */
    public record Suspicion(@Nullable String account, SweepEnd end, String why) {

        private String name() {
            return end.name() + " "
                    + (account == null ? "" : Sha256.hex(account).substring(0, 32));
        }
    }

    /**
     * One that a person may confirm.
     *
     * @param plan the id of the plan
     * @param due how many recordings were due then, of all accounts
     */
    record Waiting(String plan, Instant drawn, String why, long due) {}

    /** What a person has confirmed about an account: that it is the right one, and that its keys are. */
    public record Trusted(boolean account, boolean keys) {}

    /** What was confirmed about an account, as all controls say. */
    public Trusted trusted(@Nullable String account, Map<String, Control> controls) {
        return new Trusted(
                isTrusted(controls, account, SweepEnd.ACCOUNT_MISMATCH_SUSPECTED),
                isTrusted(controls, account, SweepEnd.STORAGE_KEY_SUSPECTED));
    }

    private boolean isTrusted(Map<String, Control> controls, @Nullable String account, SweepEnd end) {
        Control control = controls.get(TRUSTED + new Suspicion(account, end, "").name());
        if (control == null || !control.setting().endsWith(terms(controls))) {
            return false;
        }
        Instant since = control.at();
        return since != null && repository.now().isBefore(since.plus(Plans.CONFIRMATION_LASTS));
    }

    /** With another storage, account, policy or mapping it would be another decision. */
    private static String terms(Map<String, Control> controls) {
        Control confirmed = controls.get(Plans.FINGERPRINT);
        return " " + (confirmed == null ? "none" : confirmed.setting());
    }

    /**
     * Keeps a plan for each account that was stopped, and forgets those of accounts that turned out to be right.
     *
     * @param stopped what this run was stopped for
     * @param right accounts that were identified and not stopped
     * @return the plans of the stopped ones, in their order
     */
    public List<String> settle(
            Collection<Suspicion> stopped, Collection<@Nullable String> right, long due, String owner) {
        Map<String, Control> controls = repository.controls().all();
        Instant now = repository.now();
        List<String> plans = new ArrayList<>();
        for (Suspicion suspicion : stopped) {
            String name = SUSPECTED + suspicion.name();
            Control known = controls.get(name);
            Optional<Waiting> waiting =
                    Optional.ofNullable(known).flatMap(Suspicions::read).filter(one -> !isOver(one, now));
            if (waiting.isPresent()) {
                plans.add(waiting.get().plan());
                continue;
            }
            String plan = Plans.drawId();
            Change change = new Change(
                    name, known == null ? null : known.setting(), text(new Waiting(plan, now, suspicion.why(), due)));
            String detail = "plan " + plan + ": " + suspicion.why();
            if (repository
                    .controls()
                    .change(List.of(change), new LedgerEvent(now, "SWEEP_REFUSED", null, null, owner, detail))) {
                plans.add(plan);
            }
        }
        for (String account : right) {
            for (SweepEnd end : List.of(SweepEnd.ACCOUNT_MISMATCH_SUSPECTED, SweepEnd.STORAGE_KEY_SUSPECTED)) {
                String name = SUSPECTED + new Suspicion(account, end, "").name();
                Control known = controls.get(name);
                if (known != null) {
                    repository
                            .controls()
                            .change(
                                    List.of(new Change(name, known.setting(), null)),
                                    new LedgerEvent(now, "PLAN_LAPSED", null, null, owner, String.valueOf(account)));
                }
            }
        }
        return plans;
    }

    private static boolean isOver(Waiting waiting, Instant now) {
        return !now.isBefore(waiting.drawn().plus(Plans.CONFIRMATION_LASTS));
    }

    /** Those that may be confirmed, in the order in which they were drawn. */
    List<Waiting> waiting(Map<String, Control> controls) {
        Instant now = repository.now();
        return controls.entrySet().stream()
                .filter(control -> control.getKey().startsWith(SUSPECTED))
                .flatMap(control -> read(control.getValue()).stream())
                .filter(one -> !isOver(one, now))
                .sorted(Comparator.comparing(Waiting::drawn))
                .toList();
    }

    /** Returns false if no suspicion has this plan; nothing is changed then. */
    boolean confirm(String planId, String by) {
        for (int tries = 0; tries < Plans.MOST_TRIES; tries++) {
            Map<String, Control> controls = repository.controls().all();
            Instant now = repository.now();
            Map.Entry<String, Control> found = controls.entrySet().stream()
                    .filter(control -> control.getKey().startsWith(SUSPECTED))
                    .filter(control -> read(control.getValue())
                            .filter(one -> one.plan().equals(planId) && !isOver(one, now))
                            .isPresent())
                    .findFirst()
                    .orElse(null);
            if (found == null) {
                return false;
            }
            String trusted = TRUSTED + found.getKey().substring(SUSPECTED.length());
            Control before = controls.get(trusted);
            String why = read(found.getValue()).map(Waiting::why).orElse("");
            List<Change> changes = List.of(
                    new Change(found.getKey(), found.getValue().setting(), null),
                    new Change(trusted, before == null ? null : before.setting(), planId + terms(controls)));
            LedgerEvent event = new LedgerEvent(now, "PLAN_CONFIRMED", null, null, by, "plan " + planId + ": " + why);
            if (repository.controls().change(changes, event)) {
                log.warn("plan={} confirmed by={} for: {}", planId, by, why);
                return true;
            }
        }
        throw RetentionException.unavailable("other instances kept changing the controls of the sweep, so plan "
                + planId + " was not confirmed. Confirm it again");
    }

    private static String text(Waiting waiting) {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("id", waiting.plan());
        values.put("drawn", waiting.drawn().toString());
        values.put("why", waiting.why());
        values.put("due", Long.toString(waiting.due()));
        return EncodedPairs.join(values, "\n");
    }

    private static Optional<Waiting> read(Control control) {
        Map<String, String> values = Objects.requireNonNullElse(EncodedPairs.split(control.setting(), "\n"), Map.of());
        String id = values.get("id");
        String drawn = values.get("drawn");
        String due = values.get("due");
        return id == null || drawn == null || due == null
                ? Optional.empty()
                : Optional.of(new Waiting(
                        id,
                        Instant.parse(drawn),
                        Objects.requireNonNullElse(values.get("why"), ""),
                        Long.parseLong(due)));
    }
}
