package dev.retention.twilio;

import static dev.retention.twilio.TwilioFixture.ACCOUNT;
import static dev.retention.twilio.TwilioFixture.CREATED;
import static dev.retention.twilio.TwilioFixture.TOKEN;
import static dev.retention.twilio.TwilioFixture.recording;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import dev.retention.spi.Recording;
import dev.retention.test.twilio.TwilioFault;
import dev.retention.test.twilio.TwilioRecording;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.slf4j.LoggerFactory;

/** Sets the level of the root logger, so nothing else may run. */
@Isolated
class TwilioSecretsTest {

    private static final String MEDIA = "https://calls.example.com/canary-media.wav?sig=canary-signature";
    private static final String PHONE = "+15005550006";

    @Test
    void logsAndAnswersNoCredentialsPhoneNumbersOrMediaUrlsEvenAtTrace() {
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        Level before = root.getLevel();
        ListAppender<ILoggingEvent> logged = new ListAppender<>();
        logged.start();
        root.addAppender(logged);
        root.setLevel(Level.TRACE);
        List<String> texts = new ArrayList<>();
        try (TwilioFixture fixture = new TwilioFixture(b -> b.externalMedia(ExternalMedia.AUTO))) {
            texts.addAll(everyKindOfAnswer(fixture));
        } finally {
            root.setLevel(before);
            root.detachAppender(logged);
        }
        assertThat(logged.list)
                .as("the library's own loggers were on")
                .anySatisfy(e -> assertThat(e.getLoggerName()).startsWith("com.twilio"));
        assertThat(logged.list).anySatisfy(e -> assertThat(e.getLoggerName()).startsWith("org.apache.hc"));
        for (ILoggingEvent event : logged.list) {
            texts.add(event.getLoggerName() + " " + event.getFormattedMessage());
            IThrowableProxy thrown = event.getThrowableProxy();
            if (thrown != null) {
                texts.add(ThrowableProxyUtil.asString(thrown));
            }
        }
        String basic = Base64.getEncoder().encodeToString((ACCOUNT + ":" + TOKEN).getBytes(StandardCharsets.UTF_8));
        assertThat(texts).noneSatisfy(text -> assertThat(text).contains(TOKEN));
        assertThat(texts).noneSatisfy(text -> assertThat(text).contains(basic));
        assertThat(texts).noneSatisfy(text -> assertThat(text).containsIgnoringCase("canary"));
        assertThat(texts).noneSatisfy(text -> assertThat(text).contains(PHONE));
    }

    private static List<String> everyKindOfAnswer(TwilioFixture fixture) {
        List<String> texts = new ArrayList<>();
        List<TwilioFault> faults = List.of(
                TwilioFault.none(),
                TwilioFault.body(400, "application/json", "{\"code\": 20001, \"message\": \"" + PHONE + "\"}"),
                TwilioFault.body(500, "text/plain", "canary " + PHONE),
                TwilioFault.body(200, "application/json", "{\"media_url\": \"" + MEDIA + "\"}"),
                TwilioFault.error(401, 20003).withHeader("X-Echo", TOKEN),
                TwilioFault.error(404, 20404).withHeader("Retry-After", "canary"),
                TwilioFault.error(429, 20429).withHeader("Location", MEDIA),
                TwilioFault.redirect(302, MEDIA),
                TwilioFault.truncatedBody(500),
                TwilioFault.reset());
        for (TwilioFault fault : faults) {
            String sid = fixture.add();
            fixture.twilio.failNextOn(sid, fault, fault);
            Recording recording = new Recording("row", sid, null, CREATED, Map.of("caller", PHONE));
            texts.add(fixture.storage.delete(recording).toString());
            texts.add(fixture.storage.lookUp(recording).toString());
        }
        String external = "RE" + "e".repeat(32);
        fixture.twilio.addRecording(
                TwilioRecording.completed(ACCOUNT, external, CREATED).withMediaUrl(MEDIA));
        texts.add(fixture.storage.delete(recording(external)).toString());
        texts.add(fixture.storage.toString());
        texts.add(TwilioCredentials.authToken(ACCOUNT, TOKEN).toString());
        return texts;
    }
}
