package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.spi.DeletionGate;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.RecordingRepository;
import dev.retention.test.EngineRow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A database that lets recordings be claimed and checked, and for a while takes no outcome. */
class UnrecordedOutcomesTest {

    private static final int DUE = 2_000;
    private static final Duration EACH = Duration.ofMillis(10);
    private static final Duration AWAY = Duration.ofSeconds(20);

    /** What one instance may send within the two seconds for which a check lasts, twice over. */
    private static final int SENT_BY_CHECKS_BEFORE = 400;

    private final World world = new World();
    private final List<Instant> sent = new ArrayList<>();
    private @Nullable Instant firstFailure;

    private SweepReport sweep(Duration away) {
        world.due(DUE).young("y");
        for (EngineRow row : world.repository.rows()) {
            world.storage.answer(String.valueOf(row.storageKey()), recording -> {
                world.clock.advance(EACH);
                synchronized (sent) {
                    sent.add(world.clock.instant());
                }
                return DeletionResult.deleted("after a while");
            });
        }
        DeletionGate gate = InterceptedPort.of(DeletionGate.class, world.repository.gate(), (method, args, call) -> {
            if (method.getName().equals("record")) {
                failWhileAway(away);
            }
            return call.run();
        });
        RecordingRepository repository = InterceptedPort.withGate(world.repository, gate);
        return RetentionSweeper.builder(repository, world.storage)
                .clock(world.clock)
                .ticker(world.ticker())
                .maxConcurrency(1)
                .firstRun(FirstRun.TRUST)
                .maxShare(1)
                .build()
                .sweep();
    }

    private void failWhileAway(Duration away) {
        Instant now = world.clock.instant();
        if (away.isZero() || now.isBefore(World.NOW.plusSeconds(1))) {
            return;
        }
        firstFailure = firstFailure == null ? now : firstFailure;
        if (now.isBefore(firstFailure.plus(away))) {
            throw RetentionException.unavailable("no outcome is taken, as the test wanted");
        }
    }

    private long sentWhileAway() {
        Instant from = firstFailure;
        assertThat(from).as("when recording failed first").isNotNull();
        return sent.stream()
                .filter(at -> at.isAfter(from) && at.isBefore(from.plus(AWAY)))
                .count();
    }

    @Test
    void nothingMoreIsSentThanWhatWasCheckedBefore() {
        SweepReport report = sweep(AWAY);

        assertThat(sentWhileAway()).isLessThan(SENT_BY_CHECKS_BEFORE);
        assertThat(report).returns((long) DUE, SweepReport::deleted).returns(SweepEnd.COMPLETED, SweepReport::end);
        assertThat(sent).as("each once").hasSize(DUE);
    }

    @Test
    void withoutItAllIsSentWithinThatTime() {
        SweepReport report = sweep(Duration.ZERO);

        assertThat(report).returns((long) DUE, SweepReport::deleted).returns(SweepEnd.COMPLETED, SweepReport::end);
        assertThat(Duration.between(sent.get(0), sent.get(DUE - 1))).isLessThan(AWAY.plusSeconds(1));
    }
}
