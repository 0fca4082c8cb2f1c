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
            public Instant now() {
                throw new UnsupportedOperationException();
            }
        };
        AnswerRules rules = new AnswerRules(3, new Backoff(Duration.ofMinutes(1), Duration.ofHours(1)), false);
        SendPermission permission = new SendPermission(settings(), stop, DueCriteria.erasure(NOW), rules, unused);
        return new Dispatcher(settings(), stop, permission, work -> storage.apply(work));
    }

    private SweepSettings settings() {
        Ticker ticker = new Ticker() {
            @Override
            public long nanos() {
                return nanos.get();
            }

            @Override
            public <T> @Nullable T poll(BlockingQueue<T> queue, long wait, boolean expected) {
                throw new UnsupportedOperationException();
            }
        };
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
}
