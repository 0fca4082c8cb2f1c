package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.spi.DeletionPermit;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.Recording;
import dev.retention.spi.RecordingStorage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** When a deletion is at the storage, its check is at most two seconds old, whatever needed time in between. */
class PermitTest {

    private static final Duration PROMISED = Duration.ofSeconds(2);

    private final World world = new World();
    private final AtomicInteger requests = new AtomicInteger();
    private final List<Instant> arrivals = Collections.synchronizedList(new ArrayList<>());

    /** Done while the third deletion is on its way to the storage. */
    private Runnable onTheWay = () -> {};

    private @Nullable Instant paused;

    /** What needs the time. */
    private enum Slow {
        TRACER,
        DECORATOR,
        STORAGE
    }

    private RetentionSweeper sweeper(Slow slow) {
        return switch (slow) {
            case TRACER ->
                world.builder(new Storage(() -> {})).tracer(new SlowTracer()).build();
            case DECORATOR ->
                world.builder(new Decorator(new Storage(() -> {}))).build();
            case STORAGE -> world.builder(new Storage(this::pass)).build();
        };
    }

    private void pass() {
        if (requests.incrementAndGet() == 3) {
            onTheWay.run();
        }
    }

    /** Does something before it asks for the permit, and notes when it deletes. */
    private final class Storage implements RecordingStorage {

        private final Runnable before;

        Storage(Runnable before) {
            this.before = before;
        }

        @Override
        public String name() {
            return "fake";
        }

        @Override
        public DeletionResult delete(Recording recording) {
            arrivals.add(world.clock.instant());
            return world.storage.delete(recording);
        }

        @Override
        public DeletionResult delete(Recording recording, DeletionPermit permit) {
            before.run();
            return RecordingStorage.super.delete(recording, permit);
        }
    }

    /** Like a limit of the rate: needs time before it calls the storage inside, and never asks itself. */
    private final class Decorator implements RecordingStorage {

        private final RecordingStorage inside;

        Decorator(RecordingStorage inside) {
            this.inside = inside;
        }

        @Override
        public String name() {
            return inside.name();
        }

        @Override
        public DeletionResult delete(Recording recording) {
            throw new AssertionError("without a permit");
        }

        @Override
        public DeletionResult delete(Recording recording, DeletionPermit permit) {
            pass();
            return inside.delete(recording, permit);
        }
    }

    private final class SlowTracer implements SweepTracer {
        @Override
        public Span sweepStarts() {
            return (result, failure) -> {};
        }

        @Override
        public Span requestStarts(@Nullable Span sweep, String storage, StorageOperation operation) {
            if (operation == StorageOperation.DELETE) {
                pass();
            }
            return (result, failure) -> {};
        }
    }

    @ParameterizedTest
    @EnumSource(Slow.class)
    void nothingArrivesLaterThanPromisedAfterAPause(Slow slow) {
        world.due("a", "b", "c", "d").young("y");
        RetentionSweeper sweeper = sweeper(slow);
        onTheWay = () -> {
            world.clock.advance(Duration.ofMillis(1));
            RetentionOperations.of(sweeper).pause("ann", "audit");
            paused = world.clock.instant();
            world.clock.advance(PROMISED);
        };

        SweepReport report = sweeper.sweep();

        assertThat(report.end()).isEqualTo(SweepEnd.PAUSED);
        assertThat(world.deletedKeys()).containsExactly("key-a", "key-b");
        Instant last = Objects.requireNonNull(paused).plus(PROMISED);
        assertThat(arrivals).noneMatch(arrival -> arrival.isAfter(last));
        assertThat(world.state("c")).as("it was not sent").isEqualTo(DeletionState.ACTIVE);
        assertThat(world.holds.place("h", List.of("c"), "dpo", "dispute", null)).containsEntry("c", HoldAnswer.HELD);
    }

    @ParameterizedTest
    @EnumSource(Slow.class)
    void whatIsSentWithinThePromiseIsDeleted(Slow slow) {
        world.due("a", "b", "c", "d").young("y");
        RetentionSweeper sweeper = sweeper(slow);
        onTheWay = () -> {
            RetentionOperations.of(sweeper).pause("ann", "audit");
            world.clock.advance(PROMISED.dividedBy(2));
        };

        sweeper.sweep();

        assertThat(world.deletedKeys()).as("its check was fresh").contains("key-c");
    }

    @ParameterizedTest
    @EnumSource(Slow.class)
    void whatIsDelayedAndStillAllowedIsDeletedAtOnce(Slow slow) {
        world.due("a", "b", "c", "d").young("y");
        onTheWay = () -> world.clock.advance(Duration.ofMinutes(1));

        SweepReport report = sweeper(slow).sweep();

        assertThat(report.deleted()).isEqualTo(4);
        assertThat(world.entry("c").attempts()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(Slow.class)
    void aHoldThatWasAnsweredLateProtectsWhatWasNotSent(Slow slow) {
        world.due("a", "b", "c", "d").young("y");
        onTheWay = () -> {
            assertThat(world.holds.place("h", List.of("c"), "dpo", "dispute", null))
                    .isEqualTo(Map.of("c", HoldAnswer.LATE));
            world.clock.advance(PROMISED.plusMillis(1));
        };

        SweepReport report = sweeper(slow).sweep();

        assertThat(world.deletedKeys()).containsExactly("key-a", "key-b", "key-d");
        assertThat(report.held()).isEqualTo(1);
        assertThat(world.state("c")).isEqualTo(DeletionState.ACTIVE);
    }

    @Test
    void aStorageThatNeverAsksIsNotCalledAfterASlowTracer() {
        world.due("a", "b", "c", "d").young("y");
        RecordingStorage careless = new RecordingStorage() {
            @Override
            public String name() {
                return "fake";
            }

            @Override
            public DeletionResult delete(Recording recording) {
                return world.storage.delete(recording);
            }

            @Override
            public DeletionResult delete(Recording recording, DeletionPermit permit) {
                return delete(recording);
            }
        };
        RetentionSweeper sweeper =
                world.builder(careless).tracer(new SlowTracer()).build();
        onTheWay = () -> {
            RetentionOperations.of(sweeper).pause("ann", "audit");
            world.clock.advance(PROMISED.plusMillis(1));
        };

        assertThat(sweeper.sweep().end()).isEqualTo(SweepEnd.PAUSED);

        assertThat(world.deletedKeys()).containsExactly("key-a", "key-b");
        assertThat(world.state("c")).as("it was not sent").isEqualTo(DeletionState.ACTIVE);
    }

    /** A storage that is not sure that it sent nothing is treated as if it had sent it. */
    @Test
    void whatMayHaveBeenSentAllTheSameIsNotReleased() {
        world.due("a", "b", "c").young("y");
        RecordingStorage unsure = new RecordingStorage() {
            @Override
            public String name() {
                return "fake";
            }

            @Override
            public DeletionResult delete(Recording recording) {
                return world.storage.delete(recording);
            }

            @Override
            public DeletionResult delete(Recording recording, DeletionPermit permit) {
                pass();
                return permit.lasts() ? delete(recording) : DeletionResult.tryLater("lost", null, false);
            }
        };
        RetentionSweeper sweeper = world.builder(unsure).build();
        onTheWay = () -> {
            RetentionOperations.of(sweeper).pause("ann", "audit");
            world.clock.advance(PROMISED.plusMillis(1));
        };

        sweeper.sweep();

        assertThat(world.state("c")).isEqualTo(DeletionState.DELETING);
    }
}
