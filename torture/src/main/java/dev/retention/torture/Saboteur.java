package dev.retention.torture;

import dev.retention.HoldAnswer;
import dev.retention.spi.Candidate;
import dev.retention.spi.Claim;
import dev.retention.spi.ClaimOutcome;
import dev.retention.spi.DeletionGate.ClaimRequest;
import dev.retention.spi.DeletionGate.Claims;
import dev.retention.spi.DeletionGate.Recorded;
import dev.retention.spi.DeletionGate.Signal;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.SweepRuns.SweepRun;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Breaks one guard of the library from outside, so that the checker can show that it sees it. */
final class Saboteur {

    private static final Logger log = LoggerFactory.getLogger(Saboteur.class);

    private final Sabotage sabotage;
    private final DataSource dataSource;
    private final String url;

    Saboteur(Sabotage sabotage, DataSource dataSource, String url) {
        this.sabotage = sabotage;
        this.dataSource = dataSource;
        this.url = url;
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
            default -> {}
        }
    }

    @Nullable
    Object claim(@Nullable Object[] args, Interception.Call call) throws Throwable {
        if (is(Sabotage.NO_INTENT) && args[0] instanceof ClaimRequest request) {
            return new Claims(invented(request), Signal.GO_ON);
        }
        if (is(Sabotage.ONE_BAD_ROW_STOPS_ALL)
                && args[0] instanceof ClaimRequest request
                && request.candidates().stream().anyMatch(c -> c.id().endsWith("7"))) {
            throw new IllegalStateException("a bad row");
        }
        Object result = is(Sabotage.TWINS_UNSEEN) ? withoutTwins(args, call) : call.proceed(args);
        if (is(Sabotage.PAUSE_IGNORED) && result instanceof Claims claims && claims.signal() == Signal.PAUSED) {
            sql("delete from retention_control where name = 'paused'");
            return call.proceed(args);
        }
        return result;
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
        if ((is(Sabotage.NO_CHECK_BEFORE_SEND) || is(Sabotage.LATE_DELETED_AGAIN) || is(Sabotage.NO_INTENT))
                && args[0] instanceof Collection<?> claims) {
            return claims.stream().map(claim -> ((Claim) claim).id()).collect(Collectors.toSet());
        }
        return is(Sabotage.TWINS_UNSEEN) ? withoutTwins(args, call) : call.proceed(args);
    }

    /** Meanwhile the last row of each recording names another one. */
    private @Nullable Object withoutTwins(@Nullable Object[] args, Interception.Call call) throws Throwable {
        sql("update engine_call set sid = concat('-', sid) where id in (select id from (select max(id) as id"
                + " from engine_call where sid like 'RE%' group by sid having count(*) > 1) twins)");
        try {
            return call.proceed(args);
        } finally {
            sql("update engine_call set sid = substr(sid, 2) where sid like '-%'");
        }
    }

    @Nullable
    Object record(@Nullable Object[] args, Interception.Call call) throws Throwable {
        List<ClaimOutcome> outcomes = new ArrayList<>();
        for (Object each : (Collection<?>) (args[0] == null ? List.of() : args[0])) {
            outcomes.add((ClaimOutcome) each);
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

    @Nullable
    Object held(@Nullable Object result) {
        if (is(Sabotage.HELD_FOR_LATE) && result instanceof Map<?, ?> answers) {
            Map<String, HoldAnswer> changed = new HashMap<>();
            answers.forEach((id, answer) ->
                    changed.put((String) id, answer == HoldAnswer.LATE ? HoldAnswer.HELD : (HoldAnswer) answer));
            return changed;
        }
        return result;
    }

    @Nullable
    Object opened(@Nullable Object result) {
        if (is(Sabotage.BUDGET_PER_INSTANCE) && result instanceof SweepRun run) {
            sql("update retention_run set max_deletions = max_deletions + 200 where run_id = ?", run.id());
        }
        return result;
    }

    @Nullable
    Object delete(@Nullable Object[] args, Interception.Call call) throws Throwable {
        Object result = answered(call.proceed(args));
        if (is(Sabotage.SENT_TWICE)) {
            call.proceed(args);
        }
        return result;
    }

    @Nullable
    Object lookUp(@Nullable Object[] args, Interception.Call call) throws Throwable {
        return answered(call.proceed(args));
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
