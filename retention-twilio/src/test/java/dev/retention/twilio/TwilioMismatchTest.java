package dev.retention.twilio;

import static dev.retention.twilio.TwilioFixture.ACCOUNT;
import static dev.retention.twilio.TwilioFixture.CREATED;
import static dev.retention.twilio.TwilioFixture.recording;
import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.RetentionSweeper;
import dev.retention.SweepEnd;
import dev.retention.SweepReport;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.DeletionResult.Kind;
import dev.retention.spi.Recording;
import dev.retention.test.EngineRow;
import dev.retention.test.InMemoryRecordingRepository;
import dev.retention.test.twilio.TwilioFault;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An answer about another recording or account than the one asked about, as a gateway or cache may mix them up. */
class TwilioMismatchTest {

    private static final String SID = "RE0000000000000000000000000000000a";
    private static final String OTHER_SID = "RE0000000000000000000000000000000b";
    private static final String OTHER_ACCOUNT = "AC00000000000000000000000000000002";

    private static TwilioFixture with(ExternalMedia externalMedia) {
        return new TwilioFixture(b -> b.externalMedia(externalMedia));
    }

    private static TwilioFault answer(@Nullable String sid, @Nullable String account) {
        return TwilioFault.body(
                200,
                "application/json",
                "{\"sid\": " + quoted(sid) + ", \"account_sid\": " + quoted(account)
                        + ", \"status\": \"completed\", \"media_url\": null}");
    }

    private static String quoted(@Nullable String value) {
        return value == null ? "null" : "\"" + value + "\"";
    }

    private static void assertMismatch(DeletionResult result, String code, String... named) {
        assertThat(result.kind()).as(result.toString()).isEqualTo(Kind.MISMATCH);
        assertThat(result.code()).isEqualTo(code);
        assertThat(result.detail()).contains(named).contains("Twilio-Request-Id RQ");
        assertThat(result.surelyNotApplied()).isFalse();
    }

    static Stream<Arguments> mismatches() {
        return Stream.of(
                Arguments.of(OTHER_SID, ACCOUNT, "OTHER_RECORDING"),
                Arguments.of(OTHER_SID, null, "OTHER_RECORDING"),
                Arguments.of(OTHER_SID, "", "OTHER_RECORDING"),
                Arguments.of(OTHER_SID, "nobody", "OTHER_RECORDING"),
                Arguments.of(SID, OTHER_ACCOUNT, "OTHER_ACCOUNT"),
                Arguments.of(null, OTHER_ACCOUNT, "OTHER_ACCOUNT"),
                Arguments.of("", OTHER_ACCOUNT, "OTHER_ACCOUNT"),
                Arguments.of(OTHER_SID, OTHER_ACCOUNT, "OTHER_ACCOUNT"));
    }

    static Stream<Arguments> unreadable() {
        return Stream.of(
                Arguments.of(null, ACCOUNT),
                Arguments.of("", ACCOUNT),
                Arguments.of("RE1", ACCOUNT),
                Arguments.of("+15005550006", ACCOUNT),
                Arguments.of(ACCOUNT, ACCOUNT),
                Arguments.of(SID.toUpperCase(Locale.ROOT), ACCOUNT),
                Arguments.of(SID, null),
                Arguments.of(SID, ""),
                Arguments.of(SID, "+15005550006"),
                Arguments.of(SID, SID),
                Arguments.of(null, null));
    }

    // A look-up

    @ParameterizedTest
    @MethodSource("mismatches")
    void ofALookUpIsNoOutage(@Nullable String sid, @Nullable String account, String code) {
        try (TwilioFixture fixture = with(ExternalMedia.NONE)) {
            fixture.twilio.failOn(SID, answer(sid, account));
            assertMismatch(fixture.storage.lookUp(recording(SID)), code, SID, ACCOUNT);
            assertThat(fixture.wire()).containsExactly("GET 200");
        }
    }

    @ParameterizedTest
    @MethodSource("unreadable")
    void isNotSeenInAnAnswerThatNamesNobodyElse(@Nullable String sid, @Nullable String account) {
        try (TwilioFixture fixture = with(ExternalMedia.NONE)) {
            fixture.twilio.failOn(SID, answer(sid, account));
            DeletionResult result = fixture.storage.lookUp(recording(SID));
            assertThat(result.kind()).as(result.toString()).isEqualTo(Kind.TRY_LATER);
            assertThat(result.detail()).doesNotContain("+1500");
        }
    }

    @Test
    void isNotSeenInTheAnswerThatWasAskedFor() {
        try (TwilioFixture fixture = with(ExternalMedia.NONE)) {
            fixture.twilio.failOn(SID, answer(SID, ACCOUNT));
            assertThat(fixture.storage.lookUp(recording(SID)).kind()).isEqualTo(Kind.STILL_THERE);
        }
    }

    @Test
    void namesWhatWasAskedForAndWhatWasAnswered() {
        try (TwilioFixture fixture = with(ExternalMedia.NONE)) {
            fixture.twilio.failNextOn(SID, answer(OTHER_SID, ACCOUNT), answer(SID, OTHER_ACCOUNT));
            assertThat(fixture.storage.lookUp(recording(SID)).detail()).contains(SID, OTHER_SID);
            assertThat(fixture.storage.lookUp(recording(SID)).detail()).contains(ACCOUNT, OTHER_ACCOUNT);
        }
    }

    @Test
    void isSeenWhereTheStateOfTheRecordingCannotBeReadToo() {
        try (TwilioFixture fixture = with(ExternalMedia.NONE)) {
            fixture.twilio.failOn(
                    SID,
                    TwilioFault.body(200, "application/json", "{\"sid\": \"" + OTHER_SID + "\", \"media_url\": 7}"));
            assertMismatch(fixture.storage.lookUp(recording(SID)), "OTHER_RECORDING", SID, OTHER_SID);
        }
    }

    // The look before a deletion

    @ParameterizedTest
    @EnumSource(
            value = ExternalMedia.class,
            names = {"AUTO", "CHECK"})
    void ofTheLookBeforeADeletionSendsNoDeletion(ExternalMedia mode) {
        try (TwilioFixture fixture = with(mode)) {
            String sid = fixture.add();
            fixture.twilio.failOn(sid, answer(OTHER_SID, ACCOUNT));
            assertMismatch(fixture.storage.delete(recording(sid)), "OTHER_RECORDING", sid, OTHER_SID);
            assertThat(fixture.wire()).containsExactly("GET 200");
            assertThat(fixture.isStored(sid)).isTrue();
        }
    }

    private static Recording add(TwilioFixture fixture, int hours) {
        Instant created = CREATED.plus(Duration.ofHours(hours));
        return new Recording("row-" + hours, fixture.twilio.addRecording(ACCOUNT, created), null, created, Map.of());
    }

    private static String sid(Recording recording) {
        return Objects.requireNonNull(recording.storageKey());
    }

    private static List<Recording> announced(TwilioFixture fixture) {
        List<Recording> next =
                IntStream.range(0, 12).mapToObj(hours -> add(fixture, hours)).toList();
        fixture.storage.announce(next);
        return next;
    }

    @Test
    void ofAListBeforeADeletionSendsNoDeletion() {
        try (TwilioFixture fixture = with(ExternalMedia.AUTO)) {
            List<Recording> next = announced(fixture);
            fixture.twilio.showUnder(OTHER_ACCOUNT, sid(next.get(7)));

            assertMismatch(fixture.storage.delete(next.get(0)), "OTHER_ACCOUNT", ACCOUNT, OTHER_ACCOUNT);

            assertThat(fixture.wire()).containsExactly("GET 200");
            assertThat(fixture.isStored(sid(next.get(0)))).isTrue();
        }
    }

    /** The twin: a list that is merely unreadable shows nothing, and the recording's own look counts. */
    @Test
    void isNotSeenInAListThatCannotBeRead() {
        try (TwilioFixture fixture = with(ExternalMedia.AUTO)) {
            List<Recording> next = announced(fixture);
            fixture.twilio.failNext(1, page("7"));

            assertThat(fixture.storage.delete(next.get(0)).kind()).isEqualTo(Kind.DELETED);

            assertThat(fixture.wire()).containsExactly("GET 200", "GET 200", "DELETE 204");
        }
    }

    // A deletion

    @ParameterizedTest
    @CsvSource({"404, 20404", "409, 20009", "422, 20422"})
    void ofTheLookUpAfterADeletionLeavesItInDoubt(int status, int code) {
        try (TwilioFixture fixture = with(ExternalMedia.NONE)) {
            String sid = fixture.add();
            fixture.twilio.failNextOn(sid, TwilioFault.error(status, code), answer(OTHER_SID, ACCOUNT));
            assertMismatch(fixture.storage.delete(recording(sid)), "OTHER_RECORDING", sid, OTHER_SID);
            assertThat(fixture.wire()).containsExactly("DELETE " + status, "GET 200");
        }
    }

    @ParameterizedTest
    @MethodSource("mismatches")
    void ofTheAnswerToADeletionLeavesItInDoubt(@Nullable String sid, @Nullable String account, String code) {
        try (TwilioFixture fixture = with(ExternalMedia.NONE)) {
            fixture.twilio.failOn(SID, answer(sid, account));
            assertMismatch(fixture.storage.delete(recording(SID)), code, SID, ACCOUNT);
            assertThat(fixture.wire()).containsExactly("DELETE 200");
        }
    }

    @Test
    void isNotSeenInAnAnswerToADeletionThatNamesTheRecordingItself() {
        try (TwilioFixture fixture = with(ExternalMedia.NONE)) {
            fixture.twilio.failOn(SID, answer(SID, ACCOUNT));
            assertThat(fixture.storage.delete(recording(SID)).kind()).isEqualTo(Kind.TRY_LATER);
        }
    }

    // A page of recordings

    private static DeletionResult objection(TwilioFixture fixture) {
        return Objects.requireNonNull(fixture.storage.identify(null).objection(), "nothing speaks against it");
    }

    private static TwilioFault page(String... accounts) {
        return TwilioFault.body(
                200,
                "application/json",
                "{\"recordings\": ["
                        + String.join(
                                ", ",
                                Stream.of(accounts)
                                        .map(account -> "{\"account_sid\": " + account + "}")
                                        .toList())
                        + "]}");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 10, 19})
    void ofOneRecordingOfAPageIsOneOfTheAccount(int position) {
        try (TwilioFixture fixture = with(ExternalMedia.NONE)) {
            List<String> sids = fixture.twilio.addRecordings(ACCOUNT, 20, CREATED, Duration.ofMinutes(1));
            fixture.twilio.showUnder(OTHER_ACCOUNT, sids.get(position));
            assertMismatch(objection(fixture), "OTHER_ACCOUNT", ACCOUNT, OTHER_ACCOUNT);
            assertThat(fixture.wire()).containsExactly("GET 200");
        }
    }

    @Test
    void ofAPageIsSeenBesideARecordingThatCannotBeRead() {
        try (TwilioFixture fixture = with(ExternalMedia.NONE)) {
            for (TwilioFault page : List.of(
                    page("null", quoted(OTHER_ACCOUNT)),
                    page(quoted(OTHER_ACCOUNT), "7"),
                    page("\"\"", quoted(OTHER_ACCOUNT)))) {
                fixture.twilio.failNext(1, page);
                assertMismatch(objection(fixture), "OTHER_ACCOUNT", ACCOUNT, OTHER_ACCOUNT);
            }
        }
    }

    @Test
    void isNotSeenInAPageThatCannotBeRead() {
        try (TwilioFixture fixture = with(ExternalMedia.NONE)) {
            for (TwilioFault page : List.of(
                    page("null"),
                    page(quoted(ACCOUNT), "7"),
                    page("\"AC1\""),
                    page(quoted("AC" + "A".repeat(32)).replace("A".repeat(32), "+15005550006")))) {
                fixture.twilio.failNext(1, page);
                assertThat(objection(fixture).kind()).isEqualTo(Kind.TRY_LATER);
            }
        }
    }

    @Test
    void isNotSeenInAPageOfTheAccountItself() {
        try (TwilioFixture fixture = with(ExternalMedia.NONE)) {
            fixture.twilio.failNext(1, page(quoted(ACCOUNT), quoted(ACCOUNT)));
            assertThat(fixture.storage.identify(null).objection()).isNull();
        }
    }

    // What becomes of the sweep

    private static SweepReport sweep(TwilioFixture fixture, TwilioFault toEachLookUp) {
        Instant now = Instant.now();
        InMemoryRecordingRepository repository = new InMemoryRecordingRepository(Clock.systemUTC());
        for (int days : List.of(10, 20, 100, 101)) {
            Instant created = now.minus(Duration.ofDays(days));
            repository.put(EngineRow.of("row-" + days, fixture.twilio.addRecording(ACCOUNT, created), created));
        }
        fixture.twilio.setDateOffset(Duration.between(TwilioFixture.NOW, now));
        fixture.twilio.failShare(
                1,
                1,
                toEachLookUp,
                request -> request.sid() != null && request.method().equals("GET"));
        try (RetentionSweeper sweeper =
                RetentionSweeper.builder(repository, fixture.storage).build()) {
            return sweeper.sweep();
        }
    }

    /** A night in which each look-up is answered about something else ends at once and says why. */
    @ParameterizedTest
    @EnumSource(ExternalMedia.class)
    void stopsTheAccountOfASweepBeforeItsFirstDeletion(ExternalMedia mode) {
        try (TwilioFixture fixture = with(mode)) {
            SweepReport report = sweep(fixture, answer(OTHER_SID, ACCOUNT));

            assertThat(report.end()).isEqualTo(SweepEnd.ACCOUNT_MISMATCH_SUSPECTED);
            assertThat(report.message()).contains(OTHER_SID);
            assertThat(fixture.twilio.stored(ACCOUNT)).isEqualTo(4);
            assertThat(fixture.twilio.journal()).extracting(r -> r.method()).containsOnly("GET");
        }
    }

    @ParameterizedTest
    @EnumSource(ExternalMedia.class)
    void isNotSeenByASweepWhoseLookUpsAreAnsweredWell(ExternalMedia mode) {
        try (TwilioFixture fixture = with(mode)) {
            SweepReport report = sweep(fixture, TwilioFault.none());

            assertThat(report.end()).isEqualTo(SweepEnd.COMPLETED);
            assertThat(report.deleted()).isEqualTo(2);
            assertThat(fixture.twilio.stored(ACCOUNT)).isEqualTo(2);
        }
    }
}
