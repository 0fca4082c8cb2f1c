package dev.retention.torture;

import dev.retention.Cause;
import dev.retention.DeletionOutcome;
import dev.retention.HoldAnswer;
import dev.retention.spi.Candidate;
import dev.retention.spi.Claim;
import dev.retention.spi.ClaimOutcome;
import dev.retention.spi.Controls;
import dev.retention.spi.DeletionGate;
import dev.retention.spi.DeletionGate.ClaimRequest;
import dev.retention.spi.DeletionGate.Claims;
import dev.retention.spi.DeletionGate.Recorded;
import dev.retention.spi.DeletionGate.Signal;
import dev.retention.spi.DeletionPermit;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.EvidenceLog;
import dev.retention.spi.RecordingLookup;
import dev.retention.spi.RecordingSource;
import dev.retention.spi.SweepRuns;
import dev.retention.spi.SweepRuns.RunRequest;
import dev.retention.spi.SweepRuns.SweepRun;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Breaks one guard of the library from outside, so that the checker can show that it sees it. */
final class Saboteur {

    private static final Logger log = LoggerFactory.getLogger(Saboteur.class);

    private final Sabotage sabotage;
    /** Longer than a deletion may be on its way, on however slow a machine. */
    private static final long LONG_BEFORE_MILLIS = 8_000;

    private final DataSource dataSource;
    private final String url;
    private final Telling telling;
    private final Unconfirmed unconfirmed = new Unconfirmed(this::isUnconfirmed);
    private final AtomicReference<@Nullable RunRequest> opened = new AtomicReference<>();
    private volatile @Nullable Controls controls;
    private final InstanceSettings settings;
    private volatile @Nullable DeletionGate gate;
    private volatile @Nullable DeletionGate withoutEntries;
    private volatile EntrySaboteur entries = EntrySaboteur.NONE;
    private volatile boolean recovering;

    Saboteur(InstanceSettings settings, DataSource dataSource, Telling telling) {
        this.telling = telling;
        this.settings = settings;
        this.sabotage = settings.sabotage();
        this.dataSource = dataSource;
        this.url = settings.text("url");
    }

    void recovering(boolean now) {
        recovering = now;
    }

    private boolean isUnconfirmed() {
        return switch (sabotage) {
            case RECOVERY_UNCONFIRMED -> recovering;
            case POLICIES_NOT_COMPARED, MAPPING_NOT_COMPARED, FLOOR_NOT_KEPT -> true;
            default -> false;
        };
    }

    Controls around(Controls real) {
        controls = real;
        return unconfirmed.around(real);
    }

    /** The gate and the log, as the instance's library has them. */
    void over(DeletionGate realGate, EvidenceLog realLog) {
        gate = realGate;
        entries = new EntrySaboteur(sabotage, realLog, this::sql);
    }

    /** The gate of a library that writes no entries. */
    void overWithoutEntries(DeletionGate real) {
        withoutEntries = real;
    }

    /** The same call, of a library that writes no entry for it. */
    Interception.Call unwritten(String method, Interception.Call call) {
        DeletionGate without = withoutEntries;
        boolean ofClaims = is(Sabotage.CLAIM_WITHOUT_ENTRY) || is(Sabotage.ENTRY_BY_ITSELF);
        boolean ofOutcomes = is(Sabotage.OUTCOME_WITHOUT_ENTRY) || is(Sabotage.ENTRY_BY_ITSELF);
        if (without != null && ofClaims && method.equals("claim")) {
            return with -> without.claim((ClaimRequest) Objects.requireNonNull(with[0]));
        }
        if (without != null && ofOutcomes && method.equals("record")) {
            return with -> without.record(outcomes(with));
        }
        return call;
    }

    /** Before something is sealed. */
    void sealing() {
        entries.sealing();
    }

    /** What the instance can't read ends whatever reads it. */
    RecordingSource around(RecordingSource real) {
        if (!is(Sabotage.UNREADABLE_STOPS_ALL) || settings.has("later")) {
            return real;
        }
        return Interception.of(RecordingSource.class, real, (method, args, call) -> {
            Object result = call.proceed(args);
            if (result instanceof RecordingSource.Page page
                    && !page.unreadable().isEmpty()) {
                throw new IllegalStateException("no constant of the enum: " + page.unreadable());
            }
            return result;
        });
    }

    /** What a storage says of an account, and of recent recordings, at a provider that has none of them. */
    @Nullable
    Object identify(Interception.Call call, @Nullable Object[] args) throws Throwable {
        return isUnidentified() ? RecordingLookup.Identification.NOTHING_KNOWN : call.proceed(args);
    }

    private boolean isUnidentified() {
        return is(Sabotage.ERASED_UNIDENTIFIED) && settings.has("elsewhere");
    }

    private void asIfConfirmed(@Nullable Object[] args) {
        Controls real = controls;
        if (real != null) {
            unconfirmed.confirmed(args, real);
        }
    }

    boolean is(Sabotage one) {
        return sabotage == one;
    }

    /** Once a round of the instance. */
    void now() {
        switch (sabotage) {
            case EVENTS_DELETED -> sql("delete from retention_event where event_no % 2 = 0");
            case FOREIGN_COLUMN -> sql("update engine_call set touched = touched + 1 where id = 5");
            case SECRET_LOGGED -> log.trace("authenticating with {}", Keys.secret(0, 0));
            case FOREIGN_PATH -> ask();
            case SERVER_DETAIL -> markSealed();
            case DRY_RUN_CLAIMS -> claimInDryRun();
            case ENTRY_REWRITTEN -> entries.rewrite();
            default -> {}
        }
    }

    @Nullable
    Object claim(@Nullable Object[] args, Interception.Call call) throws Throwable {
        asIfConfirmed(args);
        forget();
        if (is(Sabotage.NO_INTENT) && args[0] instanceof ClaimRequest request) {
            return new Claims(invented(request), Signal.GO_ON);
        }
        if (is(Sabotage.ONE_BAD_ROW_STOPS_ALL)
                && args[0] instanceof ClaimRequest request
                && request.candidates().stream().anyMatch(c -> c.id().endsWith("7"))) {
            throw new IllegalStateException("a bad row");
        }
        Object result = hidesTwins() ? withoutTwins(args, call) : call.proceed(args);
        if (is(Sabotage.PAUSE_IGNORED) && result instanceof Claims claims && claims.signal() == Signal.PAUSED) {
            sql("delete from retention_control where name = 'paused'");
            return call.proceed(args);
        }
        if (result instanceof Claims claims) {
            entries.claimed(claims.claims());
        }
        return result;
    }

    private static ClaimOutcome triedAgain(ClaimOutcome outcome) {
        Cause cause = outcome.cause();
        return cause == null
                ? outcome
                : ClaimOutcome.retry(
                                outcome.claim(),
                                DeletionOutcome.KEPT,
                                cause,
                                outcome.at(),
                                outcome.at().plusSeconds(1))
                        .inDoubt(outcome.inDoubt());
    }

    private static List<Claim> invented(ClaimRequest request) {
        List<Claim> claims = new ArrayList<>();
        for (Candidate candidate : request.candidates()) {
            if (!candidate.flaggedHeld()) {
                DueCriteria.Rule rule =
                        request.criteria().governing(candidate.recording().attributes());
                Instant cutoff = rule.cutoff();
                claims.add(Claim.builder(
                                candidate.recording(),
                                UUID.randomUUID().toString(),
                                request.leaseUntil(),
                                rule.policy(),
                                cutoff == null ? Instant.EPOCH : cutoff,
                                request.reason())
                        .runId(request.runId())
                        .attempt(1)
                        .duration(candidate.duration())
                        .build());
            }
        }
        return claims;
    }

    @Nullable
    Object reclaim(@Nullable Object[] args, Interception.Call call) throws Throwable {
        if (is(Sabotage.LEASE_IGNORED) && args[2] instanceof Instant now) {
            args[2] = now.plus(Duration.ofHours(1));
        }
        Object result = call.proceed(args);
        if (is(Sabotage.NO_LOOK_UP) || is(Sabotage.LATE_DELETED_AGAIN)) {
            List<Claim> claims = new ArrayList<>();
            for (Object each : (List<?>) (result == null ? List.of() : result)) {
                Claim c = (Claim) each;
                claims.add(c.toBuilder()
                        .inDoubt(!is(Sabotage.NO_LOOK_UP) && c.inDoubt())
                        .late(false)
                        .build());
            }
            return claims;
        }
        return result;
    }

    @Nullable
    Object verify(@Nullable Object[] args, Interception.Call call) throws Throwable {
        asIfConfirmed(args);
        forget();
        if ((is(Sabotage.NO_CHECK_BEFORE_SEND) || is(Sabotage.LATE_DELETED_AGAIN) || is(Sabotage.NO_INTENT))
                && args[0] instanceof Collection<?> claims) {
            return claims.stream().map(claim -> ((Claim) claim).id()).collect(Collectors.toSet());
        }
        return hidesTwins() ? withoutTwins(args, call) : call.proceed(args);
    }

    private boolean hidesTwins() {
        return is(Sabotage.TWINS_UNSEEN) || is(Sabotage.TWIN_HELD_ALONE);
    }

    /** Frees what a hold by attribute has covered and whose attribute is another by now. */
    private void forget() {
        if (is(Sabotage.SCOPE_NOT_STICKY)) {
            sql("update retention_deletion set held = false where held = true and state = 'ACTIVE' and exists"
                    + " (select 1 from engine_call e where cast(e.id as varchar(20)) = recording_id"
                    + " and (e.tenant is null or e.tenant <> '" + Fixture.SUED_TENANT + "'))"
                    + " and not exists (select 1 from retention_hold_recording r join retention_hold h"
                    + " on h.hold_id = r.hold_id where r.recording_id = retention_deletion.recording_id"
                    + " and h.scope_attribute is null and h.released_at is null)");
        }
    }

    /** Meanwhile the last row of each recording, or each that is held, names another one. */
    private @Nullable Object withoutTwins(@Nullable Object[] args, Interception.Call call) throws Throwable {
        String last = "select max(id) as id from engine_call where sid like 'RE%' group by sid having count(*) > 1";
        String held = "select e.id from engine_call e join retention_deletion d on d.recording_id ="
                + " cast(e.id as varchar(20)) where d.held = true and e.sid in"
                + " (select sid from engine_call where sid like 'RE%' group by sid having count(*) > 1)";
        sql("update engine_call set sid = concat('-', sid) where id in (select id from ("
                + (is(Sabotage.TWINS_UNSEEN) ? last : held) + ") twins)");
        try {
            return call.proceed(args);
        } finally {
            sql("update engine_call set sid = substr(sid, 2) where sid like '-%'");
        }
    }

    @Nullable
    Object record(@Nullable Object[] args, Interception.Call call) throws Throwable {
        List<ClaimOutcome> outcomes = outcomes(args);
        entries.recording(outcomes);
        if (is(Sabotage.NO_WAY_OUT)) {
            outcomes.replaceAll(
                    outcome -> outcome.outcome() == DeletionOutcome.ROW_CHANGED ? triedAgain(outcome) : outcome);
            return call.proceed(outcomes);
        }
        if (is(Sabotage.PROOF_NOT_RECORDED)) {
            outcomes.removeIf(outcome -> outcome.step() == ClaimOutcome.Step.DELETED
                    && outcome.claim().id().hashCode() % 5 == 0);
            return outcomes.isEmpty() ? Recorded.ALL : call.proceed(outcomes);
        }
        Object result = call.proceed(args);
        for (ClaimOutcome outcome : outcomes) {
            if (outcome.step() == ClaimOutcome.Step.RETRY) {
                if (is(Sabotage.BACK_TO_ACTIVE)) {
                    sql(
                            "update retention_deletion set state = 'ACTIVE', in_doubt = false, attempts = 0,"
                                    + " outcome = null where state = 'DELETING' and token is null"
                                    + " and recording_id = ?",
                            outcome.claim().id());
                } else if (is(Sabotage.SOFT_DELETE_WITHOUT_PROOF)) {
                    sql("update engine_call set deleted = created, reason = 'retention_policy'"
                            + " where deleted is null and id = "
                            + Long.parseLong(outcome.claim().id()));
                }
            }
        }
        return result;
    }

    private static List<ClaimOutcome> outcomes(@Nullable Object[] args) {
        List<ClaimOutcome> outcomes = new ArrayList<>();
        for (Object each : (Collection<?>) (args[0] == null ? List.of() : args[0])) {
            outcomes.add((ClaimOutcome) each);
        }
        return outcomes;
    }

    @Nullable
    Object held(String method, @Nullable Object[] args, @Nullable Object result) {
        if (is(Sabotage.TWIN_HELD_ALONE) && method.equals("place") && args[1] instanceof Collection<?> ids) {
            ids.forEach(id -> sql(
                    "update retention_deletion set held = false where recording_id in (select"
                            + " cast(o.id as varchar(20)) from engine_call e join engine_call o on o.sid = e.sid"
                            + " and o.id <> e.id where cast(e.id as varchar(20)) = ?)",
                    String.valueOf(id)));
        }
        if (is(Sabotage.HELD_FOR_LATE) && result instanceof Map<?, ?> answers) {
            Map<String, HoldAnswer> changed = new HashMap<>();
            answers.forEach((id, answer) ->
                    changed.put((String) id, answer == HoldAnswer.LATE ? HoldAnswer.HELD : (HoldAnswer) answer));
            return changed;
        }
        return result;
    }

    @Nullable
    Object open(@Nullable Object result, SweepRuns real) {
        RunRequest before = opened.get();
        if (!is(Sabotage.JOINER_OPENS) || before == null || !Optional.empty().equals(result)) {
            return result;
        }
        // The one that it was judged for has just ended.
        RunRequest unlimited = new RunRequest(
                UUID.randomUUID().toString(),
                before.owner(),
                before.judgedAt(),
                before.now(),
                before.deadline(),
                before.policies(),
                null);
        return real.joinOrOpenAfter(real.latest().map(SweepRun::id).orElse(null), unlimited);
    }

    @Nullable
    Object opened(@Nullable Object[] args, @Nullable Object result) {
        if (args[1] instanceof RunRequest request) {
            opened.set(request);
        }
        if (is(Sabotage.BUDGET_PER_INSTANCE)
                && result instanceof Optional<?> found
                && found.isPresent()
                && found.get() instanceof SweepRun run) {
            sql("update retention_run set max_deletions = max_deletions + 200 where run_id = ?", run.id());
        }
        return result;
    }

    @Nullable
    Object delete(@Nullable Object[] args, Interception.Call call) throws Throwable {
        if (is(Sabotage.PERMIT_EARLY)
                && args.length > 1
                && args[1] instanceof DeletionPermit permit
                && permit.lasts()) {
            Thread.sleep(LONG_BEFORE_MILLIS);
            args[1] = (DeletionPermit) () -> true;
        }
        Object result = answered(call.proceed(args));
        if (is(Sabotage.SENT_TWICE)) {
            call.proceed(args);
        }
        return result;
    }

    @Nullable
    Object lookUp(@Nullable Object[] args, Interception.Call call) throws Throwable {
        return isUnidentified() ? DeletionResult.stillThere() : answered(call.proceed(args));
    }

    private @Nullable Object answered(@Nullable Object result) {
        if (result instanceof DeletionResult answer) {
            if (is(Sabotage.NOT_FOUND_IS_GONE) && answer.kind() == DeletionResult.Kind.NOT_FOUND) {
                return DeletionResult.alreadyGone("404");
            }
            if (is(Sabotage.TIMEOUT_IS_DELETED)
                    && answer.kind() == DeletionResult.Kind.TRY_LATER
                    && !answer.surelyNotApplied()) {
                return DeletionResult.alreadyGone("it will have worked");
            }
        }
        return result;
    }

    private void claimInDryRun() {
        DeletionGate of = gate;
        if (settings.has("dry") && of != null) {
            Instant now = Instant.now();
            of.reclaim(settings.text("name"), null, now, now.plus(InstanceSettings.LEASE), 50);
        }
    }

    private void markSealed() {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            statement.executeUpdate(
                    "update engine_call set deleted = created where note like '" + Row.UNMARKABLE + "%'");
        } catch (SQLException e) {
            telling.tell("FAILED mark SQL " + String.valueOf(e.getMessage()).replaceAll("\\s+", " "));
        }
    }

    private void ask() {
        try {
            HttpURLConnection connection = (HttpURLConnection)
                    URI.create(url + "/2010-04-01/Accounts.json").toURL().openConnection();
            connection.setReadTimeout(1000);
            connection.getResponseCode();
            connection.disconnect();
        } catch (IOException e) {
            log.debug("not asked", e);
        }
    }

    private void sql(String sql, String... parameters) {
        try (Connection connection = dataSource.getConnection();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setString(i + 1, parameters[i]);
            }
            statement.executeUpdate();
        } catch (SQLException e) {
            log.debug("not done", e);
        }
    }
}
