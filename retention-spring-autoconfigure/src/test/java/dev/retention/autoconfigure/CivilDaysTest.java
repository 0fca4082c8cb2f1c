package dev.retention.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.test.MutableClock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A schedule in a zone whose clocks change")
class CivilDaysTest {

    private static final Duration FOUR_HOURS = Duration.ofHours(4);
    private static final Instant FIRST = Instant.parse("2016-01-01T00:00:00Z");
    private static final Instant LAST = Instant.parse("2026-12-31T00:00:00Z");

    /** The fire times between, as the scheduler's thread meets them: it looks when the next one has come. */
    private static List<Instant> fireTimes(String cron, ZoneId zone, Instant from, Instant to) {
        MutableClock clock = new MutableClock(from);
        SweepSchedule schedule = new SweepSchedule(cron, zone, clock, FOUR_HOURS);
        List<Instant> fired = new ArrayList<>();
        while (true) {
            Instant next = schedule.next().orElseThrow();
            if (!next.isBefore(to)) {
                return fired;
            }
            clock.set(next);
            fired.add(schedule.due().orElseThrow());
            assertThat(schedule.due()).isEmpty();
        }
    }

    private static Stream<ZoneOffsetTransition> transitions(ZoneRules rules, Instant from, Instant to) {
        return Stream.iterate(
                        rules.nextTransition(from),
                        next -> next != null && next.getInstant().isBefore(to),
                        next -> rules.nextTransition(next.getInstant()))
                .map(next -> next);
    }

    /** Each half hour of the day, so that each change of clocks meets some of them before, within and after. */
    private static List<LocalTime> halfHours() {
        return Stream.iterate(LocalTime.MIN, time -> time.plusMinutes(30))
                .limit(48)
                .toList();
    }

    private static String daily(LocalTime time) {
        return "0 " + time.getMinute() + " " + time.getHour() + " * * *";
    }

    /** The run of a civil day is at the time itself, the first if it comes twice, or else when clocks are set. */
    private static void assertOnceADay(ZoneId zone, LocalTime time, ZoneOffsetTransition change) {
        LocalDate day = change.getDateTimeBefore().toLocalDate().minusDays(2);
        Instant from = day.atStartOfDay(zone).toInstant().minusMillis(1);
        Instant to = day.plusDays(5).atStartOfDay(zone).toInstant().minusMillis(1);
        List<Instant> expected = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            LocalDateTime wanted = day.plusDays(i).atTime(time);
            List<Instant> possible = zone.getRules().getValidOffsets(wanted).stream()
                    .map(offset -> wanted.toInstant(offset))
                    .sorted()
                    .toList();
            expected.add(possible.isEmpty() ? change.getInstant() : possible.get(0));
        }
        assertThat(fireTimes(daily(time), zone, from, to))
                .as("%s at %s around %s", zone, time, change)
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Europe/Berlin",
                "Europe/London",
                "America/New_York",
                "America/Havana",
                "America/Santiago",
                "America/Nuuk",
                "Africa/Cairo",
                "Africa/Casablanca",
                "Antarctica/Troll",
                "Asia/Beirut",
                "Asia/Gaza",
                "Australia/Lord_Howe",
                "Pacific/Chatham"
            })
    void firesOnceEachCivilDayThroughEveryChangeOfTenYears(String name) {
        ZoneId zone = ZoneId.of(name);
        List<ZoneOffsetTransition> changes =
                transitions(zone.getRules(), FIRST, LAST).toList();
        assertThat(changes).hasSizeGreaterThan(4);
        Set<Boolean> met = new HashSet<>();
        for (ZoneOffsetTransition change : changes) {
            for (LocalTime time : halfHours()) {
                assertOnceADay(zone, time, change);
            }
            met.add(change.isGap());
        }
        assertThat(met).as("forward and back").hasSize(2);
    }

    /** The same day after day, and not around the changes alone. */
    @ParameterizedTest
    @CsvSource({"0 30 2 * * *, Europe/Berlin", "0 0 2 * * *, America/New_York", "0 30 0 * * *, America/Havana"})
    void firesAsOftenAsThereAreDaysInTenYears(String cron, String name) {
        ZoneId zone = ZoneId.of(name);
        TreeMap<LocalDate, Integer> byDay = new TreeMap<>();
        for (Instant fire : fireTimes(cron, zone, FIRST, LAST)) {
            byDay.merge(fire.atZone(zone).toLocalDate(), 1, Integer::sum);
        }
        assertThat(byDay.values()).containsOnly(1);
        LocalDate first = byDay.firstKey();
        assertThat(first.datesUntil(byDay.lastKey().plusDays(1)).count()).isEqualTo(byDay.size());
        assertThat(byDay.size()).isGreaterThan(4_000);
    }

    @Test
    void firesWhenClocksAreSetIfItsTimeIsSkippedAndTheFirstTimeIfItComesTwice() {
        ZoneId berlin = ZoneId.of("Europe/Berlin");
        assertThat(fireTimes(
                        "0 30 2 * * *",
                        berlin,
                        Instant.parse("2026-03-28T12:00:00Z"),
                        Instant.parse("2026-03-30T12:00:00Z")))
                .containsExactly(Instant.parse("2026-03-29T01:00:00Z"), Instant.parse("2026-03-30T00:30:00Z"));
        assertThat(fireTimes(
                        "0 30 2 * * *",
                        berlin,
                        Instant.parse("2026-10-24T12:00:00Z"),
                        Instant.parse("2026-10-26T12:00:00Z")))
                .containsExactly(Instant.parse("2026-10-25T00:30:00Z"), Instant.parse("2026-10-26T01:30:00Z"));
    }

    /** A restart in the second of the two hours must not find a fire time that has had its run. */
    @Test
    void hasNoSecondFireTimeForWhoeverStartsBetweenTheTwo() {
        MutableClock clock = new MutableClock(Instant.parse("2026-10-25T01:40:00Z"));
        SweepSchedule schedule = new SweepSchedule("0 30 2 * * *", ZoneId.of("Europe/Berlin"), clock, FOUR_HOURS);
        assertThat(schedule.last()).contains(Instant.parse("2026-10-25T00:30:00Z"));
        assertThat(schedule.next()).contains(Instant.parse("2026-10-26T01:30:00Z"));
    }

    @Test
    void firesForEachLocalTimeOnceIfItFiresSeveralTimesADay() {
        ZoneId berlin = ZoneId.of("Europe/Berlin");
        List<Instant> spring = fireTimes(
                "0 0 * * * *", berlin, Instant.parse("2026-03-28T22:59:59Z"), Instant.parse("2026-03-29T21:59:59Z"));
        assertThat(spring).as("a day of 23 hours").hasSize(23).doesNotHaveDuplicates();
        List<Instant> autumn = fireTimes(
                "0 0 * * * *", berlin, Instant.parse("2026-10-24T21:59:59Z"), Instant.parse("2026-10-25T22:59:59Z"));
        assertThat(autumn).as("24 local times in 25 hours").hasSize(24).isSorted();
        assertThat(autumn.stream().map(fire -> fire.atZone(berlin).toLocalTime()))
                .doesNotHaveDuplicates();
        assertThat(fireTimes(
                        "0 */15 1-3 * * *",
                        berlin,
                        Instant.parse("2026-03-28T23:00:00Z"),
                        Instant.parse("2026-03-29T02:00:00Z")))
                .as("those that are skipped together fire once")
                .hasSize(8)
                .isSorted()
                .doesNotHaveDuplicates();
    }

    @Test
    void firesForNoDayThatDoesNotExist() {
        ZoneId apia = ZoneId.of("Pacific/Apia");
        assertThat(fireTimes(
                                "0 0 3 * * *",
                                apia,
                                LocalDate.of(2011, 12, 28).atStartOfDay(apia).toInstant(),
                                LocalDate.of(2012, 1, 2).atStartOfDay(apia).toInstant())
                        .stream()
                        .map(fire -> fire.atZone(apia).toLocalDateTime().toString()))
                .containsExactly("2011-12-28T03:00", "2011-12-29T03:00", "2011-12-31T03:00", "2012-01-01T03:00");
    }
}
