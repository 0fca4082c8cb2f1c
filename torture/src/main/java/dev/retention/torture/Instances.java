package dev.retention.torture;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The processes: starts them, hears them, reads their logs. There is one in each slot at most. */
final class Instances {

    private static final Logger log = LoggerFactory.getLogger(Instances.class);

    /** Everything healed sees this much later: leases and waits are over, and nobody waits for them. */
    static final Duration AFTERWARDS = Duration.ofHours(2);

    private static final List<Odd> ODD =
            List.of(Odd.CLOCK, Odd.CLONE, Odd.POLICY, Odd.MONTHS, Odd.MAPPING, Odd.DRY_RUN, Odd.ELSEWHERE);

    private static final Duration STOPS_WITHIN = Duration.ofSeconds(15);
    private static final long WRONG_SECONDS = Duration.ofDays(91).toSeconds();

    /** Before it dies, it has got some work done. */
    private static final int ANSWERS_BEFORE = 8;

    private final World world;
    private final Journal journal;
    private final Hearing hearing;
    private final Leaks leaks = new Leaks();
    private final Path folder;
    private final Map<Integer, ChildInstance> bySlot = new ConcurrentHashMap<>();
    private final Map<Integer, ChildInstance> byNumber = new ConcurrentHashMap<>();
    private final AtomicInteger numbers = new AtomicInteger();
    private final AtomicInteger deaths = new AtomicInteger();

    Instances(World world) throws IOException {
        this.world = world;
        this.journal = world.journal;
        this.hearing = new Hearing(journal);
        this.folder = Files.createTempDirectory("torture-logs");
    }

    /** One that works under faults, with an errand where the deck has one. */
    ChildInstance startInBadTime(int slot) throws IOException {
        int number = numbers.incrementAndGet();
        List<Errand> errands = new ArrayList<>(world.deck.deal(number));
        Odd odd = world.settings.sabotage().odd();
        if (odd != Odd.NONE && number % 2 == 0) {
            errands = List.of(Errand.odd("", odd));
        } else if (errands.isEmpty() && number > world.settings.instances() && !isEnough()) {
            errands.add(atRandom());
        }
        Assignment assignment = new Assignment(
                number, slot, slot == 0 && number <= world.settings.instances() * 3, List.copyOf(errands));
        Map<String, String> given = common(assignment, isLater(slot));
        given.put("lost", "30");
        errands.forEach(errand -> give(given, errand));
        if (world.settings.sabotage() == Sabotage.IDLE_UNLIMITED) {
            given.put("stall", "claim");
        }
        return start(assignment, given);
    }

    /** Whether as many have died as the run wants; then the others work. */
    private boolean isEnough() {
        return !world.isSabotaged() && deaths() >= world.settings.kills();
    }

    /** When nothing is open any more, it goes on as it comes. */
    private Errand atRandom() {
        if (!world.isSabotaged() && world.draw.below(5) == 0) {
            return Errand.odd("", world.draw.oneOf(ODD));
        }
        List<CrashPoint> points = Stream.of(CrashPoint.values())
                .filter(point -> !point.isOutside())
                .toList();
        return Errand.dying(world.draw.oneOf(points));
    }

    private void give(Map<String, String> given, Errand errand) {
        switch (errand.by()) {
            case DYING -> {
                CrashPoint point = CrashPoint.valueOf(errand.detail());
                given.put("crash", point.name());
                given.put("hits", String.valueOf(hits(point)));
                given.put("answers", String.valueOf(point.comesWithWork() ? ANSWERS_BEFORE : 0));
            }
            case LOSING -> given.put("lose", errand.detail());
            case STALLING -> given.put("stall", errand.detail());
            case ODD -> {
                switch (Odd.valueOf(errand.detail())) {
                    case CLOCK -> {
                        boolean ours = world.isSabotaged() || world.draw.below(2) == 0;
                        boolean ahead = world.isSabotaged() || world.draw.below(2) == 0;
                        given.put(ours ? "shift" : "dbshift", String.valueOf(ahead ? WRONG_SECONDS : -WRONG_SECONDS));
                    }
                    case CLONE -> given.put("environment", "staging");
                    case POLICY -> given.put("days", "30");
                    case MONTHS -> given.put("months", "3");
                    case MAPPING -> given.put("mapping", "without-hold");
                    case DRY_RUN -> given.put("dry", "true");
                    case ELSEWHERE -> {
                        given.put("elsewhere", "true");
                        given.put("url", world.elsewhere.baseUrl().toString());
                    }
                    case SHORT_AT_TIMES -> given.put("policy", "short-at-times");
                    case NONE -> {}
                }
            }
            case FAULT, OTHERS -> throw new IllegalArgumentException("not for an instance: " + errand);
        }
    }

    /** How often it is passed before it kills: where work has to be done in between. */
    private int hits(CrashPoint point) {
        return switch (point) {
            case C10_IN_RECOVERY,
                    C12_RUN_END_NOT_COMMITTED,
                    C12_RUN_END_COMMITTED_UNSEEN,
                    C13_BEFORE_THE_SEAL,
                    C13_IN_THE_SEAL,
                    C13_SEAL_NOT_COMMITTED,
                    C13_SEAL_COMMITTED_UNSEEN -> 1;
            default -> 1 + world.draw.below(world.isBig() || world.isSabotaged() ? 20 : 3);
        };
    }

    /** Of a later version of the engine; in every second slot, so that both versions are there at any time. */
    private static boolean isLater(int slot) {
        return slot % 2 == 0;
    }

    /** One that finishes everything, two hours later. */
    ChildInstance startHealed(int slot) throws IOException {
        Assignment assignment = new Assignment(numbers.incrementAndGet(), slot, false, List.of());
        Map<String, String> given = common(assignment, true);
        given.put("shift", String.valueOf(AFTERWARDS.toSeconds()));
        given.put("dbshift", String.valueOf(AFTERWARDS.toSeconds()));
        return start(assignment, given);
    }

    private Map<String, String> common(Assignment assignment, boolean later) {
        int number = assignment.number();
        for (int account = 0; account < 3; account++) {
            String of = world.fixture.accounts.get(account);
            world.twilio.addApiKey(of, Keys.sid(number, account), Keys.secret(number, account));
            world.elsewhere.addApiKey(of, Keys.sid(number, account), Keys.secret(number, account));
        }
        Map<String, String> given = new LinkedHashMap<>();
        if (later) {
            given.put("later", "true");
        } else {
            journal.earlier(number);
        }
        given.put("name", "i" + number);
        given.put("number", String.valueOf(number));
        given.put(
                "db",
                world.server.url(world.network.toDatabase(assignment.slot()).port()));
        given.put("dialect", world.server.dialect());
        given.put(
                "url",
                "http://127.0.0.1:"
                        + world.network.toProvider(assignment.slot()).port());
        given.put("accounts", String.join(",", world.fixture.accounts));
        given.put("key", world.audit.key().toString());
        given.put("heads", world.audit.heads().toString());
        given.put("sabotage", world.settings.sabotage().name());
        given.put("maxDeletions", String.valueOf(world.settings.maxDeletions()));
        given.put("seed", String.valueOf(world.draw.below(1_000_000)));
        // A run's time must not end before its budget is used up, on however slow a machine.
        given.put("maxSeconds", "900");
        if (world.settings.inOneProcess()) {
            given.put("rest", "30");
        }
        if (world.isBig()) {
            given.put("batch", "500");
            if (number % 3 == 0) {
                given.put("maxSeconds", "60");
            }
        }
        return given;
    }

    private ChildInstance start(Assignment assignment, Map<String, String> given) throws IOException {
        if (assignment.odd().isSilent()) {
            journal.silent(assignment.number());
        }
        if (assignment.odd() == Odd.DRY_RUN) {
            journal.dry(assignment.number());
        }
        ChildInstance child = world.settings.inOneProcess()
                ? new ThreadInstance(assignment, given, world.pulse, this::heard)
                : new ProcessInstance(assignment, folder, given, this::heard);
        byNumber.put(child.number, child);
        bySlot.put(child.slot, child);
        log.debug("{} starts in slot {} for {}", child.name(), child.slot, assignment.errands());
        return child;
    }

    private void heard(ChildInstance child, String line) {
        leaks.lookAt(child.name(), line);
        if (line.startsWith("@")) {
            hearing.heard(child, line);
        }
    }

    /** After it has died. */
    void buried(ChildInstance child) {
        deaths.incrementAndGet();
        world.deck.handBack(child.number);
        journal.ended(child.number);
        bySlot.remove(child.slot, child);
        log.debug("{} is dead", child.name());
        readLog(child);
    }

    int deaths() {
        return deaths.get();
    }

    List<ChildInstance> all() {
        return List.copyOf(bySlot.values());
    }

    /** Any of those, at random; null where there is none. */
    @Nullable
    ChildInstance any(Predicate<ChildInstance> which) {
        List<ChildInstance> found = all().stream().filter(which).toList();
        return found.isEmpty() ? null : world.draw.oneOf(found);
    }

    /** One that takes commands. */
    @Nullable
    ChildInstance anyReady() {
        return any(child -> child.isReady() && !child.isOdd());
    }

    void kill(int number) {
        ChildInstance child = byNumber.get(number);
        if (child != null) {
            child.kill();
        }
    }

    void killAll() {
        byNumber.values().forEach(ChildInstance::kill);
    }

    /** Ends what still runs, and reads what it wrote. */
    void end() throws InterruptedException {
        for (ChildInstance child : all()) {
            child.kill();
            child.awaitEnd(60);
            readLog(child);
        }
        bySlot.clear();
    }

    /** Whether it ends by itself when it is told to, within the time that a machine as busy as this one needs. */
    void stop(List<ChildInstance> children) throws InterruptedException {
        children.forEach(child -> child.command(Clerk.STOP));
        for (ChildInstance child : children) {
            long starved = world.pulse.starvedNanos(STOPS_WITHIN);
            boolean ended = child.awaitEnd(STOPS_WITHIN.plusNanos(100 * starved).toSeconds());
            journal.count(ended ? "stopped" : "does not stop");
        }
    }

    /** Reads what an instance that has ended wrote, and throws it away. */
    private void readLog(ChildInstance child) {
        Path written = child.log();
        if (written == null) {
            return;
        }
        try (BufferedReader in = Files.newBufferedReader(written, StandardCharsets.ISO_8859_1)) {
            long lines = 0;
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                leaks.lookAt(child.name(), line);
                lines++;
                if (line.contains("OutOfMemoryError") || line.contains("Exception in thread")) {
                    journal.note(child.name() + " " + line);
                    journal.count("uncaught");
                }
            }
            journal.count(lines == 0 ? "empty logs" : "logs read");
        } catch (IOException e) {
            journal.note("no log of " + child.name() + ": " + e);
        }
        if (System.getProperty("torture.keep") == null) {
            written.toFile().delete();
        }
    }

    /** What must not have been written anywhere, the tables included. */
    List<String> leaks(Connection connection) throws SQLException {
        leaks.lookAt(connection);
        return leaks.found();
    }

    void deleteLogs() throws IOException {
        if (System.getProperty("torture.keep") != null) {
            log.info("logs are in {}", folder);
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Collections.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
