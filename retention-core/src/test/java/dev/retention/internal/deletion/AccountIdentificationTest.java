package dev.retention.internal.deletion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.SweepEnd;
import dev.retention.internal.deletion.AccountIdentification.Findings;
import dev.retention.internal.deletion.AccountIdentification.Known;
import dev.retention.internal.deletion.AccountIdentification.MoreNeeded;
import dev.retention.internal.deletion.AccountIdentification.Refused;
import dev.retention.internal.deletion.AccountIdentification.Unanswered;
import dev.retention.internal.deletion.AccountIdentification.Untested;
import dev.retention.internal.deletion.AccountIdentification.Verdict;
import dev.retention.internal.recording.Storages;
import dev.retention.internal.telemetry.Telemetry;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.Recording;
import dev.retention.spi.RecordingLookup;
import dev.retention.spi.RecordingStorage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What storages say about an account, and what that means. */
class AccountIdentificationTest {

    private static final Instant NOW = Fixture.NOW;
    private static final DeletionResult FOUND = DeletionResult.stillThere();
    private static final DeletionResult NOT_FOUND = DeletionResult.notFound();
    private static final DeletionResult LATER = DeletionResult.tryLater("503", null, true);
    private static final DeletionResult STOP = DeletionResult.stop("401");
    private static final DeletionResult MISMATCH = DeletionResult.mismatch("it is of AC2");
    private static final DeletionResult UNSENT = DeletionResult.refusedUnsent("no key");

    private final List<String> asked = new ArrayList<>();

    private Verdict judge(DeletionResult... lookUps) {
        return judge(new Findings("fake", null, Map.of(), List.of(lookUps), false));
    }

    private Verdict judge(Findings findings) {
        return identification().judge(findings, NOW);
    }

    private static Findings objection(DeletionResult objection) {
        return new Findings("fake", objection, Map.of(), List.of(), false);
    }

    private static Findings clock(Instant time, DeletionResult... lookUps) {
        return new Findings("fake", null, Map.of("fake", time), List.of(lookUps), false);
    }

    @Test
    void anAccountThatFoundARecentRecordingIsTheRightOne() {
        List<DeletionResult> finds = List.of(
                FOUND,
                DeletionResult.deleted("x"),
                DeletionResult.alreadyGone("x"),
                DeletionResult.nothingStored("x"),
                DeletionResult.keptElsewhere("x"),
                DeletionResult.notYet("x"),
                DeletionResult.refused("x"));
        assertThat(finds)
                .allSatisfy(found -> assertThat(judge(NOT_FOUND, LATER, found)).isInstanceOf(Known.class));
    }

    @Test
    void anAccountThatFoundNothingIsSuspected() {
        assertThat(judge(NOT_FOUND, NOT_FOUND)).isInstanceOfSatisfying(Refused.class, refused -> {
            assertThat(refused.end()).isEqualTo(SweepEnd.ACCOUNT_MISMATCH_SUSPECTED);
            assertThat(refused.why()).contains("none of 2 recent recordings");
        });
    }

    @Test
    void anAccountWithNothingToAskForIsUntested() {
        assertThat(judge()).isInstanceOf(Untested.class);
        assertThat(judge(UNSENT, UNSENT)).as("keys that are none").isInstanceOf(Untested.class);
    }

    @Test
    void whatWasNoAnswerIsAskedForAgain() {
        assertThat(judge(NOT_FOUND, LATER, LATER)).isEqualTo(new Unanswered("fake", List.of(LATER, LATER)));
        assertThat(judge(objection(LATER))).isEqualTo(new Unanswered("fake", List.of(LATER)));
    }

    @Test
    void refusedCredentialsStopTheAccount() {
        assertThat(judge(NOT_FOUND, LATER, STOP)).isEqualTo(new Refused(SweepEnd.CREDENTIALS_REFUSED, "401"));
        assertThat(judge(objection(STOP)))
                .as("the account itself is refused")
                .isEqualTo(new Refused(SweepEnd.CREDENTIALS_REFUSED, "401", true, false));
    }

    @Test
    void anAnswerAboutSomethingElseStopsTheAccountWhateverElseWasFound() {
        Refused mismatch = new Refused(SweepEnd.ACCOUNT_MISMATCH_SUSPECTED, "it is of AC2");
        assertThat(judge(MISMATCH)).isEqualTo(mismatch);
        assertThat(judge(NOT_FOUND, LATER, MISMATCH)).isEqualTo(mismatch);
        assertThat(judge(FOUND, MISMATCH)).isEqualTo(mismatch);
        assertThat(judge(objection(MISMATCH))).isEqualTo(mismatch);
        assertThat(judge(objection(DeletionResult.refused("it is not known"))))
                .isEqualTo(new Refused(SweepEnd.ACCOUNT_MISMATCH_SUSPECTED, "it is not known", true, false));
    }

    @Test
    void aClockThatIsTooFarAwayStopsTheAccount() {
        Duration allowed = Duration.ofMinutes(5);
        for (Duration off : List.of(allowed.plusMillis(1), allowed.plusMillis(1).negated())) {
            assertThat(judge(clock(NOW.plus(off), FOUND))).isInstanceOfSatisfying(Refused.class, refused -> {
                assertThat(refused.end()).isEqualTo(SweepEnd.CLOCKS_DISAGREE);
                assertThat(refused.why())
                        .contains("clock of fake says " + NOW.plus(off), NOW.toString(), "more than 5 min apart");
            });
        }
        assertThat(judge(clock(NOW.plus(allowed), FOUND))).isInstanceOf(Known.class);
        assertThat(judge(clock(NOW.minus(allowed), FOUND))).isInstanceOf(Known.class);
    }

    @Test
    void recordingsWithInvalidKeysSayNothingAndMoreAreReadForThem() {
        assertThat(judgeThereMayBeMore(UNSENT, UNSENT, UNSENT, UNSENT, UNSENT)).isInstanceOf(MoreNeeded.class);
        assertThat(judgeThereMayBeMore(NOT_FOUND, UNSENT, UNSENT, UNSENT, UNSENT))
                .isInstanceOf(MoreNeeded.class);
        assertThat(judgeThereMayBeMore(UNSENT, UNSENT, UNSENT, UNSENT, FOUND)).isInstanceOf(Known.class);
        assertThat(judgeThereMayBeMore(NOT_FOUND, NOT_FOUND, NOT_FOUND, NOT_FOUND, NOT_FOUND))
                .as("enough were looked up")
                .isInstanceOf(Refused.class);
        assertThat(judge(UNSENT, UNSENT, UNSENT, UNSENT, UNSENT))
                .as("there are no others")
                .isInstanceOf(Untested.class);
        assertThat(judge(NOT_FOUND, UNSENT, UNSENT, UNSENT, UNSENT))
                .isInstanceOfSatisfying(
                        Refused.class,
                        refused -> assertThat(refused.recordingsAreMissing()).isTrue());
    }

    private Verdict judgeThereMayBeMore(DeletionResult... lookUps) {
        return judge(new Findings("fake", null, Map.of(), List.of(lookUps), true));
    }

    @Test
    void noMoreThanFiveAreLookedUpBesidesThoseWithInvalidKeys() {
        RecordingLookup storage =
                storage("a", NOW, UNSENT, NOT_FOUND, UNSENT, NOT_FOUND, NOT_FOUND, NOT_FOUND, UNSENT, NOT_FOUND, FOUND);
        assertThat(identification(storage).ask("AC1", recent(9), false).lookUps())
                .hasSize(8);
    }

    private AccountIdentification identification(RecordingStorage... storages) {
        StorageCaller caller = new StorageCaller(new Telemetry(List.of(), null), null);
        return new AccountIdentification(new Storages(List.of(storages)), caller, Duration.ofMinutes(5));
    }

    private RecordingLookup storage(String name, @Nullable Instant time, DeletionResult... answers) {
        return new RecordingLookup() {
            private int next;

            @Override
            public String name() {
                return name;
            }

            @Override
            public DeletionResult delete(Recording recording) {
                throw new AssertionError("nothing is deleted to identify an account");
            }

            @Override
            public DeletionResult lookUp(Recording recording) {
                asked.add(name + " " + recording.id());
                return answers[next++];
            }

            @Override
            public Identification identify(@Nullable String account) {
                asked.add(name + " " + account);
                return new Identification(null, time);
            }
        };
    }

    private static List<Recording> recent(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new Recording("r" + i, "key", "AC1", NOW, Map.of()))
                .toList();
    }

    @Test
    void isPossibleWhereAStorageCanLookUp() {
        assertThat(identification(Fixture.STORAGE).isPossible()).isFalse();
        assertThat(identification(Fixture.STORAGE, storage("a", null)).isPossible())
                .isTrue();
    }

    @Test
    void recentRecordingsAreLookedUpUntilOneIsFound() {
        Findings findings =
                identification(storage("a", NOW, NOT_FOUND, FOUND, FOUND)).ask("AC1", recent(3), false);
        assertThat(findings).isEqualTo(new Findings("a", null, Map.of("a", NOW), List.of(NOT_FOUND, FOUND), false));
        assertThat(asked).containsExactly("a AC1", "a r0", "a r1");
    }

    @Test
    void nothingMoreIsAskedOnceAnAnswerStopsTheAccount() {
        for (DeletionResult last : List.of(STOP, MISMATCH)) {
            assertThat(identification(storage("a", null, LATER, last, FOUND))
                            .ask("AC1", recent(3), false)
                            .lookUps())
                    .containsExactly(LATER, last);
        }
    }

    @Test
    void everyStorageIsAskedUnlessOneFindsNothing() {
        Findings both = identification(storage("a", null, FOUND), storage("b", null, NOT_FOUND))
                .ask(null, recent(1), false);
        assertThat(both.storage()).isEqualTo("b");
        assertThat(judge(both)).isInstanceOf(Refused.class);

        asked.clear();
        Findings first = identification(storage("a", null, NOT_FOUND), storage("b", null, FOUND))
                .ask(null, recent(1), false);
        assertThat(first.storage()).isEqualTo("a");
        assertThat(judge(first)).isInstanceOf(Refused.class);
        assertThat(asked).containsExactly("a null", "b null", "a r0");
    }

    @Test
    void anObjectionEndsTheQuestions() {
        RecordingLookup objects = new RecordingLookup() {
            @Override
            public String name() {
                return "objects";
            }

            @Override
            public DeletionResult delete(Recording recording) {
                throw new AssertionError();
            }

            @Override
            public DeletionResult lookUp(Recording recording) {
                throw new AssertionError("it has said enough");
            }

            @Override
            public Identification identify(@Nullable String account) {
                return new Identification(MISMATCH, NOW);
            }
        };
        assertThat(identification(objects, storage("b", null, FOUND)).ask("AC1", recent(1), false))
                .isEqualTo(new Findings("objects", MISMATCH, Map.of("objects", NOW), List.of(), false));
        assertThat(asked).isEmpty();
    }

    @Test
    void aStorageThatThrowsHasGivenNoAnswer() {
        RecordingLookup throwing = storage("a", null);
        assertThat(judge(identification(throwing).ask("AC1", recent(2), false)))
                .as("it has no answers left")
                .isInstanceOfSatisfying(
                        Unanswered.class,
                        unanswered -> assertThat(unanswered.noAnswers())
                                .hasSize(2)
                                .extracting(DeletionResult::detail)
                                .allMatch(detail -> detail.contains("ArrayIndexOutOfBounds")));
        assertThat(asked).hasSize(3);
    }
}
