package dev.retention.internal.deletion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.internal.account.AccountState;
import dev.retention.internal.settings.RequestLimits;
import dev.retention.internal.settings.RetrySettings;
import dev.retention.internal.settings.RunLimits;
import dev.retention.internal.settings.SweepSettings;
import dev.retention.internal.settings.TimeSettings;
import dev.retention.internal.support.StopSignal;
import dev.retention.internal.support.Ticker;
import dev.retention.internal.telemetry.Telemetry;
import dev.retention.spi.Claim;
import dev.retention.spi.DeletionGate.Objection;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.Evidence;
import dev.retention.spi.Recording;
import dev.retention.spi.RecordingStorage;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What worker threads send by themselves while the sweeping thread is at the database, and what they leave. */
class DispatcherTest {

    private static final Instant NOW = Instant.parse("2026-11-22T03:00:00Z");
    /** Only what hangs takes so long. */
    private static final Duration HUNG = Duration.ofMinutes(3);

    private static final int CONCURRENCY = 4;
    private static final int MANY = 200;

    private final AtomicLong nanos = new AtomicLong();
    private final StopSignal stop = new StopSignal();
    private final AccountState account = account();
    private volatile Function<PendingDeletion, DeletionResult> storage = work -> DeletionResult.deleted("gone");
    private final Ticker ticker = ticker();
    private final RequestBudget budget = new RequestBudget(CONCURRENCY, null, ticker);
    private final Dispatcher sender = sender();
    private final AtomicLong sentAfterwards = new AtomicLong();
    private volatile boolean acted;
    private boolean stopSeen;
    private final CountDownLatch stopArrived = new CountDownLatch(1);
    private int answersAfterStop;
    private int number;

    private static AccountState account() {
        AccountState account = new AccountState(null, CONCURRENCY, 0, null);
        account.identified(true);
        return account;
    }

    private Dispatcher sender() {
        SendPermission.Database unused = new SendPermission.Database() {
            @Override
            public Set<String> verify(Collection<Claim> claims, DueCriteria criteria) {
                throw new UnsupportedOperationException();
            }

            @Override
            public Map<String, Objection> objections(Collection<Claim> claims, DueCriteria criteria) {
                throw new UnsupportedOperationException();
            }

            @Override
            public Instant now() {
                throw new UnsupportedOperationException();
            }
        };
        AnswerRules rules = new AnswerRules(3, new Backoff(Duration.ofMinutes(1), Duration.ofHours(1)), false);
        SendPermission permission = new SendPermission(settings(), stop, DueCriteria.erasure(NOW), rules, unused);
        return new Dispatcher(settings(), stop, permission, budget, work -> storage.apply(work));
    }

    private Ticker ticker() {
        return new Ticker() {
            @Override
            public long nanos() {
                return nanos.get();
            }

            @Override
            public <T> @Nullable T poll(BlockingQueue<T> queue, long wait, boolean expected) {
                throw new UnsupportedOperationException();
            }
        };
    }

    private SweepSettings settings() {
        return new SweepSettings(
                "me",
                false,
                new RequestLimits(CONCURRENCY, null, 0, null),
                new RunLimits(500, Duration.ofHours(1), null, Duration.ofMinutes(10), Duration.ofSeconds(30)),
                new RetrySettings(3, Duration.ofMinutes(1), Duration.ofHours(1)),
                new TimeSettings(Clock.systemUTC(), ticker, Duration.ofMinutes(5)),
                new Telemetry(List.of(), null));
    }

    /** The first ten go one by one, each sent by the sweeping thread. */
    @BeforeEach
    void passTheCarefulOnes() throws InterruptedException {
        addReady(10);
        while (sender.answers() < 10) {
            sender.send();
            see();
        }
    }

    @AfterEach
    void stop() throws InterruptedException {
        sender.end();
        assertThat(sender.stopWorkers(HUNG)).isTrue();
        assertThat(budget.taken()).as("slots that were not returned").isZero();
    }

    private void addReady(int count) {
        for (int i = 0; i < count; i++) {
            sender.add(work(1, account));
        }
    }

    private PendingDeletion work(int attempt, AccountState of) {
        String id = "r" + number++;
        Claim claim = Claim.builder(
                        new Recording(id, "key-" + id, null, NOW.minus(Duration.ofDays(100)), Map.of()),
                        id,
                        NOW.plus(Duration.ofMinutes(10)),
                        "default",
                        NOW.minus(Duration.ofDays(90)),
                        "retention_policy")
                .runId("run")
                .attempt(attempt)
                .build();
        RecordingStorage none = new RecordingStorage() {
            @Override
            public String name() {
                return "none";
            }

            @Override
            public DeletionResult delete(Recording recording) {
                throw new UnsupportedOperationException();
            }
        };
        return new PendingDeletion(claim, of, Evidence.NONE, nanos.get(), none);
    }

    private void see() throws InterruptedException {
        Dispatcher.Message message = sender.messages().poll(HUNG.toSeconds(), TimeUnit.SECONDS);
        assertThat(message).as("an answer").isNotNull();
        sender.seen(message);
        answersAfterStop += stopSeen ? 1 : 0;
        if (message instanceof Dispatcher.Answered answered && answered.result().kind() == DeletionResult.Kind.STOP) {
            stopSeen = true;
            stopArrived.countDown();
        }
    }

    /**
     * Sends once, and then only looks at answers, as if the sweeping thread were at the database for long. Returns how
     * many were sent.
     */
    private int sentByItself() throws InterruptedException {
        sender.send();
        int sent = 0;
        while (sender.isExpecting()) {
            see();
            sent++;
        }
        return sent;
    }

    /**
     * Does something while one request is at the storage, and counts those that come there afterwards. Other threads
     * may be quicker: what comes in between is answered when it is done.
     */
    private void atAnswer(int one, Runnable action, DeletionResult result) {
        AtomicLong answers = new AtomicLong();
        CountDownLatch done = new CountDownLatch(1);
        storage = work -> {
            if (acted) {
                sentAfterwards.incrementAndGet();
            }
            long number = answers.incrementAndGet();
            if (number == one) {
                action.run();
                acted = true;
                done.countDown();
                return result;
            }
            if (number > one) {
                await(done);
            }
            return DeletionResult.deleted("gone");
        };
    }

    /** But for those that were on their way to the storage. */
    private void assertNothingGoesAfterwards() throws InterruptedException {
        assertThat(sentByItself()).isBetween(20, MANY - 1);
        assertThat(sentAfterwards.get()).isLessThan(CONCURRENCY);
    }

    @Test
    void workersGoOnByThemselves() throws InterruptedException {
        addReady(MANY);
        assertThat(sentByItself()).isEqualTo(MANY);
        assertThat(sender.hasReady()).isFalse();
    }

    @Test
    void nothingGoesThatWasNotCheckedFreshly() throws InterruptedException {
        addReady(MANY);
        atAnswer(20, () -> nanos.addAndGet(SendPermission.FRESH.toNanos() + 1), DeletionResult.deleted("gone"));
        assertNothingGoesAfterwards();

        sender.checked(sender.ready(), nanos.get());
        sentByItself();
        assertThat(sender.hasReady()).as("once it was checked again, all goes").isFalse();
    }

    @Test
    void whatIsJustFreshEnoughGoes() throws InterruptedException {
        addReady(MANY);
        atAnswer(20, () -> nanos.addAndGet(SendPermission.FRESH.toNanos()), DeletionResult.deleted("gone"));
        assertThat(sentByItself()).isEqualTo(MANY);
    }

    @Test
    void nothingGoesOnceStoppingIsAskedFor() throws InterruptedException {
        addReady(MANY);
        atAnswer(20, stop::request, DeletionResult.deleted("gone"));
        assertNothingGoesAfterwards();
    }

    @Test
    void nothingGoesOnceTheEndHasBegun() throws InterruptedException {
        addReady(MANY);
        atAnswer(20, sender::end, DeletionResult.deleted("gone"));
        assertNothingGoesAfterwards();
    }

    @Test
    void nothingGoesToAnAccountThatRefusesTheCredentials() throws InterruptedException {
        addReady(MANY);
        AtomicLong asked = new AtomicLong();
        storage = work -> {
            if (asked.incrementAndGet() == 20) {
                return DeletionResult.stop("401");
            }
            if (asked.get() > 20) {
                await(stopArrived);
            }
            return DeletionResult.deleted("gone");
        };
        assertThat(sentByItself()).isBetween(20, MANY - 1);
        // Those that were under way when the answer arrived.
        assertThat(answersAfterStop).isLessThan(CONCURRENCY);
    }

    /** Other threads may be slower. Bounded, so that the test fails and does not hang. */
    private static void await(CountDownLatch latch) {
        try {
            latch.await(HUNG.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void nothingGoesToAnAccountThatIsNotKnownYet() throws InterruptedException {
        AccountState stranger = new AccountState("AC2", CONCURRENCY, 0, null);
        sender.add(work(1, stranger));
        addReady(MANY);
        assertThat(sentByItself()).isEqualTo(MANY);
        assertThat(sender.ready()).hasSize(1);
        assertThat(sender.unidentified()).containsExactly(stranger);
    }

    @Test
    void whatHasUsedUpItsAttemptsIsLeftToTheSweepingThread() throws InterruptedException {
        addReady(MANY / 2);
        PendingDeletion exhausted = work(4, account);
        sender.add(exhausted);
        sender.checked(java.util.List.of(exhausted), nanos.get());
        addReady(MANY / 2);
        assertThat(sentByItself()).isEqualTo(MANY);
        assertThat(sender.ready()).containsExactly(exhausted);
        assertThat(sender.send().usedUp()).containsExactly(exhausted);
    }

    private void passTheCarefulOnes(Dispatcher other, AccountState of) throws InterruptedException {
        for (int i = 0; i < 10; i++) {
            other.add(work(1, of));
            other.send();
            other.seen(other.messages().poll(HUNG.toSeconds(), TimeUnit.SECONDS));
        }
    }

    /** A hanging account does not keep another one from its first answers. */
    @Test
    void theFirstAnswersOfEachAccountAreAwaitedByThemselves() throws InterruptedException {
        CountDownLatch hangs = new CountDownLatch(1);
        AccountState hanging = new AccountState("hanging", CONCURRENCY, 0, null);
        AccountState other = new AccountState("other", CONCURRENCY, 0, null);
        hanging.identified(true);
        other.identified(true);
        List<AccountState> atStorage = new CopyOnWriteArrayList<>();
        storage = work -> {
            atStorage.add(work.account);
            if (work.account == hanging) {
                await(hangs);
            }
            return DeletionResult.deleted("gone");
        };
        for (int n = 0; n < 15; n++) {
            sender.add(work(1, hanging));
        }
        for (int n = 0; n < 15; n++) {
            sender.add(work(1, other));
        }
        int seen = 0;
        while (seen < 15) {
            sender.send();
            see();
            seen++;
        }
        assertThat(atStorage).filteredOn(hanging::equals).as("one by one").hasSize(1);
        assertThat(atStorage).filteredOn(other::equals).hasSize(15);
        hangs.countDown();
        while (sender.hasReady() || sender.isExpecting()) {
            sender.send();
            see();
        }
        assertThat(atStorage).hasSize(30);
    }

    /** A slow account may use all slots, until another one has work. */
    @Test
    void anotherAccountGetsTheNextSlotThatASlowOneLeaves() throws InterruptedException {
        AccountState other = new AccountState("other", CONCURRENCY, 0, null);
        other.identified(true);
        CountDownLatch answer = new CountDownLatch(1);
        List<AccountState> atStorage = new CopyOnWriteArrayList<>();
        storage = work -> {
            atStorage.add(work.account);
            await(answer);
            return DeletionResult.deleted("gone");
        };
        addReady(MANY);
        sender.send();
        assertThat(budget.taken()).isEqualTo(CONCURRENCY);
        PendingDeletion ofOther = work(1, other);
        sender.add(ofOther);
        sender.send();
        assertThat(sender.underWay()).isEqualTo(CONCURRENCY);
        answer.countDown();
        while (!atStorage.contains(other)) {
            see();
            sender.send();
        }
        assertThat(atStorage.indexOf(other))
                .as("before the slow one had " + MANY)
                .isLessThan(4 * CONCURRENCY);
        while (sender.hasReady() || sender.isExpecting()) {
            sender.send();
            see();
        }
    }

    /** Two pieces of work of one sweeper, such as a sweep and an erasure. */
    @Test
    void whoWaitsGetsTheNextSlotThatOtherWorkLeaves() throws InterruptedException {
        Dispatcher erasure = sender();
        AccountState erasing = account();
        passTheCarefulOnes(erasure, erasing);
        CountDownLatch answer = new CountDownLatch(1);
        List<PendingDeletion> atStorage = new CopyOnWriteArrayList<>();
        storage = work -> {
            atStorage.add(work);
            await(answer);
            return DeletionResult.deleted("gone");
        };
        addReady(MANY);
        sender.send();
        assertThat(budget.taken()).isEqualTo(CONCURRENCY);
        PendingDeletion erased = work(1, erasing);
        erasure.add(erased);
        erasure.send();
        assertThat(erasure.underWay()).as("all slots are taken").isZero();
        assertThat(erasure.isExpecting()).as("room").isTrue();
        assertThat(erasure.messages()).isEmpty();

        answer.countDown();

        Dispatcher.Message message = erasure.messages().poll(HUNG.toSeconds(), TimeUnit.SECONDS);
        assertThat(message).isInstanceOf(Dispatcher.Room.class);
        erasure.seen(message);
        erasure.send();
        assertThat(erasure.hasReady())
                .as("though the sweep has " + MANY + " ready")
                .isFalse();
        erasure.seen(erasure.messages().poll(HUNG.toSeconds(), TimeUnit.SECONDS));
        assertThat(atStorage).contains(erased);
        assertThat(erasure.isExpecting()).isFalse();
        erasure.end();
        assertThat(erasure.stopWorkers(HUNG)).isTrue();
        while (sender.hasReady() || sender.isExpecting()) {
            sender.send();
            see();
        }
    }

    /** Storages are called where nothing can be thrown; this is for what nobody has thought of. */
    @Test
    void whatAWorkerThrewTakesNoSlotOfOtherWork() throws InterruptedException {
        storage = work -> {
            throw new IllegalStateException("thrown on purpose");
        };
        addReady(1);
        sender.send();
        sender.end();
        assertThat(sender.stopWorkers(HUNG)).isTrue();
        assertThat(budget.taken()).isZero();
        assertThat(account.allowance(nanos.get())).isEqualTo(CONCURRENCY);
    }

    @Test
    void whatNobodyWaitsForAnyMoreTakesNoSlot() throws InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        storage = work -> {
            boolean interrupted = false;
            while (never.getCount() > 0) {
                try {
                    never.await();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            return DeletionResult.deleted("gone");
        };
        addReady(2);
        sender.send();
        assertThat(budget.taken()).isEqualTo(2);
        assertThat(sender.stopWorkers(Duration.ZERO)).isFalse();
        assertThat(budget.taken()).isZero();
        assertThat(account.allowance(nanos.get())).isPositive();
        never.countDown();
        assertThat(sender.stopWorkers(HUNG)).isTrue();
        assertThat(budget.taken()).as("not returned twice").isZero();
    }

    /** One that has failed before would probably fail again, and keep the account closed. */
    @Test
    void probesAnAccountWithWhatHasNotFailedBefore() throws InterruptedException {
        AccountState down = account();
        while (!down.isOpen()) {
            down.sent(nanos.get());
            down.answered(DeletionResult.tryLater("503", null, true), false, nanos.get(), nanos.get());
        }
        nanos.addAndGet(Duration.ofMinutes(2).toNanos());
        PendingDeletion failed = work(2, down);
        PendingDeletion fresh = work(1, down);
        sender.add(failed);
        sender.add(fresh);
        sender.checked(List.of(failed, fresh), nanos.get());
        List<PendingDeletion> sent = new CopyOnWriteArrayList<>();
        storage = work -> {
            sent.add(work);
            return DeletionResult.deleted("204");
        };

        sender.send();
        see();

        assertThat(sent).containsExactly(fresh);
        sender.send();
        see();
        assertThat(sent).containsExactly(fresh, failed);
    }
}
