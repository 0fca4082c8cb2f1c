package dev.retention.twilio;

import static dev.retention.twilio.TwilioFixture.ACCOUNT;
import static dev.retention.twilio.TwilioFixture.CREATED;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import dev.retention.RetentionException;
import dev.retention.spi.Recording;
import dev.retention.test.twilio.LoopbackTwilio;
import dev.retention.test.twilio.TwilioFault;
import dev.retention.test.twilio.TwilioRecording;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.slf4j.LoggerFactory;

/** Sets the level of every logger, so nothing else may run. */
@Isolated
class TwilioSecretsTest {

    // With characters that look different in a URL, in JSON and in the two alphabets of base64.
    private static final String TOKEN = "canary token/of+the=account?&\"ÿ>~4711";
    private static final String KEY = "SK" + "4".repeat(32);
    private static final String KEY_SECRET = "canary secret/of+the=key?&\"ÿ>~0815";
    private static final String MEDIA =
            "https://calls.example.com/canary-path/canary-media.wav?X-Amz-Signature=canary-signature";
    private static final String PHONE = "+15005550006";
    private static final Map<String, String> ATTRIBUTES = Map.of("caller", PHONE, "url", MEDIA);
    /** In lower case, since a header's name or a URL's host may be written so. */
    private static final List<String> SECRETS = Stream.concat(
                    Stream.of("canary", "x-amz-signature", "5005550006"),
                    Stream.of(TOKEN, KEY_SECRET).flatMap(TwilioSecretsTest::forms))
            .map(secret -> secret.toLowerCase(Locale.ROOT))
            .distinct()
            .toList();

    private final ManualTicker ticker = new ManualTicker();
    private final Queue<String> texts = new ConcurrentLinkedQueue<>();
    private final Queue<String> loggerNames = new ConcurrentLinkedQueue<>();
    private final Map<Logger, Level> levels = new HashMap<>();
    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            loggerNames.add(event.getLoggerName());
            texts.add(event.getLoggerName() + " " + event.getFormattedMessage() + " "
                    + Arrays.toString(event.getArgumentArray()) + " " + event.getMDCPropertyMap());
            IThrowableProxy thrown = event.getThrowableProxy();
            if (thrown != null) {
                texts.add(ThrowableProxyUtil.asString(thrown));
            }
        }
    };
    private final java.util.logging.Logger platform = java.util.logging.Logger.getLogger("");
    private final java.util.logging.Level platformLevel = platform.getLevel();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord logged) {
            texts.add(
                    logged.getLoggerName() + " " + logged.getMessage() + " " + Arrays.toString(logged.getParameters()));
            if (logged.getThrown() != null) {
                texts.add(stackTrace(logged.getThrown()));
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void hearEverything() {
        LoggerContext context = root.getLoggerContext();
        for (Logger logger : context.getLoggerList()) {
            if (logger != root && logger.getLevel() != null) {
                levels.put(logger, logger.getLevel());
                logger.setLevel(null);
            }
        }
        levels.put(root, root.getLevel());
        root.setLevel(Level.TRACE);
        appender.setContext(context);
        appender.start();
        root.addAppender(appender);
        platform.setLevel(java.util.logging.Level.ALL);
        handler.setLevel(java.util.logging.Level.ALL);
        platform.addHandler(handler);
    }

    @AfterEach
    void hearNoMore() {
        root.detachAppender(appender);
        levels.forEach(Logger::setLevel);
        platform.removeHandler(handler);
        platform.setLevel(platformLevel);
    }

    @Test
    void tellsNoSecretOfAnAuthTokenWhateverIsAnswered() {
        tellsNoSecret(builder -> builder.authToken(TOKEN));
    }

    @Test
    void tellsNoSecretOfAnApiKeyWhateverIsAnswered() {
        tellsNoSecret(builder -> builder.apiKey(KEY, KEY_SECRET));
    }

    @Test
    void tellsNoSecretThatACredentialsLookUpFoundOrThrew() {
        tellsNoSecret(builder -> builder.credentials(account -> {
            if (account.equals(ACCOUNT)) {
                return Optional.of(TwilioCredentials.authToken(account, TOKEN));
            }
            throw new IllegalStateException(TOKEN + " " + KEY_SECRET);
        }));
    }

    @Test
    void tellsNoSecretOfSettingsThatItRefuses() {
        for (UnaryOperator<TwilioRecordingStorage.Builder> mistake :
                List.<UnaryOperator<TwilioRecordingStorage.Builder>>of(
                        b -> b.authToken(TOKEN + "\n"),
                        b -> b.authToken(TOKEN).apiKey(KEY, KEY_SECRET),
                        b -> b.apiKey(KEY_SECRET, TOKEN),
                        b -> b.apiKey(null, KEY_SECRET),
                        b -> b.authToken(TOKEN).edge(TOKEN).region(KEY_SECRET),
                        b -> b.authToken(TOKEN)
                                .baseUrl(URI.create(
                                        "https://" + URLEncoder.encode(TOKEN, StandardCharsets.UTF_8) + "@gw.example")),
                        b -> b.authToken(TOKEN).maxConcurrency(0))) {
            try {
                mistake.apply(TwilioRecordingStorage.builder(ACCOUNT)).build().close();
                throw new AssertionError("taken");
            } catch (RetentionException e) {
                texts.add(stackTrace(e));
            }
        }
        try {
            TwilioRecordingStorage.builder(TOKEN).authToken(TOKEN).build().close();
            throw new AssertionError("taken");
        } catch (RetentionException e) {
            texts.add(stackTrace(e));
        }
        assertNoSecretIsIn(texts);
    }

    @Test
    void wouldFindEachFormOfASecret() {
        byte[] basic = (ACCOUNT + ":" + TOKEN).getBytes(StandardCharsets.UTF_8);
        for (String found : List.of(
                TOKEN,
                TOKEN.toUpperCase(Locale.ROOT),
                URLEncoder.encode(TOKEN, StandardCharsets.UTF_8),
                URLEncoder.encode(TOKEN, StandardCharsets.UTF_8).replace("+", "%20"),
                Base64.getEncoder().encodeToString(basic),
                Base64.getUrlEncoder().withoutPadding().encodeToString(basic),
                Base64.getEncoder().encodeToString(TOKEN.getBytes(StandardCharsets.UTF_8)),
                HexFormat.of().formatHex(TOKEN.getBytes(StandardCharsets.UTF_8)),
                MEDIA,
                "canary-signature",
                PHONE,
                URLEncoder.encode(PHONE, StandardCharsets.UTF_8))) {
            assertThat(secretsIn("Basic " + found + " in a text")).as(found).isNotEmpty();
        }
        assertThat(secretsIn("twilio account " + ACCOUNT + " as " + KEY + " keeps it at calls.example.com"))
                .isEmpty();
    }

    private void tellsNoSecret(UnaryOperator<TwilioRecordingStorage.Builder> credentials) {
        try (LoopbackTwilio twilio =
                LoopbackTwilio.start().addAccount(ACCOUNT, TOKEN).addApiKey(ACCOUNT, KEY, KEY_SECRET)) {
            for (ExternalMedia externalMedia : ExternalMedia.values()) {
                askForEverything(
                        twilio,
                        credentials
                                .apply(TwilioRecordingStorage.builder(ACCOUNT))
                                .baseUrl(twilio.baseUrl())
                                .externalMedia(externalMedia),
                        externalMedia == ExternalMedia.NONE);
            }
            assertThat(twilio.journal())
                    .as("each kind of request was asked, and answered well at least once")
                    .extracting(r -> r.method() + (r.sid() == null ? " list " : " ") + r.status())
                    .contains("DELETE 204", "GET 200", "GET list 200", "GET list 401", "GET list 0");
        }
        assertThat(loggerNames)
                .as("the loggers of the libraries were on")
                .anyMatch(name -> name.startsWith("com.twilio"))
                .anyMatch(name -> name.startsWith("org.apache.hc"));
        assertNoSecretIsIn(texts);
    }

    /** Answers that never end are asked for once only; they are the same for each kind of look. */
    private void askForEverything(LoopbackTwilio twilio, TwilioRecordingStorage.Builder builder, boolean endlessOnes) {
        try (TwilioRecordingStorage storage =
                builder.requestTimeout(TwilioFixture.TIMEOUT).ticker(ticker).build()) {
            texts.add(storage.toString());
            texts.add(storage.target());
            faults().forEach((kind, faults) -> {
                if (!ENDLESS.contains(kind)) {
                    faults.forEach(fault -> askAll(twilio, storage, fault));
                } else if (endlessOnes) {
                    faults.forEach(fault -> askUpToTheDeadline(twilio, storage, fault, kind.equals("dripBody")));
                }
            });
        }
    }

    private void askAll(LoopbackTwilio twilio, TwilioRecordingStorage storage, TwilioFault fault) {
        String here = twilio.addRecording(ACCOUNT, CREATED);
        String external = twilio.addRecording(ACCOUNT, CREATED);
        twilio.addRecording(
                TwilioRecording.completed(ACCOUNT, external, CREATED).withMediaUrl(MEDIA));
        for (String sid : List.of(here, external)) {
            // Not the first request: what is answered after a look, and to a look after a refusal, counts too.
            for (int well : List.of(0, 1)) {
                Recording recording = new Recording("row", sid, null, CREATED, ATTRIBUTES);
                storage.announce(List.of(recording));
                ask(twilio, fault, well, () -> storage.delete(recording));
                ask(twilio, fault, well, () -> storage.lookUp(recording));
            }
        }
        ask(twilio, fault, 0, () -> storage.identify(null));
        ask(twilio, fault, 0, () -> storage.delete(new Recording("row", PHONE, null, CREATED, ATTRIBUTES)));
        ask(twilio, fault, 0, () -> storage.delete(new Recording("row", here, PHONE, CREATED, ATTRIBUTES)));
        ask(twilio, fault, 0, () -> storage.identify("AC" + "9".repeat(32)));
        ask(twilio, fault, 0, () -> storage.identify(TOKEN));
        ask(twilio, fault, 0, () -> storage.delete(new Recording("row", TOKEN.repeat(9), null, CREATED, ATTRIBUTES)));
    }

    private void ask(LoopbackTwilio twilio, TwilioFault fault, int well, Supplier<?> call) {
        twilio.failNext(well, TwilioFault.none());
        twilio.failNext(2, fault);
        try {
            texts.add(String.valueOf(call.get()));
        } catch (RuntimeException e) {
            texts.add(stackTrace(e));
        } finally {
            twilio.heal();
        }
    }

    private void askUpToTheDeadline(
            LoopbackTwilio twilio, TwilioRecordingStorage storage, TwilioFault fault, boolean headComes) {
        Recording recording = new Recording("row", twilio.addRecording(ACCOUNT, CREATED), null, CREATED, ATTRIBUTES);
        for (Callable<?> call : List.<Callable<?>>of(
                () -> storage.delete(recording), () -> storage.lookUp(recording), () -> storage.identify(null))) {
            twilio.failNext(1, fault);
            int requests = twilio.journal().size();
            PendingCall<?> pending = PendingCall.start(call);
            try {
                assertThat(twilio.awaitRequests(requests + 1, TwilioFixture.HUNG))
                        .isTrue();
                if (headComes) {
                    pending.awaitReadingOfABody();
                }
                ticker.advance(TwilioFixture.TIMEOUT);
                texts.add(String.valueOf(pending.result()));
            } catch (ExecutionException e) {
                texts.add(stackTrace(e));
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static final Collection<String> ENDLESS = List.of("noAnswer", "dripHead", "dripBody");

    /** Each kind of fault by the name of its factory, with a secret wherever it takes a text. */
    private static Map<String, List<TwilioFault>> faults() {
        String json = "{\"code\": 20001, \"message\": \"" + PHONE + " canary\", \"more_info\": \"" + MEDIA
                + "\", \"status\": 400, \"media_url\": \"" + MEDIA + "\", \"sid\": \"canary\"}";
        Map<String, List<TwilioFault>> faults = new LinkedHashMap<>();
        faults.put("none", List.of(TwilioFault.none(), echoing(TwilioFault.none())));
        faults.put(
                "error",
                Stream.of(400, 401, 403, 404, 409, 422, 429, 500, 503)
                        .map(status -> echoing(TwilioFault.error(status, 20001)))
                        .collect(Collectors.toCollection(ArrayList::new)));
        faults.get("error").add(echoing(TwilioFault.error(401, 20003)));
        faults.get("error").add(TwilioFault.error(404, 20404));
        faults.get("error").add(TwilioFault.error(409, 20009));
        faults.put("empty", List.of(echoing(TwilioFault.empty(200)), TwilioFault.empty(503)));
        faults.put("html", List.of(TwilioFault.html(200), TwilioFault.html(502)));
        faults.put(
                "body",
                List.of(
                        TwilioFault.body(200, "application/json", json),
                        TwilioFault.body(400, "application/json", json),
                        TwilioFault.body(404, "application/json", json),
                        TwilioFault.body(409, "application/json", json),
                        TwilioFault.body(500, "text/plain", "canary " + PHONE + " " + MEDIA),
                        TwilioFault.body(200, "canary/" + PHONE, json),
                        TwilioFault.body(200, "application/json", json.substring(0, 60)),
                        TwilioFault.body(
                                200,
                                "application/json",
                                "{\"recordings\": [" + json.replace("{", "{\"account_sid\": \"" + PHONE + "\", ")
                                        + "]}")));
        faults.put("unannouncedBytes", List.of(TwilioFault.unannouncedBytes(204, "canary " + PHONE)));
        faults.put("redirect", List.of(TwilioFault.redirect(302, MEDIA), TwilioFault.redirect(307, "/" + PHONE)));
        faults.put("hugeBody", List.of(TwilioFault.hugeBody(200, 1L << 20), TwilioFault.hugeBody(500, 1L << 20)));
        faults.put("truncatedBody", List.of(TwilioFault.truncatedBody(200), TwilioFault.truncatedBody(500)));
        faults.put("reset", List.of(TwilioFault.reset(), TwilioFault.reset().applied()));
        faults.put("noAnswer", List.of(TwilioFault.noAnswer()));
        faults.put("dripHead", List.of(TwilioFault.dripHead()));
        faults.put("dripBody", List.of(TwilioFault.dripBody(200)));
        assertThat(faults.keySet())
                .as("every kind of fault that there is")
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(TwilioFault.class.getDeclaredMethods())
                        .filter(method ->
                                Modifier.isStatic(method.getModifiers()) && Modifier.isPublic(method.getModifiers()))
                        .map(Method::getName)
                        .toList());
        return faults;
    }

    /** With secrets in each header that the adapter reads, and in one that it does not. */
    private static TwilioFault echoing(TwilioFault fault) {
        return fault.withHeader("X-Echo", "canary " + PHONE)
                .withHeader("Twilio-Request-Id", "RQcanary" + PHONE)
                .withHeader("Retry-After", "canary")
                .withHeader("Date", PHONE)
                .withHeader("Location", MEDIA)
                .withHeader("Set-Cookie", "canary=" + PHONE);
    }

    private static String stackTrace(Throwable thrown) {
        StringWriter text = new StringWriter();
        thrown.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    private static void assertNoSecretIsIn(Collection<String> texts) {
        assertThat(texts).isNotEmpty();
        for (String text : texts) {
            assertThat(secretsIn(text)).as(text).isEmpty();
        }
    }

    private static List<String> secretsIn(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        return SECRETS.stream().filter(lower::contains).toList();
    }

    private static Stream<String> forms(String secret) {
        byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
        String url = URLEncoder.encode(secret, StandardCharsets.UTF_8);
        Stream<String> plain =
                Stream.of(secret, url, url.replace("+", "%20"), HexFormat.of().formatHex(bytes));
        // Whatever precedes it: of each alignment the letters that the secret alone determines.
        Stream<String> encoded = Stream.of(0, 1, 2).flatMap(before -> {
            byte[] shifted = new byte[before + bytes.length];
            System.arraycopy(bytes, 0, shifted, before, bytes.length);
            int end = shifted.length / 3 * 4;
            return Stream.of(Base64.getEncoder(), Base64.getUrlEncoder())
                    .map(encoder -> encoder.encodeToString(shifted).substring(before == 0 ? 0 : 4, end));
        });
        return Stream.concat(plain, encoded);
    }
}
