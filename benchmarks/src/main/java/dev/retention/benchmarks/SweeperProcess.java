package dev.retention.benchmarks;

import dev.retention.FirstRun;
import dev.retention.RetentionSweeper;
import dev.retention.SweepReport;
import dev.retention.jpa.JpaRecordingRepository;
import dev.retention.jpa.SchemaInitialization;
import dev.retention.twilio.ExternalMedia;
import dev.retention.twilio.TwilioRecordingStorage;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/**
 * A process that sweeps once, as an instance of an engine does, until the sweep or its input ends. The system
 * properties {@code headroom} and {@code permitted} are settings of the sweeper; neither is set by default. With
 * {@code liveHeap}, garbage is collected twice a second, to measure the live heap.
 */
final class SweeperProcess {

    private static final int CONNECTIONS = 10;

    private SweeperProcess() {}

    public static void main(String[] args) {
        String url = args[0];
        URI provider = URI.create(args[1]);
        int concurrency = Integer.parseInt(args[2]);
        int batchSize = Integer.parseInt(args[3]);
        boolean profiled = Boolean.parseBoolean(args[4]);
        Instant fireTime = Instant.parse(args[5]);
        long most = Long.parseLong(args[6]);
        Statements statements = new Statements();
        try (Engine engine = new Engine(url, CONNECTIONS, profiled ? statements : null);
                TwilioRecordingStorage storage = TwilioRecordingStorage.builder(Sids.ACCOUNT)
                        .authToken(Sids.TOKEN)
                        .baseUrl(provider)
                        .maxConcurrency(concurrency)
                        .externalMedia(ExternalMedia.valueOf(System.getProperty("externalMedia", "AUTO")))
                        .build()) {
            JpaRecordingRepository repository = JpaRecordingRepository.builder(engine.factory, Call.class)
                    .initializeSchema(SchemaInitialization.ALWAYS)
                    .build();
            try (RetentionSweeper sweeper = RetentionSweeper.builder(repository, storage)
                    .firstRun(FirstRun.TRUST)
                    .maxShare(1)
                    .maxDuration(Duration.ofHours(10))
                    .maxDeletions(most == 0 ? null : most)
                    .maxConcurrency(concurrency)
                    .headroom(Double.parseDouble(System.getProperty("headroom", "0")))
                    .permittedConcurrency(Integer.getInteger("permitted"))
                    .batchSize(batchSize)
                    .build()) {
                stopAtEndOfInput(sweeper);
                long before = statements.total();
                long began = System.nanoTime();
                try (Measured.Sampler sampler =
                        new Measured.Sampler(Thread.currentThread(), profiled, Boolean.getBoolean("liveHeap"))) {
                    SweepReport report = sweeper.sweep(fireTime);
                    Measured.tell("sweepMillis", (System.nanoTime() - began) / 1_000_000);
                    Measured.tell("report", report);
                    Measured.tell("deleted", report.deleted());
                    Measured.tell("quarantined", report.quarantined());
                    Measured.tell("end", report.end());
                    Measured.tell("statements", statements.total() - before);
                    for (Map.Entry<String, Long> place : sampler.places().entrySet()) {
                        Measured.tell("place." + place.getKey(), place.getValue());
                    }
                }
                for (Statements.Sent sent : statements.sent()) {
                    Measured.tell(
                            "sql." + sent.sql().replaceAll("\\s+", " ").replace('=', '≡'),
                            sent.times() + "," + sent.rows() + "," + sent.micros());
                }
            }
        }
        Measured.tellProcess();
        System.exit(0);
    }

    private static void stopAtEndOfInput(RetentionSweeper sweeper) {
        Thread thread = new Thread(
                () -> {
                    try {
                        while (System.in.read() >= 0) {
                            continue;
                        }
                        sweeper.close();
                    } catch (IOException e) {
                        sweeper.close();
                    }
                },
                "end-of-input");
        thread.setDaemon(true);
        thread.start();
    }
}
