package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.spi.Claim;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.Recording;
import dev.retention.spi.RecordingStorage;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What worker threads send by themselves while the sweeping thread is at the database, and what they leave. */
class SenderTest {

    private static final Instant NOW = Instant.parse("2026-11-22T03:00:00Z");
    private static final int CONCURRENCY = 4;
    private static final int MANY = 200;

    private final AtomicLong nanos = new AtomicLong();
    private final StopSignal stop = new StopSignal();
    private final Account account = account();
    private volatile Function<Work, DeletionResult> storage = work -> DeletionResult.deleted("gone");
    private final Sender sender = new Sender(settings(), stop, work -> storage.apply(work));
    private final AtomicLong sentAfterwards = new AtomicLong();
    private volatile boolean acted;
    private boolean stopSeen;
    private int answersAfterStop;
    private int number;

    private static Account account() {
        Account account = new Account(null, new ConcurrencyLimit(CONCURRENCY, 0, null));
        account.trust(Account.Trust.KNOWN);
        return account;
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
                Clock.systemUTC(),
                "me",
                500,
                CONCURRENCY,
                null,
                0,
                null,
                Duration.ofHours(1),
                null,
                Duration.ofMinutes(10),
                3,
                Duration.ofMinutes(1),
                Duration.ofHours(1),
                Duration.ofMinutes(5),
                Duration.ofSeconds(30),
                false,
                ticker,
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
        assertThat(sender.stopWorkers(Duration.ofSeconds(10))).isTrue();
    }

    private void addReady(int count) {
        for (int i = 0; i < count; i++) {
            sender.add(work(1, account));
        }
    }

    private Work work(int attempt, Account of) {
        String id = "r" + number++;
        Claim claim = new Claim(
                new Recording(id, "key-" + id, null, NOW.minus(Duration.ofDays(100)), Map.of()),
                id,
                "run",
                attempt,
                false,
                false,
                NOW.plus(Duration.ofMinutes(10)),
                "default",
                NOW.minus(Duration.ofDays(90)),
                null,
                null,
                "retention_policy",
                null);
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
        return new Work(claim, of, none, Evidence.parse(null), nanos.get());
    }

    private void see() throws InterruptedException {
        Sender.Message message = sender.messages().poll(20, TimeUnit.SECONDS);
        assertThat(message).as("an answer").isNotNull();
        sender.seen(message);
        answersAfterStop += stopSeen ? 1 : 0;
        stopSeen |=
                message instanceof Sender.Answered answered && answered.result().kind() == DeletionResult.Kind.STOP;
    }

    /** Sends once, and then only looks at answers, as if the sweeping thread were at the database for long. Returns how many were sent. */
    private int sentByItself() throws InterruptedException {
        sender.send();
        int sent = 0;
        while (sender.isExpecting()) {
            see();
            sent++;
        }
        return sent;
    }

    /** Does something while one request is at the storage, and counts those that come there afterwards. */
    private void atAnswer(int one, Runnable action, DeletionResult result) {
        AtomicLong answers = new AtomicLong();
        storage = work -> {
            if (acted) {
                sentAfterwards.incrementAndGet();
            }
            if (answers.incrementAndGet() == one) {
                action.run();
                acted = true;
                return result;
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
        atAnswer(20, () -> nanos.addAndGet(Sender.FRESH.toNanos() + 1), DeletionResult.deleted("gone"));
        assertNothingGoesAfterwards();

        sender.checked(sender.ready(), nanos.get());
        sentByItself();
        assertThat(sender.hasReady()).as("once it was checked again, all goes").isFalse();
    }

    @Test
    void whatIsJustFreshEnoughGoes() throws InterruptedException {
        addReady(MANY);
        atAnswer(20, () -> nanos.addAndGet(Sender.FRESH.toNanos()), DeletionResult.deleted("gone"));
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
        atAnswer(20, () -> {}, DeletionResult.stop("401"));
        assertThat(sentByItself()).isBetween(20, MANY - 1);
        // Those that were under way when the answer arrived.
        assertThat(answersAfterStop).isLessThan(CONCURRENCY);
    }

    @Test
    void nothingGoesToAnAccountThatIsNotKnownYet() throws InterruptedException {
        Account stranger = new Account("AC2", new ConcurrencyLimit(CONCURRENCY, 0, null));
        sender.add(work(1, stranger));
        addReady(MANY);
        assertThat(sentByItself()).isEqualTo(MANY);
        assertThat(sender.ready()).hasSize(1);
        assertThat(sender.strangers()).containsExactly(stranger);
    }

    @Test
    void whatHasUsedUpItsAttemptsIsLeftToTheSweepingThread() throws InterruptedException {
        addReady(MANY / 2);
        Work exhausted = work(4, account);
        sender.add(exhausted);
        sender.checked(java.util.List.of(exhausted), nanos.get());
        addReady(MANY / 2);
        assertThat(sentByItself()).isEqualTo(MANY);
        assertThat(sender.ready()).containsExactly(exhausted);
        assertThat(sender.send().usedUp()).containsExactly(exhausted);
    }
}
