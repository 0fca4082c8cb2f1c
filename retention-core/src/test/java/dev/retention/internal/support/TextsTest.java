package dev.retention.internal.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextsTest {

    @ParameterizedTest
    @CsvSource({
        "PT0S, 0 s",
        "PT0.25S, 250 ms",
        "PT1.6S, 1 s",
        "PT59S, 59 s",
        "PT1M, 1 min",
        "PT4M12S, 4 min 12 s",
        "PT1H, 1 h",
        "PT15H34M59S, 15 h 34 min",
        "PT24H, 1 d",
        "PT93840H7M1.6S, 3910 d",
        "PT76H30M, 3 d 4 h",
        "PT-90S, -1 min 30 s"
    })
    void aDurationIsWrittenInItsTwoLargestUnits(Duration duration, String text) {
        assertThat(Texts.duration(duration)).isEqualTo(text);
    }

    @Test
    void aPairWithoutAValueIsLeftOut() {
        assertThat(Texts.pair(" account", "AC1")).isEqualTo(" account=AC1");
        assertThat(Texts.pair(" account", null)).isEmpty();
    }

    @Test
    void tenAreNamedAndMoreAreSaidToBe() {
        List<String> ids = IntStream.range(0, 11).mapToObj(String::valueOf).toList();
        assertThat(Texts.named(ids.subList(0, 10))).isEqualTo("0, 1, 2, 3, 4, 5, 6, 7, 8, 9");
        assertThat(Texts.named(ids)).isEqualTo("0, 1, 2, 3, 4, 5, 6, 7, 8, 9, …");
    }
}
