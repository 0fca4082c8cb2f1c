package com.example.twilio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.retention.RetentionOperations;
import dev.retention.RetentionSweeper;
import dev.retention.SweepEnd;
import dev.retention.SweepPlan;
import dev.retention.SweepReport;
import dev.retention.test.twilio.LoopbackTwilio;
import dev.retention.twilio.TwilioRecordingStorage;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A program without Spring Boot's versions")
class PlainTwilioMainTest {

    private static final String ACCOUNT = "AC" + "0".repeat(31) + "1";
    private static final String TOKEN = "token-of-the-account";
    private static final Pattern JAR = Pattern.compile("(jackson|httpcore5)[a-z0-9-]*?-(\\d+\\.\\d+)[.\\d]*\\.jar");

    @Test
    void deletesAtTwilioWhatIsDue() throws IOException {
        try (EmbeddedPostgres server = EmbeddedPostgres.start();
                LoopbackTwilio twilio = LoopbackTwilio.start();
                EntityManagerFactory database =
                        PlainTwilioMain.database(server.getJdbcUrl("postgres", "postgres") + "&password=postgres")) {
            twilio.addAccount(ACCOUNT, TOKEN);
            Call due = call(database, twilio, 91);
            Call young = call(database, twilio, 89);

            SweepReport report;
            try (RetentionSweeper sweeper = PlainTwilioMain.sweeper(
                    database,
                    TwilioRecordingStorage.builder(ACCOUNT)
                            .authToken(TOKEN)
                            .baseUrl(twilio.baseUrl())
                            .build())) {
                assertThat(sweeper.sweep().end()).isEqualTo(SweepEnd.REFUSED);
                RetentionOperations operations = RetentionOperations.of(sweeper);
                SweepPlan plan = operations.plans().get(0);
                assertThat(operations.confirm(plan.id(), "ann@example.com")).isTrue();
                report = sweeper.sweep();
            }

            assertThat(report.end()).isEqualTo(SweepEnd.COMPLETED);
            assertThat(report.deleted()).isEqualTo(1);
            assertThat(twilio.recording(young.getTwilioRecordingSid())).isPresent();
            assertThat(twilio.stored(ACCOUNT)).isEqualTo(1);
            try (EntityManager entities = database.createEntityManager()) {
                List<Call> marked = entities.createQuery("from Call where deletedAt is not null", Call.class)
                        .getResultList();
                assertThat(marked)
                        .extracting(Call::getTwilioRecordingSid, Call::getDeletionReason)
                        .containsExactly(tuple(due.getTwilioRecordingSid(), "retention_policy"));
            }
        }
    }

    /** Parts of one library that were not made for each other fail at run time only. */
    @Test
    void getsPartsOfOneLibraryInOneVersion() {
        Map<String, Set<String>> versions = new TreeMap<>();
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> String.valueOf(Path.of(entry).getFileName()))
                .map(JAR::matcher)
                .filter(Matcher::matches)
                .forEach(jar -> versions.computeIfAbsent(jar.group(1), library -> new TreeSet<>())
                        .add(jar.group(2)));

        assertThat(versions).containsOnlyKeys("httpcore5", "jackson");
        assertThat(versions).allSatisfy((library, found) -> assertThat(found).hasSize(1));
    }

    private static Call call(EntityManagerFactory database, LoopbackTwilio twilio, int ageInDays) {
        Instant created = Instant.now().minus(Duration.ofDays(ageInDays));
        Call call = new Call(twilio.addRecording(ACCOUNT, created), created);
        database.runInTransaction(entities -> entities.persist(call));
        return call;
    }
}
