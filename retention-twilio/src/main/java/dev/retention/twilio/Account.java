package dev.retention.twilio;

import com.twilio.http.HttpClient;
import com.twilio.http.TwilioRestClient;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An account and the credentials for it. Creates the clients that make requests for it. */
final class Account {

    /** What all clients have in common. */
    record ClientSettings(
            List<TwilioRestClientCustomizer> customizers,
            @Nullable String edge,
            @Nullable String region) {}

    private final String sid;
    private final TwilioCredentials credentials;
    private final ClientSettings settings;

    Account(String sid, TwilioCredentials credentials, ClientSettings settings) {
        this.sid = sid;
        this.credentials = credentials;
        this.settings = settings;
    }

    String sid() {
        return sid;
    }

    /** The SID of the account or API key that the requests authenticate as. */
    String username() {
        return credentials.username();
    }

    TwilioRestClient client(HttpClient http) {
        TwilioRestClient.Builder client = new TwilioRestClient.Builder(credentials.username(), credentials.secret());
        settings.customizers.forEach(customizer -> customizer.customize(client));
        // After the customizers: which account is asked, and where, is not theirs to decide.
        return client.accountSid(sid)
                .httpClient(http)
                .edge(settings.edge)
                .region(settings.region)
                .build();
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return "Account[" + sid + "]";
    }
}
