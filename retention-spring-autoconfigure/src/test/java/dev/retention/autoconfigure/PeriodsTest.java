package dev.retention.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("A period")
class PeriodsTest {

    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");

    private final Periods periods = new Periods(ZoneId.of("Europe/Berlin"), Duration.ofDays(7), NOW);

    @ParameterizedTest
    @CsvSource({
        "90d, 2026-08-25T12:00:00Z",
        "P90D, 2026-08-25T12:00:00Z",
        "' 90 D ', 2026-08-25T12:00:00Z",
        "7d, 2026-11-16T12:00:00Z",
        "12w, 2026-08-31T12:00:00Z",
        "P2W, 2026-11-09T12:00:00Z",
        "P7Y, 2019-11-23T12:00:00Z",
        "7y, 2019-11-23T12:00:00Z",
        "P5M, 2026-06-23T11:00:00Z",
        "P1Y6M, 2025-05-23T11:00:00Z",
        "100y, 1926-11-23T12:00:00Z"
    })
    void isReadAsPeopleWriteIt(String text, Instant cutoff) {
        assertThat(periods.policy("p", text).cutoff(NOW)).isEqualTo(cutoff);
    }

    @Test
    void keepsPermanentlyWhenItSaysSo() {
        assertThat(periods.policy("p", "keep").cutoff(NOW)).isEqualTo(Instant.MIN);
        assertThat(periods.policy("p", "KEEP").cutoff(NOW)).isEqualTo(Instant.MIN);
    }

    @ParameterizedTest
    @CsvSource({
        "'', blank",
        "'  ', blank",
        "90, no unit",
        "0, no unit",
        "0d, more than zero|use 1 to",
        "-90d, use 1 to",
        "P-90D, use 1 to",
        "-P90D, use 1 to",
        "P-7Y, no negative",
        "P1Y-6M, no negative",
        "6d, shorter than retention.safety.minimum-period",
        "36501d, use 1 to 36500",
        "101y, at most 100 years",
        "99999999999d, too large",
        "P99999999999Y, not a period",
        "13m, P13M",
        "13mo, P13M",
        "24h, not a unit of a period",
        "PT2160H, whole days",
        "P1DT1H, whole days",
        "90days, not a unit of a period",
        "ninety days, not a period",
        "forever, not a period"
    })
    void isRefusedWithThePropertyTheValueAndWhatIsAllowed(String text, String why) {
        assertThatThrownBy(() -> periods.policy("retention.period", text))
                .isInstanceOf(RetentionConfigurationException.class)
                .hasMessageStartingWith("retention.period is '" + text + "': ")
                .hasMessageContaining("Allowed is a period from 7d to 100 years")
                .message()
                .containsPattern(why);
    }

    @Test
    void doesNotFloodTheLogWhenItIsVeryLong() {
        assertThatThrownBy(() -> periods.policy("retention.period", "9".repeat(100_000)))
                .message()
                .hasSizeLessThan(400);
    }
}
