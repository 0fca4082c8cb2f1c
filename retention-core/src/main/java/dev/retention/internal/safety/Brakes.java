package dev.retention.internal.safety;

import dev.retention.FirstRun;
import dev.retention.LedgerEvent;
import dev.retention.Obstacle;
import dev.retention.RetentionException;
import dev.retention.SweepPlan;
import dev.retention.internal.evidence.LostHead;
import dev.retention.internal.policy.Policies;
import dev.retention.internal.policy.PolicyText;
import dev.retention.internal.recording.Storages;
import dev.retention.internal.report.SoftDeletedRows;
import dev.retention.internal.settings.SafetySettings;
import dev.retention.internal.settings.SweepSettings;
import dev.retention.internal.support.Texts;
import dev.retention.spi.Controls.Change;
import dev.retention.spi.Controls.Control;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.DueCriteria.Rule;
import dev.retention.spi.RecordingRepository;
import dev.retention.spi.RecordingSource.PolicyCounts;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Refuses a sweep that looks like a mistake, before anything is sent, until a person confirms it: another database or
 * account than before, policies that keep for less time, another mapping, more due recordings than usual, a database
 * that was restored from a backup. What was confirmed is stored in the database, so that all instances judge in the
 * same way. Its fingerprint is compared again in each transaction that claims a recording or checks it before a
 * request.
 */
public final class Brakes {

    private static final Logger log = LoggerFactory.getLogger(Brakes.class);

    private final RecordingRepository repository;
    private final Policies policies;
    private final SafetySettings safety;
    private final String owner;
    private final SweepTarget target;
    private final DueShare share;
    private final Plans plans;
    private final RefusalMessage message;
    private final RestoredBackup restored;
    private final ConfirmationNotice notice = new ConfirmationNotice();

    /** @param lostHeads the heads of the evidence log that the database has lost, as anchors show when it is called */
    public Brakes(
            RecordingRepository repository,
            Storages storages,
            Policies policies,
            SweepSettings settings,
            SafetySettings safety,
            Supplier<List<LostHead>> lostHeads) {
        this.repository = repository;
        this.policies = policies;
        this.safety = safety;
        this.owner = settings.owner();
        this.target = new SweepTarget(repository, storages, safety.environment());
        this.share = new DueShare(repository, storages, safety);
        this.plans = new Plans(repository, safety, settings.owner(), target);
        this.message = new RefusalMessage(settings);
        this.restored = new RestoredBackup(repository, lostHeads, settings.owner());
    }

    /**
     * Whether work is allowed.
     *
     * @param refusal why not, and what to do; null if it is allowed
     * @param budget how many recordings a confirmation allows it to claim; null if no confirmation limits it
     * @param fingerprint of what this instance works with, for the {@link DueCriteria} of the work
     */
    public record Verdict(
            @Nullable String refusal, @Nullable Long budget, String fingerprint) {}

    /** What a sweep is refused for: an objection for each brake. */
    private record Judgement(
            List<String> objections, @Nullable Long budget) {}

    /** The refused sweeps that may be confirmed. */
    public Plans plans() {
        return plans;
    }

    /** What keeps this instance from deleting, since it is not confirmed; as of the last judgement. */
    public Optional<Obstacle> obstacle() {
        return notice.current();
    }

    /**
     * Why not even look-ups may be sent: another database or account than before, or one that was restored. Changes
     * nothing.
     */
    public Verdict judgeDryRun(Instant now) {
        List<LostHead> lost = restored.find();
        Map<String, Control> controls = repository.controls().all();
        List<String> objections = new ArrayList<>(objectionsTo(RestoredBackup.unaccepted(lost, controls)));
        objectionToTarget(controls).ifPresent(objections::add);
        notice.found(objections, now);
        return verdict(objections, terms(PolicyText.of(policies)));
    }

    /**
     * Judges work that opens no run: a recovery, an erasure. It needs the same confirmations as a sweep, so that
     * nothing deletes with what a sweep is refused for. Stores no plan.
     *
     * @param criteria the policies at the instant by which ages are judged
     */
    public Verdict judgeWithoutRun(DueCriteria criteria, Instant now) {
        PolicyText ours = PolicyText.of(policies);
        Terms terms = terms(ours);
        List<LostHead> found = restored.find();
        for (int tries = 0; tries < Plans.MOST_TRIES; tries++) {
            Map<String, Control> controls = restored.controlsWith(found, now);
            List<LostHead> lost = RestoredBackup.unaccepted(found, controls);
            List<String> objections = unconfirmed(controls, ours, criteria, lost);
            notice.found(objections, now);
            if (!objections.isEmpty() || adopt(controls, terms, now, false)) {
                return verdict(objections, terms);
            }
        }
        throw keptChanging();
    }

    /**
     * Judges a sweep. Applies confirmations first, and stores a plan if the sweep is refused.
     *
     * @param opens whether the sweep opens a run. For a run that is open, the number of due recordings was judged by
     *     the instance that opened it
     */
    public Verdict judge(DueCriteria criteria, Instant now, boolean opens) {
        plans.takeConfirmations(now);
        PolicyText ours = PolicyText.of(policies);
        Terms terms = terms(ours);
        List<LostHead> found = restored.find();
        for (int tries = 0; tries < Plans.MOST_TRIES; tries++) {
            Map<String, Control> controls = restored.controlsWith(found, now);
            List<LostHead> lost = RestoredBackup.unaccepted(found, controls);
            List<String> unconfirmed = unconfirmed(controls, ours, criteria, lost);
            notice.found(unconfirmed, now);
            Judgement judgement = judgement(controls, unconfirmed, criteria, now, opens);
            if (!judgement.objections().isEmpty()) {
                Optional<Verdict> refused =
                        refuse(controls, terms.withLost(lost), judgement.objections(), criteria, now);
                if (refused.isPresent()) {
                    return refused.get();
                }
            } else if (adopt(controls, terms, now, opens)) {
                return new Verdict(null, judgement.budget(), terms.fingerprint());
            }
        }
        throw keptChanging();
    }

    private static RetentionException keptChanging() {
        return RetentionException.unavailable("other instances kept changing the controls of the sweep, so the sweep"
                + " could not be checked. Try again");
    }

    /** What a sweep would be refused for now. Changes nothing. */
    public List<String> objections(DueCriteria criteria, Instant now) {
        List<LostHead> found = restored.find();
        Map<String, Control> controls = repository.controls().all();
        List<LostHead> lost = RestoredBackup.unaccepted(found, controls);
        List<String> unconfirmed = unconfirmed(controls, PolicyText.of(policies), criteria, lost);
        return judgement(controls, unconfirmed, criteria, now, true).objections();
    }

    private static Verdict verdict(List<String> objections, Terms terms) {
        return new Verdict(objections.isEmpty() ? null : String.join("; ", objections), null, terms.fingerprint());
    }

    private Terms terms(PolicyText ours) {
        return new Terms(target.text(), ours.text(), MappingText.of(repository.mapping()), List.of());
    }

    /** What this instance works with that needs a confirmation. What only keeps longer needs none. */
    private List<String> unconfirmed(
            Map<String, Control> controls, PolicyText ours, DueCriteria criteria, List<LostHead> lost) {
        List<String> objections = new ArrayList<>(objectionsTo(lost));
        objectionToTarget(controls).ifPresent(objections::add);
        Control confirmed = controls.get(Plans.POLICIES);
        if (confirmed != null && !ours.keepsAtLeastAsLongAs(confirmed.setting(), criteria)) {
            objections.add("the policies keep recordings for less time than those that were confirmed: "
                    + Texts.named(PolicyText.changes(confirmed.setting(), ours.text())));
        }
        Control mapping = controls.get(Plans.MAPPING);
        if (mapping != null) {
            List<String> changes = MappingText.changes(mapping.setting(), MappingText.of(repository.mapping()));
            if (!changes.isEmpty()) {
                objections.add("the mapping is not the one that was confirmed: " + String.join(", ", changes));
            }
        }
        return objections;
    }

    private static List<String> objectionsTo(List<LostHead> lost) {
        return lost.stream().map(LostHead::why).toList();
    }

    private Judgement judgement(
            Map<String, Control> controls, List<String> unconfirmed, DueCriteria criteria, Instant now, boolean opens) {
        List<String> objections = new ArrayList<>(unconfirmed);
        Long budget = null;
        List<String> tooMany = opens ? share.objections(criteria, now) : List.of();
        if (!tooMany.isEmpty()) {
            budget = plans.budget(controls, now);
            if (budget == null) {
                objections.addAll(tooMany);
            }
        }
        return new Judgement(objections, budget);
    }

    private Optional<String> objectionToTarget(Map<String, Control> controls) {
        Control known = controls.get(Plans.IDENTITY);
        if (known == null) {
            boolean trusted =
                    safety.firstRun() == FirstRun.TRUST || repository.identity().embedded();
            return trusted ? Optional.empty() : Optional.of("this database and these storages were never swept before");
        }
        return known.setting().equals(target.text())
                ? Optional.empty()
                : Optional.of("the database, the storages or the environment are not those of the last sweep: "
                        + String.join("; ", SweepTarget.changes(known.setting(), target.text()))
                        + target.adviceUnlessSameDatabase(known.setting()));
    }

    /**
     * Stores what is swept from now on, and removes plans that no longer matter. Returns false if the controls have
     * changed since they were read.
     */
    private boolean adopt(Map<String, Control> controls, Terms terms, Instant now, boolean opens) {
        List<Change> changes = new ArrayList<>();
        String kind = "PLAN_LAPSED";
        if (!isSetTo(terms.fingerprint(), controls.get(Plans.FINGERPRINT))) {
            changes.addAll(terms.confirmedOver(controls));
            kind = kindOfChange(controls, terms);
        }
        if (opens) {
            changes.addAll(plans.lapsed(controls, terms.target(), now));
        }
        if (changes.isEmpty()) {
            return true;
        }
        String detail = SweepTarget.oneLine(terms.target());
        log.info("{} {}", kind, detail);
        return repository.controls().change(changes, new LedgerEvent(now, kind, null, null, owner, detail));
    }

    private static String kindOfChange(Map<String, Control> controls, Terms terms) {
        if (controls.get(Plans.IDENTITY) == null) {
            return "FIRST_SWEEP";
        }
        return isSetTo(terms.policies(), controls.get(Plans.POLICIES)) ? "MAPPING_EXTENDED" : "POLICIES_LENGTHENED";
    }

    private static boolean isSetTo(String text, @Nullable Control control) {
        return control != null && control.setting().equals(text);
    }

    /** Empty if the controls have changed since they were read. */
    private Optional<Verdict> refuse(
            Map<String, Control> controls, Terms terms, List<String> objections, DueCriteria criteria, Instant now) {
        String why = String.join("; ", objections);
        List<PolicyCounts> counts = repository.recordings().countByPolicy(criteria);
        long softDeleted = criteria.softDeletedToo()
                ? SoftDeletedRows.of(repository, criteria).count()
                : 0;
        RefusalMessage.Due all = new RefusalMessage.Due(counts, softDeleted);
        long due = counts.stream().mapToLong(PolicyCounts::due).sum() + softDeleted;
        long ceiling = due + (due + 9) / 10;
        Plan refused = new Plan(Plans.drawId(), now, why, due, ceiling, terms, planned(criteria, counts));
        return plans.keep(controls, refused)
                .map(plan -> new Verdict(message.of(plan, why, all, plans.statement(plan)), null, terms.fingerprint()));
    }

    /** The counts are in the order of the rules, the fallback last. */
    private static List<SweepPlan.Policy> planned(DueCriteria criteria, List<PolicyCounts> counts) {
        List<Rule> rules = new ArrayList<>(criteria.rules());
        rules.add(criteria.fallback());
        List<SweepPlan.Policy> planned = new ArrayList<>();
        for (int i = 0; i < counts.size(); i++) {
            Instant cutoff = rules.get(i).cutoff();
            planned.add(new SweepPlan.Policy(
                    counts.get(i).policy(),
                    cutoff == null ? "permanently" : Texts.duration(Duration.between(cutoff, criteria.now())),
                    rules.get(i).match(),
                    counts.get(i).live(),
                    counts.get(i).due(),
                    counts.get(i).oldestDue()));
        }
        return planned;
    }
}
