package dev.retention.autoconfigure;

import dev.retention.RetentionException;
import dev.retention.twilio.ExternalMedia;
import dev.retention.twilio.TwilioCredentialsLookup;
import dev.retention.twilio.TwilioRecordingStorage;
import dev.retention.twilio.TwilioRegions;
import dev.retention.twilio.TwilioRestClientCustomizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** Auto-configuration of the storage at Twilio. */
@AutoConfiguration(after = RetentionAutoConfiguration.class)
@ConditionalOnClass(TwilioRecordingStorage.class)
@ConditionalOnBooleanProperty(
        name = {"retention.enabled", "retention.twilio.enabled"},
        matchIfMissing = true)
class RetentionTwilioAutoConfiguration {

    private static final String ACCOUNT_SID = "retention.twilio.account-sid";
    private static final String API_KEY_SID = "retention.twilio.api-key-sid";
    private static final String API_KEY_SECRET = "retention.twilio.api-key-secret";

    @Bean
    @Order(Ordered.LOWEST_PRECEDENCE)
    @Conditional(OnAnyTwilioSetting.class)
    @ConditionalOnMissingBean({TwilioRecordingStorage.class, TwilioRegions.class})
    TwilioRecordingStorage twilioRecordingStorage(
            RetentionTwilioProperties twilio,
            RetentionProperties retention,
            ObjectProvider<TwilioCredentialsLookup> lookup,
            ObjectProvider<TwilioRestClientCustomizer> customizers,
            RetentionClock clock) {
        TwilioCredentialsLookup others = lookup.getIfAvailable();
        List<Fault> faults = faults(twilio, retention, others);
        String accountSid = given(twilio.accountSid());
        if (!faults.isEmpty() || accountSid == null) {
            throw new RetentionConfigurationException(faults);
        }
        try {
            TwilioRecordingStorage.Builder builder = TwilioRecordingStorage.builder(accountSid)
                    .authToken(given(twilio.authToken()))
                    .apiKey(given(twilio.apiKeySid()), given(twilio.apiKeySecret()))
                    .credentials(others)
                    .edge(given(twilio.edge()))
                    .region(given(twilio.region()))
                    .baseUrl(twilio.baseUrl())
                    .connectTimeout(twilio.connectTimeout())
                    .requestTimeout(twilio.requestTimeout())
                    .maxConcurrency(retention.sweep().maxConcurrency())
                    .match(twilio.match())
                    .externalMedia(ExternalMedia.valueOf(twilio.externalMedia().name()))
                    .clock(clock.clock());
            customizers.orderedStream().forEach(builder::customizer);
            return builder.build();
        } catch (RetentionException e) {
            throw new RetentionConfigurationException(Fault.of(
                    "retention.twilio.*",
                    "retention.twilio.* is wrong: " + e.getMessage(),
                    "Correct the property that the message names"));
        }
    }

    /** No message repeats a value of a credential: a secret may have been put into the wrong property. */
    private static List<Fault> faults(
            RetentionTwilioProperties twilio, RetentionProperties retention, @Nullable TwilioCredentialsLookup lookup) {
        List<Fault> faults = new ArrayList<>();
        requireResolved(faults, "account-sid", twilio.accountSid());
        requireResolved(faults, "auth-token", twilio.authToken());
        requireResolved(faults, "api-key-sid", twilio.apiKeySid());
        requireResolved(faults, "api-key-secret", twilio.apiKeySecret());
        if (!faults.isEmpty()) {
            return faults;
        }
        String account = given(twilio.accountSid());
        String token = given(twilio.authToken());
        String key = given(twilio.apiKeySid());
        String secret = given(twilio.apiKeySecret());
        if (account == null) {
            faults.add(Fault.of(
                    "retention.twilio.*",
                    "retention.twilio.account-sid is missing, and other properties of Twilio are set",
                    "Set the account that holds the recordings, AC and 32 hexadecimal digits. If no recordings are"
                            + " stored at Twilio, set retention.twilio.enabled=false"));
        } else if (account.startsWith("SK")) {
            faults.add(Fault.of(
                    ACCOUNT_SID,
                    "retention.twilio.account-sid is an API key (SK…)",
                    "Set retention.twilio.api-key-sid to the key, and this property to the account, AC and 32"
                            + " hexadecimal digits"));
        } else if (!account.matches("AC[0-9a-fA-F]{32}")) {
            faults.add(Fault.of(
                    ACCOUNT_SID,
                    "retention.twilio.account-sid is not an account SID",
                    "Allowed is AC and 32 hexadecimal digits"));
        }
        if (key != null && key.startsWith("AC")) {
            faults.add(Fault.of(
                    API_KEY_SID,
                    "retention.twilio.api-key-sid is an account (AC…)",
                    "Set retention.twilio.account-sid to the account, and this property to an API key, SK and 32"
                            + " hexadecimal digits"));
        } else if (key != null && !key.matches("SK[0-9a-fA-F]{32}")) {
            faults.add(Fault.of(
                    API_KEY_SID,
                    "retention.twilio.api-key-sid is not an API key SID",
                    "Allowed is SK and 32 hexadecimal digits"));
        }
        if (token != null && (key != null || secret != null)) {
            faults.add(new Fault(
                    List.of("retention.twilio.auth-token", API_KEY_SID, API_KEY_SECRET),
                    "retention.twilio.auth-token and retention.twilio.api-key-* are both set, so that it is not known"
                            + " which is meant",
                    "Set one of them"));
        } else if (key != null && secret == null) {
            faults.add(Fault.of(
                    API_KEY_SID,
                    "retention.twilio.api-key-secret is missing; retention.twilio.api-key-sid needs it",
                    "Set the secret of the API key"));
        } else if (key == null && secret != null) {
            faults.add(Fault.of(
                    API_KEY_SECRET,
                    "retention.twilio.api-key-sid is missing; retention.twilio.api-key-secret needs it",
                    "Set the API key to which the secret belongs"));
        } else if (token == null && key == null && lookup == null) {
            faults.add(Fault.of(
                    "retention.twilio.*",
                    "The credentials for Twilio are missing",
                    "Set retention.twilio.api-key-sid and retention.twilio.api-key-secret, or"
                            + " retention.twilio.auth-token, or define a bean of type TwilioCredentialsLookup"));
        }
        if ((given(twilio.edge()) == null) != (given(twilio.region()) == null)) {
            faults.add(new Fault(
                    List.of("retention.twilio.edge", "retention.twilio.region"),
                    "retention.twilio.edge and retention.twilio.region go together: one alone leads to another host"
                            + " than intended",
                    "Set both or neither"));
        }
        if (retention.sweep().lease().compareTo(twilio.requestTimeout().multipliedBy(2)) < 0) {
            faults.add(new Fault(
                    List.of("retention.sweep.lease", "retention.twilio.request-timeout"),
                    "retention.sweep.lease is "
                            + Durations.text(retention.sweep().lease())
                            + ", so that a claim could expire while its request is under way",
                    "Allowed is at least twice retention.twilio.request-timeout, "
                            + Durations.text(twilio.requestTimeout())));
        }
        return faults;
    }

    /**
     * Spring leaves a placeholder that nothing resolves as it is. It would look like a secret, and fail in the first
     * night.
     */
    private static void requireResolved(List<Fault> faults, String name, @Nullable String value) {
        if (value != null && value.matches("\\$\\{[A-Za-z0-9_.:-]{1,100}}")) {
            String property = "retention.twilio." + name;
            faults.add(Fault.of(
                    property,
                    property + " is " + value + ", a placeholder without a value",
                    "Set what the placeholder names, or set a value"));
        }
    }

    /** A blank value, such as the empty default of a placeholder, is treated as not set. */
    private static @Nullable String given(@Nullable String value) {
        return value == null || value.isBlank() ? null : value;
    }

    /** Whether any property of Twilio is set; then the others that are needed must be set too. */
    static class OnAnyTwilioSetting extends SpringBootCondition {

        @Override
        public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
            Map<String, String> settings = Binder.get(context.getEnvironment())
                    .bind("retention.twilio", Bindable.mapOf(String.class, String.class))
                    .orElse(Map.of());
            boolean any = settings.keySet().stream().anyMatch(name -> !name.equals("enabled"));
            return new ConditionOutcome(
                    any,
                    ConditionMessage.forCondition("Twilio settings").because(any ? "some are set" : "none is set"));
        }
    }
}
