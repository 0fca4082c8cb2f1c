package dev.retention.autoconfigure;

import static dev.retention.autoconfigure.Contexts.ACCOUNT;
import static dev.retention.autoconfigure.Contexts.KEY;
import static dev.retention.autoconfigure.Contexts.NOON;
import static dev.retention.autoconfigure.Contexts.TOKEN;
import static dev.retention.autoconfigure.Contexts.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.RetentionSweeper;
import dev.retention.spi.Recording;
import dev.retention.test.twilio.LoopbackTwilio;
import dev.retention.test.twilio.TwilioRequest;
import dev.retention.twilio.TwilioCredentials;
import dev.retention.twilio.TwilioCredentialsLookup;
import dev.retention.twilio.TwilioRecordingStorage;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@DisplayName("The storage at Twilio")
class TwilioAutoConfigurationTest {

    private final ApplicationContextRunner runner = Contexts.withRepository();

    @Test
    void existsOnceAccountAndTokenAreSet() {
        runner.withPropertyValues("retention.twilio.account-sid=" + ACCOUNT, "retention.twilio.auth-token=" + TOKEN)
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .hasSingleBean(TwilioRecordingStorage.class)
                        .hasSingleBean(RetentionSweeper.class));
    }

    @Test
    void existsWithAnApiKeyAndABlankToken() {
        runner.withPropertyValues(
                        "retention.twilio.account-sid=" + ACCOUNT,
                        "retention.twilio.auth-token=",
                        "retention.twilio.api-key-sid=" + KEY,
                        "retention.twilio.api-key-secret=" + TOKEN)
                .run(context -> assertThat(context).hasNotFailed().hasSingleBean(TwilioRecordingStorage.class));
    }

    @Test
    void takesCredentialsFromALookup() {
        runner.withPropertyValues("retention.twilio.account-sid=" + ACCOUNT)
                .withUserConfiguration(Lookup.class)
                .run(context -> assertThat(context).hasNotFailed().hasSingleBean(TwilioRecordingStorage.class));
    }

    @Test
    void doesNotExistWhenDisabledOrAbsent() {
        ApplicationContextRunner configured = Contexts.complete()
                .withPropertyValues("retention.twilio.account-sid=" + ACCOUNT, "retention.twilio.auth-token=" + TOKEN);
        configured.run(context -> assertThat(context).hasSingleBean(TwilioRecordingStorage.class));
        configured
                .withPropertyValues("retention.twilio.enabled=false")
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(TwilioRecordingStorage.class));
        configured
                .withPropertyValues("retention.twilio.enabled=false")
                .withClassLoader(new FilteredClassLoader(TwilioRecordingStorage.class))
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .doesNotHaveBean("twilioRecordingStorage")
                        .hasSingleBean(RetentionSweeper.class));
    }

    @ParameterizedTest
    @CsvSource({"none, DELETE", "check, GET DELETE"})
    void checksForExternalMediaAsItIsSet(String externalMedia, String requests) {
        try (LoopbackTwilio twilio = LoopbackTwilio.start().addAccount(ACCOUNT, TOKEN)) {
            String sid = twilio.addRecording(ACCOUNT, NOON.minus(Duration.ofDays(100)));
            runner.withPropertyValues(
                            "retention.twilio.account-sid=" + ACCOUNT,
                            "retention.twilio.auth-token=" + TOKEN,
                            "retention.twilio.base-url=" + twilio.baseUrl(),
                            "retention.twilio.external-media=" + externalMedia)
                    .run(context -> {
                        context.getBean(TwilioRecordingStorage.class)
                                .delete(new Recording("1", sid, null, NOON.minus(Duration.ofDays(100)), Map.of()));
                        assertThat(twilio.journal().stream()
                                        .map(TwilioRequest::method)
                                        .collect(Collectors.joining(" ")))
                                .isEqualTo(requests);
                    });
        }
    }

    @Test
    void passesEdgeAndRegionOn() {
        runner.withPropertyValues(
                        "retention.twilio.account-sid=" + ACCOUNT,
                        "retention.twilio.auth-token=" + TOKEN,
                        "retention.twilio.edge=dublin",
                        "retention.twilio.region=ie1",
                        "retention.twilio.base-url=https://gateway.example")
                .run(context -> assertRefused(context).contains("base URL", "edge"));
    }

    @Test
    void refusesSettingsForAnAdapterThatIsAbsent() {
        Contexts.complete()
                .withPropertyValues("retention.twilio.account-sid=" + ACCOUNT, "retention.twilio.auth-token=" + TOKEN)
                .withClassLoader(new FilteredClassLoader(TwilioRecordingStorage.class))
                .run(context -> assertRefused(context).contains("retention-twilio is not on the class path"));
    }

    @Test
    void isReplacedByOneOfTheApplication() {
        runner.withUserConfiguration(Own.class)
                .withPropertyValues("retention.twilio.account-sid=" + ACCOUNT, "retention.twilio.auth-token=" + TOKEN)
                .run(context -> assertThat(context)
                        .hasSingleBean(TwilioRecordingStorage.class)
                        .hasBean("own"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "account-sid=${NOT_SET} | auth-token=t0p-secret | retention.twilio.account-sid is ${NOT_SET}",
                "auth-token=${NOT_SET} | region= | retention.twilio.auth-token is ${NOT_SET}",
                "account-sid= | auth-token=t0p-secret | retention.twilio.account-sid is missing",
                "region=ie1 | auth-token=t0p-secret | retention.twilio.account-sid is missing",
                "account-sid=" + KEY + " | auth-token=t0p-secret | account-sid is an API key (SK…)",
                "account-sid=t0p-secret | auth-token=t0p-secret | account-sid is not an account SID",
                "account-sid=" + ACCOUNT + " | auth-token= | or retention.twilio.auth-token, or",
                "account-sid=" + ACCOUNT + " | api-key-sid=" + KEY + " | api-key-secret is missing",
                "account-sid=" + ACCOUNT + " | api-key-secret=t0p-secret | api-key-sid is missing",
                "auth-token=t0p-secret | api-key-sid=" + KEY + " | both set",
                "api-key-secret=t0p-secret | api-key-sid=" + ACCOUNT + " | api-key-sid is an account (AC…)",
                "api-key-secret=t0p-secret | api-key-sid=t0p-secret | api-key-sid is not an API key SID",
                "edge=dublin | auth-token=t0p-secret | retention.twilio.edge and retention.twilio.region go together",
                "base-url=http://example.com | auth-token=t0p-secret | loopback only",
                "base-url=https://a:t0p-secret@example.com | auth-token=t0p-secret | base URL has a user",
                "auth-token=t0p-secret | request-timeout=6m | retention.sweep.lease is 10m, so that a claim could"
                        + " expire while its request is under way",
                "auth-token=t0p-secret | connect-timeout=0s | connect time-out is",
                "auth-token=t0p-secret | request-timeout=0s | request time-out is"
            })
    void isRefusedWithAMessageThatNamesThePropertyAndPrintsNoSecret(String one, String other, String message) {
        String both = one + other;
        ApplicationContextRunner with =
                runner.withPropertyValues("retention.twilio." + one, "retention.twilio." + other);
        boolean accountGiven = both.contains("account-sid=") || message.contains("account-sid is missing");
        (accountGiven ? with : with.withPropertyValues("retention.twilio.account-sid=" + ACCOUNT)).run(context -> {
            assertRefused(context).contains(message).doesNotContain("t0p-secret");
            Throwable cause = context.getStartupFailure();
            while (cause != null) {
                assertThat(String.valueOf(cause.getMessage())).doesNotContain("t0p-secret");
                cause = cause.getCause();
            }
        });
    }

    @Configuration(proxyBeanMethods = false)
    static class Lookup {
        @Bean
        TwilioCredentialsLookup lookup() {
            return account -> Optional.of(TwilioCredentials.authToken(account, TOKEN));
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Own {
        @Bean
        TwilioRecordingStorage own() {
            return TwilioRecordingStorage.builder(ACCOUNT).authToken(TOKEN).build();
        }
    }
}
