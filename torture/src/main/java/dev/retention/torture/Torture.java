package dev.retention.torture;

import com.zaxxer.hikari.HikariDataSource;
import dev.retention.RetentionException;
import dev.retention.test.twilio.LoopbackTwilio;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run: sets everything up, lets it suffer, heals it, waits until all is done, and has it checked. */
final class Torture {

    private static final Logger log = LoggerFactory.getLogger(Torture.class);

    /** Everything healed sees this much later: leases and waits are over, and nobody waits for them. */
    private static final Duration AFTERWARDS = Duration.ofHours(2);

    private static final long FREEZE_MILLIS = Instance.LEASE.toMillis() + 2_000;

    private final TortureSettings settings;
    private final Random random;
    private final Journal journal = new Journal();
    private final HarnessClock clock = new HarnessClock();
    private final Fixture fixture;
    private final ProviderFaults faults;
    private final Auditor auditor;
    private final Path folder;
    private final Map<Integer, ChildInstance> children = new ConcurrentHashMap<>();
    private final ChildInstance[] slots;
    private final TcpProxy[] toProvider;
    private final TcpProxy[] toDatabase;
    private final AtomicInteger numbers = new AtomicInteger();
    private final AtomicInteger holdNumbers = new AtomicInteger();
    private final AtomicInteger deaths = new AtomicInteger();
    private final List<String> leaks = new CopyOnWriteArrayList<>();
    /** Crash points that instances were started with lately. */
    private final Deque<CrashPoint> points = new ArrayDeque<>();

    private volatile boolean suffering;
    private volatile @Nullable String lastSweep;

    private final DatabaseServer server;
    private final HikariDataSource direct;
    private final LoopbackTwilio twilio;
    private final Provider provider;
    private @Nullable Desk desk;
    private final List<Thread> actors = new ArrayList<>();

    Torture(TortureSettings settings) throws IOException {
        Launch.prepared();
        this.settings = settings;
        random = new Random(settings.seed());
        fixture = new Fixture(settings.seed(), settings.recordings());
        faults = new ProviderFaults(settings.seed(), settings.share());
        auditor = new Auditor(fixture, journal);
        folder = Files.createTempDirectory("torture-logs");
        slots = new ChildInstance[settings.instances()];
        toProvider = new TcpProxy[settings.instances()];
        toDatabase = new TcpProxy[settings.instances()];
        server = DatabaseServer.start(settings.kind());
        direct = Engine.pool(server.url(server.port()), DatabaseServer.USER, DatabaseServer.PASSWORD, 12);
        twilio = LoopbackTwilio.start(clock);
        provider = new Provider(journal, fixture, faults, direct, clock, this::killByRequest);
    }

    TortureResult run() throws Exception {
        long began = System.nanoTime();
        log.info("seed={} {}", settings.seed(), settings);
        String neighbours;
        try {
            prepare();
            try (Connection connection = direct.getConnection()) {
                neighbours = Fixture.neighbours(connection);
            }
            suffer();
            if (settings.sabotage() == Sabotage.NONE || !isCaught()) {
                heal();
            }
            return judge(began, neighbours);
        } finally {
            children.values().forEach(ChildInstance::kill);
            if (desk != null) {
                desk.close();
            }
            twilio.close();
            direct.close();
            for (int i = 0; i < slots.length; i++) {
                toProvider[i].close();
                toDatabase[i].close();
            }
            server.close();
            if (System.getProperty("torture.keep") == null) {
                deleteFolder();
            } else {
                log.info("logs are in {}", folder);
            }
        }
    }

    private void deleteFolder() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Collections.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    private void prepare() throws SQLException {
        fixture.insert(server);
        fixture.fill(twilio);
        twilio.observe(provider);
        for (int i = 0; i < slots.length; i++) {
            toProvider[i] = new TcpProxy(twilio.baseUrl().getPort());
            toDatabase[i] = new TcpProxy(server.port());
        }
        desk = new Desk(fixture, journal, direct, server, twilio, clock, settings.sabotage());
        desk.confirmFirstSweep();
    }

    /** One that has not happened yet, if there is one; the others as it comes. */
    private CrashPoint nextPoint() {
        List<CrashPoint> all = new ArrayList<>(List.of(CrashPoint.values()));
        all.removeIf(CrashPoint::isOutside);
        List<CrashPoint> open = new ArrayList<>(all);
        open.removeIf(point -> journal.counted("crash " + point) > 0 || points.contains(point));
        List<CrashPoint> from = open.isEmpty() ? all : open;
        CrashPoint chosen = from.get(random.nextInt(from.size()));
        points.add(chosen);
        if (points.size() > settings.instances()) {
            points.poll();
        }
        return chosen;
    }

    /** How often it is passed before it kills: work has to be done in between. */
    private int hits(CrashPoint point) {
        return switch (point) {
            case C10_IN_RECOVERY, C12_RUN_END_NOT_COMMITTED, C12_RUN_END_COMMITTED_UNSEEN -> 1;
            case C11_HOLD_NOT_COMMITTED, C11_HOLD_COMMITTED_UNSEEN -> 5 + random.nextInt(40);
            default ->
                1 + random.nextInt(settings.recordings() > 20_000 || settings.sabotage() != Sabotage.NONE ? 20 : 4);
        };
    }

    // Instances

    private ChildInstance start(int slot, boolean afterwards) throws IOException {
        int number = numbers.incrementAndGet();
        for (int account = 0; account < 3; account++) {
            twilio.addApiKey(fixture.accounts.get(account), Keys.sid(number, account), Keys.secret(number, account));
        }
        Map<String, String> given = new LinkedHashMap<>();
        given.put("name", "i" + number);
        given.put("number", String.valueOf(number));
        given.put("db", server.url(toDatabase[slot].port()));
        given.put("dialect", server.dialect());
        given.put("url", "http://127.0.0.1:" + toProvider[slot].port());
        given.put("accounts", String.join(",", fixture.accounts));
        given.put("sabotage", settings.sabotage().name());
        given.put("maxDeletions", String.valueOf(settings.maxDeletions()));
        Odd odd = Odd.NONE;
        synchronized (random) {
            given.put("seed", String.valueOf(random.nextInt(1_000_000)));
            if (afterwards) {
                given.put("shift", String.valueOf(AFTERWARDS.toSeconds()));
                given.put("dbshift", String.valueOf(AFTERWARDS.toSeconds()));
            } else {
                given.put("lost", "30");
                odd = odd(number);
                if (settings.sabotage() == Sabotage.CLOCKS_NOT_COMPARED && number % 2 == 0) {
                    odd = Odd.CLOCK;
                    given.put("shift", String.valueOf(91 * 86_400));
                } else if (odd == Odd.CLOCK) {
                    long days = random.nextBoolean() ? 91 : -91;
                    given.put(random.nextBoolean() ? "shift" : "dbshift", String.valueOf(days * 86_400));
                } else if (odd == Odd.CLONE) {
                    given.put("environment", "staging");
                } else if (odd == Odd.POLICY) {
                    given.put("days", "30");
                } else if (number > settings.instances() / 2) {
                    CrashPoint point = nextPoint();
                    given.put("crash", point.name());
                    given.put("hits", String.valueOf(hits(point)));
                }
            }
        }
        if (settings.recordings() > 20_000) {
            given.put("batch", "500");
            given.put("maxSeconds", "60");
        }
        if (odd.isSilent()) {
            journal.shifted(number);
        }
        ChildInstance child = new ChildInstance(
                number, slot, odd, slot == 0 && number <= settings.instances() * 3, folder, given, this::heard);
        children.put(number, child);
        slots[slot] = child;
        log.debug("{} starts in slot {} crash={} odd={}", child.name(), slot, given.get("crash"), odd);
        return child;
    }

    /** Now and then one that must do nothing, for a short time; each kind comes early once. */
    private Odd odd(int number) {
        int since = number - settings.instances();
        return since > 0 && since % 4 == 0 ? Odd.values()[1 + since / 4 % (Odd.values().length - 1)] : Odd.NONE;
    }

    private void heard(ChildInstance child, String line) {
        leakIn(child, line);
        if (!line.startsWith("@")) {
            return;
        }
        if (!line.startsWith("@CLAIM") && !line.startsWith("@BACK") && !line.startsWith("@ANSWER")) {
            log.debug("{} {}", child.name(), line);
        }
        String[] words = line.substring(1).split(" ", 3);
        String rest = words.length > 2 ? words[1] + " " + words[2] : words.length > 1 ? words[1] : "";
        switch (words[0]) {
            case "CLAIM", "BACK" -> {
                String[] claim = rest.split(" ");
                Journal.Claimed noted = new Journal.Claimed(
                        journal.next(), child.number, claim[0], claim[1], claim[2], Integer.parseInt(claim[3]));
                if (words[0].equals("CLAIM")) {
                    journal.claimed(noted);
                    if (noted.attempt() > 1) {
                        journal.count("taken up again");
                    }
                } else {
                    journal.givenBack(noted);
                    journal.count("given back");
                }
            }
            case "CRASH" -> journal.count("crash " + rest);
            case "LOST" -> journal.count("commit answer lost: " + rest);
            case "ANSWER" -> journal.count("answer " + rest);
            case "SWEEP" -> {
                journal.swept(line.substring(1));
                journal.count("run " + words[1]);
                child.swept();
                if (words[1].equals("REFUSED")) {
                    journal.count("brake " + child.odd);
                }
                lastSweep = line;
            }
            case "RECOVERED" -> journal.count("recovered");
            case "FAILED" -> {
                journal.count("failed " + words[1]);
                journal.note(child.name() + " " + line);
            }
            case "HOLD" -> holdAnswered(words);
            case "WHERE" -> tenantHeld(words);
            case "ERASED" -> {
                for (String answer : rest.split(" ")) {
                    journal.count("erase " + answer);
                }
            }
            default -> {}
        }
    }

    private void holdAnswered(String[] words) {
        Journal.Hold hold = journal.hold(words[1]);
        if (hold == null || words[2].equals("failed")) {
            journal.count("hold failed");
            return;
        }
        synchronized (hold) {
            hold.answerSeq = journal.next();
            hold.answerMillis = clock.millis();
            for (String pair : words[2].split(",")) {
                String[] parts = pair.split("=");
                hold.answers.put(parts[0], parts[1]);
                journal.count("hold " + parts[1]);
            }
        }
    }

    /** How many are held and how many late is all that is said; so nothing new may start for any of them. */
    private void tenantHeld(String[] words) {
        Journal.Hold hold = journal.hold(words[1]);
        if (hold == null || words[2].equals("failed")) {
            journal.count("hold by attribute failed");
            return;
        }
        synchronized (hold) {
            if (hold.answerSeq == 0) {
                hold.answerSeq = journal.next();
                hold.answerMillis = clock.millis();
                hold.ids.forEach(id -> hold.answers.put(id, "LATE"));
                journal.count("hold by attribute");
                journal.note("hold by attribute: " + words[2]);
            }
        }
    }

    private void leakIn(ChildInstance child, String line) {
        String found = Secrets.in(line);
        if (found != null && leaks.size() < 20) {
            leaks.add(child.name() + " wrote " + found + ": " + line.substring(0, Math.min(300, line.length())));
        }
    }

    /** Reads what an instance that has ended wrote, and throws it away. */
    private void readLog(ChildInstance child) {
        try (BufferedReader in = Files.newBufferedReader(child.log(), StandardCharsets.ISO_8859_1)) {
            long lines = 0;
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                leakIn(child, line);
                lines++;
                if (line.contains("OutOfMemoryError") || line.contains("Exception in thread")) {
                    journal.note(child.name() + " " + line);
                    journal.count("uncaught");
                }
            }
            journal.count("logs read");
            if (lines == 0) {
                journal.count("empty logs");
            }
        } catch (IOException e) {
            journal.note("no log of " + child.name() + ": " + e);
        }
        if (System.getProperty("torture.keep") == null) {
            child.log().toFile().delete();
        }
    }

    private void killByRequest(int number) {
        ChildInstance child = children.get(number);
        if (child != null) {
            child.kill();
        }
    }

    private @Nullable ChildInstance anyReady() {
        List<ChildInstance> ready = new ArrayList<>();
        for (ChildInstance child : slots) {
            if (child != null && child.isReady() && !child.isOdd()) {
                ready.add(child);
            }
        }
        synchronized (random) {
            return ready.isEmpty() ? null : ready.get(random.nextInt(ready.size()));
        }
    }

    private int draw(int bound) {
        synchronized (random) {
            return random.nextInt(bound);
        }
    }

    // The bad time

    private void suffer() throws Exception {
        suffering = true;
        for (int slot = 0; slot < slots.length; slot++) {
            int keep = slot;
            actor("keeper-" + slot, () -> keep(keep));
        }
        actor("holds", this::placeHolds);
        actor("disturbance", this::disturb);
        actor("late", this::applyLate);
        actor("outside", this::crashOnRequests);
        actor("pause", this::pauseOnce);
        actor("tenant", this::holdTenant);
        actor("erasures", this::erase);
        actor("audit", this::audit);
        if (settings.restarts() > 0) {
            actor("restarts", this::restartDatabase);
        }
        long least = System.nanoTime() + settings.faults().toNanos();
        long most = System.nanoTime() + settings.atMost().toNanos();
        long shown = System.nanoTime();
        while (System.nanoTime() < most && (System.nanoTime() < least || !hadEnough())) {
            Thread.sleep(250);
            if (settings.sabotage() != Sabotage.NONE && isCaught()) {
                break;
            }
            if (System.nanoTime() - shown > Duration.ofSeconds(30).toNanos()) {
                shown = System.nanoTime();
                log.info("deaths={} requests={} {}", deaths, journal.requests().size(), progress());
            }
        }
        suffering = false;
        for (Thread actor : actors) {
            actor.join(60_000);
            if (actor.isAlive()) {
                throw new IllegalStateException(actor.getName() + " does not end");
            }
        }
    }

    /** Whether what the provider saw is enough to fail the run. */
    private boolean isCaught() {
        Checker checker =
                new Checker(fixture, journal, twilio, new Dump(Map.of(), Map.of(), Map.of()), settings.maxDeletions());
        checker.checkRequests();
        return !checker.violations().isEmpty();
    }

    private String progress() {
        try (Connection connection = direct.getConnection();
                Statement statement = connection.createStatement();
                var rows = statement.executeQuery("select state, count(*) from retention_deletion group by state")) {
            StringBuilder text = new StringBuilder();
            while (rows.next()) {
                text.append(rows.getString(1))
                        .append('=')
                        .append(rows.getLong(2))
                        .append(' ');
            }
            return text.toString();
        } catch (SQLException e) {
            return "database away";
        }
    }

    private boolean hadEnough() {
        if (settings.sabotage() != Sabotage.NONE) {
            return journal.size() > 900;
        }
        return deaths.get() >= settings.kills()
                && journal.size() > settings.recordings() / 3
                && journal.counted("database restart") >= settings.restarts()
                && (!settings.gate() || Coverage.missingSoFar(journal).isEmpty());
    }

    private interface Act {
        void run() throws Exception;
    }

    private void actor(String name, Act act) {
        Thread thread = new Thread(
                () -> {
                    try {
                        act.run();
                    } catch (Exception e) {
                        journal.note("actor " + name + " failed: " + e);
                        log.error("actor {} failed", name, e);
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
        actors.add(thread);
    }

    /** Sleeps in pieces, so that the end of the bad time is seen. */
    private boolean sleep(long millis) throws InterruptedException {
        long until = System.nanoTime() + millis * 1_000_000;
        while (suffering && System.nanoTime() < until) {
            Thread.sleep(Math.min(50, Math.max(1, millis)));
        }
        return suffering;
    }

    private void keep(int slot) throws Exception {
        while (suffering) {
            ChildInstance child = start(slot, false);
            long ready = 0;
            while (suffering && child.isAlive()) {
                Thread.sleep(20);
                if (child.isOdd() && child.isReady()) {
                    ready = ready == 0 ? System.nanoTime() : ready;
                    long lived = System.nanoTime() - ready;
                    // Long enough to be refused, and to show that nothing else happens.
                    boolean seen =
                            child.hasSwept() && lived > Duration.ofSeconds(2).toNanos();
                    if (seen && settings.sabotage() == Sabotage.NONE
                            || lived > Duration.ofSeconds(20).toNanos()) {
                        child.kill();
                    }
                }
            }
            if (!suffering) {
                return;
            }
            child.awaitEnd(5);
            deaths.incrementAndGet();
            log.debug("{} is dead", child.name());
            readLog(child);
            sleep(50 + draw(200));
        }
    }

    private void placeHolds() throws InterruptedException {
        List<Fixture.Row> candidates = fixture.rows.stream()
                .filter(row -> row.nature() == Fixture.Nature.DUE
                        || row.nature() == Fixture.Nature.DUE_WITHOUT_ACCOUNT
                        || row.nature() == Fixture.Nature.YOUNG)
                .toList();
        List<Journal.Hold> standing = new ArrayList<>();
        // Recordings that were sent lately are the ones in the door.
        while (sleep(40)) {
            ChildInstance child = anyReady();
            if (child == null) {
                continue;
            }
            if (standing.size() > 30 || !standing.isEmpty() && draw(3) == 0) {
                Journal.Hold hold = standing.remove(draw(standing.size()));
                release(child, hold);
                continue;
            }
            List<String> ids = new ArrayList<>();
            Journal.Claimed recent = draw(2) == 0 ? recentClaim() : null;
            if (recent != null) {
                Fixture.Row row = fixture.byId.get(Long.valueOf(recent.id()));
                if (row != null && row.nature() != Fixture.Nature.TWIN) {
                    ids.add(recent.id());
                }
            }
            while (ids.isEmpty() || draw(3) == 0) {
                String id = candidates.get(draw(candidates.size())).key();
                if (!ids.contains(id)) {
                    ids.add(id);
                }
            }
            long until = draw(10) == 0 ? System.currentTimeMillis() + 6_000 : 0;
            String holdId = "hold-" + holdNumbers.incrementAndGet();
            Journal.Hold hold = new Journal.Hold(journal.next(), holdId, ids, until);
            journal.add(hold);
            if (child.command("hold " + holdId + " " + holdId + " " + until + " " + String.join(",", ids))) {
                standing.add(hold);
            }
        }
    }

    private Journal.@Nullable Claimed recentClaim() {
        List<Journal.Claimed> claims = journal.lastClaims(20);
        return claims.isEmpty() ? null : claims.get(draw(claims.size()));
    }

    private void release(ChildInstance child, Journal.Hold hold) {
        hold.released(journal.next());
        child.command("release " + hold.holdId + " " + hold.holdId);
    }

    private void disturb() throws Exception {
        int freezes = 0;
        long began = System.nanoTime();
        while (sleep(settings.recordings() > 20_000 ? 2_500 : 1_500)) {
            ChildInstance child = anyReady();
            if (child == null || !child.isSettled()) {
                continue;
            }
            TcpProxy database = toDatabase[child.slot];
            TcpProxy network = toProvider[child.slot];
            // The first freeze comes for certain, the others one a minute.
            long seconds = (System.nanoTime() - began) / 1_000_000_000L;
            if (settings.sabotage() != Sabotage.NONE) {
                sleep(4_000);
                // What is not itself is excused for a while, and the point here is to catch.
                database.cutNextCommit();
                continue;
            }
            if (freezes <= (seconds - 10) / 60 && seconds >= 10) {
                freezes++;
                freeze(child);
                continue;
            }
            int what = draw(100);
            log.debug("{} is disturbed by {}", child.name(), what);
            if (what < 12) {
                journal.count("kill");
                child.kill();
            } else if (what < 50) {
                database.cutNextCommit();
            } else if (what < 58) {
                journal.count("database connections reset");
                database.resetAll();
            } else if (what < 63) {
                journal.count("database black hole");
                hold(child, 2_500);
                database.blackHole(1_500);
            } else if (what < 70) {
                journal.count("database answer cut");
                database.cutAfter(draw(20_000));
            } else if (what < 76) {
                journal.count("database slow");
                hold(child, 3_000);
                database.latency(15);
                sleep(1_000);
                database.latency(0);
            } else if (what < 84) {
                journal.count("provider connections reset");
                hold(child, 1_000);
                network.resetAll();
            } else if (what < 90) {
                journal.count("provider black hole");
                hold(child, 12_000);
                network.blackHole(2_500);
            } else if (what < 95) {
                journal.count("provider answer cut");
                network.cutAfter(draw(2_000));
            } else {
                journal.count("provider slow");
                hold(child, 3_000);
                network.latency(150);
                sleep(1_000);
                network.latency(0);
            }
        }
    }

    /** What the instance sends from now on may come late. */
    private void hold(ChildInstance child, long millis) {
        journal.disturbed(child.number, clock.millis(), clock.millis() + millis);
    }

    private void freeze(ChildInstance child) throws IOException, InterruptedException {
        journal.count("freeze");
        // It goes on where it was, with requests that were checked before, and what it has in its sockets.
        journal.disturbed(child.number, clock.millis(), clock.millis() + FREEZE_MILLIS + 6_000);
        child.freeze();
        long until = System.nanoTime() + FREEZE_MILLIS * 1_000_000;
        Thread thawing = new Thread(
                () -> {
                    try {
                        while (suffering && child.isAlive() && System.nanoTime() < until) {
                            Thread.sleep(50);
                        }
                        child.thaw();
                    } catch (IOException e) {
                        journal.note("not thawed: " + e);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "thaw");
        thawing.setDaemon(true);
        thawing.start();
        actors.add(thawing);
    }

    private void applyLate() throws InterruptedException {
        while (sleep(1_000 + draw(3_000))) {
            twilio.applyLate();
        }
    }

    private void crashOnRequests() throws InterruptedException {
        boolean applied = false;
        long pace = Math.max(3_000, settings.faults().toMillis() / Math.max(4, settings.kills() / 5));
        while (sleep(pace)) {
            provider.doomed.set(applied ? CrashPoint.C5_DELETED_NOT_ANSWERED : CrashPoint.C4_ON_THE_WIRE);
            applied = !applied;
        }
    }

    private void pauseOnce() throws Exception {
        if (settings.sabotage() != Sabotage.NONE && settings.sabotage() != Sabotage.PAUSE_IGNORED
                || !sleep(settings.faults().toMillis() / 3)) {
            return;
        }
        Desk person = desk();
        insist(() -> person.pause());
        long from = clock.millis();
        sleep(Checker.BITES_WITHIN_MILLIS + 3_000);
        long to = clock.millis();
        insist(() -> person.resume());
        journal.paused(new Journal.Window(from, to, 0));
        journal.count("pause");
    }

    private Desk desk() {
        Desk open = desk;
        if (open == null) {
            throw new IllegalStateException("not prepared");
        }
        return open;
    }

    /** Until the database takes it. */
    private static void insist(Act act) throws Exception {
        for (int tries = 0; ; tries++) {
            try {
                act.run();
                return;
            } catch (RetentionException e) {
                if (tries == 40) {
                    throw e;
                }
                Thread.sleep(500);
            }
        }
    }

    private void holdTenant() throws InterruptedException {
        List<String> ids = fixture.rows.stream()
                .filter(row -> Fixture.SUED_TENANT.equals(row.tenant()))
                .map(Fixture.Row::key)
                .toList();
        sleep(settings.faults().toMillis() / 4);
        ChildInstance child = null;
        while (child == null && sleep(50)) {
            child = anyReady();
        }
        if (child == null) {
            return;
        }
        Journal.Hold hold = new Journal.Hold(journal.next(), "hold-tenant", ids, 0);
        journal.add(hold);
        while (hold.answerSeq == 0 && sleep(1)) {
            if (child.isReady()) {
                child.command("holdWhere " + hold.holdId + " " + Fixture.SUED_TENANT);
                for (int i = 0; i < 60 && hold.answerSeq == 0; i++) {
                    sleep(100);
                }
            } else {
                ChildInstance other = anyReady();
                child = other == null ? child : other;
            }
        }
    }

    private void erase() throws InterruptedException {
        List<Fixture.Row> young = fixture.rows.stream()
                .filter(row -> row.nature() == Fixture.Nature.YOUNG || row.nature() == Fixture.Nature.RETAINED)
                .toList();
        while (sleep(3_000)) {
            ChildInstance child = anyReady();
            if (child == null || young.isEmpty()) {
                continue;
            }
            List<String> ids = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                String id = young.get(draw(young.size())).key();
                if (!ids.contains(id)) {
                    ids.add(id);
                    journal.erasing(id);
                }
            }
            child.command("erase " + String.join(",", ids));
        }
    }

    private void audit() throws Exception {
        long pace = settings.recordings() > 20_000 ? 10_000 : 700;
        while (sleep(pace)) {
            try (Connection connection = direct.getConnection()) {
                auditor.look(connection);
            } catch (SQLException e) {
                journal.count("audit without database");
            }
        }
    }

    private void restartDatabase() throws Exception {
        long pace = settings.faults().toMillis() / (settings.restarts() + 1);
        for (int i = 0; i < settings.restarts() && sleep(pace); i++) {
            boolean immediate = i % 2 == 0;
            log.debug("database restarts, immediate={}", immediate);
            server.restart(immediate);
            log.debug("database is back");
            journal.count("database restart");
            journal.count(immediate ? "database restart, immediate" : "database restart, fast");
        }
    }

    // The good time

    private void heal() throws Exception {
        log.info("healing; deaths={} requests={}", deaths, journal.requests().size());
        for (int i = 0; i < slots.length; i++) {
            toProvider[i].heal();
            toDatabase[i].heal();
        }
        faults.heal();
        provider.doomed.set(null);
        fixture.complete(twilio);
        for (ChildInstance child : slots) {
            if (child != null) {
                child.thaw();
                if (child.slot == 0 && child.isReady()) {
                    child.command("stop");
                    if (!child.awaitEnd(15)) {
                        journal.count("does not stop");
                    } else {
                        journal.count("stopped");
                    }
                }
                child.kill();
                child.awaitEnd(10);
                readLog(child);
            }
        }
        twilio.applyLate();
        clock.move(AFTERWARDS);
        for (Journal.Hold hold : journal.holds()) {
            // Every second one stays.
            if (hold.holdId.hashCode() % 2 == 0) {
                desk().release(hold);
            }
        }
        for (int slot = 0; slot < slots.length; slot++) {
            start(slot, true);
        }
        // As long as something gets done, it is not over.
        long patience = Duration.ofSeconds(settings.sabotage() == Sabotage.NONE ? 60 : 20)
                .toNanos();
        long progressed = System.nanoTime();
        int before = -1;
        long pace = settings.recordings() > 20_000 ? 3_000 : 300;
        while (System.nanoTime() - progressed < patience) {
            Thread.sleep(pace);
            int deletions = journal.deletions();
            if (deletions != before) {
                before = deletions;
                progressed = System.nanoTime();
            }
            desk().decide();
            if (isSettled()) {
                break;
            }
        }
        // The report of a run that began when all was done.
        lastSweep = null;
        for (int i = 0; i < 100 && lastSweep == null; i++) {
            Thread.sleep(100);
        }
        for (ChildInstance child : slots) {
            child.command("stop");
        }
        for (ChildInstance child : slots) {
            journal.count(child.awaitEnd(15) ? "stopped" : "does not stop");
            child.kill();
            child.awaitEnd(10);
            readLog(child);
        }
    }

    private boolean isSettled() throws SQLException {
        Checker checker;
        try (Connection connection = direct.getConnection()) {
            Dump dump = Dump.read(connection, settings.kind() == TortureSettings.Kind.POSTGRESQL);
            checker = new Checker(fixture, journal, twilio, dump, settings.maxDeletions());
        }
        checker.check();
        return checker.lost == 0 && checker.unrecorded == 0;
    }

    private TortureResult judge(long began, String neighbours) throws SQLException {
        Checker checker;
        try (Connection connection = direct.getConnection()) {
            auditor.look(connection);
            Dump dump = Dump.read(connection, settings.kind() == TortureSettings.Kind.POSTGRESQL);
            checker = new Checker(fixture, journal, twilio, dump, settings.maxDeletions());
            checker.check();
            auditor.vanished(connection).forEach(text -> checker.violated("I13", text));
            auditor.activeAgain().forEach(text -> checker.violated("I12", text));
            if (!neighbours.equals(Fixture.neighbours(connection))) {
                checker.violated("I16", "rows or columns that are not the library's have changed");
            }
        }
        leaks.forEach(text -> checker.violated("I14", text));
        String last = lastSweep;
        if (last == null) {
            checker.violated("I15", "no sweep ends when all is healed");
        } else {
            checker.checkLastReport(last);
        }
        if (journal.counted("does not stop") > 0) {
            checker.violated("I15", "an instance does not stop when it is told to");
        }
        if (journal.counted("uncaught") > 0) {
            checker.violated("I15", "an instance threw where nobody catches, or had no memory left");
        }
        for (int i = 0; i < slots.length; i++) {
            add("commit answer lost: network", toDatabase[i].commitAnswersLost.get());
            add("connections reset", toDatabase[i].resets.get() + toProvider[i].resets.get());
            add("answers cut", toDatabase[i].cuts.get() + toProvider[i].cuts.get());
        }
        takeOvers();
        for (Map.Entry<String, Long> run : checker.claimsByRun().entrySet()) {
            if (run.getValue() == settings.maxDeletions()) {
                journal.count("budget used up");
            }
        }
        List<String> missing = settings.gate() ? Coverage.missing(journal) : List.of();
        return new TortureResult(
                settings,
                checker,
                journal.counts(),
                missing,
                journal.noted(),
                deaths.get(),
                Duration.ofNanos(System.nanoTime() - began));
    }

    private void takeOvers() {
        Map<String, Integer> owners = new LinkedHashMap<>();
        for (Journal.Claimed claim : journal.claims()) {
            Integer before = owners.put(claim.id(), claim.instance());
            if (claim.attempt() > 1 && before != null && before != claim.instance()) {
                journal.count("lease taken over");
            }
        }
    }

    private void add(String what, long times) {
        for (long i = 0; i < times; i++) {
            journal.count(what);
        }
    }

    /** The secrets that must show up nowhere, as they are and as they are sent. */
    static final class Secrets {

        private static final List<String> ALL = List.of(
                Keys.CANARY,
                DatabaseServer.PASSWORD,
                // A header's base64 of user:secret has the canary at one of three offsets.
                base64(Keys.CANARY, 0),
                base64(Keys.CANARY, 1),
                base64(Keys.CANARY, 2));

        private Secrets() {}

        private static String base64(String secret, int offset) {
            String encoded =
                    Base64.getEncoder().encodeToString(("x".repeat(offset) + secret).getBytes(StandardCharsets.UTF_8));
            int from = offset == 0 ? 0 : 4;
            return encoded.substring(from, encoded.length() - 6);
        }

        static @Nullable String in(String line) {
            for (String secret : ALL) {
                if (line.contains(secret)) {
                    return secret.startsWith("canary") ? "a secret" : "a secret in base64";
                }
            }
            return null;
        }
    }
}
