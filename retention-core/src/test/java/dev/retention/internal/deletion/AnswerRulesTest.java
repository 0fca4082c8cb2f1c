package dev.retention.internal.deletion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.Cause;
import dev.retention.DeletionOutcome;
import dev.retention.SweepEnd;
import dev.retention.internal.account.AccountFacts;
import dev.retention.internal.deletion.AnswerRules.Answer;
import dev.retention.internal.deletion.AnswerRules.Attempt;
import dev.retention.internal.deletion.Decision.AccountStep;
import dev.retention.internal.deletion.Decision.DecideWithheld;
import dev.retention.internal.deletion.Decision.DeleteNext;
import dev.retention.internal.deletion.Decision.Deleted;
import dev.retention.internal.deletion.Decision.GoesOn;
import dev.retention.internal.deletion.Decision.KeepEvidence;
import dev.retention.internal.deletion.Decision.Quarantine;
import dev.retention.internal.deletion.Decision.RefusedUnsent;
import dev.retention.internal.deletion.Decision.Release;
import dev.retention.internal.deletion.Decision.Retry;
import dev.retention.internal.deletion.Decision.Row;
import dev.retention.internal.deletion.Decision.SendAgain;
import dev.retention.internal.deletion.Decision.Stop;
import dev.retention.internal.deletion.Decision.Withhold;
import dev.retention.spi.DeletionGate.Objection;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.DeletionResult.Kind;
import dev.retention.spi.Evidence;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What follows from every answer, to a deletion and to a look-up, in every attempt, whatever is known about the
 * account: what happens to the row, to the claim, and to the account.
 */
class AnswerRulesTest {

    private static final String TABLE = "answer-rules.txt";
    private static final Map<String, SweepEnd> ENDS = Map.of(
            "stop mismatch", SweepEnd.ACCOUNT_MISMATCH_SUSPECTED,
            "stop credentials", SweepEnd.CREDENTIALS_REFUSED,
            "stop keys", SweepEnd.STORAGE_KEY_SUSPECTED);
    private static final int MOST_ATTEMPTS = 3;
    private static final Map<String, DeletionResult> ANSWERS = answers();
    private static final Map<String, Attempt> ATTEMPTS = new LinkedHashMap<>();
    private static final Map<String, AccountFacts> ACCOUNTS = new LinkedHashMap<>();

    /** Its backoff is not spread. */
    private static final String ID = "d";

    static {
        ATTEMPTS.put("first", new Attempt(ID, 1, false, false, false));
        // It was throttled, and its turn has come again.
        ATTEMPTS.put("again", new Attempt(ID, 1, true, false, false));
        ATTEMPTS.put("second", new Attempt(ID, 2, false, false, false));
        ATTEMPTS.put("last", new Attempt(ID, MOST_ATTEMPTS, false, true, false));

        ACCOUNTS.put("known", new AccountFacts(false, false, true, true, true, false, false));
        // It was known, and is to be identified again.
        ACCOUNTS.put("doubted", new AccountFacts(false, false, false, true, true, false, false));
        ACCOUNTS.put("untested", new AccountFacts(false, false, true, true, false, false, false));
        // Untested, but it has proven something since.
        ACCOUNTS.put("shown", new AccountFacts(false, false, true, false, false, false, false));
        ACCOUNTS.put("suspect", new AccountFacts(false, false, true, true, false, true, false));
        ACCOUNTS.put("keys", new AccountFacts(false, false, false, false, false, false, true));
        ACCOUNTS.put("open", new AccountFacts(false, true, true, true, true, false, false));
        ACCOUNTS.put("stopped", new AccountFacts(true, false, true, true, true, false, false));
    }

    private static final Refusal HELD = Refusal.of(Objection.HELD);

    private final AnswerRules rules = rules(false);

    private static AnswerRules rules(boolean externalMediaCovered) {
        Backoff backoff = new Backoff(Duration.ofMinutes(1), Duration.ofHours(24));
        return new AnswerRules(MOST_ATTEMPTS, backoff, externalMediaCovered);
    }

    private static Map<String, DeletionResult> answers() {
        Map<String, DeletionResult> answers = new LinkedHashMap<>();
        answers.put("deleted", DeletionResult.deleted("204"));
        answers.put("already gone", DeletionResult.alreadyGone("shown as deleted"));
        answers.put("never stored", DeletionResult.nothingStored("no media"));
        answers.put("not found", DeletionResult.notFound());
        answers.put("elsewhere", DeletionResult.keptElsewhere("a bucket"));
        answers.put("still there", DeletionResult.stillThere());
        answers.put("not yet", DeletionResult.notYet("in progress"));
        answers.put("no answer", DeletionResult.tryLater("timed out", null, false));
        answers.put("not applied", DeletionResult.tryLater("refused connection", null, true));
        answers.put("in 10m", DeletionResult.tryLater("503", Duration.ofMinutes(10), true));
        answers.put("throttled", DeletionResult.throttled("429", null));
        answers.put("throttled 2s", DeletionResult.throttled("429", Duration.ofSeconds(2)));
        answers.put("throttled 10m", DeletionResult.throttled("429", Duration.ofMinutes(10)));
        answers.put("refused", DeletionResult.refused("never"));
        answers.put("no key", DeletionResult.refusedUnsent("no key"));
        answers.put("stop", DeletionResult.stop("401"));
        answers.put("mismatch", DeletionResult.mismatch("another recording"));
        return answers;
    }

    /** A line of the table. */
    private record Line(
            String answer, String asked, String attempt, String account, String row, String claim, String then) {

        static Line parse(String text) {
            String[] columns = text.split("\\|", -1);
            for (int i = 0; i < columns.length; i++) {
                columns[i] = columns[i].strip();
            }
            return new Line(columns[0], columns[1], columns[2], columns[3], columns[4], columns[5], columns[6]);
        }

        boolean fits(Combination one) {
            return answer.equals(one.answer)
                    && fits(asked, one.asked)
                    && fits(attempt, one.attempt)
                    && fits(account, one.account);
        }

        private static boolean fits(String column, String value) {
            return column.startsWith("not ")
                    ? !names(column).contains(value)
                    : column.equals("*") || names(column).contains(value);
        }

        static List<String> names(String column) {
            return column.equals("*")
                    ? List.of()
                    : List.of(column.replaceFirst("^not ", "").split("/"));
        }
    }

    private record Combination(String answer, String asked, String attempt, String account) {}

    private static final List<Line> LINES = lines();

    private static List<Line> lines() {
        try (InputStream table = AnswerRulesTest.class.getResourceAsStream(TABLE)) {
            String text = new String(Objects.requireNonNull(table, TABLE).readAllBytes(), StandardCharsets.UTF_8);
            return text.lines()
                    .filter(line -> !line.startsWith("#"))
                    .skip(1)
                    .map(Line::parse)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Stream<Combination> combinations() {
        List<Combination> all = new ArrayList<>();
        for (String answer : ANSWERS.keySet()) {
            for (String asked : List.of("delete", "look-up")) {
                for (String attempt : ATTEMPTS.keySet()) {
                    ACCOUNTS.keySet().forEach(account -> all.add(new Combination(answer, asked, attempt, account)));
                }
            }
        }
        return all.stream();
    }

    @Test
    void theTableKnowsEveryKindOfAnswerAndNamesNothingElse() {
        assertThat(ANSWERS.values().stream().map(DeletionResult::kind).distinct())
                .containsExactlyInAnyOrder(Kind.values());
        assertThat(LINES).allSatisfy(line -> {
            assertThat(ANSWERS).containsKey(line.answer);
            assertThat(ATTEMPTS.keySet()).containsAll(Line.names(line.attempt));
            assertThat(ACCOUNTS.keySet()).containsAll(Line.names(line.account));
        });
    }

    @ParameterizedTest
    @MethodSource("combinations")
    void whatFollowsIsInExactlyOneLineOfTheTable(Combination one) {
        List<Line> lines = LINES.stream().filter(line -> line.fits(one)).toList();
        assertThat(lines).as("lines for %s", one).hasSize(1);

        Attempt attempt = ATTEMPTS.get(one.attempt);
        AccountFacts account = ACCOUNTS.get(one.account);
        Answer answer = new Answer("fake", ANSWERS.get(one.answer), one.asked.equals("look-up"), !account.open());
        Decision decision = rules.answered(answer, attempt, account);

        Line expected = lines.get(0);
        assertThat(told(decision.row())).as("row").isEqualTo(expandRow(expected.row, attempt.number()));
        assertThat(claimEnds(decision.row())).as("claim ends").isEqualTo(expected.claim.startsWith("ends"));
        assertThat(decision.inDoubt()).as("in doubt").isEqualTo(expected.claim.endsWith("?") || attempt.inDoubt());
        assertThat(decision.account()).as("account").satisfies(step -> assertStep(step, expected.then));
    }

    private static String expandRow(String row, int number) {
        return row.replace("backoff", (1 << number - 1) + "m").replace(" free", number == 1 ? "" : " free");
    }

    private static void assertStep(AccountStep step, String then) {
        if (step instanceof Stop stop) {
            assertThat(stop.end()).isEqualTo(ENDS.get(then));
        } else {
            Object expected =
                    then.isEmpty() ? new GoesOn() : then.equals("decide withheld") ? new DecideWithheld() : then;
            assertThat(step).isEqualTo(expected);
        }
    }

    private static String told(Row row) {
        if (row instanceof Retry retry) {
            Duration after = retry.after();
            String time = after.toHours() > 0 ? after.toHours() + "h" : after.toMinutes() + "m";
            return "retry " + retry.outcome() + (retry.counts() ? " " : " free ") + time;
        }
        if (row instanceof Quarantine quarantine) {
            return "quarantine " + quarantine.outcome();
        }
        return row.getClass().getSimpleName().replaceAll("(?<=.)([A-Z])", " $1").toLowerCase(Locale.ROOT);
    }

    private static boolean claimEnds(Row row) {
        return row instanceof Retry || row instanceof Quarantine || row instanceof RefusedUnsent;
    }

    @ParameterizedTest
    @MethodSource("combinations")
    void doubtNeverGoesAwayByAnAnswer(Combination one) {
        Attempt told = ATTEMPTS.get(one.attempt);
        Attempt doubtful = new Attempt(ID, told.number(), told.sentBefore(), true, false);
        Answer answer = new Answer("fake", ANSWERS.get(one.answer), one.asked.equals("look-up"), true);
        assertThat(rules.answered(answer, doubtful, ACCOUNTS.get(one.account)).inDoubt())
                .isTrue();
    }

    private Row row(DeletionResult result, Attempt attempt) {
        return rules.answered(new Answer("fake", result, false, true), attempt, ACCOUNTS.get("known"))
                .row();
    }

    @Test
    void aCauseNamesTheCodeTheStorageAndWhatItSaid() {
        DeletionResult refused = DeletionResult.refused("never: RQ1").withCode("TWILIO_20403");
        assertThat(withhold(refused).otherwise())
                .isEqualTo(new Quarantine(DeletionOutcome.REFUSED, new Cause("TWILIO_20403", "fake", "never: RQ1")));
        assertThat(row(DeletionResult.stillThere(), ATTEMPTS.get("second")))
                .isInstanceOfSatisfying(
                        Retry.class, retry -> assertThat(retry.cause().code()).isEqualTo(Kind.STILL_THERE.name()));
    }

    @Test
    void aStopNamesWhatTheStorageSaid() {
        for (DeletionResult result : List.of(DeletionResult.stop("401"), DeletionResult.mismatch("of AC2"))) {
            Answer answer = new Answer("fake", result, false, true);
            assertThat(rules.answered(answer, ATTEMPTS.get("first"), ACCOUNTS.get("known"))
                            .account())
                    .isInstanceOfSatisfying(
                            Stop.class, stop -> assertThat(stop.why()).contains("fake", result.detail()));
        }
    }

    @Test
    void aThrottledOneIsSentAgainOnlyWhileItsLeaseLasts() {
        Attempt late = new Attempt(ID, 2, true, false, true);
        assertThat(row(DeletionResult.throttled("429", null), late))
                .isInstanceOfSatisfying(
                        Retry.class, retry -> assertThat(retry.after()).isEqualTo(Duration.ofMinutes(2)));
        Attempt early = new Attempt(ID, 2, true, false, false);
        assertThat(row(DeletionResult.throttled("429", null), early)).isInstanceOf(SendAgain.class);
        assertThat(row(DeletionResult.throttled("429", Duration.ofMillis(2001)), early))
                .as("longer than a moment")
                .isInstanceOf(Retry.class);
    }

    @Test
    void aSuspectedMismatchAndSuspectedKeysSayHowMany() {
        Answer notFound = new Answer("fake", DeletionResult.notFound(), false, true);
        assertThat(rules.answered(notFound, ATTEMPTS.get("first"), ACCOUNTS.get("suspect"))
                        .account())
                .isInstanceOfSatisfying(
                        Stop.class, stop -> assertThat(stop.why()).contains("none of 10 recordings in a row"));
        Answer unsent = new Answer("fake", DeletionResult.refusedUnsent("no key"), false, true);
        assertThat(rules.answered(unsent, ATTEMPTS.get("first"), ACCOUNTS.get("keys"))
                        .account())
                .isInstanceOfSatisfying(
                        Stop.class, stop -> assertThat(stop.why()).contains("none of the first 10", "no key"));
    }

    @Test
    void mediaKeptElsewhereIsTheNextStoragesWhereOneCoversIt() {
        Answer elsewhere = new Answer("fake", DeletionResult.keptElsewhere("a bucket"), false, true);
        assertThat(rules(true)
                        .answered(elsewhere, ATTEMPTS.get("first"), ACCOUNTS.get("known"))
                        .row())
                .isInstanceOf(KeepEvidence.class);
    }

    @Test
    void mediaKeptElsewhereIsDeletedOnlyOnceItIsGoneThere() {
        Evidence proven = Evidence.NONE.with("one", DeletionResult.deleted("204"));
        Evidence elsewhere = proven.with("two", DeletionResult.keptElsewhere("a bucket"));
        assertThat(rules.settled(proven, false)).isInstanceOf(Deleted.class);
        assertThat(rules.settled(elsewhere, true)).isInstanceOf(Deleted.class);
        assertThat(rules.settled(elsewhere, false))
                .isInstanceOfSatisfying(
                        Quarantine.class,
                        quarantine -> assertThat(quarantine.outcome()).isEqualTo(DeletionOutcome.KEPT_ELSEWHERE));
    }

    @Test
    void onlyWhatIsInDoubtIsLookedUpFirstWhereThatIsPossible() {
        assertThat(rules.looksUpFirst(true, true)).isTrue();
        assertThat(rules.looksUpFirst(false, true)).isFalse();
        assertThat(rules.looksUpFirst(true, false)).isFalse();
    }

    @Test
    void whatWasNotSentIsReleasedInEveryAttempt() {
        for (String attempt : List.of("first", "second", "last")) {
            assertThat(rules.notSent(ATTEMPTS.get(attempt), false, "fake")).isInstanceOf(Release.class);
        }
    }

    @Test
    void whatWasSentBeforeItsTurnCameAgainIsNotReleased() {
        assertThat(told(rules.notSent(ATTEMPTS.get("again"), true, "fake"))).isEqualTo("retry KEPT 1m");
        assertThat(told(rules.notSent(ATTEMPTS.get("second"), true, "fake"))).isEqualTo("retry KEPT free 1m");
    }

    @Test
    void whatACheckRefusesIsReleasedOnlyByAFirstAttemptThatSentNothing() {
        assertThat(rules.refusedByCheck(ATTEMPTS.get("first"), false, false, HELD))
                .isInstanceOf(Release.class);
        assertThat(told(rules.refusedByCheck(ATTEMPTS.get("again"), true, false, HELD)))
                .isEqualTo("retry KEPT 1h");
        assertThat(told(rules.refusedByCheck(ATTEMPTS.get("second"), false, false, HELD)))
                .isEqualTo("retry KEPT free 1h");
        assertThat(rules.refusedByCheck(ATTEMPTS.get("second"), false, false, HELD))
                .isInstanceOfSatisfying(
                        Retry.class, retry -> assertThat(retry.cause()).isEqualTo(Causes.kept(Objection.HELD)));
    }

    /** An instance that is forbidden everything leaves them to others, and claims nothing more itself. */
    @Test
    void whatOtherInstancesMayDeleteIsLeftToThemSoon() {
        for (Objection objection : Objection.values()) {
            boolean others = objection == Objection.NOT_CONFIRMED || objection == Objection.HOLD_UNMAPPED;
            assertThat(told(rules.refusedByCheck(ATTEMPTS.get("second"), false, false, Refusal.of(objection))))
                    .as("%s", objection)
                    .isEqualTo(others ? "retry KEPT free 1m" : "retry KEPT free 1h");
        }
        assertThat(told(rules.refusedByCheck(ATTEMPTS.get("second"), false, false, Refusal.ENDED)))
                .as("what forbade it has ended since")
                .isEqualTo("retry KEPT free 1m");
    }

    @Test
    void aChangedRowNeedsADecisionUnlessNothingWasSent() {
        assertThat(rules.refusedByCheck(ATTEMPTS.get("first"), false, true, HELD))
                .isInstanceOf(Release.class);
        assertThat(told(rules.refusedByCheck(ATTEMPTS.get("again"), true, true, HELD)))
                .isEqualTo("quarantine ROW_CHANGED");
        assertThat(told(rules.refusedByCheck(ATTEMPTS.get("second"), false, true, HELD)))
                .isEqualTo("quarantine ROW_CHANGED");
    }

    @Test
    void attemptsAreUsedUpOnceThereWereMoreThanAllowed() {
        assertThat(rules.isUsedUp(MOST_ATTEMPTS)).isFalse();
        assertThat(rules.isUsedUp(MOST_ATTEMPTS + 1)).isTrue();
        assertThat(told(rules.usedUp())).isEqualTo("quarantine ATTEMPTS_USED_UP");
    }

    @Test
    void whatWasWithheldIsTriedAgainIfItsAccountIsStopped() {
        Withhold unproven = withhold(DeletionResult.notFound());
        assertThat(unproven.otherwise())
                .isEqualTo(new Quarantine(
                        DeletionOutcome.UNPROVEN,
                        new Cause("NOT_FOUND", "fake", DeletionResult.notFound().detail())));
        Cause stopped = Causes.stopped(SweepEnd.ACCOUNT_MISMATCH_SUSPECTED, "wrong account");
        assertThat(rules.withheldStopped(ATTEMPTS.get("second"), unproven, stopped))
                .isEqualTo(new Retry(DeletionOutcome.UNPROVEN, stopped, Duration.ofMinutes(1), false));
        assertThat(told(rules.withheldStopped(ATTEMPTS.get("first"), unproven, stopped)))
                .isEqualTo("retry UNPROVEN 1m");
        Withhold refused = withhold(DeletionResult.refused("never"));
        assertThat(told(refused.otherwise())).isEqualTo("quarantine REFUSED");
        assertThat(told(rules.withheldStopped(ATTEMPTS.get("second"), refused, stopped)))
                .isEqualTo("retry STOPPED free 1m");
    }

    private Withhold withhold(DeletionResult result) {
        Answer answer = new Answer("fake", result, false, true);
        return (Withhold) rules.answered(answer, ATTEMPTS.get("second"), ACCOUNTS.get("known"))
                .row();
    }

    @Test
    void eachAnswerThatKeepsItsClaimIsListed() {
        assertThat(combinations()
                        .map(one -> rules.answered(
                                        new Answer("fake", ANSWERS.get(one.answer), one.asked.equals("look-up"), true),
                                        ATTEMPTS.get(one.attempt),
                                        ACCOUNTS.get(one.account))
                                .row())
                        .filter(row -> !claimEnds(row))
                        .map(Row::getClass)
                        .collect(Collectors.toSet()))
                .containsExactlyInAnyOrder(KeepEvidence.class, DeleteNext.class, SendAgain.class, Withhold.class);
    }
}
