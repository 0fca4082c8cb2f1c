package com.example.plain;

import dev.retention.DeletionLedger;
import dev.retention.LegalHolds;
import dev.retention.RetentionPolicy;
import dev.retention.RetentionSweeper;
import dev.retention.SweepReport;
import dev.retention.jpa.JpaRecordingRepository;
import dev.retention.spi.RecordingRepository;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.Persistence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Sweeps a folder of recordings whose rows are in an embedded database. */
public final class PlainJavaMain {

    private PlainJavaMain() {}

    /** Runs in a new temporary folder. */
    public static void main(String[] args) throws IOException {
        run(Files.createTempDirectory("recordings"));
    }

    /** Records eight calls of different ages, holds one, sweeps, and prints what happened. */
    static SweepReport run(Path folder) throws IOException {
        LocalFolderStorage.prepare(folder);
        try (EntityManagerFactory database = Persistence.createEntityManagerFactory("calls")) {
            List<String> ids = record(database, folder, 0, 30, 89, 91, 120, 200, 365, 800);

            RecordingRepository repository = JpaRecordingRepository.builder(database, Call.class)
                    .storageKey("file")
                    .created("recordedAt")
                    .build();
            String held = ids.get(6);
            System.out.println("hold:    "
                    + LegalHolds.of(repository).place("case-17", List.of(held), "dpo@example.com", "litigation", null));

            try (RetentionSweeper sweeper = RetentionSweeper.builder(repository, new LocalFolderStorage(folder))
                    .policy(RetentionPolicy.ofDays(RetentionPolicy.RECORDING_RETENTION_DAYS))
                    .build()) {
                System.out.println("preview: " + sweeper.preview());
                SweepReport report = sweeper.sweep();
                System.out.println("sweep:   " + report);
                DeletionLedger.of(repository)
                        .find(ids.get(7))
                        .ifPresent(entry -> System.out.println("ledger:  recording " + entry.recordingId() + " of "
                                + entry.recordingCreated() + " was deleted at " + entry.deletedAt() + " under policy "
                                + entry.policy() + ": " + entry.evidence()));
                try (EntityManager entities = database.createEntityManager()) {
                    entities.createQuery("select c from Call c order by c.id", Call.class)
                            .getResultList()
                            .forEach(call -> System.out.printf(
                                    "row:     %d %-12s recorded %s deleted %s %s%n",
                                    call.getId(),
                                    call.getFile(),
                                    call.getRecordedAt(),
                                    call.getDeletedAt(),
                                    call.getDeletionReason()));
                }
                return report;
            }
        }
    }

    private static List<String> record(EntityManagerFactory database, Path folder, int... agesInDays)
            throws IOException {
        List<Call> calls = new ArrayList<>();
        for (int age : agesInDays) {
            Path file = Files.writeString(folder.resolve("call-" + age + ".wav"), "audio");
            calls.add(new Call(file.getFileName().toString(), Instant.now().minus(Duration.ofDays(age))));
        }
        database.runInTransaction(entities -> calls.forEach(entities::persist));
        return calls.stream().map(call -> String.valueOf(call.getId())).toList();
    }
}
