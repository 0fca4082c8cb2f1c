package dev.retention.internal.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.RetentionPolicy;
import dev.retention.spi.DueCriteria;
import java.time.Duration;
import java.time.Instant;
import java.time.Period;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Policies that are compared with those that were confirmed")
class PolicyTextTest {

    private static final ZoneId UTC = ZoneOffset.UTC;
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
    private static final Instant NOW = Instant.parse("2026-11-22T03:00:00Z");
    private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");
    private static final Instant LEAP_DAY = Instant.parse("2028-02-29T00:00:00Z");

    private static Policies only(RetentionPolicy fallback) {
        return new Policies(fallback, List.of());
    }

    private static RetentionPolicy months(int months) {
        return RetentionPolicy.of(Period.ofMonths(months), UTC);
    }

    private static RetentionPolicy custom(UnaryOperator<Instant> cutoff) {
        return new NamedPolicy("default", Map.of(), cutoff);
    }

    private static boolean keeps(Policies ours, Policies confirmed, Instant now) {
        return PolicyText.of(ours).keepsAtLeastAsLongAs(PolicyText.of(confirmed).text(), ours.at(now));
    }

    private static boolean keeps(RetentionPolicy ours, RetentionPolicy confirmed) {
        return keeps(only(ours), only(confirmed), NOW);
    }

    private static Policies ofDays(int days, boolean softDeletedToo) {
        return new Policies(
                RetentionPolicy.ofDays(days), List.of(), Duration.ZERO, softDeletedToo, DueCriteria.EARLIEST_CREATED);
    }

    @Test
    void areShorterIfTheyAlsoDeleteWhatTheEngineHasSoftDeleted() {
        Policies live = ofDays(90, false);
        Policies all = ofDays(90, true);
        Policies allLonger = ofDays(91, true);
        assertThat(keeps(all, live, NOW)).isFalse();
        assertThat(keeps(allLonger, live, NOW)).isFalse();
        assertThat(keeps(live, all, NOW)).isTrue();
        assertThat(keeps(all, all, NOW)).isTrue();
        assertThat(keeps(allLonger, all, NOW)).isTrue();
        assertThat(keeps(all, allLonger, NOW)).isFalse();
        assertThat(PolicyText.changes(
                        PolicyText.of(live).text(), PolicyText.of(all).text()))
                .singleElement()
                .asString()
                .contains("soft-deleted itself were kept and are deleted");
        assertThat(Policies.text(all.at(NOW))).isNotEqualTo(Policies.text(live.at(NOW)));
    }

    /** From 1 February to 1 May are 89 days, and six months are 181 at least. */
    @Test
    void areShorterIfAMonthIsShortOnSomeDaysOnly() {
        assertThat(keeps(months(3), RetentionPolicy.ofDays(90))).isFalse();
        assertThat(keeps(months(3), RetentionPolicy.ofDays(89))).isTrue();
        assertThat(keeps(months(6), RetentionPolicy.ofDays(182))).isFalse();
        assertThat(keeps(months(6), RetentionPolicy.ofDays(181))).isTrue();
        assertThat(keeps(RetentionPolicy.ofDays(91), months(3))).isFalse();
        assertThat(keeps(RetentionPolicy.ofDays(92), months(3))).isTrue();
    }

    @Test
    void areShorterIfOneYearInFourIsLonger() {
        RetentionPolicy year = RetentionPolicy.of(Period.ofYears(1), UTC);
        assertThat(keeps(RetentionPolicy.ofDays(365), year)).isFalse();
        assertThat(keeps(RetentionPolicy.ofDays(366), year)).isTrue();
        assertThat(keeps(year, RetentionPolicy.ofDays(365))).isTrue();
    }

    @Test
    void areShorterIfTheyAreOnOneDayOfFourYears() {
        RetentionPolicy dip = custom(now -> now.minus(Duration.ofDays(now.equals(LEAP_DAY) ? 30 : 90)));
        assertThat(keeps(dip, RetentionPolicy.ofDays(90))).isFalse();
        assertThat(keeps(RetentionPolicy.ofDays(90), dip)).isTrue();
    }

    @Test
    void areShorterIfTheyAreNowThoughOnNoDay() {
        Policies dip =
                only(custom(now -> now.minus(Duration.ofDays(now.atZone(UTC).getHour() == 12 ? 30 : 90))));
        Policies ninety = only(RetentionPolicy.ofDays(90));
        assertThat(keeps(dip, ninety, NOW)).isTrue();
        assertThat(keeps(dip, ninety, NOON)).isFalse();
        assertThat(keeps(dip, dip, NOON)).isFalse();
    }

    @Test
    void areShorterIfTheyKeepPermanentlyNoMore() {
        assertThat(keeps(RetentionPolicy.ofDays(20_000), RetentionPolicy.keep()))
                .isFalse();
        assertThat(keeps(RetentionPolicy.keep(), RetentionPolicy.ofDays(20_000)))
                .isTrue();
    }

    @Test
    void areTreatedAsShorterIfTheConfirmedTextCanNotBeRead() {
        PolicyText ours = PolicyText.of(only(RetentionPolicy.keep()));
        for (String text : List.of("", "default all", "default all 90d*3", "default all 90d*1461 x", "sha-256 0")) {
            assertThat(ours.keepsAtLeastAsLongAs(
                            text, only(RetentionPolicy.keep()).at(NOW)))
                    .as(text)
                    .isFalse();
        }
    }

    /** Periods of the calendar are never shorter in between than on one of the two days beside. */
    @Test
    void keepAsLongAsTheyWereConfirmedAtAnyInstant() {
        Instant end = Instant.parse("2028-03-05T00:00:00Z");
        for (String zone : List.of("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu")) {
            for (Period period : List.of(Period.ofDays(7), Period.ofMonths(3), Period.ofYears(7))) {
                Policies policies = only(RetentionPolicy.of(period, ZoneId.of(zone)));
                PolicyText ours = PolicyText.of(policies);
                String text = ours.text();
                for (Instant now = NOW; now.isBefore(end); now = now.plus(Duration.ofMinutes(60 * 71 + 17))) {
                    assertThat(ours.keepsAtLeastAsLongAs(text, policies.at(now)))
                            .as("%s in %s at %s", period, zone, now)
                            .isTrue();
                }
            }
        }
    }

    @Test
    void areComparedWhateverTheOrderOfFurtherPolicies() {
        RetentionPolicy one = RetentionPolicy.ofDays(400).named("one").matching("tenant", "a=&b %");
        RetentionPolicy two = RetentionPolicy.keep().named("two").matching("queue", "ü_*");
        Policies confirmed = new Policies(RetentionPolicy.ofDays(90), List.of(one, two));
        RetentionPolicy longer = RetentionPolicy.ofDays(100);
        assertThat(keeps(new Policies(RetentionPolicy.ofDays(90), List.of(two, one)), confirmed, NOW))
                .isTrue();
        assertThat(keeps(new Policies(longer, List.of(two, one)), confirmed, NOW))
                .isTrue();
        assertThat(keeps(new Policies(longer, List.of(one)), confirmed, NOW)).isFalse();
    }

    @Test
    void areStoredShortly() {
        assertThat(PolicyText.of(only(RetentionPolicy.ofDays(90))).text()).isEqualTo("default all 90d*1461");
        assertThat(PolicyText.of(only(RetentionPolicy.keep())).text()).isEqualTo("default all never*1461");
        RetentionPolicy berlin = RetentionPolicy.of(Period.ofMonths(3), BERLIN);
        assertThat(PolicyText.of(only(berlin)).text()).hasSizeLessThan(2_000);
    }

    @Test
    void areStoredWithPartsOfASecond() {
        RetentionPolicy odd = custom(now -> now.minus(Duration.ofDays(90).plusNanos(5)));
        assertThat(keeps(odd, odd)).isTrue();
        assertThat(keeps(odd, RetentionPolicy.ofDays(90))).isTrue();
        assertThat(keeps(RetentionPolicy.ofDays(90), odd)).isFalse();
    }

    @Test
    void areComparedIfEachOfManyTenantsHasOne() {
        List<RetentionPolicy> many = new ArrayList<>();
        for (int n = 0; n < 200; n++) {
            many.add(months(13).named("tenant-" + n).matching("tenant", "t" + n));
        }
        Policies policies = new Policies(RetentionPolicy.ofDays(90), many);
        assertThat(keeps(new Policies(RetentionPolicy.ofDays(91), many), policies, NOW))
                .isTrue();
        assertThat(keeps(new Policies(RetentionPolicy.ofDays(89), many), policies, NOW))
                .isFalse();
        assertThat(keeps(new Policies(RetentionPolicy.ofDays(91), many.subList(1, 200)), policies, NOW))
                .isFalse();
    }

    @Test
    void areStoredAsAHashIfTheyAreMany() {
        List<RetentionPolicy> many = new ArrayList<>();
        for (int n = 0; n < 1_000; n++) {
            many.add(RetentionPolicy.ofDays(400).named("tenant-" + n).matching("tenant", "t".repeat(100) + n));
        }
        Policies policies = new Policies(RetentionPolicy.ofDays(90), many);
        assertThat(PolicyText.of(policies).text()).hasSizeLessThan(100);
        assertThat(keeps(policies, policies, NOW)).isTrue();
        assertThat(keeps(new Policies(RetentionPolicy.ofDays(91), many), policies, NOW))
                .as("nobody can say that it keeps longer")
                .isFalse();
    }

    @Test
    void haveAShortestPeriodWhateverAPolicyAnswers() {
        RetentionPolicy dip =
                custom(now -> now.minus(now.atZone(UTC).getHour() == 12 ? Duration.ofMinutes(1) : Duration.ofDays(90)));
        Policies policies = new Policies(dip, List.of(), Duration.ofDays(7));

        assertThat(policies.at(NOON).fallback().cutoff()).isEqualTo(NOON.minus(Duration.ofDays(7)));
        assertThat(policies.tooShort(NOON)).singleElement().asString().contains("for 1 min at " + NOON);
        assertThat(policies.at(NOW).fallback().cutoff()).isEqualTo(NOW.minus(Duration.ofDays(90)));
        assertThat(policies.tooShort(NOW)).isEmpty();
    }

    @Test
    void haveAShortestPeriodOnEachDayOfFourYears() {
        RetentionPolicy once = custom(now -> now.minus(Duration.ofDays(now.equals(LEAP_DAY) ? 1 : 90)));
        Duration week = Duration.ofDays(7);
        assertThat(new Policies(once, List.of(), week).faults(NOW))
                .singleElement()
                .asString()
                .contains("2028-02-29");
        assertThat(new Policies(RetentionPolicy.ofDays(7), List.of(), week).faults(NOW))
                .isEmpty();
    }

    /** Seven days in which clocks are set forward are an hour less. Recordings are then kept for the hour. */
    @Test
    void haveAShortestPeriodThatAChangeOfClocksDoesNotBreak() {
        Policies week = new Policies(RetentionPolicy.of(Period.ofDays(7), BERLIN), List.of(), Duration.ofDays(7));
        Instant after = Instant.parse("2027-03-30T03:00:00Z");
        assertThat(week.faults(NOW)).isEmpty();
        assertThat(week.tooShort(after)).isEmpty();
        assertThat(week.at(after).fallback().cutoff()).isEqualTo(after.minus(Duration.ofDays(7)));
    }

    @Test
    void haveAShortestPeriodOfHoursWithoutAnyTolerance() {
        Duration hour = Duration.ofHours(1);
        Policies half = new Policies(custom(now -> now.minusSeconds(1_800)), List.of(), hour);
        assertThat(half.faults(NOW)).singleElement().asString().contains("for 30 min");
        assertThat(new Policies(custom(now -> now.minus(hour)), List.of(), hour).faults(NOW))
                .isEmpty();
    }
}
