package dev.retention.internal.deletion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retention.DeletionOutcome;
import dev.retention.Obstacle;
import dev.retention.RetentionException;
import dev.retention.spi.Claim;
import dev.retention.spi.ClaimOutcome;
import dev.retention.spi.ClaimOutcome.Step;
import dev.retention.spi.DeletionGate.Recorded;
import dev.retention.spi.DeletionGate.Refusal;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.Evidence;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** When outcomes are recorded, and what becomes of those that the database refuses or does not answer for. */
class OutcomeRecorderTest {

    private static final Evidence PROOF = Evidence.NONE.with("fake", DeletionResult.deleted("204"));
    private static final Duration GATHERED = Duration.ofMillis(250);

    private final Fixture fixture = new Fixture();
    private final Database database = new Database();
    private final List<PendingDeletion> onward = new ArrayList<>();
    private final Obstacles obstacles = new Obstacles(() -> Fixture.NOW, fixture.ticker());
    private final OutcomeRecorder recorder =
            new OutcomeRecorder(database, obstacles, fixture.settings(false), onward::add);

    private final class Database implements OutcomeRecorder.Database {

        private final List<List<ClaimOutcome>> calls = new ArrayList<>();
        private final List<ClaimOutcome> taken = new ArrayList<>();
        private final Set<String> poison = new HashSet<>();
        private final Set<String> locked = new HashSet<>();
        private boolean away;
        private boolean takesNoProof;
        private int timesAsked;
        private Instant now = Fixture.NOW;

        @Override
        public Recorded record(Collection<ClaimOutcome> outcomes) {
            calls.add(List.copyOf(outcomes));
            if (away) {
                throw RetentionException.unavailable("away");
            }
            List<Refusal> refused = outcomes.stream()
                    .filter(outcome ->
                            poison.contains(outcome.claim().id()) && (outcome.step() != Step.RETRY || takesNoProof))
                    .map(outcome -> new Refusal(outcome, "a trigger"))
                    .toList();
            List<ClaimOutcome> lockedNow = outcomes.stream()
                    .filter(outcome -> locked.contains(outcome.claim().id()) && outcome.step() != Step.RETRY)
                    .toList();
            Set<ClaimOutcome> not = new HashSet<>(lockedNow);
            refused.forEach(refusal -> not.add(refusal.outcome()));
            outcomes.stream().filter(outcome -> !not.contains(outcome)).forEach(taken::add);
            return new Recorded(Set.of(), refused, lockedNow);
        }

        @Override
        public Instant now() {
            timesAsked++;
            return now;
        }

        List<String> takenIds() {
            return taken.stream().map(outcome -> outcome.claim().id()).toList();
        }

        List<String> ids(int call) {
            return calls.get(call).stream().map(outcome -> outcome.claim().id()).toList();
        }
    }

    private String add() {
        Claim claim = fixture.claim(1);
        recorder.add(at -> ClaimOutcome.deleted(claim, PROOF, at));
        return claim.id();
    }

    private void addPoison(String id) {
        database.poison.add(id);
        Claim claim = fixture.claim(id, "key", 1, "default");
        recorder.add(at -> ClaimOutcome.deleted(claim, PROOF, at));
    }

    private void pass(Duration time) {
        fixture.pass(time);
        recorder.recordDue(false);
    }

    @Test
    void whatIsDueIsRecordedTogetherAfterAQuarterOfASecond() {
        String one = add();
        recorder.recordDue(false);
        fixture.pass(GATHERED.minusMillis(1));
        String two = add();
        recorder.recordDue(false);
        assertThat(database.calls).isEmpty();
        assertThat(recorder.nanosToNextTurn()).isEqualTo(Duration.ofMillis(1).toNanos());

        pass(Duration.ofMillis(1));

        assertThat(database.calls).hasSize(1);
        assertThat(database.ids(0)).containsExactly(one, two);
        assertThat(recorder.isEmpty()).isTrue();
        assertThat(recorder.nanosToNextTurn()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void anOutcomeHasTheTimeAtWhichItIsRecorded() {
        Claim claim = fixture.claim(1);
        recorder.add(at ->
                ClaimOutcome.retry(claim, DeletionOutcome.TRY_LATER, Causes.attemptsUsedUp(), at, at.plusSeconds(60)));
        assertThat(database.timesAsked)
                .as("nobody waits for the database's time")
                .isZero();
        database.now = Fixture.NOW.plusSeconds(10);
        recorder.recordDue(true);
        assertThat(database.taken)
                .singleElement()
                .returns(Fixture.NOW.plusSeconds(10), ClaimOutcome::at)
                .returns(Fixture.NOW.plusSeconds(70), ClaimOutcome::nextAttempt);
        assertThat(database.timesAsked).isEqualTo(1);
    }

    @Test
    void aFullBatchIsRecordedAtOnce() {
        for (int i = 1; i < Fixture.BATCH; i++) {
            add();
        }
        recorder.recordDue(false);
        assertThat(database.calls).isEmpty();
        add();
        recorder.recordDue(false);
        assertThat(database.taken).hasSize(Fixture.BATCH);
    }

    @Test
    void whatNothingElseComesForIsRecordedAtOnce() {
        add();
        recorder.recordDue(true);
        assertThat(database.taken).hasSize(1);
    }

    @Test
    void aRefusedOneIsTriedFourTimesMoreEachAfterTwiceTheWaitAndApart() {
        addPoison("p");
        String other = add();
        recorder.recordDue(true);
        assertThat(database.ids(0)).containsExactly("p", other);
        assertThat(database.takenIds()).containsExactly(other);

        for (int millis : List.of(200, 400, 800, 1600)) {
            int before = database.calls.size();
            String fresh = add();
            recorder.recordDue(true);
            assertThat(database.ids(before)).as("the others go on").containsExactly(fresh);
            assertThat(recorder.nanosToNextTurn())
                    .isEqualTo(Duration.ofMillis(millis).toNanos());
            pass(Duration.ofMillis(millis - 1));
            assertThat(database.calls).as("not before its time").hasSize(before + 1);
            pass(Duration.ofMillis(1));
            assertThat(database.ids(before + 1)).containsExactly("p");
        }

        assertThat(recorder.isEmpty()).isTrue();
        assertThat(database.taken.get(database.taken.size() - 1))
                .as("the proof is kept")
                .returns("p", outcome -> outcome.claim().id())
                .returns(Step.RETRY, ClaimOutcome::step)
                .returns(PROOF, ClaimOutcome::evidence)
                .returns(true, ClaimOutcome::inDoubt)
                .satisfies(outcome -> assertThat(outcome.cause()).isNotNull().satisfies(cause -> {
                    assertThat(cause.code()).isEqualTo(Causes.ROW_NOT_MARKED);
                    assertThat(cause.detail()).contains("a trigger");
                }))
                .satisfies(outcome -> assertThat(outcome.nextAttempt()).isAfterOrEqualTo(Fixture.NOW.plusSeconds(60)));
    }

    @Test
    void aRefusedOneThatIsTakenLaterIsRecordedAsItWas() {
        addPoison("p");
        recorder.recordDue(true);
        database.poison.clear();
        pass(Duration.ofMillis(200));
        assertThat(database.taken).singleElement().returns(Step.DELETED, ClaimOutcome::step);
        assertThat(recorder.isEmpty()).isTrue();
    }

    @Test
    void whatIsNoProofIsGivenUpAfterItsTries() {
        Claim claim = fixture.claim("p", "key", 2, "default");
        database.poison.add("p");
        recorder.add(at -> ClaimOutcome.quarantine(claim, DeletionOutcome.REFUSED, Causes.attemptsUsedUp(), at));
        recorder.recordDue(true);
        IntStream.range(0, 10).forEach(i -> pass(Duration.ofSeconds(2)));
        assertThat(database.calls).hasSize(NotTaken.TRIES);
        assertThat(recorder.isEmpty()).isTrue();
    }

    @Test
    void aProofThatIsNotTakenEitherIsGivenUp() {
        database.takesNoProof = true;
        addPoison("p");
        recorder.recordDue(true);
        IntStream.range(0, 10).forEach(i -> pass(Duration.ofSeconds(2)));
        assertThat(database.calls).hasSize(NotTaken.TRIES + 1);
        assertThat(database.taken).isEmpty();
        assertThat(recorder.isEmpty()).isTrue();
    }

    private String addLocked() {
        String id = add();
        database.locked.add(id);
        return id;
    }

    @Test
    void whatIsLockedIsTriedAgainAloneAndDelaysNoOthers() {
        String locked = addLocked();
        String one = add();
        recorder.recordDue(true);
        assertThat(database.takenIds()).containsExactly(one);
        String two = add();
        pass(Duration.ofMillis(200));
        assertThat(database.ids(1)).containsExactly(locked);
        recorder.recordDue(true);
        assertThat(database.takenIds()).containsExactly(one, two);
        database.locked.clear();

        pass(Duration.ofMillis(400));

        assertThat(database.takenIds()).containsExactly(one, two, locked);
        assertThat(recorder.isEmpty()).isTrue();
    }

    /** The engine may need longer for a transaction than a refusal lasts for good reason. */
    @Test
    void whatIsLockedIsTriedForAMinute() {
        String locked = addLocked();
        recorder.recordDue(true);
        IntStream.range(0, 59).forEach(i -> pass(Duration.ofSeconds(1)));
        assertThat(database.calls).hasSizeGreaterThan(NotTaken.TRIES);
        assertThat(database.taken).isEmpty();
        assertThat(recorder.isEmpty()).isFalse();
        database.locked.clear();

        IntStream.range(0, 5).forEach(i -> pass(Duration.ofSeconds(1)));

        assertThat(database.taken).singleElement().returns(Step.DELETED, ClaimOutcome::step);
        assertThat(database.takenIds()).containsExactly(locked);
    }

    @Test
    void theProofOfWhatIsLockedForLongerIsKeptInTheLedger() {
        addLocked();
        recorder.recordDue(true);
        IntStream.range(0, 66).forEach(i -> pass(Duration.ofSeconds(1)));
        assertThat(database.taken)
                .singleElement()
                .returns(Step.RETRY, ClaimOutcome::step)
                .returns(PROOF, ClaimOutcome::evidence);
        assertThat(recorder.isEmpty()).isTrue();
    }

    @Test
    void anEndOfTheWorkWaitsForNoLock() {
        addLocked();
        recorder.recordAll(Duration.ofSeconds(3), nanos -> {
            fixture.pass(Duration.ofNanos(nanos));
            return true;
        });
        assertThat(database.taken).singleElement().returns(Step.RETRY, ClaimOutcome::step);
        assertThat(recorder.isEmpty()).isTrue();
    }

    @Test
    void whileTheDatabaseDoesNotAnswerAllIsKeptAndTriedAgainAfterGrowingWaits() {
        database.away = true;
        String one = add();
        recorder.recordDue(true);
        assertThat(obstacles.all()).singleElement().satisfies(OutcomeRecorderTest::isOfTheDatabase);
        for (int millis : List.of(200, 400, 800, 1600, 3200, 5000, 5000)) {
            int before = database.calls.size();
            pass(Duration.ofMillis(millis - 1));
            assertThat(database.calls).hasSize(before);
            assertThat(recorder.nanosToNextTurn())
                    .isEqualTo(Duration.ofMillis(1).toNanos());
            pass(Duration.ofMillis(1));
            assertThat(database.calls).hasSize(before + 1);
        }
        String two = add();
        database.away = false;

        pass(Duration.ofSeconds(5));

        assertThat(database.takenIds()).containsExactly(one, two);
        assertThat(obstacles.all()).isEmpty();
        assertThat(recorder.isEmpty()).isTrue();
    }

    private static void isOfTheDatabase(Obstacle obstacle) {
        assertThat(obstacle.account()).isNull();
        assertThat(obstacle.cause().code()).isEqualTo(Causes.DATABASE_UNAVAILABLE);
        assertThat(obstacle.cause().detail()).contains("1 outcomes wait", "away");
        assertThat(obstacle.since()).isEqualTo(Fixture.NOW);
    }

    @Test
    void aDatabaseThatDoesNotAnswerForTooLongIsToldEachTime() {
        database.away = true;
        add();
        recorder.recordDue(true);
        fixture.pass(OutcomeRecorder.PATIENCE.minusMillis(1));
        recorder.recordDue(true);
        fixture.pass(Duration.ofMillis(1));
        assertThatThrownBy(() -> recorder.recordDue(true)).hasMessageContaining("away");
        assertThatThrownBy(() -> recorder.recordDue(true)).hasMessageContaining("away");
        database.away = false;
        pass(Duration.ofSeconds(5));
        assertThat(database.taken).hasSize(1);
    }

    @Test
    void whatTheDatabaseThrowsOtherwiseIsNotKeptQuiet() {
        OutcomeRecorder broken = new OutcomeRecorder(
                new OutcomeRecorder.Database() {
                    @Override
                    public Recorded record(Collection<ClaimOutcome> outcomes) {
                        throw RetentionException.refused("against the contract");
                    }

                    @Override
                    public Instant now() {
                        return Fixture.NOW;
                    }
                },
                obstacles,
                fixture.settings(false),
                onward::add);
        Claim claim = fixture.claim(1);
        broken.add(at -> ClaimOutcome.deleted(claim, PROOF, at));
        assertThatThrownBy(() -> broken.recordDue(true)).hasMessageContaining("against the contract");
        assertThat(broken.isEmpty()).isFalse();
    }

    private PendingDeletion progressing(String id) {
        PendingDeletion deletion = fixture.deletion(fixture.claim(id, "key", 1, "default"), Fixture.known());
        deletion.evidence(PROOF);
        recorder.addProgress(deletion);
        return deletion;
    }

    @Test
    void whatGoesOnDoesSoOnceItsEvidenceIsRecorded() {
        PendingDeletion deletion = progressing("a");
        database.poison.add("a");
        recorder.recordDue(true);
        assertThat(onward).isEmpty();
        assertThat(recorder.progressing()).hasSize(1);
        database.poison.clear();
        pass(Duration.ofMillis(200));
        assertThat(onward).containsExactly(deletion);
        assertThat(recorder.progressing()).isEmpty();
    }

    @Test
    void whatCanNotBeRecordedDoesNotGoOn() {
        progressing("a");
        database.poison.add("a");
        recorder.recordDue(true);
        IntStream.range(0, 10).forEach(i -> pass(Duration.ofSeconds(2)));
        assertThat(onward).isEmpty();
        assertThat(recorder.progressing()).isEmpty();
        assertThat(recorder.isEmpty()).isTrue();
    }

    private final List<Duration> pauses = new ArrayList<>();

    private boolean pause(long nanos) {
        pauses.add(Duration.ofNanos(nanos));
        fixture.pass(Duration.ofNanos(nanos));
        return true;
    }

    private Duration paused() {
        return pauses.stream().reduce(Duration.ZERO, Duration::plus);
    }

    @Test
    void inTheEndRefusedOnesHaveAllTheirTriesAndTheProofIsKept() {
        addPoison("p");
        String other = add();
        recorder.recordAll(Duration.ofSeconds(3), this::pause);
        assertThat(pauses)
                .containsExactly(
                        Duration.ofMillis(200),
                        Duration.ofMillis(400),
                        Duration.ofMillis(800),
                        Duration.ofMillis(1600));
        assertThat(database.takenIds()).containsExactly(other, "p");
        assertThat(recorder.isEmpty()).isTrue();
    }

    @Test
    void inTheEndAnInterruptLeavesNoTimeButKeepsTheProof() {
        addPoison("p");
        recorder.recordAll(Duration.ofSeconds(3), nanos -> false);
        assertThat(database.takenIds()).containsExactly("p");
        assertThat(recorder.isEmpty()).isTrue();
    }

    @Test
    void inTheEndADatabaseThatDoesNotAnswerIsWaitedForNoLongerThanAllowed() {
        database.away = true;
        add();
        assertThatThrownBy(() -> recorder.recordAll(Duration.ofSeconds(3), this::pause))
                .hasMessageContaining("away");
        assertThat(paused()).isEqualTo(Duration.ofSeconds(3));
    }

    @Test
    void inTheEndADatabaseThatAnswersAgainTakesAll() {
        database.away = true;
        add();
        recorder.recordAll(Duration.ofSeconds(3), nanos -> {
            database.away = paused().compareTo(Duration.ofSeconds(1)) < 0;
            return pause(nanos);
        });
        assertThat(database.taken).hasSize(1);
        assertThat(obstacles.all()).isEmpty();
    }
}
