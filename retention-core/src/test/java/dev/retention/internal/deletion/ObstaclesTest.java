package dev.retention.internal.deletion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.Cause;
import dev.retention.Obstacle;
import dev.retention.SweepEnd;
import dev.retention.internal.account.AccountState;
import dev.retention.spi.DeletionResult;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is listed as keeping deletions from getting on. */
class ObstaclesTest {

    private static final DeletionResult LATER = DeletionResult.tryLater("503 Service Unavailable", null, true);

    private final Fixture fixture = new Fixture();
    private Instant now = Fixture.NOW;
    private final Obstacles obstacles = new Obstacles(() -> now, fixture.ticker());
    private final AccountState account = new AccountState("AC1", 4, 0, null);

    private List<String> codes() {
        obstacles.look(account);
        return obstacles.all().stream().map(obstacle -> obstacle.cause().code()).toList();
    }

    @Test
    void anAccountWithoutAnyHindranceIsNotListed() {
        assertThat(codes()).isEmpty();
    }

    @Test
    void anUnidentifiedAccountIsListedWithTheLastAnswer() {
        account.notIdentified(List.of(LATER), fixture.nanos.get());
        obstacles.failed(account, Causes.of("fake", LATER));
        obstacles.look(account);
        assertThat(obstacles.all()).singleElement().satisfies(obstacle -> {
            assertThat(obstacle.account()).isEqualTo("AC1");
            assertThat(obstacle.since()).isEqualTo(Fixture.NOW);
            assertThat(obstacle.cause())
                    .returns(Causes.NOT_IDENTIFIED, Cause::code)
                    .returns("fake", Cause::storage);
            assertThat(obstacle.cause().detail()).endsWith("The last answer: 503 Service Unavailable");
        });
        account.identified(false);
        assertThat(codes()).isEmpty();
    }

    @Test
    void aHoldThatCanNotBeJudgedIsListedUntilItCan() {
        obstacles.holdUnmapped("hold 'case' on attribute 'tenant'");
        now = now.plusSeconds(5);
        obstacles.holdUnmapped("hold 'case' on attribute 'tenant'");
        assertThat(obstacles.all())
                .containsExactly(new Obstacle(
                        null, Cause.of(Causes.HOLD_UNMAPPED, "hold 'case' on attribute 'tenant'"), Fixture.NOW));
        obstacles.holdsJudged();
        assertThat(obstacles.all()).isEmpty();
    }

    @Test
    void anObstacleKeepsItsBeginningWhileItLasts() {
        account.notIdentified(List.of(LATER), fixture.nanos.get());
        assertThat(codes()).containsExactly(Causes.NOT_IDENTIFIED);
        now = now.plusSeconds(100);
        account.notIdentified(List.of(LATER), fixture.nanos.get());
        assertThat(codes()).containsExactly(Causes.NOT_IDENTIFIED);
        assertThat(obstacles.all()).extracting(Obstacle::since).containsExactly(Fixture.NOW);
    }

    @Test
    void aWeightierOneTakesThePlaceOfAnother() {
        account.notIdentified(List.of(LATER), fixture.nanos.get());
        assertThat(codes()).containsExactly(Causes.NOT_IDENTIFIED);
        account.stop(SweepEnd.CREDENTIALS_REFUSED, "401");
        now = now.plusSeconds(1);
        assertThat(codes()).containsExactly(SweepEnd.CREDENTIALS_REFUSED.name());
        assertThat(obstacles.all()).singleElement().satisfies(obstacle -> {
            assertThat(obstacle.since()).isEqualTo(now);
            assertThat(obstacle.cause().detail()).isEqualTo("401");
        });
    }

    @Test
    void theDatabaseIsListedBesideAccounts() {
        account.notIdentified(List.of(LATER), fixture.nanos.get());
        obstacles.databaseFailed("3 outcomes wait to be recorded", "connection refused");
        assertThat(codes()).containsExactlyInAnyOrder(Causes.NOT_IDENTIFIED, Causes.DATABASE_UNAVAILABLE);
        obstacles.databaseAnswered();
        assertThat(codes()).containsExactly(Causes.NOT_IDENTIFIED);
    }

    @Test
    void eachHindranceHasACodeOfItsOwnAndAnAnswerAtHand() {
        account.stop(SweepEnd.ACCOUNT_MISMATCH_SUSPECTED, "it is of AC2");
        List<Cause> causes = Arrays.stream(AccountState.Hindrance.values())
                .map(hindrance -> Causes.of(hindrance, account, Causes.of("fake", LATER)))
                .toList();
        assertThat(causes).extracting(Cause::code).doesNotHaveDuplicates();
        assertThat(causes.subList(1, causes.size()))
                .extracting(Cause::detail)
                .allMatch(detail -> detail.contains("503 Service Unavailable"));
        assertThat(Causes.of(AccountState.Hindrance.SILENT, account, null).storage())
                .as("nobody has answered yet")
                .isNull();
    }

    @Test
    void timePassesUnnoticedByWhatHasNoEnd() {
        account.stop(SweepEnd.CREDENTIALS_REFUSED, "401");
        codes();
        fixture.pass(Duration.ofHours(3));
        assertThat(codes()).containsExactly(SweepEnd.CREDENTIALS_REFUSED.name());
    }
}
