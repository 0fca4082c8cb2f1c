package dev.retention.twilio;

import static dev.retention.twilio.TwilioFixture.ACCOUNT;
import static dev.retention.twilio.TwilioFixture.CREATED;
import static dev.retention.twilio.TwilioFixture.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.test.MutableClock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MediaListsTest {

    private static final String OTHER = "AC" + "2".repeat(32);

    private final MutableClock clock = new MutableClock(NOW);
    private final MediaLists lists = new MediaLists(clock);

    private static String sid(int i) {
        return "RE%032x".formatted(i);
    }

    private static Instant created(int i) {
        return CREATED.plusSeconds(60L * i);
    }

    private static <T> Map<String, T> each(int from, int to, IntFunction<T> value) {
        Map<String, T> each = new HashMap<>();
        for (int i = from; i < to; i++) {
            each.put(sid(i), value.apply(i));
        }
        return each;
    }

    private void announce(int from, int to) {
        lists.announce(ACCOUNT, each(from, to, MediaListsTest::created));
    }

    private static Map<String, RecordingState> atTwilio(int from, int to) {
        return each(from, to, i -> new RecordingState("completed", null, created(i)));
    }

    private void readAll(int from, int to) {
        lists.read(lists.take(ACCOUNT).orElseThrow(), atTwilio(from, to), null);
    }

    @Test
    void namesTheDaysOfWhatComesNext() {
        announce(0, 10);
        assertThat(lists.take(ACCOUNT).orElseThrow())
                .returns(LocalDate.parse("2026-01-02"), MediaLists.Page::from)
                .returns(LocalDate.parse("2026-01-02"), MediaLists.Page::to)
                .returns(null, MediaLists.Page::uri);
    }

    @Test
    void isReadByOneThreadAtATime() {
        announce(0, 600);
        MediaLists.Page first = lists.take(ACCOUNT).orElseThrow();
        assertThat(lists.take(ACCOUNT)).isEmpty();
        lists.read(first, atTwilio(300, 600), "/next");
        assertThat(lists.take(ACCOUNT).orElseThrow().uri()).isEqualTo("/next");
    }

    @Test
    void isOfOneAccount() {
        announce(0, 10);
        assertThat(lists.take(OTHER)).isEmpty();
        readAll(0, 10);
        assertThat(lists.showsAtTwilio(ACCOUNT, sid(0))).isTrue();
        assertThat(lists.showsAtTwilio(OTHER, sid(0))).isFalse();
    }

    @Test
    void isBelievedAboutWhatItShowsAndNothingElse() {
        announce(0, 30);
        Map<String, RecordingState> shown = atTwilio(0, 30);
        shown.remove(sid(5));
        shown.put(sid(6), new RecordingState("completed", "calls.example.com", created(6)));
        shown.put(sid(7), new RecordingState("processing", null, created(7)));
        shown.put(sid(8), new RecordingState("", null, created(8)));
        lists.read(lists.take(ACCOUNT).orElseThrow(), shown, null);
        for (int i = 0; i < 30; i++) {
            assertThat(lists.showsAtTwilio(ACCOUNT, sid(i))).as(sid(i)).isEqualTo(i < 5 || i > 8);
        }
    }

    /** Such as after a failure of a cache. */
    @Test
    void isBelievedNoLongerWhenALaterOneShowsItElsewhere() {
        announce(0, 10);
        readAll(0, 10);
        announce(0, 30);
        Map<String, RecordingState> shown = atTwilio(0, 30);
        shown.put(sid(3), new RecordingState("completed", "calls.example.com", created(3)));
        lists.read(lists.take(ACCOUNT).orElseThrow(), shown, null);
        assertThat(lists.showsAtTwilio(ACCOUNT, sid(3))).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"PT23H59M59S, true", "PT24H, false"})
    void isBelievedForADay(Duration after, boolean believed) {
        announce(0, 10);
        readAll(0, 10);
        clock.advance(after);
        assertThat(lists.showsAtTwilio(ACCOUNT, sid(0))).isEqualTo(believed);
    }

    @Test
    void isNotReadAgainForWhatItHasShown() {
        announce(0, 20);
        readAll(0, 500);
        announce(20, 500);
        assertThat(lists.take(ACCOUNT)).isEmpty();
        announce(491, 509);
        assertThat(lists.take(ACCOUNT)).isEmpty();
        announce(491, 510);
        assertThat(lists.take(ACCOUNT)).isPresent();
    }

    @Test
    void isForgottenInTheOrderInWhichItWasRead() {
        announce(0, 100);
        MediaLists.Page page = lists.take(ACCOUNT).orElseThrow();
        lists.read(page, atTwilio(0, 500), "/next");
        for (int i = 1; i < 41; i++) {
            lists.read(page, atTwilio(500 * i, 500 * i + 500), "/next");
        }
        assertThat(lists.showsAtTwilio(ACCOUNT, sid(499))).isFalse();
        assertThat(lists.showsAtTwilio(ACCOUNT, sid(500))).isTrue();
        assertThat(lists.showsAtTwilio(ACCOUNT, sid(20_499))).isTrue();
    }

    /** A list that shows few is read for the second, the fifth, the tenth announcement and so on. */
    @Test
    void isReadEverMoreSeldomWhileItDoesNotPay() {
        StringBuilder read = new StringBuilder();
        for (int i = 0; i < 20; i++) {
            announce(1_000 * i, 1_000 * i + 20);
            read.append(lists.take(ACCOUNT)
                    .map(page -> {
                        lists.read(page, Map.of(), null);
                        return "r";
                    })
                    .orElse("."));
        }
        assertThat(read).hasToString("r.r..r....r........r");
    }

    @Test
    void isReadEachTimeAgainOnceItHasPaid() {
        announce(0, 20);
        lists.failed(lists.take(ACCOUNT).orElseThrow());
        announce(0, 20);
        assertThat(lists.take(ACCOUNT)).isEmpty();
        announce(0, 20);
        readAll(0, 500);
        announce(1_000, 1_020);
        lists.failed(lists.take(ACCOUNT).orElseThrow());
        announce(1_000, 1_020);
        assertThat(lists.take(ACCOUNT)).isEmpty();
        announce(1_000, 1_020);
        assertThat(lists.take(ACCOUNT)).isPresent();
    }

    @Test
    void endsAtTheSecondPageThatShowsFew() {
        announce(0, 500);
        lists.read(lists.take(ACCOUNT).orElseThrow(), atTwilio(0, 24), "/2");
        lists.read(lists.take(ACCOUNT).orElseThrow(), page(24, 48), "/3");
        lists.read(lists.take(ACCOUNT).orElseThrow(), page(48, 72), "/4");
        assertThat(lists.take(ACCOUNT)).isEmpty();
    }

    /** 500 recordings, of which those are among the ones that come next. */
    private static Map<String, RecordingState> page(int from, int to) {
        Map<String, RecordingState> page = atTwilio(from, to);
        for (int i = page.size(); i < 500; i++) {
            page.put(sid(100_000 + i), new RecordingState("completed", null, created(from)));
        }
        return page;
    }

    @Test
    void goesOnWhileItsPagesAreNewerAndEndsWhereTheyAreOlder() {
        announce(10_000, 10_020);
        for (int i = 0; i < 200; i++) {
            lists.read(lists.take(ACCOUNT).orElseThrow(), atTwilio(20_000, 20_500), "/next");
        }
        lists.read(lists.take(ACCOUNT).orElseThrow(), atTwilio(20_000, 20_500), "/next");
        assertThat(lists.take(ACCOUNT)).as("after 201 newer pages").isEmpty();

        MediaLists others = new MediaLists(clock);
        others.announce(ACCOUNT, each(10_000, 10_020, MediaListsTest::created));
        others.read(others.take(ACCOUNT).orElseThrow(), atTwilio(20_000, 20_500), "/next");
        others.read(others.take(ACCOUNT).orElseThrow(), atTwilio(0, 500), "/next");
        assertThat(others.take(ACCOUNT)).as("after an older page").isEmpty();
    }
}
