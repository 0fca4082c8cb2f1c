package com.example.voice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.DeletionLedger;
import dev.retention.RetentionSweeper;
import dev.retention.SweepEnd;
import dev.retention.SweepReport;
import dev.retention.test.twilio.LoopbackTwilio;
import jakarta.persistence.EntityManager;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

@SpringBootTest(properties = {"spring.main.keep-alive=false", "retention.schedule.cron=-"})
@DisplayName("The voice engine with its own settings")
class VoiceEngineTest {

    private static final String ACCOUNT = "AC00000000000000000000000000000001";
    private static final String TOKEN = "the-token";
    private static final LoopbackTwilio TWILIO = LoopbackTwilio.start().addAccount(ACCOUNT, TOKEN);

    @Autowired
    private EntityManager entities;

    @Autowired
    private PlatformTransactionManager transactions;

    @Autowired
    private RetentionSweeper sweeper;

    @Autowired
    private DeletionLedger ledger;

    @DynamicPropertySource
    static void twilio(DynamicPropertyRegistry properties) {
        properties.add("retention.twilio.account-sid", () -> ACCOUNT);
        properties.add("retention.twilio.auth-token", () -> TOKEN);
        properties.add("retention.twilio.base-url", () -> TWILIO.baseUrl().toString());
    }

    @AfterAll
    static void stop() {
        TWILIO.close();
    }

    private CallRecording recorded(Duration age, String queue) {
        Instant created = Instant.now().minus(age);
        return new CallRecording(
                TWILIO.addRecording(ACCOUNT, created),
                LocalDateTime.ofInstant(created, ZoneId.of("Europe/Berlin")),
                queue,
                30);
    }

    @Test
    void deletesExactlyWhatIsDue() {
        List<CallRecording> due = Stream.generate(() -> recorded(Duration.ofDays(91), "support"))
                .limit(40)
                .toList();
        List<CallRecording> kept = List.of(
                recorded(Duration.ofDays(90).minusHours(1), "support"),
                recorded(Duration.ofDays(91), "payments"),
                recorded(Duration.ofDays(91), "support").freeze(),
                recorded(Duration.ofDays(91), "support")
                        .keepUntil(LocalDateTime.now(ZoneId.of("Europe/Berlin")).plusDays(1)));
        new TransactionTemplate(transactions).executeWithoutResult(status -> {
            due.forEach(entities::persist);
            kept.forEach(entities::persist);
        });

        SweepReport report = sweeper.sweep();

        assertThat(report.end()).isEqualTo(SweepEnd.COMPLETED);
        assertThat(Map.of("deleted", report.deleted(), "held", report.held(), "checked", report.checked()))
                .isEqualTo(Map.of("deleted", 40L, "held", 1L, "checked", 41L));
        assertThat(report.audioFreed()).isEqualTo(Duration.ofSeconds(40 * 30));
        assertThat(TWILIO.stored(ACCOUNT)).isEqualTo(kept.size());
        List<CallRecording> rows = entities.createQuery("select r from CallRecording r", CallRecording.class)
                .getResultList();
        assertThat(rows).hasSize(44);
        assertThat(rows.stream().filter(row -> row.getRemovedAt() != null))
                .allMatch(row -> "retention_policy".equals(row.getRemovalReason()))
                .extracting(CallRecording::getCallId)
                .containsExactlyInAnyOrderElementsOf(
                        due.stream().map(CallRecording::getCallId).toList());
        assertThat(ledger.find(due.get(0).getCallId().toString()).orElseThrow().evidence())
                .contains("204");
    }
}
