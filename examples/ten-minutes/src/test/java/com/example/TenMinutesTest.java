package com.example;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.TenMinutesTest.Users;
import dev.retention.RetentionOperations;
import dev.retention.RetentionSweeper;
import dev.retention.SweepEnd;
import dev.retention.SweepReport;
import dev.retention.test.twilio.LoopbackTwilio;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import jakarta.persistence.EntityManagerFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetails;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT, properties = "retention.schedule.cron=-")
@Import(Users.class)
@TestMethodOrder(OrderAnnotation.class)
@DisplayName("The application of the ten minutes, on PostgreSQL")
class TenMinutesTest {

    private static final String ACCOUNT = "AC" + "0".repeat(31) + "1";
    private static final String TOKEN = "the-token";
    private static final LoopbackTwilio TWILIO = LoopbackTwilio.start().addAccount(ACCOUNT, TOKEN);
    private static final EmbeddedPostgres SERVER = server();
    private static final String PREVIEW = "{\"operation\": \"preview\"}";
    private static final String RELEASE = "{\"operation\": \"release\", \"holdId\": \"case-17\", \"by\": \"dpo\"}";

    private final HttpClient client = HttpClient.newHttpClient();

    @LocalServerPort
    private int port;

    @Autowired
    private EntityManagerFactory database;

    @TestConfiguration
    static class Users {

        @Bean
        UserDetailsService users() {
            return new InMemoryUserDetailsManager(List.of(
                    user("reader", "RETENTION_READER"),
                    user("ann", "RETENTION_OPERATOR"),
                    user("dpo", "RETENTION_DPO"),
                    user("caller", "AGENT")));
        }

        private static UserDetails user(String name, String role) {
            return User.withUsername(name).password("{noop}secret").roles(role).build();
        }
    }

    @DynamicPropertySource
    static void settings(DynamicPropertyRegistry settings) {
        settings.add("DATABASE_URL", () -> SERVER.getJdbcUrl("postgres", "postgres"));
        settings.add("DATABASE_USER", () -> "postgres");
        settings.add("DATABASE_PASSWORD", () -> "postgres");
        settings.add("OPERATOR_PASSWORD", () -> "unused");
        settings.add("TWILIO_ACCOUNT_SID", () -> ACCOUNT);
        settings.add("TWILIO_API_KEY_SID", () -> "");
        settings.add("TWILIO_API_KEY_SECRET", () -> "");
        settings.add("retention.twilio.auth-token", () -> TOKEN);
        settings.add("retention.twilio.base-url", () -> TWILIO.baseUrl().toString());
    }

    private static EmbeddedPostgres server() {
        try {
            return EmbeddedPostgres.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @AfterAll
    static void stop() throws IOException {
        TWILIO.close();
        SERVER.close();
    }

    @ParameterizedTest(name = "{0} of {1} by {2}: {3}")
    @CsvSource({
        "GET, health, , 200",
        "GET, retention, , 401",
        "POST, retention, , 401",
        "POST, retentionholds, , 401",
        "GET, retention, caller, 403",
        "POST, retention, caller, 403",
        "GET, retention, reader, 200",
        "GET, retentionholds, reader, 200",
        "POST, retention, reader, 403",
        "POST, retentionholds, reader, 403",
        "GET, retention, ann, 200",
        "POST, retention, ann, 200",
        "POST, retentionholds, ann, 403",
        "GET, retentionholds, dpo, 200",
        "POST, retentionholds, dpo, 200",
        "POST, retention, dpo, 403",
        "GET, env, ann, 404",
        "POST, shutdown, ann, 403"
    })
    void eachRoleMayDoOnlyItsOwn(String method, String endpoint, String user, int status) {
        String body = endpoint.equals("retentionholds") ? RELEASE : PREVIEW;
        assertThat(send(method, endpoint, user, body).statusCode()).isEqualTo(status);
    }

    @Test
    void aWrongPasswordIsRefused() {
        assertThat(send("POST", "retention", "ann", "wrong", PREVIEW).statusCode())
                .isEqualTo(401);
    }

    @Test
    void theReasonsOfHealthAreForThoseWithARole() {
        assertThat(send("GET", "health", null, "").body()).doesNotContain("components");
        assertThat(send("GET", "health", "caller", "").body()).doesNotContain("components");
        assertThat(send("GET", "health", "reader", "").body()).contains("\"components\"", "\"retention\"");
    }

    /** The table is still empty, which asks for attention. */
    @Test
    @Order(1)
    void attentionIsTheStatusOfTheWhole() {
        assertThat(send("GET", "health", null, "").body()).contains("\"status\":\"ATTENTION\"");
    }

    private void record(long id, Instant created) {
        CallRecording recording = new CallRecording(id, TWILIO.addRecording(ACCOUNT, created), created);
        database.runInTransaction(entities -> entities.persist(recording));
    }

    /** Steps 5 and 6 of the page. Last: the others must not see its recordings. */
    @Test
    @Order(Integer.MAX_VALUE)
    void aPersonConfirmsWhatThePreviewSaid() {
        Instant now = Instant.now();
        record(1, now.minus(Duration.ofDays(91)));
        record(2, now.minus(Duration.ofDays(89)));

        String answer = send("POST", "retention", "ann", PREVIEW).body();

        Matcher deleted =
                Pattern.compile("\"preview\":\\{.*?\"deleted\":(\\d+)").matcher(answer);
        assertThat(deleted.find()).as(answer).isTrue();
        assertThat(deleted.group(1)).isEqualTo("1");

        try (ConfigurableApplicationContext restarted = withoutDryRun()) {
            port = restarted.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
            RetentionSweeper sweeper = restarted.getBean(RetentionSweeper.class);
            assertThat(sweeper.sweep().end()).isEqualTo(SweepEnd.REFUSED);
            assertThat(TWILIO.stored(ACCOUNT)).isEqualTo(2);

            String plan =
                    restarted.getBean(RetentionOperations.class).plans().get(0).id();
            assertThat(send("GET", "retention", "reader", "").body()).contains(plan);
            String confirm = "{\"operation\": \"confirm\", \"planId\": \"%s\", \"by\": \"ann\"}";
            String confirmed =
                    send("POST", "retention", "ann", confirm.formatted(plan)).body();
            assertThat(confirmed).contains("\"changed\":true");

            SweepReport report = sweeper.sweep();
            assertThat(report.end()).isEqualTo(SweepEnd.COMPLETED);
            assertThat(report.deleted()).isEqualTo(1);
        }
        assertThat(TWILIO.stored(ACCOUNT)).isEqualTo(1);
        assertThat(deletedAt(1)).isNotNull();
        assertThat(deletedAt(2)).isNull();
    }

    /** As a job, which has no endpoints to protect. */
    @Test
    void startsWithoutAWebServer() {
        try (ConfigurableApplicationContext context = started("--spring.main.web-application-type=none")) {
            assertThat(context.getBean(RetentionSweeper.class)).isNotNull();
            assertThat(context.getBeansOfType(ActuatorSecurity.class)).isEmpty();
        }
    }

    private static ConfigurableApplicationContext withoutDryRun() {
        return started("--retention.dry-run=false");
    }

    private static ConfigurableApplicationContext started(String setting) {
        return new SpringApplicationBuilder(Application.class, Users.class)
                .run(
                        setting,
                        "--retention.schedule.cron=-",
                        "--retention.twilio.auth-token=" + TOKEN,
                        "--retention.twilio.base-url=" + TWILIO.baseUrl(),
                        "--server.port=0",
                        "--DATABASE_URL=" + SERVER.getJdbcUrl("postgres", "postgres"),
                        "--DATABASE_USER=postgres",
                        "--DATABASE_PASSWORD=postgres",
                        "--OPERATOR_PASSWORD=unused",
                        "--TWILIO_ACCOUNT_SID=" + ACCOUNT,
                        "--TWILIO_API_KEY_SID=",
                        "--TWILIO_API_KEY_SECRET=");
    }

    private Instant deletedAt(long id) {
        return database.callInTransaction(
                entities -> entities.find(CallRecording.class, id).getDeletedAt());
    }

    private HttpResponse<String> send(String method, String endpoint, String user, String body) {
        return send(method, endpoint, user, "secret", body);
    }

    private HttpResponse<String> send(String method, String endpoint, String user, String password, String body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://localhost:" + port + "/actuator/" + endpoint))
                .method(method, method.equals("GET") ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                .header("Content-Type", "application/json");
        if (user != null) {
            byte[] login = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
            request.header("Authorization", "Basic " + Base64.getEncoder().encodeToString(login));
        }
        try {
            return client.send(request.build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
