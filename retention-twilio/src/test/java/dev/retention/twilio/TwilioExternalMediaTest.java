package dev.retention.twilio;

import static dev.retention.twilio.TwilioFixture.ACCOUNT;
import static dev.retention.twilio.TwilioFixture.CREATED;
import static dev.retention.twilio.TwilioFixture.recording;
import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.spi.DeletionResult;
import dev.retention.spi.DeletionResult.Kind;
import dev.retention.spi.Recording;
import dev.retention.test.twilio.TwilioFault;
import dev.retention.test.twilio.TwilioRecording;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

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

    @Test
    void deletesWithoutALookWhenToldThatThereIsNoMediaElsewhere() {
        try (TwilioFixture fixture = with(ExternalMedia.NONE)) {
            String sid = fixture.add();
            assertThat(fixture.storage.delete(recording(sid)).detail()).contains("media not looked at");
            assertThat(fixture.wire()).containsExactly("DELETE 204");
        }
    }

    @Test
    void looksAtBothEndsOfASpanAndNotBetweenThem() {
        try (TwilioFixture fixture = with(ExternalMedia.AUTO)) {
            String first = add(fixture, Duration.ZERO);
            String middle = add(fixture, Duration.ofHours(5));
            String last = add(fixture, Duration.ofHours(10));
            String later = add(fixture, Duration.ofHours(11));
            delete(fixture, first, Duration.ZERO);
            delete(fixture, last, Duration.ofHours(10));
            fixture.twilio.clearJournal();

            assertThat(delete(fixture, middle, Duration.ofHours(5)).detail())
                    .contains("media not looked at, found at Twilio before and after it");
            assertThat(fixture.wire()).containsExactly("DELETE 204");

            assertThat(delete(fixture, later, Duration.ofHours(11)).kind()).isEqualTo(Kind.DELETED);
            assertThat(fixture.wire()).containsExactly("DELETE 204", "GET 200", "DELETE 204");
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

    /** The second recording extends the span only if it is at most a day away; the third is between the two. */
    @ParameterizedTest
    @CsvSource({"24, true", "25, false"})
    void joinsRecordingsThatAreADayApartAtMost(int hours, boolean joined) {
        try (TwilioFixture fixture = with(ExternalMedia.AUTO)) {
            String first = add(fixture, Duration.ZERO);
            String second = add(fixture, Duration.ofHours(hours));
            String external = "RE" + "e".repeat(32);
            addExternal(fixture, external, Duration.ofHours(1));
            delete(fixture, second, Duration.ofHours(hours));
            delete(fixture, first, Duration.ZERO);

            assertThat(delete(fixture, external, Duration.ofHours(1)).kind())
                    .isEqualTo(joined ? Kind.DELETED : Kind.KEPT_ELSEWHERE);
        }
    }

    @Test
    void endsASpanWhenMediaIsFoundElsewhere() {
        try (TwilioFixture fixture = with(ExternalMedia.AUTO)) {
            String first = add(fixture, Duration.ZERO);
            String second = add(fixture, Duration.ofHours(10));
            String hidden = "RE" + "d".repeat(32);
            String found = "RE" + "e".repeat(32);
            addExternal(fixture, hidden, Duration.ofHours(5));
            addExternal(fixture, found, Duration.ofHours(11));
            delete(fixture, first, Duration.ZERO);
            delete(fixture, second, Duration.ofHours(10));
            assertThat(delete(fixture, found, Duration.ofHours(11)).kind()).isEqualTo(Kind.KEPT_ELSEWHERE);

            assertThat(delete(fixture, hidden, Duration.ofHours(5)).kind()).isEqualTo(Kind.KEPT_ELSEWHERE);
        }
    }

    @Test
    void buildsNoSpanOnRowsWhoseTimeIsNotTwilios() {
        try (TwilioFixture fixture = with(ExternalMedia.AUTO)) {
            String first = add(fixture, Duration.ofDays(-30));
            String second = add(fixture, Duration.ofDays(-20));
            String external = "RE" + "e".repeat(32);
            addExternal(fixture, external, Duration.ofDays(-25));
            delete(fixture, first, Duration.ZERO);
            delete(fixture, second, Duration.ofMinutes(2));

            assertThat(delete(fixture, external, Duration.ofMinutes(1)).kind()).isEqualTo(Kind.KEPT_ELSEWHERE);
        }
    }

    @Test
    void keepsTheSpansOfAccountsApart() {
        String other = "AC" + "2".repeat(32);
        MediaSpans spans = new MediaSpans();
        spans.sawAtTwilio(ACCOUNT, CREATED, CREATED);
        assertThat(spans.covers(ACCOUNT, CREATED)).isTrue();
        assertThat(spans.covers(other, CREATED)).isFalse();
        spans.sawElsewhere(other);
        assertThat(spans.covers(ACCOUNT, CREATED)).isTrue();
    }

    static Stream<Arguments> looksThatFindNoMediaToDelete() {
        return Stream.of(
                Arguments.of(TwilioFault.error(404, 20404), Kind.NOT_FOUND),
                Arguments.of(TwilioFault.error(429, 20429), Kind.TRY_LATER),
                Arguments.of(TwilioFault.error(503, 20503), Kind.TRY_LATER),
                Arguments.of(TwilioFault.html(200), Kind.TRY_LATER),
                Arguments.of(TwilioFault.reset(), Kind.TRY_LATER),
                Arguments.of(TwilioFault.redirect(302, "/"), Kind.TRY_LATER),
                Arguments.of(TwilioFault.error(403, 20003), Kind.STOP));
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

    @Test
    void looksAtTheFirstAndTheLastOfADayThatIsAnnouncedAndNotBetweenThem() {
        try (TwilioFixture fixture = with(ExternalMedia.AUTO)) {
            List<Recording> page = page(fixture, 6, Duration.ofHours(4));
            fixture.storage.announce(page);

            for (Recording recording : page) {
                assertThat(fixture.storage.delete(recording).kind()).isEqualTo(Kind.DELETED);
            }

            assertThat(fixture.wire())
                    .containsExactly(
                            "GET 200",
                            "GET 200",
                            "DELETE 204",
                            "DELETE 204",
                            "DELETE 204",
                            "DELETE 204",
                            "DELETE 204",
                            "DELETE 204");
            assertThat(fixture.twilio.journal().get(1).rawPath())
                    .contains(page.get(5).storageKey());
        }
    }

    @Test
    void looksAtEachOfAPageThatIsThin() {
        try (TwilioFixture fixture = with(ExternalMedia.AUTO)) {
            List<Recording> page = new ArrayList<>(page(fixture, 4, Duration.ofDays(3)));
            String external = "RE" + "e".repeat(32);
            addExternal(fixture, external, Duration.ofDays(5));
            page.add(2, new Recording("row", external, null, CREATED.plus(Duration.ofDays(5)), Map.of()));
            fixture.storage.announce(page);

            assertThat(page.stream()
                            .map(recording -> fixture.storage.delete(recording).kind()))
                    .containsExactly(Kind.DELETED, Kind.DELETED, Kind.KEPT_ELSEWHERE, Kind.DELETED, Kind.DELETED);
        }
    }

    @Test
    void looksAtAllOfADayWhoseLastLiesElsewhere() {
        try (TwilioFixture fixture = with(ExternalMedia.AUTO)) {
            List<Recording> page = new ArrayList<>(page(fixture, 4, Duration.ofHours(4)));
            String external = "RE" + "e".repeat(32);
            addExternal(fixture, external, Duration.ofHours(20));
            page.add(new Recording("row", external, null, CREATED.plus(Duration.ofHours(20)), Map.of()));
            fixture.storage.announce(page);

            List<Kind> kinds = page.stream()
                    .map(recording -> fixture.storage.delete(recording).kind())
                    .toList();

            assertThat(kinds).endsWith(Kind.KEPT_ELSEWHERE).containsOnlyOnce(Kind.KEPT_ELSEWHERE);
            assertThat(fixture.wire()).filteredOn("GET 200"::equals).hasSize(6);
            assertThat(fixture.wire()).filteredOn("DELETE 204"::equals).hasSize(4);
        }
    }

    @Test
    void looksAtTheEndOfTheNextPageBeforeThatPageBegins() {
        try (TwilioFixture fixture = with(ExternalMedia.AUTO)) {
            List<Recording> all = page(fixture, 6, Duration.ofHours(3));
            fixture.storage.announce(all.subList(0, 3));
            fixture.storage.delete(all.get(0));
            fixture.twilio.clearJournal();

            fixture.storage.announce(all.subList(3, 6));
            for (Recording recording : all.subList(1, 6)) {
                assertThat(fixture.storage.delete(recording).kind()).isEqualTo(Kind.DELETED);
            }

            assertThat(fixture.wire())
                    .containsExactly("GET 200", "DELETE 204", "DELETE 204", "DELETE 204", "DELETE 204", "DELETE 204");
            assertThat(fixture.twilio.journal().get(0).rawPath())
                    .contains(all.get(5).storageKey());
        }
    }

    @Test
    void looksNoFurtherAheadThanADay() {
        try (TwilioFixture fixture = with(ExternalMedia.AUTO)) {
            List<Recording> all = page(fixture, 4, Duration.ofHours(13));
            fixture.storage.announce(all.subList(0, 2));
            fixture.storage.delete(all.get(0));
            fixture.twilio.clearJournal();

            fixture.storage.announce(all.subList(3, 4));
            fixture.storage.delete(all.get(1));

            assertThat(fixture.wire()).containsExactly("DELETE 204");
        }
    }

    @Test
    void looksAtARecordingItselfAfterALookAheadThatFoundMediaElsewhere() {
        try (TwilioFixture fixture = with(ExternalMedia.AUTO)) {
            List<Recording> all = page(fixture, 3, Duration.ofHours(3));
            fixture.storage.announce(all);
            fixture.storage.delete(all.get(0));
            String external = "RE" + "e".repeat(32);
            addExternal(fixture, external, Duration.ofHours(12));
            fixture.storage.announce(
                    List.of(new Recording("row", external, null, CREATED.plus(Duration.ofHours(12)), Map.of())));
            fixture.twilio.clearJournal();

            assertThat(fixture.storage.delete(all.get(1)).kind()).isEqualTo(Kind.DELETED);

            assertThat(fixture.wire()).containsExactly("GET 200", "GET 200", "DELETE 204");
            assertThat(fixture.twilio.journal().get(1).rawPath())
                    .contains(all.get(1).storageKey());
        }
    }

    @Test
    void asksForThePermitAgainAfterALookAhead() {
        try (TwilioFixture fixture = with(ExternalMedia.AUTO)) {
            List<Recording> all = page(fixture, 4, Duration.ofHours(3));
            fixture.storage.announce(all.subList(0, 2));
            fixture.storage.delete(all.get(0));
            fixture.storage.announce(all.subList(2, 4));
            fixture.twilio.clearJournal();

            DeletionResult refused = fixture.storage.delete(all.get(1), () -> false);

            assertThat(refused.kind()).isEqualTo(Kind.TRY_LATER);
            assertThat(refused.surelyNotApplied()).isTrue();
            assertThat(fixture.wire()).containsExactly("GET 200");
        }
    }

    private static List<Recording> page(TwilioFixture fixture, int count, Duration apart) {
        return java.util.stream.IntStream.range(0, count)
                .mapToObj(i -> new Recording(
                        "row-" + i,
                        add(fixture, apart.multipliedBy(i)),
                        null,
                        CREATED.plus(apart.multipliedBy(i)),
                        Map.of()))
                .toList();
    }
}
