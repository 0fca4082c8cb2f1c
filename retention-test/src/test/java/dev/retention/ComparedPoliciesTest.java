package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retention.test.EngineRow;
import java.time.Duration;
import java.time.Instant;
import java.time.Period;
import java.time.ZoneOffset;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Policies that are short on some days, or at some times of a day, delete nothing early. */
class ComparedPoliciesTest {

    private static final RetentionPolicy THREE_MONTHS = RetentionPolicy.of(Period.ofMonths(3), ZoneOffset.UTC);
    private static final Instant FIRST_OF_MAY = Instant.parse("2027-05-01T12:00:00Z");
    private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");

    private final World world = new World();

    private RetentionSweeper sweeper(RetentionPolicy policy) {
        return world.builder(world.storage).policy(policy).build();
    }

    private void recorded(String id, Instant created) {
        world.repository.put(EngineRow.of(id, "key-" + id, created));
        world.storage.put("key-" + id);
    }

    /** As a bean of the application's own. */
    private static RetentionPolicy custom(Function<Instant, Duration> age) {
        return new RetentionPolicy() {
            @Override
            public String name() {
                return "default";
            }

            @Override
            public Instant cutoff(Instant now) {
                return now.minus(age.apply(now));
            }
        };
    }

    private static RetentionPolicy shortAtNoon(Duration then) {
        return custom(now -> now.atZone(ZoneOffset.UTC).getHour() == 12 ? then : Duration.ofDays(90));
    }

    @Test
    void threeMonthsAreLessThanNinetyDaysOnTheFirstOfMay() {
        sweeper(RetentionPolicy.ofDays(90)).sweep();
        SweepReport november = sweeper(THREE_MONTHS).sweep();
        assertThat(november.end()).isEqualTo(SweepEnd.REFUSED);
        assertThat(november.message()).contains("for less time");

        world.clock.set(FIRST_OF_MAY);
        recorded("younger", FIRST_OF_MAY.minus(Duration.ofHours(24 * 89 + 12)));
        recorded("older", FIRST_OF_MAY.minus(Duration.ofHours(24 * 90 + 12)));
        assertThat(sweeper(THREE_MONTHS).sweep().end()).isEqualTo(SweepEnd.REFUSED);
        sweeper(THREE_MONTHS).recover();
        assertThat(world.storage.calls()).isEmpty();

        assertThat(sweeper(RetentionPolicy.ofDays(90)).sweep().deleted()).isEqualTo(1);
        assertThat(world.isSoftDeleted("older")).isTrue();
        assertThat(world.isSoftDeleted("younger")).isFalse();
    }

    @Test
    void threeMonthsAreNeverMoreThanNinetyTwoDays() {
        sweeper(THREE_MONTHS).sweep();
        assertThat(sweeper(RetentionPolicy.ofDays(92)).sweep().end()).isEqualTo(SweepEnd.COMPLETED);
        assertThat(sweeper(THREE_MONTHS).sweep().end()).isEqualTo(SweepEnd.REFUSED);
    }

    @Test
    void aPolicyThatIsMuchTooShortAtSomeTimeOfTheDayDeletesNothingThen() {
        RetentionSweeper sweeper = sweeper(shortAtNoon(Duration.ofHours(1)));
        recorded("due", World.NOW.minus(Duration.ofDays(91)));
        recorded("young", World.NOW.minus(Duration.ofDays(1)));
        assertThat(sweeper.sweep().deleted()).isEqualTo(1);
        world.clock.set(NOON);
        recorded("two-hours-old", NOON.minus(Duration.ofHours(2)));
        recorded("a-month-old", NOON.minus(Duration.ofDays(30)));
        world.storage.clearJournal();

        SweepReport report = sweeper.sweep();

        assertThat(report.end()).isEqualTo(SweepEnd.REFUSED);
        assertThat(report.message()).contains("keeps recordings for 1 h", "the shortest period allowed is 7 d");
        assertThat(sweeper.recover()).isZero();
        assertThat(world.storage.calls()).isEmpty();
        assertThat(RetentionOperations.of(sweeper).plans()).isEmpty();
        world.clock.advance(Duration.ofHours(1));
        assertThat(sweeper.sweep().end()).isEqualTo(SweepEnd.COMPLETED);
        assertThat(world.storage.deletes()).isEmpty();
    }

    @Test
    void aPolicyThatIsShorterThanConfirmedAtSomeTimeOfTheDayIsRefusedThen() {
        RetentionSweeper sweeper = sweeper(shortAtNoon(Duration.ofDays(30)));
        assertThat(sweeper.sweep().end()).isEqualTo(SweepEnd.COMPLETED);
        world.clock.set(NOON);
        recorded("forty-days-old", NOON.minus(Duration.ofDays(40)));

        assertThat(sweeper.sweep().message()).contains("for less time");
        sweeper.recover();

        assertThat(world.storage.calls()).isEmpty();
        world.clock.advance(Duration.ofHours(1));
        assertThat(sweeper.sweep().end()).isEqualTo(SweepEnd.COMPLETED);
        assertThat(world.isSoftDeleted("forty-days-old")).isFalse();
    }

    @Test
    void aPolicyThatIsTooShortOnOneDayOfFourYearsIsRefusedAtOnce() {
        Instant leapDay = Instant.parse("2028-02-29T00:00:00Z");
        RetentionPolicy policy = custom(now -> Duration.ofDays(now.equals(leapDay) ? 1 : 90));

        assertThatThrownBy(() -> sweeper(policy))
                .isInstanceOf(RetentionException.class)
                .hasMessageContaining("keeps recordings for 1 d at 2028-02-29T00:00:00Z");
    }
}
