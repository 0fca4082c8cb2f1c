package dev.retention.twilio;

import static dev.retention.twilio.TwilioFixture.ACCOUNT;
import static dev.retention.twilio.TwilioFixture.CREATED;
import static dev.retention.twilio.TwilioFixture.TOKEN;
import static dev.retention.twilio.TwilioFixture.recording;
import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.spi.DeletionResult;
import dev.retention.spi.DeletionResult.Kind;
import dev.retention.test.twilio.LoopbackTwilio;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TwilioAccountsTest {

    private static final String SUB = "AC" + "2".repeat(32);
    private static final String FOREIGN = "AC" + "3".repeat(32);
    private static final String KEY = "SK" + "4".repeat(32);

    private final LoopbackTwilio twilio = LoopbackTwilio.start()
            .addAccount(ACCOUNT, TOKEN)
            .addSubaccount(ACCOUNT, SUB, "sub-token")
            .addApiKey(ACCOUNT, KEY, "key-secret")
            .addAccount(FOREIGN, "foreign-token");

    @AfterEach
    void close() {
        twilio.close();
    }

    private DeletionResult delete(TwilioRecordingStorage.Builder builder, String account) {
        String sid = twilio.addRecording(account, CREATED);
        try (TwilioRecordingStorage storage = builder.baseUrl(twilio.baseUrl())
                .externalMedia(ExternalMedia.NONE)
                .build()) {
            return storage.delete(recording(sid, account));
        }
    }

    private static TwilioRecordingStorage.Builder storage() {
        return TwilioRecordingStorage.builder(ACCOUNT);
    }

    @Test
    void takesAnApiKeyForTheConfiguredAccountAndPutsTheAccountIntoThePath() {
        assertThat(delete(storage().apiKey(KEY, "key-secret"), ACCOUNT).kind()).isEqualTo(Kind.DELETED);
        assertThat(twilio.journal().get(0).rawPath()).contains("/Accounts/" + ACCOUNT + "/");
    }

    @Test
    void findsTheCredentialsOfASubaccount() {
        TwilioCredentials own = TwilioCredentials.authToken(SUB, "sub-token");
        assertThat(delete(storage().authToken(TOKEN).credentials(a -> Optional.of(own)), SUB)
                        .kind())
                .isEqualTo(Kind.DELETED);
    }

    @Test
    void reachesASubaccountWithItsParentsTokenButNotWithItsParentsKey() {
        TwilioCredentials parents = TwilioCredentials.authToken(ACCOUNT, TOKEN);
        assertThat(delete(storage().credentials(a -> Optional.of(parents)), SUB).kind())
                .isEqualTo(Kind.DELETED);

        TwilioCredentials key = TwilioCredentials.apiKey(KEY, "key-secret");
        assertThat(delete(storage().credentials(a -> Optional.of(key)), SUB).kind())
                .isEqualTo(Kind.STOP);
    }

    @Test
    void asksTheLookUpForTheConfiguredAccountWhenNoCredentialsAreGivenForIt() {
        Map<String, TwilioCredentials> vault = new ConcurrentHashMap<>();
        vault.put(ACCOUNT, TwilioCredentials.authToken(ACCOUNT, TOKEN));
        assertThat(delete(storage().credentials(a -> Optional.ofNullable(vault.get(a))), ACCOUNT)
                        .kind())
                .isEqualTo(Kind.DELETED);
    }

    @Test
    void stopsUnsentForAnAccountWithoutCredentials() {
        DeletionResult result = delete(storage().authToken(TOKEN).credentials(a -> Optional.empty()), FOREIGN);
        assertThat(result.kind()).isEqualTo(Kind.STOP);
        assertThat(result.detail()).contains(FOREIGN);
        assertThat(twilio.journal()).isEmpty();
    }

    @Test
    void triesLaterUnsentWhenTheLookUpFailsAndRepeatsNoneOfItsMessage() {
        DeletionResult result = delete(
                storage().credentials(a -> {
                    throw new IllegalStateException("vault says canary");
                }),
                ACCOUNT);
        assertThat(result.kind()).isEqualTo(Kind.TRY_LATER);
        assertThat(result.surelyNotApplied()).isTrue();
        assertThat(result.detail()).doesNotContain("canary").contains("IllegalStateException");
        assertThat(twilio.journal()).isEmpty();
    }

    @Test
    void stopsWithAWrongToken() {
        assertThat(delete(storage().authToken("wrong"), ACCOUNT).kind()).isEqualTo(Kind.STOP);
        assertThat(twilio.stored(ACCOUNT)).isEqualTo(1);
    }

    @Test
    void findsNothingProvenWithTheRecordingOfAnotherAccount() {
        String sid = twilio.addRecording(FOREIGN, CREATED);
        try (TwilioRecordingStorage storage =
                storage().authToken(TOKEN).baseUrl(twilio.baseUrl()).build()) {
            assertThat(storage.delete(recording(sid)).kind()).isEqualTo(Kind.NOT_FOUND);
        }
        assertThat(twilio.stored(FOREIGN)).isEqualTo(1);
    }
}
