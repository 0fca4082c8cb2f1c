package dev.retention.jpa;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.retention.HoldAnswer;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.DueCriteria.Rule;
import dev.retention.spi.RecordingRepository;
import jakarta.persistence.EntityManagerFactory;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A creation time of 0000-00-00, which MariaDB stores for a mistake, is none. */
class ZeroDateTest {

    private static final Instant NOW = Instant.parse("2026-11-22T03:00:00Z");

    @Test
    void isUndatedAndNamedAndKept() throws Exception {
        try (HikariDataSource dataSource = TestDatabase.MARIADB.create(
                        "zero" + UUID.randomUUID().toString().replace("-", ""), "TRANSACTION_READ_COMMITTED");
                EntityManagerFactory factory =
                        Engine.factory(TestDatabase.MARIADB, dataSource, "create", VoiceRecording.class)) {
            RecordingRepository repository = JpaRecordingRepository.builder(factory, VoiceRecording.class)
                    .initializeSchema(SchemaInitialization.ALWAYS)
                    .build();
            try (Connection connection = dataSource.getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute("set sql_mode = ''");
                statement.execute("insert into voice_recording (id, twilio_recording_sid, created_at) values"
                        + " (1, 'RE1', '0000-00-00 00:00:00'), (2, 'RE2', '2020-01-01 00:00:00')");
            }
            DueCriteria criteria =
                    new DueCriteria(NOW, List.of(), new Rule("90d", Map.of(), NOW.minus(Duration.ofDays(90))));

            assertThat(repository.recordings().count(criteria).undated()).isEqualTo(1);
            assertThat(repository.recordings().count(criteria).due()).isEqualTo(1);
            assertThat(repository.recordings().incomplete(criteria, 10).undated())
                    .containsExactly("1");
            assertThat(repository.recordings().page(criteria, null, 10).candidates())
                    .extracting(row -> row.id())
                    .containsExactly("2");
            assertThat(repository.recordings().withoutCreationTime(List.of("1", "2")))
                    .containsExactly("1");
            assertThat(repository.holds().place("case", List.of("1"), "dpo", "dispute", null, repository.now()))
                    .containsEntry("1", HoldAnswer.HELD);
        }
    }
}
