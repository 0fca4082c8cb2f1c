package dev.retention.torture;

import com.zaxxer.hikari.HikariDataSource;
import dev.retention.RetentionSweeper;
import dev.retention.jpa.SchemaInitialization;
import dev.retention.spi.Recording;
import dev.retention.spi.RecordingRepository;
import dev.retention.twilio.ExternalMedia;
import dev.retention.twilio.TwilioCredentials;
import dev.retention.twilio.TwilioRecordingStorage;
import jakarta.persistence.EntityManagerFactory;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One instance of the library in a process of its own. Its settings are {@code name=value} arguments; it tells on its
 * standard output what it does, a line each that begins with {@code @}, and takes commands on its standard input.
 */
final class Instance {

    private static final long REST_MILLIS = 200;

    private final InstanceSettings settings;
    private final Telling telling = new Telling();
    private final Saboteur saboteur;
    private final HikariDataSource pool;
    private final TwilioRecordingStorage twilio;
    private final RetentionSweeper sweeper;
    private final Clerk clerk;
    private volatile boolean stopping;

    private Instance(InstanceSettings settings) {
        this.settings = settings;
        Doom doom = new Doom(settings, telling::tell);
        pool = Engine.pool(settings.text("db"), DatabaseServer.USER, DatabaseServer.PASSWORD, 8);
        saboteur = new Saboteur(settings.sabotage(), pool, settings.text("url"));
        Ports ports = new Ports(doom, saboteur, telling);
        EntityManagerFactory factory = Engine.factory(doom.around(pool), settings.text("dialect"));
        Duration databaseShift = settings.seconds("dbshift", 0);
        Clock clock = Clock.offset(Clock.systemUTC(), settings.seconds("shift", 0));
        RecordingRepository repository = ports.around(
                Engine.repository(factory, SchemaInitialization.NEVER, time -> time.plus(databaseShift)), clock);
        twilio = storage();
        sweeper = RetentionSweeper.builder(repository, ports.around(twilio))
                .policy(settings.policy())
                .furtherPolicy(InstanceSettings.longPolicy())
                .clock(clock)
                .instanceName(settings.text("name"))
                .batchSize(settings.number("batch", 200))
                .maxConcurrency(settings.number("concurrency", 8))
                .maxDuration(settings.seconds("maxSeconds", 60))
                .maxDeletions((long) settings.number("maxDeletions", 400))
                .lease(InstanceSettings.LEASE)
                .retry(InstanceSettings.MAX_ATTEMPTS, Duration.ofSeconds(1), Duration.ofSeconds(4))
                .shutdownTimeout(Duration.ofSeconds(3))
                .environment(settings.text("environment", InstanceSettings.ENVIRONMENT))
                .maxShare(1)
                .build();
        clerk = new Clerk(telling, repository, sweeper);
    }

    private TwilioRecordingStorage storage() {
        List<String> accounts = List.of(settings.text("accounts").split(","));
        return TwilioRecordingStorage.builder(accounts.get(0))
                .credentials(account -> credentials(accounts.indexOf(account)))
                .baseUrl(URI.create(settings.text("url")))
                .connectTimeout(Duration.ofSeconds(1))
                .requestTimeout(InstanceSettings.REQUEST_TIMEOUT)
                .maxConcurrency(settings.number("concurrency", 8))
                // A look for media is a look-up too.
                .externalMedia(settings.sabotage() == Sabotage.NO_LOOK_UP ? ExternalMedia.NONE : ExternalMedia.AUTO)
                .build();
    }

    /** Each instance has keys of its own, so that the provider sees who asks. */
    private Optional<TwilioCredentials> credentials(int account) {
        int number = settings.number("number", 0);
        return account < 0
                ? Optional.empty()
                : Optional.of(TwilioCredentials.apiKey(Keys.sid(number, account), Keys.secret(number, account)));
    }

    public static void main(String[] args) throws IOException {
        Instance instance = new Instance(new InstanceSettings(args));
        if (instance.settings.has("warm")) {
            instance.warm();
        }
        new Thread(instance::work, "instance").start();
        instance.obey();
    }

    /** Loads what an instance needs, and ends. */
    private void warm() {
        twilio.lookUp(new Recording("1", "RE00000000000000000000000000000001", null, Instant.now(), Map.of()));
        twilio.close();
        System.exit(0);
    }

    private void work() {
        telling.tell("READY");
        while (!stopping) {
            // First, since an instance may die before it has finished a round.
            saboteur.now();
            try {
                telling.swept(sweeper.sweep());
            } catch (RuntimeException e) {
                telling.failed("sweep", e);
            }
            rest();
            try {
                int taken = sweeper.recover();
                if (taken > 0) {
                    telling.tell("RECOVERED " + taken);
                }
            } catch (RuntimeException e) {
                telling.failed("recover", e);
            }
            rest();
        }
    }

    private static void rest() {
        try {
            Thread.sleep(REST_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void obey() throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        if (clerk.obey(in)) {
            stopping = true;
            sweeper.close();
            twilio.close();
            pool.close();
            telling.tell("STOPPED");
            System.exit(0);
        }
        // The harness is gone.
        Runtime.getRuntime().halt(1);
    }
}
