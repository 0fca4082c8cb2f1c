package dev.retention;

import dev.retention.spi.Candidate;
import dev.retention.spi.Controls.Change;
import dev.retention.spi.Controls.Control;
import dev.retention.spi.DatabaseIdentity;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.DueCriteria.Rule;
import dev.retention.spi.RecordingRepository;
import dev.retention.spi.RecordingSource.PolicyCounts;
import dev.retention.spi.SweepRuns.SweepRun;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Refuses a sweep that looks like a mistake, before anything is sent, until a person confirms it: another database or account than before, policies that keep
 * for less time, more due than is usual. What was confirmed is kept in the database, so that all instances judge alike.
 */
final class Brakes {

    private static final Logger log = LoggerFactory.getLogger(Brakes.class);

    private static final String IDENTITY = "identity";
    private static final String POLICIES = "policies";
    private static final String CONFIRMED = "confirmed";
    /** Set by a person who has nothing but the database. */
    private static final String CONFIRM = "confirm";

    private static final String PLAN = "plan-";
    private static final Duration CONFIRMATION_LASTS = Duration.ofDays(14);
    private static final double NEVER_ABOVE = 0.5;
    private static final double TIMES_THE_USUAL = 3;
    private static final int MOST_TRIES = 10;
    private static final int SLICE = 500;
    /** What one deletion takes, for the forecast. */
    private static final Duration ONE_DELETION = Duration.ofMillis(200);

    private static final String ID_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789";
    private static final int ID_LENGTH = 8;

    private final RecordingRepository repository;
    private final Storages storages;
    private final Policies policies;
    private final SweepSettings settings;
    private final SafetySettings safety;

    Brakes(
            RecordingRepository repository,
            Storages storages,
            Policies policies,
            SweepSettings settings,
            SafetySettings safety) {
        this.repository = repository;
        this.storages = storages;
        this.policies = policies;
        this.settings = settings;
        this.safety = safety;
    }

    /**
     * Whether a sweep may go on.
     *
     * @param refusal why not, and what to do; null when it may
     * @param budget the most recordings that it may claim by a confirmation; null when none limits it
     */
    record Verdict(@Nullable String refusal, @Nullable Long budget) {}

    /** What a sweep is refused for, where it is: an objection for each brake. */
    private record Judgement(
            List<String> objections, @Nullable Long budget) {}

    /** Why nothing may be sent to this database's storages at all, recovery and erasures included; empty when it may. */
    Optional<String> objectionToDatabase() {
        Control known = repository.controls().all().get(IDENTITY);
        if (known == null) {
            return trustsFirst() ? Optional.empty() : Optional.of(neverSwept());
        }
        String here = identity();
        return known.setting().equals(here) ? Optional.empty() : Optional.of(anotherIdentity(known.setting(), here));
    }

    /**
     * Judges a sweep, takes in what was confirmed meanwhile, and draws a plan where it is refused.
     *
     * @param opens whether the sweep opens a run; one that is under way was judged by who opened it, as far as the number of due recordings goes
     */
    Verdict judge(DueCriteria criteria, Instant now, boolean opens) {
        takeConfirmations(now);
        for (int tries = 0; tries < MOST_TRIES; tries++) {
            Map<String, Control> controls = repository.controls().all();
            Judgement judgement = judgement(controls, criteria, now, opens);
            if (!judgement.objections().isEmpty()) {
                Optional<Verdict> refused = refuse(controls, judgement.objections(), criteria, now);
                if (refused.isPresent()) {
                    return refused.get();
                }
            } else if (adopt(controls, now, opens)) {
                return new Verdict(null, judgement.budget());
            }
        }
        throw new RetentionException("the controls of the sweep kept changing; sweep again");
    }

    /** What a sweep would be refused for now; nothing is changed. */
    List<String> objections(DueCriteria criteria, Instant now) {
        return judgement(repository.controls().all(), criteria, now, true).objections();
    }

    private Judgement judgement(Map<String, Control> controls, DueCriteria criteria, Instant now, boolean opens) {
        List<String> objections = new ArrayList<>();
        Control known = controls.get(IDENTITY);
        String here = identity();
        if (known == null) {
            if (!trustsFirst()) {
                objections.add(neverSwept());
            }
        } else if (!known.setting().equals(here)) {
            objections.add(anotherIdentity(known.setting(), here));
        }
        Control confirmed = controls.get(POLICIES);
        if (confirmed != null && !keepsAtLeastAsLongAs(confirmed.setting())) {
            objections.add("the policies keep recordings for less time than those that were confirmed");
        }
        Long budget = null;
        List<String> tooMany = opens ? tooManyDue(criteria, now) : List.of();
        if (!tooMany.isEmpty()) {
            budget = confirmedBudget(controls, now);
            if (budget == null) {
                objections.addAll(tooMany);
            }
        }
        return new Judgement(objections, budget);
    }

    private boolean trustsFirst() {
        return safety.firstRun() == FirstRun.TRUST || repository.identity().embedded();
    }

    private static String neverSwept() {
        return "this database and these storages were never swept before";
    }

    private static String anotherIdentity(String before, String here) {
        return "this is not what was swept last: it is now " + oneLine(here) + ", and was " + oneLine(before);
    }

    private static String oneLine(String identity) {
        return identity.lines().collect(Collectors.joining(", "));
    }

    /** The database, what is deleted from, and the environment: what a copy of any of them elsewhere would differ in. */
    private String identity() {
        DatabaseIdentity database = repository.identity();
        return "database " + database.text() + "\n"
                + storages.inOrder().stream()
                        .map(storage -> "storage " + storage.target())
                        .sorted()
                        .collect(Collectors.joining("\n"))
                + "\nenvironment '" + safety.environment() + "'";
    }

    private boolean keepsAtLeastAsLongAs(String confirmed) {
        PolicyText before = PolicyText.parse(confirmed);
        return before != null && PolicyText.of(policies).keepsAtLeastAsLongAs(before);
    }

    /** The objections for policies of which more is due than is usual. */
    private List<String> tooManyDue(DueCriteria criteria, Instant now) {
        if (safety.maxShare() >= 1 || repository.recordings().count(criteria).due() <= safety.maxShareFloor()) {
            return List.of();
        }
        List<PolicyCounts> suspicious = repository.recordings().countByPolicy(criteria).stream()
                .filter(counts -> counts.due() > allowed(counts, criteria, now))
                .toList();
        if (suspicious.isEmpty()) {
            return List.of();
        }
        // Held and quarantined ones grow old where they are: they are due for ever, and no sweep deletes them.
        Map<String, Long> kept = keptByPolicy(criteria);
        List<String> objections = new ArrayList<>();
        for (PolicyCounts counts : suspicious) {
            long deletable = counts.due() - counts.dueFlaggedHeld() - kept.getOrDefault(counts.policy(), 0L);
            double allowed = allowed(counts, criteria, now);
            if (deletable > allowed) {
                objections.add(String.format(
                        java.util.Locale.ROOT,
                        "of %d live recordings of policy '%s' %d can be deleted, which is %.1f %%; allowed are %.1f %%",
                        counts.live(),
                        counts.policy(),
                        deletable,
                        100.0 * deletable / counts.live(),
                        100 * allowed / counts.live()));
            }
        }
        return objections;
    }

    /** How many recordings of a policy may be due: its share, or three times what has come of age since the last completed sweep. */
    private double allowed(PolicyCounts counts, DueCriteria criteria, Instant now) {
        double usual = 0;
        Instant cutoff = cutoffs(criteria).get(counts.policy());
        SweepReport last =
                repository.runs().lastCompleted().map(SweepRun::report).orElse(null);
        if (cutoff != null && last != null) {
            double period = Duration.between(cutoff, criteria.now()).toSeconds();
            double since = Math.max(0, Duration.between(last.ended(), now).toSeconds());
            usual = Math.min(NEVER_ABOVE, TIMES_THE_USUAL * since / Math.max(1, period));
        }
        return Math.max(safety.maxShare(), usual) * counts.live();
    }

    private static Map<String, Instant> cutoffs(DueCriteria criteria) {
        return Policies.cutoffs(criteria);
    }

    /** How many due recordings of each policy no claim would get. */
    private Map<String, Long> keptByPolicy(DueCriteria criteria) {
        Map<String, Long> kept = new HashMap<>();
        String after = null;
        List<LedgerEntry> page;
        do {
            page = repository.ledger().standing(after, SLICE);
            Map<String, LedgerEntry> entries =
                    page.stream().collect(Collectors.toMap(LedgerEntry::recordingId, entry -> entry));
            for (Candidate row : repository.recordings().find(entries.keySet())) {
                LedgerEntry entry = entries.get(row.id());
                if (entry != null
                        && criteria.isDue(row)
                        && !row.flaggedHeld()
                        && row.recording().storageKey() != null
                        && Standing.of(row, entry, storages) != Standing.CLAIMABLE) {
                    Rule rule = criteria.governing(row.recording().attributes());
                    kept.merge(rule.policy(), 1L, Long::sum);
                }
            }
            after = page.isEmpty() ? after : page.get(page.size() - 1).recordingId();
        } while (page.size() == SLICE);
        return kept;
    }

    /** What a confirmation that still lasts leaves; null when there is none, or it is used up. */
    private @Nullable Long confirmedBudget(Map<String, Control> controls, Instant now) {
        Control control = controls.get(CONFIRMED);
        Notes notes = control == null ? null : Notes.parse(control.setting());
        if (notes == null) {
            return null;
        }
        Instant since = notes.time("since");
        if (!now.isBefore(since.plus(CONFIRMATION_LASTS))) {
            return null;
        }
        long left = notes.number("ceiling") - repository.runs().claimedSince(since);
        return left > 0 ? left : null;
    }

    /**
     * Remembers what is swept from now on, and forgets what was refused before and stands no more: plans for this database, these storages and this environment, and those that
     * nobody confirmed for as long as a confirmation lasts. Returns false when the controls have changed meanwhile.
     */
    private boolean adopt(Map<String, Control> controls, Instant now, boolean opens) {
        List<Change> changes = new ArrayList<>();
        String text = PolicyText.of(policies).text();
        Control before = controls.get(POLICIES);
        boolean first = controls.get(IDENTITY) == null;
        if (first) {
            changes.add(new Change(IDENTITY, null, identity()));
        }
        if (before == null || !before.setting().equals(text)) {
            changes.add(new Change(POLICIES, before == null ? null : before.setting(), text));
        }
        String kind = first ? "FIRST_SWEEP" : changes.isEmpty() ? "PLAN_LAPSED" : "POLICIES_LENGTHENED";
        if (opens) {
            changes.addAll(lapsed(controls, now));
        }
        if (changes.isEmpty()) {
            return true;
        }
        log.info("{} {}", kind, oneLine(identity()));
        return repository
                .controls()
                .change(changes, new LedgerEvent(now, kind, null, null, settings.owner(), oneLine(identity())));
    }

    private List<Change> lapsed(Map<String, Control> controls, Instant now) {
        String here = identity();
        List<Change> lapsed = new ArrayList<>();
        controls.forEach((name, control) -> {
            Plan plan = Plan.parse(name, control.setting());
            if (plan != null
                    && (plan.identity().equals(here)
                            || !now.isBefore(plan.drawn().plus(CONFIRMATION_LASTS)))) {
                lapsed.add(new Change(name, control.setting(), null));
            }
        });
        return lapsed;
    }

    // Plans

    /** Empty when the controls have changed meanwhile. */
    private Optional<Verdict> refuse(
            Map<String, Control> controls, List<String> objections, DueCriteria criteria, Instant now) {
        String why = String.join("; ", objections);
        List<PolicyCounts> counts = repository.recordings().countByPolicy(criteria);
        long due = counts.stream().mapToLong(PolicyCounts::due).sum();
        // One row for what is refused, whoever refuses it, so that all instances name one plan.
        String identity = identity();
        String policyText = PolicyText.of(policies).text();
        String name = PLAN + hash(identity + "\n" + policyText);
        Control waiting = controls.get(name);
        Plan plan = waiting == null ? null : Plan.parse(name, waiting.setting());
        List<Change> changes = new ArrayList<>();
        if (plan == null) {
            plan = new Plan(drawId(), now, why, due, due + (due + 9) / 10, identity, policyText);
            changes.add(new Change(name, setting(waiting), plan.text()));
        }
        LedgerEvent event =
                new LedgerEvent(now, "SWEEP_REFUSED", null, null, settings.owner(), "plan " + plan.id() + ": " + why);
        if (!repository.controls().change(changes, event)) {
            return Optional.empty();
        }
        return Optional.of(new Verdict(message(plan, why, counts), null));
    }

    private String message(Plan plan, String why, List<PolicyCounts> counts) {
        String perPolicy = counts.stream().map(this::describe).collect(Collectors.joining("; "));
        String byHand = repository
                .controls()
                .statementToSet(CONFIRM, plan.id())
                .map(statement -> ", or the statement " + statement)
                .orElse("");
        return "Nothing was sent: " + why
                + ". A deletion can't be undone, and a mistake in the configuration looks like this. "
                + "It would sweep " + oneLine(identity()) + ": " + perPolicy
                + ". If that is meant, confirm plan " + plan.id() + " (up to " + plan.ceiling()
                + " recordings where more are due than is usual, within " + CONFIRMATION_LASTS.toDays()
                + " days): by RetentionOperations.confirm, the endpoint, the setting retention.safety.confirm="
                + plan.id()
                + byHand + ". Then sweep again. If not, mend the configuration";
    }

    private String describe(PolicyCounts counts) {
        if (counts.due() == 0) {
            return "policy '" + counts.policy() + "' governs " + counts.live() + " live recordings, none due";
        }
        double perSecond = settings.maxConcurrency() * 1000.0 / ONE_DELETION.toMillis();
        Double rate = settings.maxRate();
        double seconds = counts.due() / (rate == null ? perSecond : Math.min(rate, perSecond));
        return "policy '" + counts.policy() + "' governs " + counts.live() + " live recordings, " + counts.due()
                + " due, the oldest of " + counts.oldestDue() + ", about "
                + Duration.ofMinutes((long) Math.ceil(seconds / 60)) + " of work for this instance";
    }

    private static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest).substring(0, 32);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static String drawId() {
        SecureRandom random = new SecureRandom();
        StringBuilder id = new StringBuilder();
        while (id.length() < ID_LENGTH) {
            id.append(ID_LETTERS.charAt(random.nextInt(ID_LETTERS.length())));
        }
        return id.toString();
    }

    /** Those that wait, in the order in which they were first refused. */
    List<SweepPlan> plans() {
        return repository.controls().all().entrySet().stream()
                .map(control -> Plan.parse(control.getKey(), control.getValue().setting()))
                .flatMap(plan -> Optional.ofNullable(plan).stream())
                .map(plan -> new SweepPlan(plan.id(), plan.drawn(), plan.why(), plan.due(), plan.ceiling()))
                .sorted(Comparator.comparing(SweepPlan::drawn))
                .toList();
    }

    boolean confirm(String planId, String by) {
        for (int tries = 0; tries < MOST_TRIES; tries++) {
            Map<String, Control> controls = repository.controls().all();
            String name = nameOf(planId, controls);
            Control waiting = name == null ? null : controls.get(name);
            Plan plan = waiting == null ? null : Plan.parse(name, waiting.setting());
            if (name == null || waiting == null || plan == null) {
                log.warn(
                        "plan={} was not confirmed by={}: no such plan waits; it is unknown, or was confirmed before",
                        planId,
                        by);
                return false;
            }
            Instant now = repository.now();
            String confirmed = new Notes()
                    .put("plan", planId)
                    .put("since", now.toString())
                    .put("ceiling", Long.toString(plan.ceiling()))
                    .text();
            List<Change> changes = List.of(
                    new Change(name, waiting.setting(), null),
                    new Change(IDENTITY, setting(controls.get(IDENTITY)), plan.identity()),
                    new Change(POLICIES, setting(controls.get(POLICIES)), plan.policies()),
                    new Change(CONFIRMED, setting(controls.get(CONFIRMED)), confirmed));
            if (repository
                    .controls()
                    .change(
                            changes,
                            new LedgerEvent(
                                    now, "PLAN_CONFIRMED", null, null, by, "plan " + planId + ": " + plan.why()))) {
                log.warn("plan={} confirmed by={} ceiling={} for: {}", planId, by, plan.ceiling(), plan.why());
                return true;
            }
        }
        throw new RetentionException("the controls of the sweep kept changing; confirm again");
    }

    private static @Nullable String nameOf(String planId, Map<String, Control> controls) {
        for (Map.Entry<String, Control> control : controls.entrySet()) {
            Plan plan = Plan.parse(control.getKey(), control.getValue().setting());
            if (plan != null && plan.id().equals(planId)) {
                return control.getKey();
            }
        }
        return null;
    }

    private static @Nullable String setting(@Nullable Control control) {
        return control == null ? null : control.setting();
    }

    /** Those by setting and by statement; both may name a plan for long after it was confirmed. */
    private void takeConfirmations(Instant now) {
        String configured = safety.confirm();
        if (configured != null) {
            confirm(configured, "configuration");
        }
        Control statement = repository.controls().all().get(CONFIRM);
        if (statement != null) {
            String by = statement.by() == null ? "statement" : statement.by();
            confirm(statement.setting().strip(), by);
            repository
                    .controls()
                    .change(
                            List.of(new Change(CONFIRM, statement.setting(), null)),
                            new LedgerEvent(
                                    now,
                                    "CONFIRMATION_TAKEN",
                                    null,
                                    null,
                                    by,
                                    "plan " + statement.setting().strip()));
        }
    }

    /** A refused sweep, as it is kept until it is confirmed. */
    private record Plan(
            String id, Instant drawn, String why, long due, long ceiling, String identity, String policies) {

        String text() {
            return new Notes()
                    .put("id", id)
                    .put("drawn", drawn.toString())
                    .put("why", why)
                    .put("due", Long.toString(due))
                    .put("ceiling", Long.toString(ceiling))
                    .put("identity", identity)
                    .put("policies", policies)
                    .text();
        }

        static @Nullable Plan parse(@Nullable String name, String setting) {
            Notes notes = name != null && name.startsWith(PLAN) ? Notes.parse(setting) : null;
            return notes == null
                    ? null
                    : new Plan(
                            notes.get("id"),
                            notes.time("drawn"),
                            notes.get("why"),
                            notes.number("due"),
                            notes.number("ceiling"),
                            notes.get("identity"),
                            notes.get("policies"));
        }
    }
}
