package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.SweepEvent.OutcomeRecorded;
import dev.retention.SweepEvent.RequestAnswered;
import dev.retention.SweepEvent.SweepEnded;
import dev.retention.SweepEvent.SweepStarted;
import dev.retention.internal.telemetry.Telemetry;
import dev.retention.spi.DeletionResult;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What listeners and tracers are told, and that they can't hold a sweep up. Closing the sweeper lets listeners be told
 * the rest.
 */
class SweepListenerTest {

    private final World world = new World();
    private final Queue<SweepEvent> told = new ConcurrentLinkedQueue<>();

    /** Closes the sweeper once those that have to be told everything were told the end, however long that takes. */
    private SweepReport sweepAndClose(List<SweepListener> withTime, SweepListener... others) {
        RetentionSweeper.Builder builder = world.builder(world.storage);
        List.of(others).forEach(builder::listener);
        CountDownLatch ends = new CountDownLatch(withTime.size());
        for (SweepListener listener : withTime) {
            builder.listener(event -> {
                try {
                    listener.on(event);
                } finally {
                    if (event instanceof SweepEnded) {
                        ends.countDown();
                    }
                }
            });
        }
        try (RetentionSweeper sweeper = builder.build()) {
            SweepReport report = sweeper.sweep();
            await(ends);
            return report;
        }
    }

    private SweepReport sweepAndClose() {
        return sweepAndClose(List.of(told::add));
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(World.HUNG.toSeconds(), TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private <T extends SweepEvent> List<T> events(Class<T> type) {
        return told.stream().filter(type::isInstance).map(type::cast).toList();
    }

    @Test
    void isToldTheStartEachOutcomeAndTheEnd() {
        world.due("a", "b", "held").young("y");
        world.holds.place("case", List.of("held"), "dpo", "litigation", null);
        world.storage.answer("key-b", DeletionResult.refused("no"));

        SweepReport report = sweepAndClose();

        String run = world.repository.runs().latest().orElseThrow().id();
        assertThat(events(SweepStarted.class)).containsExactly(new SweepStarted(run, World.NOW, 3));
        assertThat(told).first().isInstanceOf(SweepStarted.class);
        assertThat(told).last().isEqualTo(new SweepEnded(run, report));
        Map<String, DeletionOutcome> outcomes = events(OutcomeRecorded.class).stream()
                .peek(event -> assertThat(event)
                        .returns(run, OutcomeRecorded::runId)
                        .returns("default", OutcomeRecorded::policy)
                        .returns(1, OutcomeRecorded::attempt))
                .collect(Collectors.toMap(OutcomeRecorded::recordingId, OutcomeRecorded::outcome));
        assertThat(outcomes).isEqualTo(Map.of("a", DeletionOutcome.DELETED, "b", DeletionOutcome.REFUSED));
        assertThat(events(RequestAnswered.class))
                .allMatch(event -> event.operation() == StorageOperation.DELETE
                        && event.storage().equals("fake"))
                .extracting(event -> event.result().kind())
                .containsExactlyInAnyOrder(DeletionResult.Kind.DELETED, DeletionResult.Kind.REFUSED);
    }

    @Test
    void isToldOfASweepThatWasNotStarted() {
        world.due("a").young("y");
        world.repository.setIdentity(new dev.retention.spi.DatabaseIdentity("a real database", false));

        SweepReport report = sweepAndClose();

        assertThat(report.end()).isEqualTo(SweepEnd.REFUSED);
        assertThat(told).containsExactly(new SweepEnded(null, report));
    }

    @Test
    void isToldWhatAPersonAccepted() {
        world.due("a").young("y");
        world.storage.answer("key-a", DeletionResult.notFound());
        CountDownLatch outcomes = new CountDownLatch(2);
        SweepListener listener = event -> {
            told.add(event);
            if (event instanceof OutcomeRecorded) {
                outcomes.countDown();
            }
        };
        try (RetentionSweeper sweeper =
                world.builder(world.storage).listener(listener).build()) {
            sweeper.sweep();
            RetentionOperations.of(sweeper).acceptUnproven(List.of("a", "y"), "ann");
            await(outcomes);
        }
        assertThat(events(OutcomeRecorded.class))
                .extracting(OutcomeRecorded::recordingId, OutcomeRecorded::outcome)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("a", DeletionOutcome.UNPROVEN),
                        org.assertj.core.groups.Tuple.tuple("a", DeletionOutcome.ACCEPTED_UNPROVEN));
    }

    @Test
    void mayThrowWithoutHarmToTheSweepOrToOthers() {
        world.due(30).young("y");

        Queue<SweepEvent> thrownAt = new ConcurrentLinkedQueue<>();

        SweepReport report = sweepAndClose(List.of(
                event -> {
                    thrownAt.add(event);
                    throw new NoClassDefFoundError("a sink that is not there");
                },
                told::add));

        assertThat(report.deleted()).isEqualTo(30);
        assertThat(events(OutcomeRecorded.class)).hasSize(30);
        assertThat(thrownAt).containsExactlyElementsOf(told);
    }

    @Test
    void mayBlockWithoutHarmToTheSweepOrToOthers() {
        world.due(30).young("y");
        CountDownLatch never = new CountDownLatch(1);

        SweepReport report = sweepAndClose(List.of(told::add), event -> {
            try {
                never.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });

        assertThat(report.deleted()).isEqualTo(30);
        assertThat(events(OutcomeRecorded.class)).hasSize(30);
    }

    @Test
    void losesAndCountsWhatItIsTooSlowFor() throws InterruptedException {
        CountDownLatch blocked = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Telemetry telemetry = new Telemetry(
                List.of(event -> {
                    blocked.countDown();
                    try {
                        goOn.await();
                        told.add(event);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                }),
                null,
                World.HUNG);
        SweepEvent event = new SweepStarted("run", World.NOW, 1);
        telemetry.tell(event);
        blocked.await();
        for (int i = 1; i < Telemetry.MOST_WAITING + 7; i++) {
            telemetry.tell(event);
        }
        goOn.countDown();
        telemetry.close();
        assertThat(telemetry.dropped()).isEqualTo(7);
        assertThat(told).hasSize(Telemetry.MOST_WAITING);
    }

    /** Counts what starts and ends. */
    private static final class Spans implements SweepTracer {

        final Queue<String> ended = new ConcurrentLinkedQueue<>();

        private final class Named implements Span {
            private final String name;
            private final Thread thread = Thread.currentThread();

            Named(String name) {
                this.name = name;
            }

            @Override
            public void end(String result, @Nullable Throwable failure) {
                assertThat(Thread.currentThread()).isSameAs(thread);
                ended.add(name + " " + result);
            }
        }

        @Override
        public Span sweepStarts() {
            return new Named("sweep");
        }

        @Override
        public Span requestStarts(@Nullable Span sweep, String storage, StorageOperation operation) {
            String parent = sweep instanceof Named named ? named.name : "nothing";
            return new Named(operation + " of " + storage + " in " + parent);
        }
    }

    @Test
    void aTracerSeesTheSweepAroundItsRequests() {
        world.due("a", "b").young("y");
        world.storage.answer("key-b", recording -> {
            throw new IllegalStateException("boom");
        });
        Spans spans = new Spans();

        world.builder(world.storage).tracer(spans).build().sweep();

        assertThat(spans.ended)
                .contains("DELETE of fake in sweep DELETED", "DELETE of fake in sweep FAILED")
                .last()
                .isEqualTo("sweep COMPLETED");
    }

    @Test
    void aTracerMayThrow() {
        world.due(3).young("y");
        SweepTracer broken = new SweepTracer() {
            @Override
            public Span sweepStarts() {
                return (result, failure) -> {
                    throw new IllegalStateException("at the end");
                };
            }

            @Override
            public Span requestStarts(@Nullable Span sweep, String storage, StorageOperation operation) {
                throw new IllegalStateException("at the start");
            }
        };
        assertThat(world.builder(world.storage).tracer(broken).build().sweep().deleted())
                .isEqualTo(3);
    }

    @Test
    void howMuchIsUnderWayCanBeAskedFromAnotherThread() throws InterruptedException {
        world.due("a").young("y");
        CountDownLatch sent = new CountDownLatch(1);
        CountDownLatch answer = new CountDownLatch(1);
        world.storage.answer("key-a", recording -> {
            sent.countDown();
            try {
                answer.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return DeletionResult.deleted("late");
        });
        RetentionSweeper sweeper = RetentionSweeper.builder(world.repository, world.storage)
                .clock(world.clock)
                .build();
        assertThat(sweeper.requestsUnderWay()).isZero();
        assertThat(sweeper.concurrencyLimit()).isZero();
        Thread sweep = new Thread(sweeper::sweep);
        sweep.start();
        sent.await();
        assertThat(sweeper.requestsUnderWay()).isEqualTo(1);
        assertThat(sweeper.concurrencyLimit()).isBetween(1, RetentionSweeper.Builder.DEFAULT_MAX_CONCURRENCY);
        answer.countDown();
        sweep.join();
        assertThat(sweeper.requestsUnderWay()).isZero();
        assertThat(sweeper.concurrencyLimit()).isZero();
    }
}
