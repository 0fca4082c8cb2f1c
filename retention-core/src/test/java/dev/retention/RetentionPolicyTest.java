package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.Period;
import java.time.ZoneId;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetentionPolicyTest {

    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    @Test
    void daysHaveTwentyFourHours() {
        Instant now = Instant.parse("2026-11-22T03:00:00Z");
        assertThat(RetentionPolicy.ofDays(90).cutoff(now)).isEqualTo(now.minus(Duration.ofDays(90)));
        assertThat(RetentionPolicy.RECORDING_RETENTION_DAYS).isEqualTo(90);
    }

    @ParameterizedTest
    @CsvSource({
        "2026-02-28T23:30:00Z, P7Y, 2019-02-28T23:30:00Z",
        "2028-02-29T11:00:00Z, P1Y, 2027-02-28T11:00:00Z",
        // Local midnight in winter and in summer is not the same hour of UTC.
        "2026-01-14T23:00:00Z, P6M, 2025-07-14T22:00:00Z",
        "2026-03-30T10:00:00Z, P1D, 2026-03-29T10:00:00Z",
        "2026-03-29T10:00:00Z, P1D, 2026-03-28T11:00:00Z"
    })
    void periodsGoByTheCalendarOfTheirZone(Instant now, Period period, Instant cutoff) {
        assertThat(RetentionPolicy.of(period, BERLIN).cutoff(now)).isEqualTo(cutoff);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, Integer.MIN_VALUE, 36_501, Integer.MAX_VALUE})
    void absurdDaysAreRefused(int days) {
        assertThatThrownBy(() -> RetentionPolicy.ofDays(days))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(String.valueOf(days));
    }

    @ParameterizedTest
    @ValueSource(strings = {"P0D", "P-1D", "P1Y-1D", "P101Y", "P40000D", "P2000M"})
    void absurdPeriodsAreRefused(String period) {
        assertThatThrownBy(() -> RetentionPolicy.of(Period.parse(period), BERLIN))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void keepHasNoCutoff() {
        assertThat(RetentionPolicy.keep().cutoff(Instant.now())).isEqualTo(Instant.MIN);
    }

    @Test
    void severalMatchesAreAnAnd() {
        RetentionPolicy policy = RetentionPolicy.ofDays(30)
                .named("sales")
                .matching("tenant", "acme")
                .matching("queue", "sales");
        assertThat(policy.match()).isEqualTo(Map.of("tenant", "acme", "queue", "sales"));
        assertThat(policy.name()).isEqualTo("sales");
        assertThatThrownBy(() -> policy.matching("queue", "support"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("support");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "ä", "a\nb"})
    void namesAreTechnical(String name) {
        assertThatThrownBy(() -> RetentionPolicy.ofDays(30).named(name)).isInstanceOf(IllegalArgumentException.class);
    }
}
