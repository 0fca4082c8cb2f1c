package dev.retention.torture;

import com.zaxxer.hikari.HikariDataSource;
import dev.retention.RetentionEvidence;
import dev.retention.RetentionSweeper;
import dev.retention.jpa.JpaRecordingRepository;
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
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One instance of the library, usually in a process of its own. Its settings are {@code name=value} arguments; as a
 * process, it tells on its standard output what it does, a line each that begins with {@code @}, and takes commands on
 * its standard input.
 */
final class Instance {

    /** Like a kill -9: no shutdown hook runs. */
    private static final int KILLED = 137;

    private static final int REST_MILLIS = 200;

    private final InstanceSettings settings;
    private final Telling telling;
    private final Doom doom;
    private final Saboteur saboteur;
    private final HikariDataSource pool;
    private final EntityManagerFactory factory;
    private final TwilioRecordingStorage twilio;
    private final RetentionSweeper sweeper;
    private final RetentionEvidence evidence;
    private final Clerk clerk;
    private volatile boolean stopping;

    /** @param death ends it; returns only where it is no process of its own */
    Instance(InstanceSettings settings, Telling telling, Runnable death) {
        this.settings = settings;
        this.telling = telling;
        doom = new Doom(settings, telling::tell, death);
        pool = Engine.pool(settings.text("db"), DatabaseServer.USER, DatabaseServer.PASSWORD, 8);
        saboteur = new Saboteur(settings, pool, telling);
        Ports ports = new Ports(doom, saboteur, telling);
        factory = Engine.factory(doom.around(pool), settings.text("dialect"), settings.entity());
        Clock clock = Clock.offset(Clock.systemUTC(), settings.seconds("shift", 0));
        RecordingRepository repository = ports.around(repository(true), clock);
        if (settings.sabotage().isOfEntries()) {
            saboteur.overWithoutEntries(repository(false).gate());
        }
        evidence = settings.has("warm")
                ? RetentionEvidence.builder(repository).build()
                : AuditFiles.evidence(
                        repository, Path.of(settings.text("key")), Path.of(settings.text("heads")), ports::around);
        twilio = storage();
        sweeper = RetentionSweeper.builder(repository, ports.around(twilio))
                .evidence(evidence)
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
                .maxShareFloor(InstanceSettings.MAX_SHARE_FLOOR)
                .minimumPeriod(saboteur.is(Sabotage.FLOOR_NOT_KEPT) ? Duration.ofDays(1) : Duration.ofDays(7))
                .dryRun(settings.has("dry"))
                .build();
        clerk = new Clerk(telling, repository, sweeper);
    }

    private JpaRecordingRepository repository(boolean withEvidence) {
        Duration databaseShift = settings.seconds("dbshift", 0);
        JpaRecordingRepository.Builder builder = Engine.repository(
                factory,
                settings.entity(),
                SchemaInitialization.NEVER,
                time -> time.plus(databaseShift),
                !settings.has("mapping"));
        return withEvidence ? builder.build() : builder.withoutEvidence().build();
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
                .externalMedia(looksForMedia() ? ExternalMedia.AUTO : ExternalMedia.NONE)
                .build();
    }

    private boolean looksForMedia() {
        // Elsewhere it would find out that nothing is there, and hide whether the account was identified.
        return !saboteur.is(Sabotage.NO_LOOK_UP)
                && !saboteur.is(Sabotage.MEDIA_NOT_LOOKED_AT)
                && !settings.has("elsewhere");
    }

    /** Each instance has keys of its own, so that the provider sees who asks. */
    private Optional<TwilioCredentials> credentials(int account) {
        int number = settings.number("number", 0);
        return account < 0
                ? Optional.empty()
                : Optional.of(TwilioCredentials.apiKey(Keys.sid(number, account), Keys.secret(number, account)));
    }

    public static void main(String[] args) throws IOException {
        PrintStream out = System.out;
        Telling telling = new Telling(
                line -> {
                    out.print(line + "\n");
                    out.flush();
                },
                new Pulse());
        Thread.setDefaultUncaughtExceptionHandler(Instance::uncaught);
        Instance instance = new Instance(
                new InstanceSettings(args), telling, () -> Runtime.getRuntime().halt(KILLED));
        if (instance.settings.has("warm")) {
            instance.warm();
        }
        new Thread(instance::work, "instance").start();
        instance.obey();
    }

    /** What a thread meets between the death of its process and its end is no fault. */
    private static void uncaught(Thread thread, Throwable thrown) {
        if (!(thrown instanceof Doom.Dead)) {
            System.err.println("Exception in thread \"" + thread.getName() + "\" " + thrown);
            thrown.printStackTrace();
        }
    }

    /** Loads what an instance needs, and ends. */
    private void warm() {
        twilio.lookUp(new Recording("1", "RE00000000000000000000000000000001", null, Instant.now(), Map.of()));
        twilio.close();
        System.exit(0);
    }

    /** Sweeps and recovers by turns until it is told to stop. */
    void work() {
        telling.tell("READY");
        while (!stopping) {
            // First, since an instance may die before it has finished a round.
            saboteur.now();
            try {
                telling.swept(sweeper.sweep());
            } catch (RuntimeException e) {
                failed("sweep", e);
            }
            showHead();
            rest();
            try {
                saboteur.recovering(true);
                int taken = sweeper.recover();
                if (taken > 0) {
                    telling.tell("RECOVERED " + taken);
                }
            } catch (RuntimeException e) {
                failed("recover", e);
            } finally {
                saboteur.recovering(false);
            }
            rest();
        }
    }

    /** As an auditor asks for it from time to time. */
    private void showHead() {
        try {
            evidence.checkpoint().ifPresent(telling::shown);
        } catch (RuntimeException e) {
            failed("checkpoint", e);
        }
    }

    /** What fails because it is at its end is nothing to be told. */
    private void failed(String what, RuntimeException e) {
        if (!stopping && !doom.isDead()) {
            telling.failed(what, e);
        }
    }

    private void rest() {
        try {
            Thread.sleep(settings.number("rest", REST_MILLIS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Does what a line says, or has it done soon. */
    void command(String line) {
        clerk.obey(line);
    }

    /** Ends as an application does. */
    void stop() {
        stopping = true;
        sweeper.close();
        close();
        telling.tell("STOPPED");
    }

    /** Ends without a word, from outside. */
    void die() {
        doom.die();
    }

    boolean isDead() {
        return doom.isDead();
    }

    /** Closes its connections, and no more. */
    void close() {
        clerk.close();
        twilio.close();
        factory.close();
        pool.close();
    }

    private void obey() throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        if (clerk.obey(in)) {
            stop();
            System.exit(0);
        }
        // The harness is gone.
        Runtime.getRuntime().halt(1);
    }
}
