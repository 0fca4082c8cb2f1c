package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.spi.DeletionResult;
import dev.retention.spi.Recording;
import dev.retention.spi.RecordingStorage;
import dev.retention.test.FakeRecordingStorage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A recording is gone when every copy is. */
class SeveralStoragesTest {

    private final World world = new World();
    private final FakeRecordingStorage copy = new FakeRecordingStorage("copy");

    @BeforeEach
    void rows() {
        world.due("a", "b").young("y");
        copy.put("key-a", "key-b", "key-y");
    }

    @Test
    void everyStorageIsAskedAndItsAnswerKept() {
        SweepReport report = world.builder(copy, world.storage).build().sweep();

        assertThat(report.deleted()).isEqualTo(2);
        assertThat(copy.keys()).containsExactly("key-y");
        assertThat(world.storage.lookUps())
                .as("the account's, and none of a recording that nobody has asked this storage to delete")
                .extracting("storageKey")
                .containsExactly("key-y");
        assertThat(world.storage.keys()).containsExactly("key-y");
        assertThat(world.entry("a").evidence())
                .isEqualTo("copy: DELETED copy deleted it\nfake: DELETED fake deleted it");
    }

    @Test
    void aRowIsNotSoftDeletedWhileOneCopyIsLeftAndTheFirstIsNotAskedAgain() {
        world.storage.answer("key-a", DeletionResult.tryLater("503", null, true));
        RetentionSweeper sweeper = world.builder(copy, world.storage).build();

        assertThat(sweeper.sweep()).returns(1L, SweepReport::deleted).returns(1L, SweepReport::failed);
        assertThat(world.isSoftDeleted("a")).isFalse();
        assertThat(world.entry("a"))
                .returns(DeletionState.DELETING, LedgerEntry::state)
                .returns("copy: DELETED copy deleted it", LedgerEntry::evidence);

        copy.clearJournal();
        world.storage.answerNormally();
        world.clock.advance(Duration.ofMinutes(5));
        sweeper.recover();
        assertThat(copy.calls())
                .filteredOn(call -> "key-a".equals(call.recording().storageKey()))
                .isEmpty();
        assertThat(world.isSoftDeleted("a")).isTrue();
        assertThat(world.entry("a").evidence()).contains("copy: DELETED", "fake: DELETED");
    }

    @Test
    void aHoldBetweenTwoCopiesStopsTheSecondAndDoesNotClaimToHaveKeptAll() {
        copy.answer("key-a", recording -> {
            assertThat(world.holds.place("h", List.of("a"), "dpo", "why", null)).containsValue(HoldAnswer.LATE);
            world.clock.advance(Duration.ofSeconds(3));
            return DeletionResult.deleted("the copy");
        });

        SweepReport report = world.builder(copy, world.storage).build().sweep();

        assertThat(world.storage.holds("key-a")).isTrue();
        assertThat(world.entry("a"))
                .returns(DeletionState.DELETING, LedgerEntry::state)
                .returns(true, LedgerEntry::held);
        assertThat(report.held()).isEqualTo(1);
        assertThat(world.isSoftDeleted("a")).isFalse();
    }

    @Test
    void mediaKeptElsewhereIsGoneWhenAStorageThatCoversItSaysSo() {
        copy.setCoversExternalMedia(true);
        world.storage.answer("key-a", DeletionResult.keptElsewhere("bucket"));

        SweepReport report = world.builder(copy, world.storage).build().sweep();

        assertThat(report.deleted()).isEqualTo(2);
        assertThat(world.entry("a").evidence()).contains("fake: KEPT_ELSEWHERE bucket", "copy: DELETED");
    }

    @Test
    void mediaKeptElsewhereIsNotGoneWhenTheStorageThatCoversItHadNothing() {
        copy.setCoversExternalMedia(true).answer("key-a", DeletionResult.nothingStored("never had it"));
        world.storage.answer("key-a", DeletionResult.keptElsewhere("bucket"));

        SweepReport report = world.builder(copy, world.storage).build().sweep();

        assertThat(report).returns(1L, SweepReport::deleted).returns(1L, SweepReport::failed);
        assertThat(world.isSoftDeleted("a")).isFalse();
    }

    /**
     * The look-up finds nothing of it at the provider, which proves nothing about the bucket; so the bucket is asked
     * again, too.
     */
    @Test
    void mediaKeptElsewhereIsAskedForAnewOnceAPersonWantsIt() {
        copy.setCoversExternalMedia(true).answer("key-a", DeletionResult.nothingStored("not mounted"));
        world.storage.answer("key-a", DeletionResult.keptElsewhere("bucket"));
        RetentionSweeper sweeper = world.builder(copy, world.storage).build();
        sweeper.sweep();
        assertThat(world.state("a")).isEqualTo(DeletionState.QUARANTINED);
        copy.answer("key-a", DeletionResult.deleted("mounted again"));

        assertThat(RetentionOperations.of(sweeper).retry(List.of("a"), "ann")).containsEntry("a", ReviewAnswer.DONE);
        sweeper.recover();

        assertThat(world.entry("a"))
                .returns(DeletionState.DELETED, LedgerEntry::state)
                .satisfies(entry -> assertThat(entry.evidence()).contains("copy: DELETED mounted again"));
        assertThat(world.isSoftDeleted("a")).isTrue();
    }

    @Test
    void aStorageIsToldWhatComesNextOldestFirstAndOnceForEachPage() {
        world.due(12);
        List<List<String>> announced = new ArrayList<>();
        RecordingStorage listening = new RecordingStorage() {
            @Override
            public String name() {
                return "listening";
            }

            @Override
            public DeletionResult delete(Recording recording) {
                assertThat(announced).flatMap(page -> page).contains(recording.id());
                return DeletionResult.deleted("gone");
            }

            @Override
            public void announce(List<Recording> recordings) {
                announced.add(recordings.stream().map(Recording::id).toList());
                throw new IllegalStateException("a hint that fails is no failure");
            }
        };

        SweepReport report = world.builder(listening).batchSize(7).build().sweep();

        assertThat(report.deleted()).isEqualTo(14);
        assertThat(announced).flatMap(page -> page).hasSize(14).isSorted();
    }
}
