package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import dev.retention.internal.support.Ticker;
import dev.retention.spi.DeletionGate;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.Recording;
import dev.retention.spi.RecordingLookup.Identification;
import dev.retention.test.EngineRow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Whatever keeps a sweep from getting on is said when it begins, with its cause, is listed while it lasts, and is said
 * to be over. Other tests log at the same time, so that each account has a name of its own.
 */
class SilentNightTest {

    private static final Duration OUTAGE = Duration.ofMinutes(5);
    private static final Instant BACK = World.NOW.plus(OUTAGE);

    /** What was listed at some time. */
    private record Seen(Instant at, Obstacle obstacle) {}

    private final World world = new World();
    private final String account = "AC-" + UUID.randomUUID();
    private final List<Seen> seen = Collections.synchronizedList(new ArrayList<>());
    private volatile Runnable atEachWait = () -> {};
    private RetentionSweeper sweeper =
            world.builder(world.storage).ticker(new Watching()).build();

    @RegisterExtension
    private final CapturedLog log = new CapturedLog("dev.retention");

    /** The world's ticker, which looks at what is listed whenever the sweeping thread waits. */
    private final class Watching implements Ticker {

        private final Ticker hand = world.ticker();

        @Override
        public long nanos() {
            return hand.nanos();
        }

        @Override
        public <T> @Nullable T poll(BlockingQueue<T> queue, long nanos, boolean expected) throws InterruptedException {
            atEachWait.run();
            sweeper.obstacles().forEach(obstacle -> seen.add(new Seen(world.clock.instant(), obstacle)));
            return hand.poll(queue, nanos, expected);
        }
    }

    private List<String> lines(Level level, String... parts) {
        return log.lines(level, parts).filter(line -> line.contains(account)).toList();
    }

    private World due(String... ids) {
        world.due(ids).young("y");
        ofTheAccount();
        return world;
    }

    private void ofTheAccount() {
        for (EngineRow row : world.repository.rows()) {
            world.repository.put(row.withAccount(account));
        }
    }

    private <T> Function<T, DeletionResult> untilBack(DeletionResult fault, DeletionResult then) {
        return asked -> world.clock.instant().isBefore(BACK) ? fault : then;
    }

    private void unidentifiedUntilBack() {
        Identification unknown = new Identification(DeletionResult.tryLater("503 of the account", null, true), null);
        world.storage.answerIdentifications(
                name -> world.clock.instant().isBefore(BACK) ? unknown : Identification.NOTHING_KNOWN);
    }

    private void assertSaidOnceListedAndOver(String code, Instant until, String... words) {
        assertThat(lines(Level.WARN, "makes no progress", "cause=" + code))
                .singleElement()
                .satisfies(line -> assertThat(line).contains(words));
        assertThat(lines(Level.INFO, "continues", "cause=" + code)).hasSize(1);
        assertThat(seen).isNotEmpty().allSatisfy(each -> {
            assertThat(each.obstacle.account()).isEqualTo(account);
            assertThat(each.obstacle.cause().code()).isEqualTo(code);
            assertThat(each.obstacle.cause().storage()).isEqualTo("fake");
            assertThat(each.obstacle.cause().detail()).contains(words);
            assertThat(each.obstacle.since()).isBetween(World.NOW, World.NOW.plusSeconds(30));
        });
        assertThat(seen.get(seen.size() - 1).at)
                .as("listed until it is over, and no longer")
                .isBetween(until.minusSeconds(30), until.plus(Duration.ofMinutes(2)));
        assertThat(sweeper.obstacles()).isEmpty();
    }

    private void assertNothingSaid() {
        assertThat(seen).isEmpty();
        assertThat(lines(Level.WARN, "makes no progress")).isEmpty();
        assertThat(lines(Level.INFO, "continues")).isEmpty();
    }

    @Test
    void lookUpsOfRecentRecordingsThatAreUnusable() {
        due("a", "b");
        DeletionResult unusable = DeletionResult.tryLater("unusable: it is about another recording", null, true);
        world.storage.answerLookUp("key-y", untilBack(unusable, DeletionResult.stillThere()));

        SweepReport report = sweeper.sweep();

        assertThat(report).returns(2L, SweepReport::deleted).returns(SweepEnd.COMPLETED, SweepReport::end);
        assertSaidOnceListedAndOver("NOT_IDENTIFIED", BACK, "unusable: it is about another recording");
    }

    @Test
    void lookUpsOfRecentRecordingsThatAreUsableAreNoObstacle() {
        due("a", "b");
        world.storage.answerLookUp("key-y", DeletionResult.stillThere());

        assertThat(sweeper.sweep().deleted()).isEqualTo(2);

        assertNothingSaid();
    }

    @Test
    void anAccountThatCanNotBeIdentified() {
        due("a");
        unidentifiedUntilBack();

        assertThat(sweeper.sweep().deleted()).isEqualTo(1);

        assertSaidOnceListedAndOver("NOT_IDENTIFIED", BACK, "503 of the account");
    }

    @Test
    void anOutage() {
        world.due(40).young("y");
        ofTheAccount();
        DeletionResult failed = DeletionResult.tryLater("503 for now", null, false);
        for (EngineRow row : world.repository.rows()) {
            Function<Recording, DeletionResult> answer = untilBack(failed, DeletionResult.deleted("back again"));
            world.storage.answer(String.valueOf(row.storageKey()), answer);
        }

        sweeper.sweep();

        assertSaidOnceListedAndOver("NOT_ANSWERING", BACK, "10 requests in a row", "503 for now");
    }

    @Test
    void aFewFailuresAreNoObstacle() {
        world.due(40).young("y");
        ofTheAccount();
        DeletionResult failed = DeletionResult.tryLater("503 for now", null, false);
        world.storage.answerNext(failed, failed, failed);

        sweeper.sweep();

        assertNothingSaid();
    }

    @Test
    void aWaitThatTheStorageAskedFor() {
        due("a", "b");
        world.storage.answerNext(DeletionResult.throttled("429 come back later", Duration.ofMinutes(3)));

        assertThat(sweeper.sweep().deleted()).isEqualTo(2);

        assertSaidOnceListedAndOver("WAIT_REQUESTED", World.NOW.plus(Duration.ofMinutes(3)), "429 come back later");
    }

    @Test
    void aMomentThatTheStorageAskedForIsNoObstacle() {
        due("a", "b");
        world.storage.answerNext(DeletionResult.throttled("429", Duration.ofSeconds(2)));

        assertThat(sweeper.sweep().deleted()).isEqualTo(2);

        assertNothingSaid();
    }

    @Test
    void anAccountThatIsStoppedIsListedUntilTheRunEnds() {
        due("a", "b", "c", "d");
        for (String other : List.of("c", "d")) {
            world.repository.put(world.row(other).withAccount("of another"));
        }
        world.storage.answer("key-a", DeletionResult.stop("401")).answer("key-b", DeletionResult.stop("401"));

        assertThat(sweeper.sweep())
                .returns(SweepEnd.CREDENTIALS_REFUSED, SweepReport::end)
                .returns(2L, SweepReport::deleted);

        assertThat(seen).isNotEmpty().allSatisfy(each -> {
            assertThat(each.obstacle.account()).isEqualTo(account);
            assertThat(each.obstacle.cause().code()).isEqualTo(SweepEnd.CREDENTIALS_REFUSED.name());
            assertThat(each.obstacle.cause().detail()).contains("401");
        });
        assertThat(lines(Level.ERROR, "CREDENTIALS_REFUSED", "401")).isNotEmpty();
        assertThat(sweeper.obstacles()).isEmpty();
    }

    private void unidentifiedThreeTimes() {
        AtomicInteger asked = new AtomicInteger();
        Identification unknown = new Identification(DeletionResult.tryLater("503 of the account", null, true), null);
        world.storage.answerIdentifications(
                name -> asked.incrementAndGet() <= 3 ? unknown : Identification.NOTHING_KNOWN);
    }

    @Test
    void ofAnErasure() {
        due("a");
        unidentifiedThreeTimes();

        assertThat(RetentionOperations.of(sweeper).erase(List.of("a"), "dpo", "request"))
                .containsEntry("a", EraseAnswer.ERASED);

        assertSaidOnceListedAndOver("NOT_IDENTIFIED", World.NOW, "503 of the account");
    }

    @Test
    void ofARecovery() {
        due("a");
        world.storage.answer("key-a", DeletionResult.tryLater("timed out", null, true));
        assertThat(sweeper.sweep().failed()).isEqualTo(1);
        assertNothingSaid();
        world.storage.answerNormally();
        unidentifiedThreeTimes();
        world.clock.advance(Duration.ofMinutes(2));

        assertThat(sweeper.recover()).isEqualTo(1);

        assertThat(world.isSoftDeleted("a")).isTrue();
        assertThat(lines(Level.WARN, "makes no progress", "cause=NOT_IDENTIFIED"))
                .hasSize(1);
        assertThat(lines(Level.INFO, "continues", "cause=NOT_IDENTIFIED")).hasSize(1);
        assertThat(seen).isNotEmpty();
    }

    /** Of this run, since the database is everybody's. */
    private List<String> linesOfRun(Level level, String... parts) {
        String run = world.repository.runs().latest().orElseThrow().id();
        return log.linesOfRun(run, level, parts).toList();
    }

    @Test
    void aDatabaseThatDoesNotTakeOutcomes() {
        world.due(30).young("y");
        Instant back = World.NOW.plusSeconds(20);
        world.storage.answer("key-due-0015", recording -> {
            world.repository.setUnreachable(true);
            return DeletionResult.deleted("while the database was away");
        });
        atEachWait = () -> {
            if (!world.clock.instant().isBefore(back)) {
                world.repository.setUnreachable(false);
            }
        };

        assertThat(sweeper.sweep()).returns(30L, SweepReport::deleted).returns(SweepEnd.COMPLETED, SweepReport::end);

        assertThat(linesOfRun(Level.WARN, "makes no progress", "cause=DATABASE_UNAVAILABLE"))
                .hasSize(1);
        assertThat(linesOfRun(Level.INFO, "continues", "cause=DATABASE_UNAVAILABLE"))
                .hasSize(1);
        assertThat(seen).isNotEmpty().allSatisfy(each -> {
            assertThat(each.obstacle.account()).isNull();
            assertThat(each.obstacle.cause().code()).isEqualTo("DATABASE_UNAVAILABLE");
            assertThat(each.obstacle.cause().detail()).contains("as the test wanted");
            assertThat(each.at).isBefore(back.plusSeconds(15));
        });
        assertThat(sweeper.obstacles()).isEmpty();
    }

    /** Nothing is in flight yet, so only the run itself notices it. */
    private RetentionSweeper claimsFail(int times, RetentionException failure) {
        AtomicInteger failed = new AtomicInteger();
        DeletionGate gate = InterceptedPort.of(DeletionGate.class, world.repository.gate(), (method, given, call) -> {
            if (method.getName().equals("claim") && failed.getAndIncrement() < times) {
                throw failure;
            }
            return call.run();
        });
        return RetentionSweeper.builder(InterceptedPort.withGate(world.repository, gate), world.storage)
                .clock(world.clock)
                .ticker(new Watching())
                .build();
    }

    private void assertTheRunSaidIt(String code) {
        assertThat(linesOfRun(Level.WARN, "makes no progress", "cause=" + code, "as the test wanted"))
                .hasSize(1);
        assertThat(linesOfRun(Level.INFO, "continues", "cause=" + code)).hasSize(1);
        assertThat(seen)
                .isNotEmpty()
                .allSatisfy(each -> assertThat(each.obstacle.cause())
                        .returns(code, Cause::code)
                        .returns(null, Cause::storage));
        assertThat(sweeper.obstacles()).isEmpty();
    }

    @Test
    void aDatabaseThatDoesNotLetTheRunClaim() {
        world.due(30).young("y");
        sweeper = claimsFail(4, RetentionException.unavailable("away, as the test wanted"));

        assertThat(sweeper.sweep()).returns(30L, SweepReport::deleted).returns(SweepEnd.COMPLETED, SweepReport::end);

        assertTheRunSaidIt("DATABASE_UNAVAILABLE");
    }

    @Test
    void aDatabaseThatRefusesTheRunsClaims() {
        world.due(30).young("y");
        sweeper = claimsFail(4, RetentionException.refused("no grant, as the test wanted"));

        assertThat(sweeper.sweep()).returns(30L, SweepReport::deleted).returns(SweepEnd.COMPLETED, SweepReport::end);

        assertTheRunSaidIt("DATABASE_REFUSED");
    }

    @Test
    void aRowThatCanNotBeMarkedIsAnErrorThatSaysWhatToDo() {
        String poison = "poison-" + UUID.randomUUID();
        world.due(poison).due(5).young("y");
        world.repository.put(world.row(poison).withCreated(World.CUTOFF.minusSeconds(1)));
        world.repository.setSoftDeleteRefused(poison, true);

        assertThat(sweeper.sweep()).returns(5L, SweepReport::deleted).returns(1L, SweepReport::failed);

        assertThat(linesOfRun(Level.ERROR, "recording=" + poison))
                .singleElement()
                .asString()
                .contains("proven gone", "in 5 tries", "refuses to update", "kept in the ledger", "Correct the row");
        assertThat(sweeper.obstacles()).isEmpty();
    }
}
