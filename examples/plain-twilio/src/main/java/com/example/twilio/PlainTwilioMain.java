package com.example.twilio;

import dev.retention.RetentionPolicy;
import dev.retention.RetentionSweeper;
import dev.retention.SweepEnd;
import dev.retention.SweepReport;
import dev.retention.jpa.JpaRecordingRepository;
import dev.retention.jpa.SchemaInitialization;
import dev.retention.spi.RecordingRepository;
import dev.retention.twilio.TwilioRecordingStorage;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.Persistence;
import java.util.Map;

/**
 * Sweeps once, for example each night from cron. The first sweep is refused, and its message says how to confirm it.
 * The exit status is 0 only if the sweep was completed.
 */
public final class PlainTwilioMain {

    private PlainTwilioMain() {}

    /**
     * Reads {@code DATABASE_URL} (a JDBC URL), {@code TWILIO_ACCOUNT_SID}, {@code TWILIO_API_KEY_SID} and
     * {@code TWILIO_API_KEY_SECRET} from the environment.
     */
    public static void main(String[] args) {
        TwilioRecordingStorage storage = TwilioRecordingStorage.builder(setting("TWILIO_ACCOUNT_SID"))
                .apiKey(setting("TWILIO_API_KEY_SID"), setting("TWILIO_API_KEY_SECRET"))
                .build();
        SweepReport report;
        try (EntityManagerFactory database = database(setting("DATABASE_URL"));
                RetentionSweeper sweeper = sweeper(database, storage)) {
            report = sweeper.sweep();
        }
        System.out.println(report);
        if (report.end() != SweepEnd.COMPLETED) {
            System.exit(1);
        }
    }

    static EntityManagerFactory database(String url) {
        return Persistence.createEntityManagerFactory("calls", Map.of("jakarta.persistence.jdbc.url", url));
    }

    static RetentionSweeper sweeper(EntityManagerFactory database, TwilioRecordingStorage storage) {
        RecordingRepository repository = JpaRecordingRepository.builder(database, Call.class)
                .initializeSchema(SchemaInitialization.ALWAYS)
                .build();
        return RetentionSweeper.builder(repository, storage)
                .policy(RetentionPolicy.ofDays(90))
                .build();
    }

    private static String setting(String name) {
        String value = System.getenv(name);
        if (value == null || value.isBlank()) {
            throw new IllegalArgumentException("set the environment variable " + name);
        }
        return value;
    }
}
