package dev.retention.twilio;

import static dev.retention.twilio.TwilioFixture.ACCOUNT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.retention.RetentionException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TwilioSettingsTest {

    private static final String CANARY = "canary-0123456789abcdef01234567";
    private static final String KEY = "SK" + "4".repeat(32);

    private static TwilioRecordingStorage.Builder valid() {
        return TwilioRecordingStorage.builder(ACCOUNT).authToken(CANARY);
    }

    private static void refused(TwilioRecordingStorage.Builder builder, String... says) {
        assertThatExceptionOfType(RetentionException.class)
                .isThrownBy(builder::build)
                .satisfies(e -> assertThat(e.getMessage()).contains(says).doesNotContain(CANARY))
                .satisfies(e -> assertThat(e.getCause()).isNull());
    }

    @Test
    void buildsWithEitherKindOfCredentials() {
        valid().build().close();
        TwilioRecordingStorage.builder(ACCOUNT).apiKey(KEY, CANARY).build().close();
        TwilioRecordingStorage.builder(ACCOUNT)
                .credentials(a -> Optional.empty())
                .build()
                .close();
        TwilioRecordingStorage.builder(ACCOUNT)
                .authToken(null)
                .apiKey(KEY, CANARY)
                .build()
                .close();
    }

    @Test
    void saysWhereTheApiKeyBelongsThatWasGivenAsTheAccount() {
        refused(TwilioRecordingStorage.builder(KEY).authToken(CANARY), "account SID", "API key (SK…)");
    }

    @Test
    void saysWhereTheAccountBelongsThatWasGivenAsTheApiKey() {
        refused(TwilioRecordingStorage.builder(ACCOUNT).apiKey(ACCOUNT, CANARY), "API key SID", "account (AC…)");
    }

    @Test
    void echoesNoSecretThatWasGivenAsASid() {
        refused(TwilioRecordingStorage.builder(CANARY).authToken("x"), "account SID", "31 characters");
        refused(TwilioRecordingStorage.builder(ACCOUNT).apiKey(CANARY, KEY), "API key SID", "31 characters");
        refused(TwilioRecordingStorage.builder(ACCOUNT + "\n").authToken(CANARY), "account SID", "35 characters");
        refused(TwilioRecordingStorage.builder("").authToken(CANARY), "account SID", "0 characters");
    }

    @Test
    void saysWhichHalfOfTheCredentialsIsMissing() {
        refused(TwilioRecordingStorage.builder(ACCOUNT).apiKey(KEY, null), "without the API key secret");
        refused(TwilioRecordingStorage.builder(ACCOUNT).apiKey(null, CANARY), "without the API key SID");
        refused(TwilioRecordingStorage.builder(ACCOUNT), "no credentials");
        refused(TwilioRecordingStorage.builder(ACCOUNT).authToken(" "), "auth token is blank");
        refused(TwilioRecordingStorage.builder(ACCOUNT).apiKey(KEY, ""), "API key secret is blank");
        refused(TwilioRecordingStorage.builder(ACCOUNT).authToken(CANARY + "\n"), "auth token has spaces");
        refused(valid().apiKey(KEY, CANARY), "both");
    }

    @Test
    void takesEdgeAndRegionTogetherOrNeither() {
        valid().edge("dublin").region("ie1").build().close();
        refused(valid().edge("dublin"), "an edge is given alone");
        refused(valid().region("ie1"), "a region is given alone");
        refused(valid().edge("evil.example/").region("ie1"), "not a name");
        refused(valid().edge("dublin").region("ie1").baseUrl(URI.create("https://gw.example")), "base URL");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://gateway.example",
                "https://gw/p/",
                "http://127.0.0.1:1",
                "http://localhost:1",
                "http://[::1]:1"
            })
    void takesHttpsAnywhereAndPlainHttpToLoopback(String url) {
        valid().baseUrl(URI.create(url)).build().close();
    }

    @ParameterizedTest
    @CsvSource({
        "http://gateway.example, plain http",
        "http://127.0.0.1.example.com, plain http",
        "http://10.0.0.1, plain http",
        "http://0.0.0.0, plain http",
        "ftp://127.0.0.1, https URL",
        "/twilio, https URL",
        "https:twilio, https URL",
        "https://canary-0123456789abcdef01234567@gw.example, user",
        "https://gw.example/?token=canary-0123456789abcdef01234567, query",
        "https://gw.example/#canary-0123456789abcdef01234567, fragment"
    })
    void refusesABaseUrlThatIsUnsafeOrUnclear(String url, String says) {
        refused(valid().baseUrl(URI.create(url)), says);
    }

    @Test
    void refusesTimesAndNumbersThatMakeNoSense() {
        refused(valid().connectTimeout(Duration.ZERO), "connect time-out");
        refused(valid().requestTimeout(Duration.ofSeconds(-1)), "request time-out");
        refused(valid().requestTimeout(Duration.ofMinutes(6)), "request time-out", "360 s");
        refused(valid().maxConcurrency(0), "max concurrency");
        refused(valid().maxConcurrency(1001), "max concurrency");
        valid().maxConcurrency(1000)
                .requestTimeout(Duration.ofMinutes(5))
                .build()
                .close();
    }

    @Test
    void namesItselfAndShowsNoSecret() {
        try (TwilioRecordingStorage storage = valid().build()) {
            assertThat(storage.name()).isEqualTo("twilio");
            assertThat(storage.coversExternalMedia()).isFalse();
            assertThat(storage).hasToString("TwilioRecordingStorage[" + ACCOUNT + "]");
        }
        assertThat(TwilioCredentials.apiKey(KEY, CANARY)).hasToString("TwilioCredentials[" + KEY + "]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TwilioCredentials.authToken(CANARY, CANARY))
                .withMessageNotContaining(CANARY);
    }

    private static String target(TwilioRecordingStorage.Builder builder) {
        try (TwilioRecordingStorage storage = builder.build()) {
            assertThat(storage.target()).hasSizeBetween(1, 200).doesNotContain("canary", CANARY);
            return storage.target();
        }
    }

    private static String target(String url) {
        return target(valid().baseUrl(URI.create(url)));
    }

    @Test
    void tellsTheAccountAndThePlaceThatItDeletesFrom() {
        assertThat(target(valid())).isEqualTo("twilio account " + ACCOUNT);
        assertThat(target(valid().edge("dublin").region("ie1")))
                .isEqualTo("twilio account " + ACCOUNT + " at edge dublin, region ie1");
        assertThat(target("https://gw.example/")).isEqualTo("twilio account " + ACCOUNT + " at https://gw.example");
        assertThat(target("http://[::1]:8080")).isEqualTo("twilio account " + ACCOUNT + " at http://[::1]:8080");
        assertThat(target("https://gw.example/canary"))
                .matches("twilio account " + ACCOUNT + " at https://gw\\.example, path [0-9a-f]{8}");
    }

    @Test
    void tellsEachPlaceFromEachOther() {
        String path = "/" + "p".repeat(300);
        String host = "https://" + ("h".repeat(50) + ".").repeat(4);
        List<String> targets = List.of(
                target(valid()),
                target(TwilioRecordingStorage.builder(ACCOUNT.replace('1', '2')).authToken(CANARY)),
                target(valid().edge("dublin").region("ie1")),
                target(valid().edge("dublin").region("ie2")),
                target(valid().edge("sydney").region("ie1")),
                target("https://dublin.ie1"),
                target("https://gw.example"),
                target("https://gw2.example"),
                target("https://gw.example:8443"),
                target("https://gw.example/canary-a"),
                target("https://gw.example/canary-b"),
                target("https://gw.example:8443/canary-a"),
                target("https://gw.example" + path + "1"),
                target("https://gw.example" + path + "2"),
                target(host + "example"),
                target(host + "example2"));
        assertThat(targets).doesNotHaveDuplicates();
    }

    @Test
    void takesTheSamePlaceWrittenOtherwiseForTheSame() {
        assertThat(List.of(
                        target("HTTPS://GW.Example:443/"), target("https://gw.example/"), target("https://gw.example")))
                .containsOnly(target("https://gw.example"));
        assertThat(target("https://gw.example/a/")).isEqualTo(target("https://gw.example/a"));
        assertThat(target(TwilioRecordingStorage.builder(ACCOUNT).apiKey(KEY, CANARY)))
                .as("who deletes is not where")
                .isEqualTo(target(valid()));
    }

    @Test
    void comparesCredentialsByValue() {
        assertThat(TwilioCredentials.apiKey(KEY, CANARY))
                .isEqualTo(TwilioCredentials.apiKey(KEY, CANARY))
                .hasSameHashCodeAs(TwilioCredentials.apiKey(KEY, CANARY))
                .isNotEqualTo(TwilioCredentials.apiKey(KEY, "another"));
    }

    @Test
    void putsThePathOfAGatewayBeforeTwilios() {
        try (TwilioFixture fixture = TwilioFixture.withoutLooking();
                TwilioRecordingStorage storage = TwilioFixture.builder(fixture.twilio)
                        .baseUrl(fixture.twilio.baseUrl().resolve("/gateway/"))
                        .externalMedia(ExternalMedia.NONE)
                        .build()) {
            String sid = fixture.add();
            storage.delete(TwilioFixture.recording(sid));
            assertThat(fixture.twilio.journal().get(0).rawPath())
                    .isEqualTo("/gateway/2010-04-01/Accounts/" + ACCOUNT + "/Recordings/" + sid + ".json");
        }
    }
}
