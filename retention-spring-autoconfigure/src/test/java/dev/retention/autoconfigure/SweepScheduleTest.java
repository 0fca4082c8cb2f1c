package dev.retention.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.test.MutableClock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The schedule")
class SweepScheduleTest {

    private static final String AT_THREE = "0 0 3 * * *";
    private static final Duration FOUR_HOURS = Duration.ofHours(4);

    private final MutableClock clock = new MutableClock(Instant.parse("2026-11-23T12:00:00Z"));

    private SweepSchedule schedule(String cron, String zone) {
        return new SweepSchedule(cron, ZoneId.of(zone), clock, FOUR_HOURS);
    }

    @Test
    void firesAtThreeAndNotBeforeAndOnce() {
        SweepSchedule schedule = schedule(AT_THREE, "UTC");
        assertThat(schedule.due()).isEmpty();
        clock.set(Instant.parse("2026-11-24T02:59:59.999Z"));
        assertThat(schedule.due()).isEmpty();
        clock.set(Instant.parse("2026-11-24T03:00:00Z"));
        assertThat(schedule.due()).contains(Instant.parse("2026-11-24T03:00:00Z"));
        assertThat(schedule.due()).isEmpty();
        clock.set(Instant.parse("2026-11-25T03:00:07Z"));
        assertThat(schedule.due())
                .as("the same fire time on all instances, however late they look")
                .contains(Instant.parse("2026-11-25T03:00:00Z"));
    }

    @Test
    void followsItsZoneThroughTheChangeOfClocks() {
        clock.set(Instant.parse("2026-10-24T12:00:00Z"));
        SweepSchedule schedule = schedule(AT_THREE, "Europe/Berlin");
        assertThat(schedule.next()).contains(Instant.parse("2026-10-25T02:00:00Z"));
        clock.set(Instant.parse("2026-10-24T01:00:00Z"));
        assertThat(schedule(AT_THREE, "Europe/Berlin").next()).contains(Instant.parse("2026-10-25T02:00:00Z"));
        clock.set(Instant.parse("2026-10-23T23:00:00Z"));
        assertThat(schedule(AT_THREE, "Europe/Berlin").next()).contains(Instant.parse("2026-10-24T01:00:00Z"));
    }

    @Test
    void firesOnceForSeveralTimesThatWereSleptThrough() {
        SweepSchedule schedule = schedule("0 0 * * * *", "UTC");
        clock.set(Instant.parse("2026-11-24T12:30:00Z"));
        assertThat(schedule.due()).contains(Instant.parse("2026-11-24T12:00:00Z"));
        assertThat(schedule.due()).isEmpty();
        assertThat(schedule.next()).contains(Instant.parse("2026-11-24T13:00:00Z"));
    }

    @Test
    void startsALateRunRatherThanNone() {
        SweepSchedule schedule = schedule(AT_THREE, "UTC");
        clock.set(Instant.parse("2026-11-24T07:00:01Z"));
        assertThat(schedule.due()).contains(Instant.parse("2026-11-24T03:00:00Z"));
        assertThat(schedule.next()).contains(Instant.parse("2026-11-25T03:00:00Z"));
    }

    @Test
    void knowsTheLastFireTimeUntilTheNextOne() {
        clock.set(Instant.parse("2026-11-24T06:59:59Z"));
        assertThat(schedule(AT_THREE, "UTC").last()).contains(Instant.parse("2026-11-24T03:00:00Z"));
        clock.set(Instant.parse("2026-11-25T02:59:59Z"));
        assertThat(schedule(AT_THREE, "UTC").last()).contains(Instant.parse("2026-11-24T03:00:00Z"));
        clock.set(Instant.parse("2026-11-25T03:00:00Z"));
        assertThat(schedule(AT_THREE, "UTC").last()).contains(Instant.parse("2026-11-25T03:00:00Z"));
    }

    @Test
    void triesALateRunAsLongAsOneThatIsNot() {
        Instant fire = Instant.parse("2026-11-24T03:00:00Z");
        SweepSchedule schedule = schedule(AT_THREE, "UTC");
        clock.set(fire);
        assertThat(schedule.latestStart(fire)).isEqualTo(fire.plus(Duration.ofHours(4)));
        clock.set(fire.plus(Duration.ofHours(5)));
        assertThat(schedule.latestStart(fire)).isEqualTo(fire.plus(Duration.ofHours(9)));
    }

    @Test
    void neverFiresForADash() {
        SweepSchedule schedule = schedule("-", "UTC");
        clock.set(Instant.parse("2027-11-24T03:00:00Z"));
        assertThat(schedule.due()).isEmpty();
        assertThat(schedule.next()).isEmpty();
        assertThat(schedule.last()).isEmpty();
    }

    @Test
    void isLookedAtAtLeastEachMinuteAndNeverInABusyLoop() {
        SweepSchedule schedule = schedule(AT_THREE, "UTC");
        assertThat(schedule.untilNextLook()).isEqualTo(Duration.ofMinutes(1));
        clock.set(Instant.parse("2026-11-24T02:59:50Z"));
        assertThat(schedule.untilNextLook()).isEqualTo(Duration.ofSeconds(10));
        clock.set(Instant.parse("2026-11-24T03:00:10Z"));
        assertThat(schedule.untilNextLook()).isPositive();
    }
}
