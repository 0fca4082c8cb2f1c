package dev.retention.twilio;

import static dev.retention.twilio.TwilioFixture.ACCOUNT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.DeletionLedger;
import dev.retention.DeletionState;
import dev.retention.RetentionSweeper;
import dev.retention.SweepReport;
import dev.retention.spi.Recording;
import dev.retention.test.EngineRow;
import dev.retention.test.InMemoryRecordingRepository;
import dev.retention.test.twilio.TwilioRecording;
import dev.retention.test.twilio.TwilioRequest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Whole sweeps of an account in which media in the customer's bucket is scattered among media at Twilio. */
class TwilioScatteredMediaTest {

    private static final int RECORDINGS = 500;

    /**
     * A sweep.
     *
     * @param falsely the recordings that are recorded as deleted and still in the bucket
     */
    private record Night(SweepReport report, Set<String> bucket, Set<String> falsely, List<TwilioRequest> requests) {

        long deletions() {
            return requests.stream().filter(r -> r.method().equals("DELETE")).count();
        }

        /** Apart from those that identify the account. */
        long lists() {
            return requests.stream()
                    .filter(r -> r.rawPath().contains("DateCreated"))
                    .count();
        }

        long looks() {
            return requests.stream()
                    .filter(r -> r.sid() != null && r.method().equals("GET"))
                    .count();
        }
    }

    /**
     * Sweeps once.
     *
     * @param external how many of the due recordings are in the bucket, drawn at random
     * @param secondsApart how far the recordings are apart
     * @param others how many recordings that are in no row follow each of them
     */
    private static Night sweep(ExternalMedia mode, int external, int secondsApart, int others) {
        Instant now = Instant.now();
        Instant first = now.minus(Duration.ofDays(130));
        Random random = new Random(153);
        InMemoryRecordingRepository repository = new InMemoryRecordingRepository(Clock.systemUTC());
        try (TwilioFixture fixture = new TwilioFixture(builder -> builder.externalMedia(mode))) {
            fixture.twilio.setDateOffset(Duration.between(TwilioFixture.NOW, now));
            Instant young = now.minus(Duration.ofDays(10));
            repository.put(EngineRow.of("young", fixture.twilio.addRecording(ACCOUNT, young), young));
            int left = external;
            for (int i = 0; i < RECORDINGS; i++) {
                Instant created = first.plusSeconds((long) secondsApart * i);
                String sid = fixture.twilio.addRecording(ACCOUNT, created);
                if (random.nextInt(RECORDINGS - i) < left) {
                    left--;
                    fixture.twilio.addRecording(TwilioRecording.completed(ACCOUNT, sid, created)
                            .withMediaUrl("https://calls.example.com/" + sid + ".wav"));
                }
                repository.put(EngineRow.of(sid, sid, created));
                fixture.twilio.addRecordings(ACCOUNT, others, created, Duration.ofSeconds(1));
            }
            SweepReport report;
            try (RetentionSweeper sweeper = RetentionSweeper.builder(repository, fixture.storage)
                    .maxShare(1)
                    .build()) {
                report = sweeper.sweep();
            }
            DeletionLedger ledger = DeletionLedger.of(repository);
            Set<String> falsely = new HashSet<>(fixture.twilio.bucket());
            falsely.removeIf(sid -> ledger.find(sid)
                    .filter(entry -> entry.state() == DeletionState.DELETED)
                    .isEmpty());
            return new Night(report, fixture.twilio.bucket(), falsely, fixture.twilio.journal());
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = ExternalMedia.class,
            names = {"AUTO", "CHECK"})
    void isNeverRecordedAsDeleted(ExternalMedia mode) {
        Night night = sweep(mode, 153, 60, 0);
        assertThat(night.falsely()).isEmpty();
        assertThat(night.bucket()).hasSize(153);
        assertThat(night.report()).returns(153L, SweepReport::failed).returns(347L, SweepReport::deleted);
        assertThat(night.deletions()).isEqualTo(347);
    }

    /** The twin, by which the test is seen to notice. */
    @Test
    void isRecordedAsDeletedIfNobodyLooks() {
        Night night = sweep(ExternalMedia.NONE, 153, 60, 0);
        assertThat(night.falsely()).hasSize(153);
        assertThat(night.report().deleted()).isEqualTo(RECORDINGS);
    }

    /**
     * What the documentation says of the costs. One look identifies the account. The first deletions go one by one, so
     * that the list is read before there are several at once.
     */
    @ParameterizedTest
    @CsvSource({
        "NONE, 0, 60, 0, 0, 1, 1",
        "CHECK, 0, 60, 0, 0, 501, 501",
        "CHECK, 153, 60, 0, 0, 501, 501",
        "AUTO, 0, 60, 0, 1, 1, 1",
        "AUTO, 0, 3600, 0, 1, 1, 1",
        "AUTO, 153, 60, 0, 1, 154, 154",
        "AUTO, 0, 60, 40, 2, 400, 501"
    })
    void costs(
            ExternalMedia mode,
            int external,
            int secondsApart,
            int others,
            long lists,
            long fewestLooks,
            long mostLooks) {
        Night night = sweep(mode, external, secondsApart, others);
        assertThat(night.deletions()).isEqualTo(RECORDINGS - external);
        assertThat(night.lists()).isEqualTo(lists);
        assertThat(night.looks()).isBetween(fewestLooks, mostLooks);
    }

    /** One at a time, so that the numbers are exact. */
    @Test
    void costsOneRequestMoreForFiveHundred() {
        try (TwilioFixture fixture = new TwilioFixture(builder -> builder.externalMedia(ExternalMedia.AUTO))) {
            List<Recording> due = IntStream.range(0, RECORDINGS)
                    .mapToObj(i -> {
                        Instant created = TwilioFixture.CREATED.plusSeconds(60L * i);
                        String sid = fixture.twilio.addRecording(ACCOUNT, created);
                        return new Recording(sid, sid, null, created, Map.of());
                    })
                    .toList();
            fixture.storage.announce(due);
            due.forEach(fixture.storage::delete);
            assertThat(fixture.twilio.journal()).hasSize(RECORDINGS + 1);
            assertThat(fixture.twilio.stored(ACCOUNT)).isZero();
        }
    }
}
