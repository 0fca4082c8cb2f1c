package dev.retention.internal.deletion;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** How long a recording waits for its next attempt. */
class BackoffTest {

    /** One whose waits are not spread, and one whose waits are spread by 99 thousandths. */
    private static final String EVEN = "d";

    private static final String SPREAD = "c";

    private final Backoff backoff = new Backoff(Duration.ofMinutes(1), Duration.ofHours(2));

    @Test
    void doublesWithEachAttemptAndIsBounded() {
        assertThat(IntStream.rangeClosed(1, 9).mapToObj(attempt -> backoff.after(attempt, EVEN)))
                .extracting(Duration::toMinutes)
                .containsExactly(1L, 2L, 4L, 8L, 16L, 32L, 64L, 120L, 120L);
        assertThat(backoff.after(Integer.MAX_VALUE, EVEN)).isEqualTo(Duration.ofHours(2));
    }

    @Test
    void isSpreadByTheRecordingsId() {
        assertThat(backoff.after(1, SPREAD)).isEqualTo(Duration.ofMillis(65_940));
        assertThat(backoff.after(9, SPREAD)).as("never beyond the bound").isEqualTo(Duration.ofHours(2));
    }

    @Test
    void isAtLeastWhatTheStorageAskedForWithinTheBound() {
        assertThat(backoff.after(1, EVEN, null)).isEqualTo(Duration.ofMinutes(1));
        assertThat(backoff.after(1, EVEN, Duration.ofSeconds(5))).isEqualTo(Duration.ofMinutes(1));
        assertThat(backoff.after(1, EVEN, Duration.ofMinutes(7))).isEqualTo(Duration.ofMinutes(7));
        assertThat(backoff.after(1, EVEN, Duration.ofHours(7))).isEqualTo(Duration.ofHours(2));
    }

    @Test
    void whatIsUnfinishedIsAskedForSeldom() {
        assertThat(backoff.untilFinished(1, EVEN)).isEqualTo(Duration.ofHours(1));
        assertThat(backoff.untilFinished(7, EVEN)).isEqualTo(Duration.ofMinutes(64));
        assertThat(new Backoff(Duration.ofMinutes(1), Duration.ofMinutes(10)).untilFinished(1, EVEN))
                .isEqualTo(Duration.ofMinutes(10));
    }
}
