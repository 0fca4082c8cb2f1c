package dev.retention.twilio;

import static dev.retention.twilio.TwilioFixture.ACCOUNT;
import static dev.retention.twilio.TwilioFixture.CREATED;
import static dev.retention.twilio.TwilioFixture.recording;
import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.spi.CreationCheck;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.DeletionResult.Kind;
import dev.retention.spi.Recording;
import dev.retention.test.twilio.TwilioFault;
import dev.retention.test.twilio.TwilioRecording;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TwilioExternalMediaTest {

    private static final String BUCKET = "https://calls.example.com/canary.wav";

    private static TwilioFixture with(ExternalMedia externalMedia) {
        return new TwilioFixture(b -> b.externalMedia(externalMedia));
    }

    private static String add(TwilioFixture fixture, Duration after) {
        return fixture.twilio.addRecording(ACCOUNT, CREATED.plus(after));
    }

    private static void addExternal(TwilioFixture fixture, String sid, Duration after) {
        fixture.twilio.addRecording(
                TwilioRecording.completed(ACCOUNT, sid, CREATED.plus(after)).withMediaUrl(BUCKET));
    }

    private static DeletionResult delete(TwilioFixture fixture, String sid, Duration after) {
        Instant created = CREATED.plus(after);
        return fixture.storage.delete(new Recording("row", sid, null, created, Map.of()));
    }

    @ParameterizedTest
    @EnumSource(
            value = ExternalMedia.class,
            names = {"AUTO", "CHECK"})
    void sendsNoDeletionForMediaInTheCustomersBucket(ExternalMedia mode) {
        try (TwilioFixture fixture = with(mode)) {
            String sid = "RE" + "e".repeat(32);
            addExternal(fixture, sid, Duration.ZERO);

            DeletionResult result = fixture.storage.delete(recording(sid));

            assertThat(result)
                    .isEqualTo(DeletionResult.keptElsewhere("calls.example.com").atConcurrency(1));
            assertThat(fixture.wire()).containsExactly("GET 200");
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = ExternalMedia.class,
            names = {"AUTO", "CHECK"})
    void deletesMediaAtTwilioAfterALookAndSaysSo(ExternalMedia mode) {
        try (TwilioFixture fixture = with(mode)) {
            String sid = fixture.add();
            assertThat(fixture.storage.delete(recording(sid)).detail()).contains("media looked at and found at Twilio");
            assertThat(fixture.wire()).containsExactly("GET 200", "DELETE 204");
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = ExternalMedia.class,
            names = {"AUTO", "CHECK"})
    void sendsNoDeletionThatIsNotAllowedAnyMoreAfterALook(ExternalMedia mode) {
        try (TwilioFixture fixture = with(mode)) {
            String sid = fixture.add();

            DeletionResult result = fixture.storage.delete(recording(sid), () -> false);

            assertThat(result.kind()).isEqualTo(Kind.TRY_LATER);
            assertThat(result.surelyNotApplied()).isTrue();
            assertThat(result.detail()).contains("DELETE not sent");
            assertThat(fixture.wire()).containsExactly("GET 200");
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = ExternalMedia.class,
            names = {"AUTO", "CHECK"})
    void sendsNoDeletionForWhatTwilioMadeMoreThanADayLaterThanItsRowSays(ExternalMedia mode) {
        try (TwilioFixture fixture = with(mode)) {
            String younger = add(fixture, CreationCheck.TOLERANCE.plusSeconds(1));
            String late = add(fixture, CreationCheck.TOLERANCE);

            assertMadeLater(fixture.storage.delete(recording(younger)), CREATED.plusSeconds(86_401));
            assertThat(fixture.wire()).containsExactly("GET 200");
            assertThat(fixture.storage.delete(recording(late)).kind()).isEqualTo(Kind.DELETED);
        }
    }

    /** It is in a list only if the rows' times are wrong by less than the list is wide. */
    @Test
    void sendsNoDeletionForWhatAListShowsToBeYoungerThanItsRowSays() {
        try (TwilioFixture fixture = with(ExternalMedia.AUTO)) {
            List<Recording> due = new ArrayList<>();
            for (int day = 0; day < MediaLists.WORTH_A_LIST; day++) {
                Duration after = Duration.ofDays(day);
                due.add(new Recording("row-" + day, add(fixture, after), null, CREATED.plus(after), Map.of()));
            }
            Recording wrong = new Recording("wrong", add(fixture, Duration.ofDays(3)), null, CREATED, Map.of());
            due.add(wrong);
            fixture.storage.announce(due);

            assertMadeLater(fixture.storage.delete(wrong), CREATED.plus(Duration.ofDays(3)));
            assertThat(fixture.wire()).as("the list was enough").containsExactly("GET 200");
            due.remove(wrong);
            assertThat(due)
                    .allSatisfy(recording ->
                            assertThat(fixture.storage.delete(recording).kind()).isEqualTo(Kind.DELETED));
            assertThat(fixture.twilio.stored(ACCOUNT)).isEqualTo(1);
        }
    }

    private static void assertMadeLater(DeletionResult result, Instant made) {
        assertThat(result.kind()).isEqualTo(Kind.REFUSED_UNSENT);
        assertThat(result.code()).isEqualTo(CreationCheck.CODE);
        assertThat(result.detail()).contains(made.toString(), CREATED.toString());
    }

    @Test
    void deletesWithoutALookWhenToldThatThereIsNoMediaElsewhere() {
        try (TwilioFixture fixture = with(ExternalMedia.NONE)) {
            String sid = fixture.add();
            assertThat(fixture.storage.delete(recording(sid)).detail()).contains("media not looked at");
            assertThat(fixture.wire()).containsExactly("DELETE 204");
        }
    }

    @Test
    void looksAtEachWhenCheckingEvenBetweenOthers() {
        try (TwilioFixture fixture = with(ExternalMedia.CHECK)) {
            String first = add(fixture, Duration.ZERO);
            String middle = add(fixture, Duration.ofHours(5));
            String last = add(fixture, Duration.ofHours(10));
            delete(fixture, first, Duration.ZERO);
            delete(fixture, last, Duration.ofHours(10));
            delete(fixture, middle, Duration.ofHours(5));
            assertThat(fixture.twilio.journal().stream().filter(r -> r.method().equals("GET")))
                    .hasSize(3);
        }
    }

    /** The customer's setting may be switched on and off again, or differ between calls. */
    @Test
    void looksAtEachBetweenOthersThatNoListHasShown() {
        try (TwilioFixture fixture = with(ExternalMedia.AUTO)) {
            String first = add(fixture, Duration.ZERO);
            String last = add(fixture, Duration.ofHours(10));
            String external = "RE" + "d".repeat(32);
            addExternal(fixture, external, Duration.ofHours(5));
            delete(fixture, first, Duration.ZERO);
            delete(fixture, last, Duration.ofHours(10));

            assertThat(delete(fixture, external, Duration.ofHours(5)).kind()).isEqualTo(Kind.KEPT_ELSEWHERE);
            assertThat(fixture.twilio.bucket()).containsExactly(external);
        }
    }

    static Stream<Arguments> looksThatFindNoMediaToDelete() {
        return Stream.of(
                Arguments.of(TwilioFault.error(404, 20404), Kind.NOT_FOUND),
                Arguments.of(TwilioFault.error(429, 20429), Kind.TRY_LATER),
                Arguments.of(TwilioFault.error(503, 20503), Kind.TRY_LATER),
                Arguments.of(TwilioFault.html(200), Kind.TRY_LATER),
                Arguments.of(TwilioFault.reset(), Kind.TRY_LATER),
                Arguments.of(TwilioFault.redirect(302, "/"), Kind.TRY_LATER),
                Arguments.of(TwilioFault.error(401, 20003), Kind.STOP));
    }

    @ParameterizedTest
    @MethodSource("looksThatFindNoMediaToDelete")
    void sendsNoDeletionAfterALookThatFailed(TwilioFault fault, Kind expected) {
        try (TwilioFixture fixture = with(ExternalMedia.AUTO)) {
            String sid = fixture.add();
            fixture.twilio.failNextOn(sid, fault);

            DeletionResult result = fixture.storage.delete(recording(sid));

            assertThat(result.kind()).isEqualTo(expected);
            assertThat(result.surelyNotApplied()).isEqualTo(expected != Kind.NOT_FOUND);
            assertThat(fixture.twilio.journal()).extracting(r -> r.method()).containsExactly("GET");
        }
    }

    @ParameterizedTest
    @CsvSource({"processing, NOT_YET", "absent, NOTHING_STORED", "deleted, ALREADY_GONE"})
    void believesALookThatSettlesTheMatter(String status, Kind expected) {
        try (TwilioFixture fixture = with(ExternalMedia.AUTO)) {
            String sid = "RE" + "c".repeat(32);
            fixture.twilio.addRecording(
                    TwilioRecording.completed(ACCOUNT, sid, CREATED).withStatus(status));
            assertThat(fixture.storage.delete(recording(sid)).kind()).isEqualTo(expected);
            assertThat(fixture.wire()).containsExactly("GET 200");
        }
    }

    private static List<Recording> page(TwilioFixture fixture, int count, Duration apart) {
        return IntStream.range(0, count)
                .mapToObj(i -> row(add(fixture, apart.multipliedBy(i)), apart.multipliedBy(i)))
                .toList();
    }

    private static Recording row(String sid, Duration after) {
        return new Recording("row-" + sid, sid, null, CREATED.plus(after), Map.of());
    }

    private static List<Kind> deleteAll(TwilioFixture fixture, List<Recording> recordings) {
        return recordings.stream()
                .map(recording -> fixture.storage.delete(recording).kind())
                .toList();
    }

    private static long lists(TwilioFixture fixture) {
        return fixture.twilio.journal().stream()
                .filter(request -> request.sid() == null)
                .count();
    }

    private static long looks(TwilioFixture fixture) {
        return fixture.twilio.journal().stream()
                .filter(request -> request.sid() != null && request.method().equals("GET"))
                .count();
    }

    @Test
    void readsOneListForThoseThatAreAnnounced() {
        try (TwilioFixture fixture = with(ExternalMedia.AUTO)) {
            List<Recording> next = page(fixture, 20, Duration.ofHours(4));
            fixture.storage.announce(next);

            assertThat(fixture.storage.delete(next.get(3)).detail())
                    .contains("media looked at in a list and found at Twilio");
            assertThat(fixture.wire()).containsExactly("GET 200", "DELETE 204");
            assertThat(fixture.twilio.journal().get(0).rawPath())
                    .contains("PageSize=500", "IncludeSoftDeleted=true", "2026-01-02T00", "2026-01-06T00");

            List<Recording> others =
                    next.stream().filter(recording -> recording != next.get(3)).toList();
            assertThat(deleteAll(fixture, others)).containsOnly(Kind.DELETED);
            assertThat(fixture.wire().subList(2, 21)).containsOnly("DELETE 204");
        }
    }

    @Test
    void looksAtThoseThatAListShowsElsewhere() {
        try (TwilioFixture fixture = with(ExternalMedia.AUTO)) {
            List<Recording> next = new ArrayList<>(page(fixture, 20, Duration.ofHours(1)));
            for (int i = 0; i < 5; i++) {
                String external = "RE" + String.valueOf(i).repeat(32);
                addExternal(fixture, external, Duration.ofMinutes(30 + 200L * i));
                next.add(4 * i, row(external, Duration.ofMinutes(30 + 200L * i)));
            }
            fixture.storage.announce(next);

            List<Kind> kinds = deleteAll(fixture, next);

            assertThat(kinds).filteredOn(Kind.KEPT_ELSEWHERE::equals).hasSize(5);
            assertThat(kinds).filteredOn(Kind.DELETED::equals).hasSize(20);
            assertThat(fixture.twilio.bucket()).hasSize(5);
            assertThat(fixture.wire()).filteredOn("DELETE 204"::equals).hasSize(20);
            assertThat(lists(fixture)).isEqualTo(1);
            assertThat(looks(fixture)).isEqualTo(5);
        }
    }

    /** In the list they are shown as they are, and each of these answers differently to a look of its own. */
    @ParameterizedTest
    @CsvSource({"processing, NOT_YET", "absent, NOTHING_STORED", "deleted, ALREADY_GONE"})
    void looksAtThoseThatAListDoesNotShowCompleted(String status, Kind expected) {
        try (TwilioFixture fixture = with(ExternalMedia.AUTO)) {
            List<Recording> next = new ArrayList<>(page(fixture, 12, Duration.ofHours(1)));
            String sid = "RE" + "c".repeat(32);
            fixture.twilio.addRecording(
                    TwilioRecording.completed(ACCOUNT, sid, CREATED).withStatus(status));
            next.add(row(sid, Duration.ZERO));
            fixture.storage.announce(next);
            fixture.storage.delete(next.get(0));
            fixture.twilio.clearJournal();

            assertThat(fixture.storage.delete(next.get(12)).kind()).isEqualTo(expected);
            assertThat(fixture.wire()).containsExactly("GET 200");
        }
    }

    @ParameterizedTest
    @CsvSource({"9, 0", "10, 1"})
    void readsNoListForAFew(int announced, int lists) {
        try (TwilioFixture fixture = with(ExternalMedia.AUTO)) {
            List<Recording> next = page(fixture, announced, Duration.ofHours(1));
            fixture.storage.announce(next);
            assertThat(deleteAll(fixture, next)).containsOnly(Kind.DELETED);
            assertThat(lists(fixture)).isEqualTo(lists);
            assertThat(looks(fixture)).isEqualTo(lists == 0 ? announced : 0);
        }
    }

    @Test
    void looksAtOneWhoseTimeIsNotTwilios() {
        try (TwilioFixture fixture = with(ExternalMedia.AUTO)) {
            List<Recording> next = new ArrayList<>(page(fixture, 12, Duration.ofHours(1)));
            String external = "RE" + "e".repeat(32);
            addExternal(fixture, external, Duration.ofDays(60));
            next.add(row(external, Duration.ofHours(3)));
            fixture.storage.announce(next);
            assertThat(deleteAll(fixture, next).get(12)).isEqualTo(Kind.KEPT_ELSEWHERE);
        }
    }

    /** Lists begin with the newest, and sweeps with the oldest. What is deleted meanwhile does not move the pages. */
    @Test
    void readsFurtherPagesAndRemembersWhatTheyShow() {
        try (TwilioFixture fixture = with(ExternalMedia.AUTO)) {
            List<Recording> all = page(fixture, 1_200, Duration.ofSeconds(10));
            fixture.storage.announce(all.subList(0, 500));
            assertThat(deleteAll(fixture, all.subList(0, 500))).containsOnly(Kind.DELETED);
            assertThat(lists(fixture)).isEqualTo(3);
            assertThat(looks(fixture))
                    .as("those whose turn came before the last page")
                    .isEqualTo(2);

            fixture.storage.announce(all.subList(500, 1_000));
            assertThat(deleteAll(fixture, all.subList(500, 1_000))).containsOnly(Kind.DELETED);
            assertThat(lists(fixture)).isEqualTo(3);
            assertThat(looks(fixture)).isEqualTo(2);
        }
    }

    /** Of 100 recordings one is due: of five pages, three are newer, and two show five of them. */
    @Test
    void readsNoFurtherThanAListPays() {
        try (TwilioFixture fixture = with(ExternalMedia.AUTO)) {
            List<Recording> all = page(fixture, 3_000, Duration.ofSeconds(10));
            List<Recording> due =
                    IntStream.range(0, 10).mapToObj(i -> all.get(100 * i)).toList();
            fixture.storage.announce(due);
            assertThat(deleteAll(fixture, due)).containsOnly(Kind.DELETED);
            assertThat(lists(fixture)).isEqualTo(5);
        }
    }

    @Test
    void looksAtEachAfterAListThatFailed() {
        try (TwilioFixture fixture = with(ExternalMedia.AUTO)) {
            List<Recording> next = page(fixture, 12, Duration.ofHours(1));
            fixture.storage.announce(next);
            fixture.twilio.failNext(1, TwilioFault.error(503, 20503));
            assertThat(deleteAll(fixture, next)).containsOnly(Kind.DELETED);
            assertThat(lists(fixture)).isEqualTo(1);
            assertThat(looks(fixture)).isEqualTo(12);
        }
    }

    @Test
    void asksForThePermitAfterAList() {
        try (TwilioFixture fixture = with(ExternalMedia.AUTO)) {
            List<Recording> next = page(fixture, 12, Duration.ofHours(1));
            fixture.storage.announce(next);

            DeletionResult refused = fixture.storage.delete(next.get(0), () -> false);

            assertThat(refused.kind()).isEqualTo(Kind.TRY_LATER);
            assertThat(refused.surelyNotApplied()).isTrue();
            assertThat(fixture.wire()).containsExactly("GET 200");
        }
    }

    /** The server says where the next page is, and is not believed. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://elsewhere.example.com/2010-04-01/Accounts/AC/Recordings.json?Page=1",
                "//elsewhere.example.com/x?Page=1",
                "/2010-04-01/Accounts/AC22222222222222222222222222222222/Recordings.json?Page=1",
                "/2010-04-01/Accounts/%s/Recordings.json/../../Calls.json?Page=1",
                "/2010-04-01/Accounts/%s/Recordings.json?Page=1#x",
                "@elsewhere.example.com/2010-04-01/Accounts/%s/Recordings.json?Page=1"
            })
    void followsNoPageButTheNextOfTheSameList(String uri) {
        AnswerBody body = AnswerBody.of(new Outcome.Answer(
                200,
                "application/json",
                null,
                null,
                null,
                null,
                ("{\"next_page_uri\": \"" + uri.formatted(ACCOUNT) + "\"}").getBytes(StandardCharsets.UTF_8)));
        assertThat(body.nextPage(ACCOUNT)).isNull();
    }

    @Test
    void believesNoListThatShowsARecordingTwice() {
        String one = "{\"sid\": \"RE" + "a".repeat(32) + "\", \"account_sid\": \"" + ACCOUNT
                + "\", \"status\": \"completed\", \"media_url\": %s}";
        AnswerBody body = AnswerBody.of(new Outcome.Answer(
                200,
                "application/json",
                null,
                null,
                null,
                null,
                ("{\"recordings\": [" + one.formatted("null") + ", " + one.formatted("\"" + BUCKET + "\"") + ", "
                                + one.formatted("null") + "]}")
                        .getBytes(StandardCharsets.UTF_8)));
        assertThat(body.recordings(ACCOUNT)).isEmpty();
    }
}
