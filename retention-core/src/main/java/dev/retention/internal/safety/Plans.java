package dev.retention.internal.safety;

import dev.retention.LedgerEvent;
import dev.retention.RetentionException;
import dev.retention.SweepPlan;
import dev.retention.internal.settings.SafetySettings;
import dev.retention.spi.Controls;
import dev.retention.spi.Controls.Change;
import dev.retention.spi.Controls.Control;
import dev.retention.spi.RecordingRepository;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Plans of refused sweeps, stored in the database until a person confirms them, and what a confirmation allows. */
public final class Plans {

    static final Duration CONFIRMATION_LASTS = Duration.ofDays(14);
    static final int MOST_TRIES = 10;

    /** The controls that hold what was swept last, with which policies and mapping, and what was confirmed. */
    static final String IDENTITY = "identity";

    static final String POLICIES = "policies";
    static final String MAPPING = "mapping";
    static final String FINGERPRINT = Controls.FINGERPRINT;
    private static final String CONFIRMED = "confirmed";
    /** Set by the SQL statement of a person. */
    private static final String CONFIRM = "confirm";

    private static final Logger log = LoggerFactory.getLogger(Plans.class);
    private static final String PREFIX = "plan-";
    private static final String ID_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789";
    private static final int ID_LENGTH = 8;

    private final RecordingRepository repository;
    private final SafetySettings safety;
    private final String owner;
    private final Suspicions suspicions;
    private final SweepTarget target;

    Plans(RecordingRepository repository, SafetySettings safety, String owner, SweepTarget target) {
        this.suspicions = new Suspicions(repository);
        this.target = target;
        this.repository = repository;
        this.safety = safety;
        this.owner = owner;
    }

    /** The plans that can be confirmed, in the order in which they were first refused. */
    public List<SweepPlan> waiting() {
        Map<String, Control> controls = repository.controls().all();
        Stream<SweepPlan> refused = controls.entrySet().stream()
                .map(control -> read(control.getKey(), control.getValue()))
                .flatMap(plan -> Optional.ofNullable(plan).stream())
                .map(plan -> new SweepPlan(
                        plan.id(),
                        plan.drawn(),
                        plan.why(),
                        plan.due(),
                        plan.ceiling(),
                        SweepTarget.shown(plan.terms().target(), plan.terms().changesSince(controls)),
                        plan.policies()));
        Stream<SweepPlan> suspected = suspicions.waiting(controls).stream()
                .map(one -> new SweepPlan(
                        one.plan(),
                        one.drawn(),
                        one.why(),
                        one.due(),
                        one.due(),
                        SweepTarget.shown(target.text(), List.of()),
                        List.of()));
        return Stream.concat(refused, suspected)
                .sorted(Comparator.comparing(SweepPlan::drawn))
                .toList();
    }

    /**
     * Confirms a plan, so that the sweep is allowed.
     *
     * @return false if there is no such plan; nothing is changed then
     */
    public boolean confirm(String planId, String by) {
        for (int tries = 0; tries < MOST_TRIES; tries++) {
            Map<String, Control> controls = repository.controls().all();
            String name = nameOf(planId, controls);
            Control waiting = name == null ? null : controls.get(name);
            Plan plan = name == null || waiting == null ? null : read(name, waiting);
            if (name == null || waiting == null || plan == null) {
                if (suspicions.confirm(planId, by)) {
                    return true;
                }
                log.warn(
                        "plan={} was not confirmed by={}: it is unknown, or was confirmed before. The message of the"
                                + " latest refused sweep names its plan",
                        planId,
                        by);
                return false;
            }
            Instant now = repository.now();
            String confirmed = PlanCodec.encode(new Confirmation(planId, now, plan.ceiling()));
            List<Change> changes = new ArrayList<>(plan.terms().confirmedOver(controls));
            changes.add(new Change(name, waiting.setting(), null));
            changes.add(new Change(CONFIRMED, setting(controls.get(CONFIRMED)), confirmed));
            String detail = "plan " + planId + ": " + plan.why();
            if (repository.controls().change(changes, new LedgerEvent(now, "PLAN_CONFIRMED", null, null, by, detail))) {
                log.warn("plan={} confirmed by={} ceiling={} for: {}", planId, by, plan.ceiling(), plan.why());
                return true;
            }
        }
        throw RetentionException.unavailable("other instances kept changing the controls of the sweep, so plan "
                + planId + " was not confirmed. Confirm it again");
    }

    /** Confirms the plans that the setting and the SQL statement name. Both may still name one that was confirmed. */
    void takeConfirmations(Instant now) {
        String configured = safety.confirm();
        if (configured != null) {
            confirm(configured, "configuration");
        }
        Control statement = repository.controls().all().get(CONFIRM);
        if (statement != null) {
            String by = statement.by() == null ? "statement" : statement.by();
            String planId = statement.setting().strip();
            confirm(planId, by);
            repository
                    .controls()
                    .change(
                            List.of(new Change(CONFIRM, statement.setting(), null)),
                            new LedgerEvent(now, "CONFIRMATION_TAKEN", null, null, by, "plan " + planId));
        }
    }

    /**
     * The plan of a refused sweep: the one that is stored for the same terms, or else a new one. So all instances that
     * refuse the same sweep name the same plan.
     *
     * @param refused the new plan
     * @return empty if the controls have changed since they were read
     */
    Optional<Plan> keep(Map<String, Control> controls, Plan refused) {
        String name = PREFIX + refused.terms().id();
        Control waiting = controls.get(name);
        Plan plan = waiting == null ? null : read(name, waiting);
        List<Change> changes = new ArrayList<>();
        if (plan == null) {
            plan = refused;
            changes.add(new Change(name, setting(waiting), PlanCodec.encode(plan)));
        }
        String detail = "plan " + plan.id() + ": " + refused.why();
        LedgerEvent event = new LedgerEvent(refused.drawn(), "SWEEP_REFUSED", null, null, owner, detail);
        return repository.controls().change(changes, event) ? Optional.of(plan) : Optional.empty();
    }

    /** The SQL statement that confirms a plan, for a person who can use nothing but the database. */
    Optional<String> statement(Plan plan) {
        return repository.controls().statementToSet(CONFIRM, plan.id());
    }

    /** How many recordings the latest confirmation still allows; null if there is none, or it is over or used up. */
    @Nullable
    Long budget(Map<String, Control> controls, Instant now) {
        Control control = controls.get(CONFIRMED);
        Confirmation confirmation = control == null ? null : PlanCodec.confirmation(control.setting());
        if (confirmation == null || !now.isBefore(confirmation.since().plus(CONFIRMATION_LASTS))) {
            return null;
        }
        long left = confirmation.ceiling() - repository.runs().claimedSince(confirmation.since());
        return left > 0 ? left : null;
    }

    /**
     * Changes that remove plans: those of this target, which is swept now, and those that are older than a confirmation
     * lasts.
     */
    List<Change> lapsed(Map<String, Control> controls, String target, Instant now) {
        List<Change> lapsed = new ArrayList<>();
        controls.forEach((name, control) -> {
            Plan plan = read(name, control);
            if (plan != null
                    && (plan.terms().target().equals(target)
                            || !now.isBefore(plan.drawn().plus(CONFIRMATION_LASTS)))) {
                lapsed.add(new Change(name, control.setting(), null));
            }
        });
        return lapsed;
    }

    /** A new id, without letters and digits that look alike. */
    static String drawId() {
        SecureRandom random = new SecureRandom();
        StringBuilder id = new StringBuilder();
        while (id.length() < ID_LENGTH) {
            id.append(ID_LETTERS.charAt(random.nextInt(ID_LETTERS.length())));
        }
        return id.toString();
    }

    private static @Nullable Plan read(String name, Control control) {
        return name.startsWith(PREFIX) ? PlanCodec.plan(control.setting()) : null;
    }

    private static @Nullable String nameOf(String planId, Map<String, Control> controls) {
        for (Map.Entry<String, Control> control : controls.entrySet()) {
            Plan plan = read(control.getKey(), control.getValue());
            if (plan != null && plan.id().equals(planId)) {
                return control.getKey();
            }
        }
        return null;
    }

    private static @Nullable String setting(@Nullable Control control) {
        return control == null ? null : control.setting();
    }
}
