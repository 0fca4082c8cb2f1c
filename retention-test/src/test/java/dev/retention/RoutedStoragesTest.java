package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.spi.DeletionResult;
import dev.retention.spi.Recording;
import dev.retention.spi.RecordingLookup;
import dev.retention.spi.RecordingStorage;
import dev.retention.test.EngineRow;
import dev.retention.test.FakeRecordingStorage;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** Recordings of several kinds in one table, each of which only some storages may hold. */
class RoutedStoragesTest {

    private final World world = new World();
    private final FakeRecordingStorage videos = new FakeRecordingStorage("videos");
    private final RecordingStorage onlyVoice = routed(world.storage, "voice"::equals);
    private final RecordingStorage onlyVideos = routed(videos, "video"::equals);

    /** One without a kind may be of any. */
    private static RecordingStorage routed(FakeRecordingStorage storage, Predicate<String> kind) {
        return new RecordingLookup() {
            @Override
            public String name() {
                return storage.name();
            }

            @Override
            public DeletionResult delete(Recording recording) {
                return storage.delete(recording);
            }

            @Override
            public DeletionResult lookUp(Recording recording) {
                return storage.lookUp(recording);
            }

            @Override
            public boolean mayHold(Recording recording) {
                String value = recording.attributes().get("kind");
                return value == null || kind.test(value);
            }
        };
    }

    private void kind(String kind, String... ids) {
        for (String id : ids) {
            world.repository.put(world.row(id).withAttribute("kind", kind));
        }
    }

    private SweepReport sweep(RecordingStorage... storages) {
        return world.builder(storages).firstRun(FirstRun.TRUST).build().sweep();
    }

    private List<String> keysOf(List<Recording> recordings) {
        return recordings.stream().map(Recording::id).toList();
    }

    @Test
    void areDeletedWhereTheyMayBe() {
        world.due("call", "film", "unknown").young("young-call", "young-film");
        kind("voice", "call", "young-call");
        kind("video", "film", "young-film");
        for (EngineRow row : world.repository.rows()) {
            videos.put("key-" + row.id());
        }

        SweepReport report = sweep(onlyVoice, onlyVideos);

        assertThat(report.end()).isEqualTo(SweepEnd.COMPLETED);
        assertThat(report.deleted()).isEqualTo(3);
        assertThat(keysOf(world.storage.deletes())).containsExactlyInAnyOrder("call", "unknown");
        assertThat(keysOf(videos.deletes())).containsExactlyInAnyOrder("film", "unknown");
        assertThat(keysOf(world.storage.lookUps())).containsExactly("young-call");
        assertThat(keysOf(videos.lookUps())).containsExactly("young-film");
    }

    @Test
    void areRefusedIfNoStorageMayHoldThem() {
        world.due("call", "film").young("young");
        kind("voice", "call");
        kind("video", "film");

        SweepReport report = sweep(onlyVoice);

        assertThat(report.end()).isEqualTo(SweepEnd.COMPLETED);
        assertThat(report).returns(1L, SweepReport::deleted).returns(1L, SweepReport::quarantined);
        assertThat(world.isSoftDeleted("film")).isFalse();
        assertThat(world.entry("film").state()).isEqualTo(DeletionState.ACTIVE);
        assertThat(world.causeCode(world.entry("film"))).isEqualTo("NO_STORAGE");
        LedgerEntry refused = world.entry("film");
        world.clock.advance(Duration.ofDays(1));
        sweep(onlyVoice);
        assertThat(world.entry("film")).as("judged once").isEqualTo(refused);

        videos.put("key-film", "key-young");
        RetentionSweeper both =
                world.builder(onlyVoice, onlyVideos).firstRun(FirstRun.TRUST).build();
        both.sweep();
        RetentionOperations operations = RetentionOperations.of(both);
        operations.plans().forEach(plan -> operations.confirm(plan.id(), "ann"));
        assertThat(both.sweep().deleted()).isEqualTo(1);
        assertThat(keysOf(videos.deletes())).containsExactly("film");
    }

    @Test
    void areAskedForIfAStorageCantSay() {
        world.due("call").young("young");
        kind("voice", "call");

        sweep(routed(world.storage, value -> {
            throw new IllegalStateException("broken");
        }));

        assertThat(keysOf(world.storage.deletes())).containsExactly("call");
    }

    /** A proof of one storage says nothing about another, whatever the kind is by then. */
    @Test
    void areSettledByTheStoragesThatMayHoldThemWhenTheyAreClaimed() {
        world.due("film").young("young");
        kind("video", "film");
        videos.put("key-film", "key-young");
        videos.answer("key-film", DeletionResult.tryLater("503", null, false));
        sweep(onlyVoice, onlyVideos);
        assertThat(world.state("film")).isEqualTo(DeletionState.DELETING);
        kind("voice", "film");
        world.clock.advance(Duration.ofHours(1));

        sweep(onlyVoice, onlyVideos);

        assertThat(keysOf(world.storage.deletes())).containsExactly("film");
        assertThat(world.isSoftDeleted("film")).isTrue();
    }
}
