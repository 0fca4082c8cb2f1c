package dev.retention.autoconfigure;

import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The Twilio account that holds the recordings.
 *
 * @param enabled Whether recordings are deleted at Twilio.
 * @param accountSid The account, AC and 32 hexadecimal digits. Not an API key.
 * @param authToken The account's auth token; either this or an API key.
 * @param apiKeySid An API key, SK and 32 hexadecimal digits.
 * @param apiKeySecret The secret of the API key.
 * @param edge Twilio's edge, such as dublin; with a region or not at all.
 * @param region Twilio's region, such as ie1; with an edge or not at all.
 * @param baseUrl What stands in for https://api.twilio.com, such as a private gateway.
 * @param connectTimeout How long to wait for a connection.
 * @param requestTimeout How long one deletion may take, with the look-ups around it.
 * @param headroom The share of the account's permitted concurrency that is left to others, such as live calls: 0 to below 1.
 * @param permittedConcurrency How many requests at once Twilio permits the account; learnt from its refusals unless set.
 * @param externalMedia When to look whether media lies in a bucket of the customer's.
 */
@ConfigurationProperties("retention.twilio")
record RetentionTwilioProperties(
        @DefaultValue("true") boolean enabled,
        @Nullable String accountSid,
        @Nullable String authToken,
        @Nullable String apiKeySid,
        @Nullable String apiKeySecret,
        @Nullable String edge,
        @Nullable String region,
        @Nullable URI baseUrl,
        @DefaultValue("5s") Duration connectTimeout,
        @DefaultValue("20s") Duration requestTimeout,
        @DefaultValue("0.2") double headroom,
        @Nullable Integer permittedConcurrency,
        @DefaultValue("auto") ExternalMediaLook externalMedia) {

    /** When to look. The adapter's own type may be absent. */
    enum ExternalMediaLook {
        AUTO,
        CHECK,
        NONE
    }

    /** Without the secrets: this ends up in logs and error messages. */
    @Override
    public String toString() {
        return "RetentionTwilioProperties[" + accountSid + "]";
    }
}
