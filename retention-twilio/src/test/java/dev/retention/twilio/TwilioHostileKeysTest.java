package dev.retention.twilio;

import static dev.retention.twilio.TwilioFixture.ACCOUNT;
import static dev.retention.twilio.TwilioFixture.recording;
import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.spi.DeletionResult;
import dev.retention.spi.DeletionResult.Kind;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TwilioHostileKeysTest {

    private static final String HEX = "0123456789abcdef0123456789abcdef";

    private final TwilioFixture fixture = TwilioFixture.withoutLooking();

    @AfterEach
    void close() {
        fixture.close();
    }

    static Stream<String> hostile() {
        return Stream.of(
                "",
                " ",
                "../Calls/CA1",
                "../Calls/CA" + HEX,
                "RE1?x=1",
                "RE" + HEX + "?x=1",
                "RE" + HEX + "#",
                "RE" + HEX + ".json",
                "RE" + HEX + "/../../Calls/CA" + HEX,
                "%2e%2e/Calls/CA" + HEX,
                "%52%45" + HEX,
                "RE" + HEX + "\r\nHost: evil.example",
                "RE" + HEX + "\r\n",
                "RE" + HEX + "\n",
                "RE" + HEX + "\u0085",
                "RE" + HEX + "\u2028",
                "RE" + HEX + "\0",
                " RE" + HEX,
                "RE" + HEX + " ",
                "re" + HEX,
                "RE" + HEX.substring(1),
                "RE" + HEX + "0",
                "RE" + HEX.replace('0', 'g'),
                "RE" + HEX.replace('0', '٠'),
                "RE" + HEX.replace('0', '\uff10'),
                "ＲＥ" + HEX,
                "CA" + HEX,
                "RT" + HEX,
                "+15005550006",
                "\u001b[31mRE",
                "https://api.twilio.com/2010-04-01/Accounts/" + ACCOUNT + "/Recordings/RE" + HEX,
                "RE" + "a".repeat(1 << 20));
    }

    @ParameterizedTest
    @MethodSource("hostile")
    void sendsNothingForAKeyThatIsNoSid(String key) {
        for (DeletionResult result :
                List.of(fixture.storage.delete(recording(key)), fixture.storage.lookUp(recording(key)))) {
            assertThat(result.kind()).isEqualTo(Kind.REFUSED_UNSENT);
            assertThat(result.detail()).hasSizeLessThan(150).matches("[\\x20-\\x7e…]+");
        }
        assertThat(fixture.twilio.journal()).isEmpty();
        assertThat(fixture.twilio.connectionsAccepted()).isZero();
    }

    @ParameterizedTest
    @MethodSource("hostile")
    void sendsNothingForAnAccountThatIsNoSid(String hostileKey) {
        String account = hostileKey.replaceFirst("^RE", "AC").replaceFirst("^ RE", " AC");
        String sid = fixture.add();

        DeletionResult result = fixture.storage.delete(recording(sid, account));

        assertThat(result.kind()).isEqualTo(Kind.REFUSED_UNSENT);
        assertThat(result.detail()).hasSizeLessThan(150).matches("[\\x20-\\x7e…]+");
        assertThat(fixture.twilio.journal()).isEmpty();
    }

    @Test
    void repeatsNothingOfAKeyThatMayComeFromTheWrongColumn() {
        for (String key : List.of("+15005550006", "5005550006", "https://calls.example.com/x", "canary", "Jane Doe")) {
            assertThat(fixture.storage.delete(recording(key)).detail())
                    .doesNotContain(key)
                    .contains("storage key of " + key.length() + " characters");
            assertThat(fixture.storage.delete(recording("RE" + HEX, key)).detail())
                    .doesNotContain(key)
                    .contains("account of " + key.length() + " characters");
        }
        assertThat(fixture.storage.delete(recording("CA" + HEX)).detail())
                .as("which column it was")
                .contains("of 34 characters (CA…)")
                .doesNotContain(HEX);
    }

    @Test
    void sendsNothingForAMissingKey() {
        assertThat(fixture.storage.delete(recording(null)).kind()).isEqualTo(Kind.REFUSED_UNSENT);
        assertThat(fixture.twilio.journal()).isEmpty();
    }

    @Test
    void sendsNothingForAnotherAccountWithoutACredentialsLookUp() {
        String other = "AC" + HEX;
        fixture.twilio.addAccount(other, "other-token");
        String sid = fixture.twilio.addRecording(other, TwilioFixture.CREATED);

        DeletionResult result = fixture.storage.delete(recording(sid, other));

        assertThat(result.kind()).isEqualTo(Kind.REFUSED_UNSENT);
        assertThat(fixture.twilio.journal()).isEmpty();
    }

    @Test
    void acceptsSidsInEitherCase() {
        String sid = "RE" + HEX.toUpperCase(java.util.Locale.ROOT);
        fixture.twilio.addRecording(
                dev.retention.test.twilio.TwilioRecording.completed(ACCOUNT, sid, TwilioFixture.CREATED));
        assertThat(fixture.storage.delete(recording(sid, ACCOUNT)).kind()).isEqualTo(Kind.DELETED);
    }
}
