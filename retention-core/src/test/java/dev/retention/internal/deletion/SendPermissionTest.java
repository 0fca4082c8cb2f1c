package dev.retention.internal.deletion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.RetentionException;
import dev.retention.RetentionPolicy;
import dev.retention.SweepEnd;
import dev.retention.internal.account.AccountState;
import dev.retention.internal.deletion.SendPermission.Checked;
import dev.retention.internal.deletion.SendPermission.Verdict;
import dev.retention.internal.policy.Policies;
import dev.retention.internal.recording.Storages;
import dev.retention.internal.support.StopSignal;
import dev.retention.spi.Claim;
import dev.retention.spi.DeletionGate.Objection;
import dev.retention.spi.DeletionPermit;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.DueCriteria;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Everything that keeps a request from being sent, each by itself: without it, the request goes. */
class SendPermissionTest {

    private static final Duration A_LITTLE = Duration.ofMillis(1);
    private static final DueCriteria CRITERIA = new Policies(RetentionPolicy.ofDays(90), List.of()).at(Fixture.NOW);

    private final Fixture fixture = new Fixture();
    private final StopSignal stop = new StopSignal();
    private final AccountState account = Fixture.known();
    private final Database database = new Database();
    private final SendPermission permission = permission(false);

    /** Allows all that is not refused, and remembers what it was asked. */
    private static final class Database implements SendPermission.Database {

        private final Set<String> refused = new HashSet<>();
        private final List<DueCriteria> criteria = new ArrayList<>();
        private boolean away;
        private Runnable meanwhile = () -> {};

        @Override
        public Set<String> verify(Collection<Claim> claims, DueCriteria due) {
            meanwhile.run();
            if (away) {
                throw RetentionException.unavailable("away");
            }
            criteria.add(due);
            return claims.stream()
                    .map(Claim::id)
                    .filter(id -> !refused.contains(id))
                    .collect(Collectors.toSet());
        }

        @Override
        public Map<String, Objection> objections(Collection<Claim> claims, DueCriteria due) {
            if (away) {
                throw RetentionException.unavailable("away");
            }
            return claims.stream()
                    .map(Claim::id)
                    .filter(refused::contains)
                    .collect(Collectors.toMap(id -> id, id -> Objection.HELD));
        }

        @Override
        public Instant now() {
            return Fixture.NOW;
        }
    }

    private SendPermission permission(boolean dryRun) {
        return new SendPermission(fixture.settings(dryRun), stop, CRITERIA, Fixture.rules(), database);
    }

    private PendingDeletion first() {
        return fixture.deletion(fixture.claim(1), account);
    }

    private PendingDeletion further(int attempt) {
        return fixture.deletion(fixture.claim(attempt), account);
    }

    private Verdict judge(PendingDeletion deletion) {
        return permission.judge(deletion, fixture.nanos.get());
    }

    private Checked check(PendingDeletion... deletions) {
        return permission.check(List.of(deletions), fixture.nanos.get());
    }

    @Test
    void aFirstAttemptGoesForTwoSecondsAfterItsClaim() {
        PendingDeletion deletion = first();
        fixture.pass(SendPermission.FRESH);
        assertThat(judge(deletion)).isEqualTo(Verdict.SEND);
        fixture.pass(A_LITTLE);
        assertThat(judge(deletion)).isEqualTo(Verdict.WAIT);
    }

    @Test
    void aFurtherAttemptGoesForTwoSecondsAfterItsCheck() {
        PendingDeletion deletion = further(2);
        assertThat(judge(deletion)).as("its claim has looked at the gate alone").isEqualTo(Verdict.WAIT);
        deletion.checkedAt(fixture.nanos.get());
        fixture.pass(SendPermission.FRESH);
        assertThat(judge(deletion)).isEqualTo(Verdict.SEND);
        fixture.pass(A_LITTLE);
        assertThat(judge(deletion)).isEqualTo(Verdict.WAIT);
    }

    @Test
    void aLookUpNeedsNoCheck() {
        PendingDeletion deletion = further(2).at(Fixture.STORAGE, true);
        fixture.pass(Duration.ofMinutes(1));
        assertThat(judge(deletion)).isEqualTo(Verdict.SEND);
        deletion.deleteNext();
        assertThat(judge(deletion)).isEqualTo(Verdict.WAIT);
    }

    @Test
    void nothingGoesOnceStoppingIsAskedFor() {
        PendingDeletion deletion = first();
        assertThat(judge(deletion)).isEqualTo(Verdict.SEND);
        stop.request();
        assertThat(judge(deletion)).isEqualTo(Verdict.WAIT);
    }

    @Test
    void nothingGoesOnceHalfOfTheLeaseIsOver() {
        PendingDeletion deletion = further(2).at(Fixture.STORAGE, true);
        fixture.pass(Fixture.LEASE.dividedBy(2));
        assertThat(judge(deletion)).isEqualTo(Verdict.SEND);
        fixture.pass(A_LITTLE);
        assertThat(judge(deletion)).isEqualTo(Verdict.NOT_SOON);
        assertThat(permission.isLeaseHalfOver(deletion, fixture.nanos.get())).isTrue();
    }

    @Test
    void nothingGoesToAnAccountThatIsNotIdentified() {
        AccountState stranger = new AccountState("AC1", 4, 0, null);
        PendingDeletion deletion = fixture.deletion(fixture.claim(1), stranger);
        assertThat(judge(deletion)).isEqualTo(Verdict.WAIT);
        stranger.beingAsked(fixture.nanos.get());
        assertThat(judge(deletion)).isEqualTo(Verdict.WAIT);
        stranger.identified(false);
        assertThat(judge(deletion)).as("there was nothing to ask it for").isEqualTo(Verdict.SEND);
    }

    @Test
    void nothingGoesToAnAccountThatIsStopped() {
        PendingDeletion deletion = first();
        account.stop(SweepEnd.CREDENTIALS_REFUSED, "401");
        assertThat(judge(deletion)).isEqualTo(Verdict.NOT_SOON);
    }

    @Test
    void whatHasToWaitForMoreThanAMomentIsOthers() {
        PendingDeletion deletion = first();
        account.sent(fixture.nanos.get());
        account.answered(
                DeletionResult.throttled("429", Duration.ofSeconds(2)),
                false,
                fixture.nanos.get(),
                fixture.nanos.get());
        assertThat(judge(deletion)).isEqualTo(Verdict.WAIT);
        account.sent(fixture.nanos.get());
        account.answered(
                DeletionResult.throttled("429", Duration.ofSeconds(3)),
                false,
                fixture.nanos.get(),
                fixture.nanos.get());
        assertThat(judge(deletion)).isEqualTo(Verdict.NOT_SOON);
    }

    @Test
    void nothingGoesBeyondWhatTheAccountLetsThrough() {
        PendingDeletion deletion = first();
        account.sent(fixture.nanos.get());
        assertThat(judge(deletion)).as("it begins with one at a time").isEqualTo(Verdict.WAIT);
    }

    @Test
    void anAttemptTooManyIsNotSentButLookedUp() {
        PendingDeletion last = further(3);
        last.checkedAt(fixture.nanos.get());
        assertThat(judge(last)).isEqualTo(Verdict.SEND);
        PendingDeletion tooMany = further(4);
        tooMany.checkedAt(fixture.nanos.get());
        assertThat(judge(tooMany)).isEqualTo(Verdict.ATTEMPTS_USED_UP);
        assertThat(judge(tooMany.at(Fixture.STORAGE, true))).isEqualTo(Verdict.SEND);
    }

    @Test
    void aCheckAsksAboutThoseAloneThatNeedOne() {
        PendingDeletion fresh = first();
        PendingDeletion lookUp = further(2).at(Fixture.STORAGE, true);
        assertThat(check(fresh, lookUp).isEmpty()).isTrue();
        assertThat(database.criteria).isEmpty();

        PendingDeletion unchecked = further(2);
        PendingDeletion held = further(2);
        database.refused.add(held.claim.id());
        Checked checked = check(fresh, lookUp, unchecked, held);
        assertThat(checked.allowed()).containsExactly(unchecked);
        assertThat(checked.refused()).containsExactly(held);
        assertThat(database.criteria).containsExactly(CRITERIA);
        assertThat(permission.whyRefused(checked.refused()))
                .isEqualTo(Map.of(held.claim.id(), Refusal.of(Objection.HELD)));
        assertThat(permission.whyRefused(checked.allowed())).isEmpty();
        database.away = true;
        assertThat(permission.whyRefused(checked.refused()))
                .as("nothing is known")
                .isEmpty();
    }

    @Test
    void aCheckDoesNotAskAboutAStoppedAccount() {
        PendingDeletion deletion = further(2);
        account.stop(SweepEnd.CREDENTIALS_REFUSED, "401");
        assertThat(check(deletion).isEmpty()).isTrue();
    }

    @Test
    void anErasureIsDueWhateverThePoliciesSay() {
        PendingDeletion erasure = fixture.deletion(fixture.claim(2, DueCriteria.ERASURE), account);
        PendingDeletion swept = further(2);
        assertThat(check(erasure, swept).allowed()).containsExactly(erasure, swept);
        assertThat(database.criteria).containsExactlyInAnyOrder(CRITERIA, DueCriteria.erasure(Fixture.NOW));
    }

    @Test
    void aDryRunSendsNoDeletionEvenOfAFreshClaim() {
        SendPermission dry = permission(true);
        PendingDeletion deletion = first();
        assertThat(dry.judge(deletion, fixture.nanos.get())).isEqualTo(Verdict.WAIT);
        assertThat(dry.check(List.of(deletion), fixture.nanos.get()).refused()).containsExactly(deletion);
        assertThat(dry.whyRefused(List.of(deletion))).isEqualTo(Map.of(deletion.claim.id(), Refusal.DRY_RUN));
        assertThat(dry.permit(deletion).lasts()).isFalse();
        assertThat(dry.judge(deletion.at(Fixture.STORAGE, true), fixture.nanos.get()))
                .as("a look-up deletes nothing")
                .isEqualTo(Verdict.SEND);
    }

    @Test
    void aPermitLastsWhileTheCheckIsFreshAndIsRenewedByTheDatabase() {
        PendingDeletion deletion = first();
        DeletionPermit permit = permission.permit(deletion);
        database.refused.add(deletion.claim.id());
        fixture.pass(SendPermission.FRESH);
        assertThat(permit.lasts()).isTrue();
        fixture.pass(A_LITTLE);
        assertThat(permit.lasts()).as("the database refuses it by now").isFalse();
        database.refused.clear();
        assertThat(permit.lasts()).isTrue();
        assertThat(database.criteria).hasSize(2);
    }

    @Test
    void aPermitCountsFromTheMomentTheDatabaseWasAsked() {
        PendingDeletion deletion = further(2);
        DeletionPermit permit = permission.permit(deletion);
        database.meanwhile = () -> fixture.pass(SendPermission.FRESH.plus(A_LITTLE));
        assertThat(permit.lasts()).as("a change during the answer was not seen").isFalse();
        database.meanwhile = () -> fixture.pass(SendPermission.FRESH);
        assertThat(permit.lasts()).isTrue();
        fixture.pass(A_LITTLE);
        assertThat(deletion.wasChecked(fixture.nanos.get(), SendPermission.FRESH.toNanos()))
                .isFalse();
    }

    @Test
    void aPermitEndsOnceStoppingIsAskedForEvenIfItsCheckIsFresh() {
        DeletionPermit permit = permission.permit(first());
        assertThat(permit.lasts()).isTrue();
        stop.request();
        assertThat(permit.lasts()).isFalse();
    }

    @Test
    void aPermitEndsWhenItsAccountIsStopped() {
        DeletionPermit permit = permission.permit(first());
        assertThat(permit.lasts()).isTrue();
        account.stop(SweepEnd.CREDENTIALS_REFUSED, "401");
        assertThat(permit.lasts()).isFalse();
    }

    @Test
    void aPermitEndsWithHalfOfTheLease() {
        DeletionPermit permit = permission.permit(first());
        fixture.pass(Fixture.LEASE.dividedBy(2));
        assertThat(permit.lasts()).isTrue();
        fixture.pass(A_LITTLE);
        assertThat(permit.lasts()).isFalse();
    }

    @Test
    void onlyWhatWasNotPermittedAndSurelyNotAppliedIsWithdrawn() {
        DeletionResult unsent = DeletionResult.tryLater("not sent", null, true);
        PendingDeletion deletion = first();
        DeletionPermit permit = permission.permit(deletion);
        deletion.sent(fixture.nanos.get(), true);
        assertThat(deletion.wasWithdrawn(unsent)).as("it did not ask").isFalse();
        assertThat(permit.lasts()).isTrue();
        assertThat(deletion.wasWithdrawn(unsent)).as("it was permitted").isFalse();
        stop.request();
        assertThat(permit.lasts()).isFalse();
        assertThat(deletion.wasWithdrawn(unsent)).isTrue();
        assertThat(deletion.wasWithdrawn(DeletionResult.tryLater("?", null, false)))
                .as("in doubt")
                .isFalse();
        assertThat(deletion.wasWithdrawn(DeletionResult.deleted("204"))).isFalse();
        deletion.withdraw();
        assertThat(deletion.isSent()).isFalse();
        deletion.sent(fixture.nanos.get(), true);
        assertThat(deletion.wasWithdrawn(unsent)).as("another request").isFalse();
    }

    @Test
    void whatWasSentBeforeStaysSentWhenALaterRequestIsWithdrawn() {
        PendingDeletion deletion = first();
        deletion.sent(fixture.nanos.get(), true);
        deletion.sent(fixture.nanos.get(), true);
        deletion.withdraw();
        assertThat(deletion.isSent()).isTrue();
    }

    @Test
    void aPermitIsNotRenewedOnceStoppingIsAskedForNorByADatabaseThatDoesNotAnswer() {
        DeletionPermit permit = permission.permit(first());
        fixture.pass(SendPermission.FRESH.plus(A_LITTLE));
        assertThat(permit.lasts()).isTrue();
        fixture.pass(SendPermission.FRESH.plus(A_LITTLE));
        database.away = true;
        assertThat(permit.lasts()).isFalse();
        database.away = false;
        assertThat(permit.lasts()).isTrue();
        stop.request();
        assertThat(permit.lasts()).isFalse();
    }

    @Test
    void aKeyThatCanBeNoneIsRefusedUnlessItIsLookedUp() {
        String longest = "k".repeat(Storages.MAX_KEY_LENGTH);
        assertThat(permission.objectionToKey(of(longest))).isNull();
        assertThat(permission.objectionToKey(of(longest + "k")))
                .isNotNull()
                .returns(DeletionResult.Kind.REFUSED_UNSENT, DeletionResult::kind)
                .satisfies(refused -> assertThat(refused.detail()).contains("1025 characters"));
        assertThat(permission.objectionToKey(of(null))).isNotNull();
        assertThat(permission.objectionToKey(of(null).at(Fixture.STORAGE, true)))
                .isNull();
    }

    private PendingDeletion of(@Nullable String key) {
        return fixture.deletion(fixture.claim("r", key, 1, "default"), account);
    }
}
