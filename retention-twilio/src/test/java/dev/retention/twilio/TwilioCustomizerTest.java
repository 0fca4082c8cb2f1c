package dev.retention.twilio;

import static dev.retention.twilio.TwilioFixture.recording;
import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.spi.DeletionResult;
import dev.retention.spi.DeletionResult.Kind;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class TwilioCustomizerTest {

    private static TwilioFixture fixture(TwilioRestClientCustomizer customizer) {
        return new TwilioFixture(
                builder -> builder.externalMedia(ExternalMedia.NONE).customizer(customizer));
    }

    @Test
    void isAskedForEachClient() {
        AtomicInteger clients = new AtomicInteger();
        try (TwilioFixture fixture = fixture(client -> {
            clients.incrementAndGet();
            client.userAgentExtensions(List.of("voice-engine/7"));
        })) {
            fixture.storage.delete(recording(fixture.add()));
            fixture.storage.delete(recording(fixture.add()));
            assertThat(fixture.wire()).containsExactly("DELETE 204", "DELETE 204");
        }
        assertThat(clients).hasValue(2);
    }

    @Test
    void canNeitherTurnARequestElsewhereNorToAnotherAccount() {
        String elsewhere = "AC00000000000000000000000000000009";
        try (TwilioFixture fixture = fixture(client ->
                client.accountSid(elsewhere).edge("sydney").region("au1").httpClient(null))) {
            String sid = fixture.add();
            assertThat(fixture.storage.delete(recording(sid)).kind()).isEqualTo(Kind.DELETED);
            assertThat(fixture.twilio.journal().get(0).rawPath()).contains(TwilioFixture.ACCOUNT);
            assertThat(fixture.isStored(sid)).isFalse();
        }
    }

    @Test
    void sendsNothingWhenItThrows() {
        try (TwilioFixture fixture = fixture(client -> {
            throw new IllegalStateException("boom");
        })) {
            String sid = fixture.add();
            DeletionResult result = fixture.storage.delete(recording(sid));
            assertThat(result.kind()).isEqualTo(Kind.TRY_LATER);
            assertThat(fixture.wire()).isEmpty();
            assertThat(fixture.isStored(sid)).isTrue();
        }
    }
}
