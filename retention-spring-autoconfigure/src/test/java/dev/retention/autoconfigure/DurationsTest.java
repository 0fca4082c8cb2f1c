package dev.retention.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DurationsTest {

    @ParameterizedTest
    @CsvSource({
        "PT0S, 0 s",
        "PT0.25S, 250 ms",
        "PT59.9S, 59 s",
        "PT4M12S, 4 min 12 s",
        "PT15H34M59S, 15 h 34 min",
        "PT93840H7M1.6S, 3910 d",
        "PT76H30M, 3 d 4 h",
        "PT-90S, -1 min 30 s"
    })
    void areReadInTheirTwoLargestUnits(Duration duration, String text) {
        assertThat(Durations.readable(duration)).isEqualTo(text);
    }
}
