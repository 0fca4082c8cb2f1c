package dev.retention.torture;

import com.zaxxer.hikari.HikariDataSource;
import dev.retention.HoldAnswer;
import dev.retention.HoldSummary;
import dev.retention.LegalHolds;
import dev.retention.RetentionOperations;
import dev.retention.RetentionPolicy;
import dev.retention.RetentionSweeper;
import dev.retention.SweepReport;
import dev.retention.jpa.SchemaInitialization;
import dev.retention.spi.Claim;
import dev.retention.spi.ClaimOutcome;
import dev.retention.spi.DatabaseIdentity;
import dev.retention.spi.DeletionGate;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.HoldRegister;
import dev.retention.spi.Recording;
import dev.retention.spi.RecordingLookup;
import dev.retention.spi.RecordingRepository;
import dev.retention.spi.SweepRuns;
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
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * One instance of the library in a process of its own. Its settings are {@code name=value} arguments; it tells on its standard output what it
 * does, a line each that begins with {@code @}, and takes commands on its standard input.
 */
final class Instance {

    static final Duration LEASE = Duration.ofSeconds(10);
    static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(2);
    static final int MAX_ATTEMPTS = 12;
    static final String ERASURE = "asked_to_be_forgotten";
    static final String ENVIRONMENT = "torture";

    static final DatabaseIdentity IDENTITY = new DatabaseIdentity("the database of the torture", false);
    static final String TARGET = "the provider of the torture";

    private final Map<String, String> settings = new HashMap<>();
    private final PrintStream out = System.out;
    private final Doom doom;
    private final Saboteur saboteur;
    private final HikariDataSource pool;
    private final RecordingRepository repository;
    private final TwilioRecordingStorage twilio;
    private final RetentionSweeper sweeper;
    private volatile boolean stopping;

    private Instance(String[] args) {
        for (String arg : args) {
            String[] parts = arg.split("=", 2);
            settings.put(parts[0], parts[1]);
        }
        String point = settings.get("crash");
        doom = new Doom(
                point == null ? null : CrashPoint.valueOf(point),
                number("hits", 1),
                number("lost", 0),
                number("seed", 0),
                this::tell);
        pool = Engine.pool(text("db"), DatabaseServer.USER, DatabaseServer.PASSWORD, 8);
        saboteur = new Saboteur(Sabotage.valueOf(settings.getOrDefault("sabotage", "NONE")), pool, text("url"));
        EntityManagerFactory factory = Engine.factory(doom.around(pool), text("dialect"));
        Duration databaseShift = Duration.ofSeconds(number("dbshift", 0));
        Clock clock = Clock.offset(Clock.systemUTC(), Duration.ofSeconds(number("shift", 0)));
        repository = around(Engine.repository(factory, SchemaInitialization.NEVER, t -> t.plus(databaseShift)), clock);
        List<String> accounts = List.of(text("accounts").split(","));
        Sabotage sabotage = Sabotage.valueOf(settings.getOrDefault("sabotage", "NONE"));
        twilio = TwilioRecordingStorage.builder(accounts.get(0))
                .credentials(account -> credentials(accounts.indexOf(account)))
                .baseUrl(URI.create(text("url")))
                .connectTimeout(Duration.ofSeconds(1))
                .requestTimeout(REQUEST_TIMEOUT)
                .maxConcurrency(number("concurrency", 8))
                // A look for media is a look-up too.
                .externalMedia(sabotage == Sabotage.NO_LOOK_UP ? ExternalMedia.NONE : ExternalMedia.AUTO)
                .build();
        RetentionPolicy policy =
                settings.containsKey("days") ? RetentionPolicy.ofDays(number("days", 0)) : policy(sabotage);
        sweeper = RetentionSweeper.builder(repository, around(twilio))
                .policy(policy)
                .furtherPolicy(longPolicy())
                .clock(clock)
                .instanceName(text("name"))
                .batchSize(number("batch", 200))
                .maxConcurrency(number("concurrency", 8))
                .maxDuration(Duration.ofSeconds(number("maxSeconds", 20)))
                .maxDeletions((long) number("maxDeletions", 400))
                .lease(LEASE)
                .retry(MAX_ATTEMPTS, Duration.ofSeconds(1), Duration.ofSeconds(4))
                .shutdownTimeout(Duration.ofSeconds(3))
                .environment(settings.getOrDefault("environment", ENVIRONMENT))
                .maxShare(1)
                .build();
    }

    static RetentionPolicy policy(Sabotage sabotage) {
        int days = (int) Fixture.PERIOD.toDays();
        return RetentionPolicy.ofDays(sabotage == Sabotage.CUTOFF_TOO_EARLY ? days - 10 : days);
    }

    static RetentionPolicy longPolicy() {
        return RetentionPolicy.ofDays(Fixture.LONG_DAYS).named("long").matching("tenant", Fixture.LONG_TENANT);
    }

    private String text(String name) {
        String value = settings.get(name);
        if (value == null) {
            throw new IllegalArgumentException("no " + name);
        }
        return value;
    }

    private int number(String name, int otherwise) {
        String value = settings.get(name);
        return value == null ? otherwise : Integer.parseInt(value);
    }

    /** Each instance has keys of its own, so that the provider knows who asks. */
    private Optional<TwilioCredentials> credentials(int account) {
        int number = number("number", 0);
        return account < 0
                ? Optional.empty()
                : Optional.of(TwilioCredentials.apiKey(Keys.sid(number, account), Keys.secret(number, account)));
    }

    public static void main(String[] args) throws IOException {
        Instance instance = new Instance(args);
        if (instance.settings.containsKey("warm")) {
            instance.warm();
        }
        Thread working = new Thread(instance::work, "instance");
        working.start();
        instance.obey();
    }

    /** Loads what an instance needs, and ends. */
    private void warm() {
        twilio.lookUp(new Recording("1", "RE00000000000000000000000000000001", null, Instant.now(), Map.of()));
        twilio.close();
        System.exit(0);
    }

    private void tell(String line) {
        synchronized (out) {
            out.print("@" + line + "\n");
            out.flush();
        }
    }

    private void work() {
        tell("READY");
        while (!stopping) {
            try {
                SweepReport report = sweeper.sweep();
                tell("SWEEP " + report.end() + " checked=" + report.checked() + " sum=" + sum(report)
                        + " withoutKey=" + report.withoutKey() + " undated=" + report.undated() + " remaining="
                        + report.remaining() + " " + report.message().replaceAll("\\s+", " "));
            } catch (RuntimeException e) {
                tell("FAILED sweep " + String.valueOf(e.getMessage()).replaceAll("\\s+", " "));
            }
            rest(200);
            try {
                int taken = sweeper.recover();
                if (taken > 0) {
                    tell("RECOVERED " + taken);
                }
            } catch (RuntimeException e) {
                tell("FAILED recover " + String.valueOf(e.getMessage()).replaceAll("\\s+", " "));
            }
            saboteur.now();
            rest(200);
        }
    }

    private static long sum(SweepReport r) {
        return r.deleted()
                + r.alreadyGone()
                + r.nothingStored()
                + r.failed()
                + r.deferred()
                + r.unproven()
                + r.quarantined()
                + r.held();
    }

    private static void rest(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void obey() throws IOException {
        ExecutorService clerk = Executors.newFixedThreadPool(2, task -> {
            Thread thread = new Thread(task, "clerk");
            thread.setDaemon(true);
            return thread;
        });
        LegalHolds holds = LegalHolds.of(repository);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] words = line.split(" ");
            switch (words[0]) {
                case "hold" -> clerk.execute(() -> hold(holds, words));
                case "release" -> clerk.execute(() -> release(holds, words));
                case "holdWhere" -> clerk.execute(() -> holdWhere(holds, words));
                case "erase" -> clerk.execute(() -> erase(words));
                case "stop" -> {
                    stopping = true;
                    sweeper.close();
                    twilio.close();
                    pool.close();
                    tell("STOPPED");
                    System.exit(0);
                }
                default -> throw new IllegalArgumentException(line);
            }
        }
        // The harness is gone.
        Runtime.getRuntime().halt(1);
    }

    private void hold(LegalHolds holds, String[] words) {
        try {
            long until = Long.parseLong(words[3]);
            Map<String, HoldAnswer> answers = holds.place(
                    words[2],
                    List.of(words[4].split(",")),
                    "dpo",
                    "litigation",
                    until == 0 ? null : Instant.ofEpochMilli(until));
            StringBuilder text = new StringBuilder();
            answers.forEach((id, answer) -> text.append(text.isEmpty() ? "" : ",")
                    .append(id)
                    .append('=')
                    .append(answer));
            tell("HOLD " + words[1] + " " + text);
        } catch (RuntimeException e) {
            tell("HOLD " + words[1] + " failed");
        }
    }

    private void holdWhere(LegalHolds holds, String[] words) {
        try {
            HoldSummary summary = holds.placeWhere(words[1], "tenant", words[2], "dpo", "litigation");
            tell("WHERE " + words[1] + " held=" + summary.held() + " late=" + summary.late() + " deleted="
                    + summary.alreadyDeleted());
        } catch (RuntimeException e) {
            tell("WHERE " + words[1] + " failed");
        }
    }

    private void erase(String[] words) {
        try {
            StringBuilder text = new StringBuilder();
            RetentionOperations.of(sweeper)
                    .erase(List.of(words[1].split(",")), "dpo", ERASURE)
                    .forEach((id, answer) -> text.append(' ').append(answer));
            tell("ERASED" + text);
        } catch (RuntimeException e) {
            tell("FAILED erase " + String.valueOf(e.getMessage()).replaceAll("\\s+", " "));
        }
    }

    private void release(LegalHolds holds, String[] words) {
        try {
            tell("RELEASE " + words[1] + " " + holds.release(words[2], "dpo"));
        } catch (RuntimeException e) {
            tell("RELEASE " + words[1] + " failed");
        }
    }

    // Around the ports

    private RecordingRepository around(RecordingRepository real, Clock clock) {
        DeletionGate gate = Interception.of(DeletionGate.class, real.gate(), this::onGate);
        HoldRegister holds = Interception.of(HoldRegister.class, real.holds(), this::onHolds);
        SweepRuns runs = Interception.of(SweepRuns.class, real.runs(), this::onRuns);
        return Interception.of(RecordingRepository.class, real, (method, args, call) -> switch (method) {
            case "gate" -> gate;
            case "holds" -> holds;
            case "runs" -> runs;
            // Each reaches the one database through a proxy, and so a port, of its own.
            case "identity" -> IDENTITY;
            case "now" ->
                saboteur.is(Sabotage.CLOCKS_NOT_COMPARED)
                        ? clock.instant().atOffset(ZoneOffset.UTC).toInstant()
                        : call.proceed(args);
            default -> call.proceed(args);
        });
    }

    private @Nullable Object onGate(String method, @Nullable Object[] args, Interception.Call call) throws Throwable {
        return switch (method) {
            case "claim" -> {
                doom.at(CrashPoint.C0_BEFORE_THE_CLAIM);
                Object result = saboteur.claim(args, with -> doom.during("claim", call, with));
                if (result instanceof DeletionGate.Claims claims
                        && !claims.claims().isEmpty()) {
                    tellClaims(claims.claims());
                    doom.at(CrashPoint.C3_CLAIMED_NOT_SENT);
                }
                yield result;
            }
            case "reclaim" -> {
                Object result = saboteur.reclaim(args, with -> doom.during("reclaim", call, with));
                if (result instanceof List<?> claims && !claims.isEmpty()) {
                    tellClaims(claims);
                    doom.at(CrashPoint.C10_IN_RECOVERY);
                }
                yield result;
            }
            case "verify" -> saboteur.verify(args, with -> doom.during("verify", call, with));
            case "giveBack" -> {
                // Said before it happens: a claim that was given back may be anybody's by the time it is over.
                Collection<?> unsent = (Collection<?>) args[0];
                if (unsent != null) {
                    for (Object claim : unsent) {
                        tell("BACK " + line((Claim) claim));
                    }
                }
                yield doom.during("giveBack", call, args);
            }
            case "record" -> {
                Collection<?> outcomes = (Collection<?>) args[0];
                boolean proven = outcomes != null
                        && outcomes.stream().anyMatch(o -> ((ClaimOutcome) o).step() == ClaimOutcome.Step.DELETED);
                if (proven) {
                    doom.at(CrashPoint.C6_ANSWERED_NOT_RECORDED);
                }
                Object result =
                        saboteur.record(args, with -> doom.during(proven ? "record" : "record-other", call, with));
                if (proven) {
                    doom.at(CrashPoint.C9_RECORDED);
                }
                yield result;
            }
            default -> call.proceed(args);
        };
    }

    private void tellClaims(List<?> claims) {
        for (Object claim : claims) {
            tell("CLAIM " + line((Claim) claim));
        }
    }

    private static String line(Claim claim) {
        return claim.runId() + " " + claim.id() + " " + claim.token() + " " + claim.attempt() + " " + claim.inDoubt()
                + " " + claim.late();
    }

    private @Nullable Object onHolds(String method, @Nullable Object[] args, Interception.Call call) throws Throwable {
        boolean changes = method.startsWith("place") || method.equals("release");
        Object result = changes ? doom.during("hold", call, args) : call.proceed(args);
        return saboteur.held(result);
    }

    private @Nullable Object onRuns(String method, @Nullable Object[] args, Interception.Call call) throws Throwable {
        return switch (method) {
            case "end" -> doom.during("end", call, args);
            case "advance" -> doom.during("advance", call, args);
            case "joinOrOpen" -> saboteur.opened(doom.during("open", call, args));
            default -> call.proceed(args);
        };
    }

    private RecordingLookup around(RecordingLookup storage) {
        return Interception.of(RecordingLookup.class, storage, (method, args, call) -> switch (method) {
            case "delete" -> tellAnswer(saboteur.delete(args, call));
            case "lookUp" -> tellAnswer(saboteur.lookUp(args, call));
            case "target" -> TARGET;
            default -> call.proceed(args);
        });
    }

    private @Nullable Object tellAnswer(@Nullable Object answer) {
        if (answer instanceof DeletionResult result) {
            tell("ANSWER " + result.kind());
        }
        return answer;
    }
}
