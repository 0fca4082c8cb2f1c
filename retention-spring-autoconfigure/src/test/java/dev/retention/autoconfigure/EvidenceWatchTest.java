package dev.retention.autoconfigure;

import static dev.retention.autoconfigure.Contexts.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.LegalHolds;
import dev.retention.RetentionEvidence;
import dev.retention.autoconfigure.RetentionStatus.Attention;
import dev.retention.spi.AnchorReceipt;
import dev.retention.spi.CheckpointAnchor;
import dev.retention.test.EngineRow;
import dev.retention.test.InMemoryRecordingRepository;
import dev.retention.test.MutableClock;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What needs attention about the evidence log, each with its twin that does not. */
class EvidenceWatchTest {

    private static final Duration INTERVAL = Duration.ofMinutes(5);

    private final MutableClock clock = new MutableClock(NOON);
    private final InMemoryRecordingRepository repository = new InMemoryRecordingRepository(clock);
    private final Vault anchor = new Vault();
    private final RetentionEvidence evidence =
            RetentionEvidence.builder(repository).anchor(anchor).build();
    private final EvidenceWatch watch = new EvidenceWatch(evidence, repository, clock, INTERVAL);
    private int holds;

    private static final class Vault implements CheckpointAnchor {
        private @Nullable String failure;

        @Override
        public String name() {
            return "vault";
        }

        @Override
        public AnchorReceipt anchor(String checkpoint) {
            if (failure != null) {
                throw new IllegalStateException(failure);
            }
            return new AnchorReceipt("kept");
        }
    }

    private void change() {
        repository.put(EngineRow.of("1", "RE1", NOON));
        LegalHolds.of(repository).place("case-" + ++holds, List.of("1"), "anna", "a case", null);
    }

    private List<String> reasons() {
        return new EvidenceWatch(evidence, repository, clock, INTERVAL)
                .attention().stream().map(Attention::reason).toList();
    }

    private void after(Duration duration) {
        clock.set(clock.instant().plus(duration));
    }

    @Test
    void anEmptyLogNeedsNone() {
        after(Duration.ofDays(10));
        assertThat(reasons()).isEmpty();
    }

    @Test
    void entriesThatAreNotSealedForSeveralIntervals() {
        change();
        after(INTERVAL.multipliedBy(3));
        assertThat(reasons()).isEmpty();
        after(Duration.ofMillis(1));
        assertThat(reasons()).singleElement().asString().contains("not sealed", "15 min");
        evidence.seal();
        assertThat(reasons()).isEmpty();
    }

    @Test
    void anAnchorThatFailsWithItsCauseAtOnce() {
        change();
        anchor.failure = "the vault is closed";
        evidence.seal();
        assertThat(reasons())
                .singleElement()
                .asString()
                .contains("could not be anchored in 'vault': the vault is closed");
        anchor.failure = null;
        evidence.seal();
        assertThat(reasons()).isEmpty();
    }

    /** Another instance seals, and does not have this anchor; so no attempt of this one has failed. */
    @Test
    void anAnchorWhoseNewestHeadLacksWhatWasSealedMoreThanADayAgo() {
        change();
        evidence.seal();
        change();
        RetentionEvidence.builder(repository).build().seal();
        after(Duration.ofDays(1));
        assertThat(reasons()).isEmpty();
        after(Duration.ofMillis(1));
        assertThat(reasons()).singleElement().asString().contains("'vault' is older than a day");
        evidence.seal();
        assertThat(reasons()).isEmpty();
    }

    @Test
    void anOldHeadThatHasEverythingNeedsNone() {
        change();
        evidence.seal();
        after(Duration.ofDays(10));
        assertThat(reasons()).isEmpty();
    }

    @Test
    void aDayThatHasFewerRecordingsThanWereCounted() {
        repository.put(EngineRow.of("1", "RE1", NOON));
        repository.put(EngineRow.of("2", "RE2", NOON));
        after(Duration.ofDays(1));
        evidence.seal();
        after(Duration.ofDays(1));
        evidence.seal();
        assertThat(reasons()).isEmpty();
        repository.remove("2");
        after(Duration.ofDays(1));
        evidence.seal();
        assertThat(reasons())
                .singleElement()
                .asString()
                .contains("rows of recordings were removed", "missing=1, of days=1, the first of which is 2026-11-23");
    }

    @Test
    void aLogThatIsOffIsNotReadAtAll() {
        change();
        repository.setEvidence(false);
        repository.setUnreachable(true);
        assertThat(watch.current()).isEmpty();
        assertThat(reasons()).isEmpty();
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        new EvidenceGauges(watch).bindTo(meters);
        assertThat(meters.get("retention.evidence.sealed").gauge().value()).isNaN();
    }

    @Test
    void aLogThatCanNotBeReadIsSaid() {
        repository.setUnreachable(true);
        assertThat(reasons()).singleElement().asString().contains("could not be read");
    }

    @Test
    void isReadAgainAfterAMinute() {
        change();
        assertThat(watch.current().orElseThrow().status().sealed()).isZero();
        evidence.seal();
        after(EvidenceWatch.MAX_AGE.minusMillis(1));
        assertThat(watch.current().orElseThrow().status().sealed()).isZero();
        after(Duration.ofMillis(1));
        assertThat(watch.current().orElseThrow().status().sealed()).isPositive();
    }

    @Test
    void metersSayHowFarItIsSealedAndAnchored() {
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        new EvidenceGauges(watch).bindTo(meters);
        change();
        assertThat(meters.get("retention.evidence.unsealed").gauge().value()).isEqualTo(2);
        assertThat(meters.get("retention.evidence.sealed").gauge().value()).isZero();
        RetentionEvidence.builder(repository).build().seal();
        after(Duration.ofMinutes(2));
        assertThat(meters.get("retention.evidence.unsealed").gauge().value()).isZero();
        assertThat(meters.get("retention.evidence.sealed").gauge().value()).isEqualTo(2);
        assertThat(meters.get("retention.evidence.unanchored").gauge().value()).isEqualTo(120);
        evidence.seal();
        after(Duration.ofMinutes(2));
        assertThat(meters.get("retention.evidence.unanchored").gauge().value()).isZero();
        repository.setUnreachable(true);
        after(Duration.ofMinutes(2));
        assertThat(meters.get("retention.evidence.sealed").gauge().value()).isNaN();
    }
}
