package dev.retention.autoconfigure;

import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The Twilio account that holds the recordings.
 *
 * @param enabled Whether recordings are deleted at Twilio.
 * @param accountSid The account, AC and 32 hexadecimal digits. Not an API key.
 * @param authToken The account's auth token, instead of an API key.
 * @param apiKeySid An API key, SK and 32 hexadecimal digits.
 * @param apiKeySecret The secret of the API key.
 * @param edge Twilio's edge, such as dublin; together with a region, or neither.
 * @param region Twilio's region, such as ie1; together with an edge, or neither.
 * @param baseUrl Replaces https://api.twilio.com, for example by a private gateway.
 * @param connectTimeout How long to wait for a connection.
 * @param requestTimeout The limit for one deletion, including the look-ups before and after it.
 * @param headroom The share of the permitted concurrency that is kept free for others, such as live calls: 0 to below
 *     1.
 * @param permittedConcurrency How many requests at once Twilio permits the account, if you know it; else it is learnt
 *     from its refusals.
 * @param match Which recordings are Twilio's, by the values of attributes in retention.jpa.attributes.extra; all unless
 *     set.
 * @param externalMedia When to check whether media is in a bucket of the customer.
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
        @DefaultValue Map<String, String> match,
        @DefaultValue("auto") ExternalMediaLook externalMedia) {

    /** When to check. A type of its own, since the adapter may be absent. */
    enum ExternalMediaLook {
        AUTO,
        CHECK,
        NONE
    }

    /** Without the secrets, since this is written to logs and error messages. */
    @Override
    public String toString() {
        return "RetentionTwilioProperties[" + accountSid + "]";
    }
}
