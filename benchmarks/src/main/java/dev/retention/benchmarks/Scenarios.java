package dev.retention.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedThread;
import jdk.jfr.consumer.RecordingFile;

/** One method for each row of the table, or for a few that belong together. Every sweep runs in a JVM of its own. */
final class Scenarios {

    private static final int BATCH = 500;
    private static final long WARM_UP_MILLIS = 2_000;
    private static final long GIVE_UP_MILLIS = 120_000;
    private static final List<String> USUAL = List.of("-Xmx256m");

    /** A little more than the lowest rate that a provider must have for this measurement. */
    private static final int SLOWER_PROVIDER = 10_000;

    private final Postgres postgres;
    private final Path logs;
    private final boolean quick;
    private final boolean peers;

    Scenarios(Postgres postgres, Path logs, boolean quick, boolean peers) {
        this.postgres = postgres;
        this.logs = logs;
        this.quick = quick;
        this.peers = peers;
    }

    private long window() {
        return quick ? 5_000 : 30_000;
    }

    private Child sweeper(Provider provider, String url, int concurrency, boolean profiled, List<String> jvm) {
        return sweeper(provider, url, concurrency, profiled, jvm, 0);
    }

    private Child sweeper(
            Provider provider, String url, int concurrency, boolean profiled, List<String> jvm, long most) {
        provider.lists(postgres.series(url));
        List<String> options = new ArrayList<>(jvm);
        String externalMedia = System.getProperty("externalMedia");
        if (externalMedia != null) {
            options.add("-DexternalMedia=" + externalMedia);
        }
        return new Child(
                logs,
                options,
                Child.classPath(),
                SweeperProcess.class,
                url,
                provider.url(),
                concurrency,
                BATCH,
                profiled,
                Instant.EPOCH,
                most);
    }

    private Child peer(Provider provider, String url, String kind, int threads) {
        return new Child(logs, USUAL, Child.classPath(), PeerProcess.class, url, provider.url(), kind, threads);
    }

    /** When the first deletion was answered. */
    private static long begin(Provider provider, Child... children) {
        long until = provider.nowMillis() + GIVE_UP_MILLIS;
        while (provider.firstDeleteMillis() < 0) {
            if (provider.nowMillis() > until || Arrays.stream(children).noneMatch(Child::isAlive)) {
                throw new IllegalStateException("no deletion was sent; see the logs");
            }
            sleep(20);
        }
        return provider.firstDeleteMillis();
    }

    private static void sleepUntil(Provider provider, long millis) {
        sleep(Math.max(0, millis - provider.nowMillis()));
    }

    private static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    List<Row> limitAt50() {
        return limit(50, 100, 0.95);
    }

    List<Row> limitAt200() {
        return limit(200, 10, 0.98);
    }

    private List<Row> limit(int latency, int concurrency, double share) {
        double limit = concurrency * 1000.0 / latency;
        long due = (long) (limit * (window() + 10_000) / 1000);
        String against = text("the limit, %,.0f/s", limit);
        String at = text(" at %d ms, %d concurrent", latency, concurrency);
        List<Row> rows = new ArrayList<>();
        String url = postgres.create(due);
        try (Provider provider = Provider.start().latencyMillis(latency).permit(concurrency);
                Child child = sweeper(provider, url, concurrency, false, USUAL)) {
            double rate = rate(provider, child);
            rows.add(Row.judged(
                    "sweep" + at,
                    against,
                    text(
                            "%,.1f/s, %.1f %%; twice %d, throttled %d; the next request comes %.1f ms after an answer"
                                    + " (median; 99 %%: %.1f ms), answers %.2f ms late; %d look-ups",
                            rate,
                            100 * rate / limit,
                            provider.deletedTwice(),
                            provider.throttledDeletes(),
                            provider.turnaroundMillis(0.5),
                            provider.turnaroundMillis(0.99),
                            provider.meanLateMillis(),
                            provider.lookUps()),
                    text("%.0f %%", 100 * share),
                    rate >= share * limit && provider.deletedTwice() == 0));
        } finally {
            postgres.drop(url);
        }
        for (String kind : peers ? List.of(PeerProcess.LOOP, PeerProcess.THREADS) : List.<String>of()) {
            rows.add(peerAt(kind, at, against, limit, latency, concurrency, due));
        }
        return rows;
    }

    private Row peerAt(String kind, String at, String against, double limit, int latency, int concurrency, long due) {
        String url = postgres.create(due);
        try (Provider provider = Provider.start().latencyMillis(latency).permit(concurrency);
                Child child = peer(provider, url, kind, concurrency)) {
            long began = begin(provider, child);
            long from = began + WARM_UP_MILLIS;
            sleepUntil(provider, from + window() + 200);
            double rate = provider.deletes(from, from + window()) * 1000.0 / window();
            return Row.peer(name(kind, concurrency) + at, against, text("%,.1f/s, %.1f %%", rate, 100 * rate / limit));
        } finally {
            postgres.drop(url);
        }
    }

    private static String name(String kind, int threads) {
        return kind.equals(PeerProcess.LOOP)
                ? "a loop, one commit at the end"
                : threads + " threads, pages of 500, a transaction a row";
    }

    private double rate(Provider provider, Child child) {
        long began = begin(provider, child);
        long from = began + WARM_UP_MILLIS;
        sleepUntil(provider, from);
        provider.forgetLateness();
        sleepUntil(provider, from + window() + 200);
        double rate = provider.deletes(from, from + window()) * 1000.0 / window();
        child.stop();
        child.await(120);
        return rate;
    }

    List<Row> raw() {
        List<Row> rows = new ArrayList<>();
        double fastest = providerItself(0, rows);
        rows.add(rawOf("sweep, no latency, 100 concurrent", "", 100, 0, fastest));
        if (peers) {
            rows.add(rawOf(name(PeerProcess.LOOP, 1) + ", no latency", PeerProcess.LOOP, 1, 0, fastest));
            rows.add(rawOf(name(PeerProcess.THREADS, 100) + ", no latency", PeerProcess.THREADS, 100, 0, fastest));
        }
        double slower = providerItself(SLOWER_PROVIDER, rows);
        rows.add(rawOf(
                text("sweep, 100 concurrent, that provider of %,d/s", SLOWER_PROVIDER),
                "",
                100,
                SLOWER_PROVIDER,
                slower));
        return rows;
    }

    private double providerItself(int mostPerSecond, List<Row> rows) {
        try (Provider provider = provider(mostPerSecond)) {
            OptionalDouble rate = Wrk.deletionsPerSecond(provider, quick ? 4 : 15);
            rows.add(Row.judged(
                    mostPerSecond == 0 ? "the provider itself" : text("the same, %,d/s at most", mostPerSecond),
                    "wrk -t2 -c100",
                    rate.isPresent() ? text("%,.0f/s", rate.getAsDouble()) : "no wrk on this machine",
                    "8,000/s",
                    rate.orElse(0) >= 8_000));
            return rate.orElse(Double.NaN);
        }
    }

    private static Provider provider(int mostPerSecond) {
        Provider provider = Provider.start();
        return mostPerSecond == 0 ? provider : provider.mostPerSecond(mostPerSecond);
    }

    /** Over the whole work, from the first deletion to the last: a loop would else be measured without its commit. */
    private Row rawOf(String what, String peer, int concurrency, int mostPerSecond, double atRaw) {
        long due = quick ? 10_000 : 200_000;
        String url = postgres.create(due);
        try (Provider provider = provider(mostPerSecond)) {
            long postgresBefore = postgres.cpuMillis();
            try (Child child = peer.isEmpty()
                    ? sweeper(provider, url, concurrency, false, USUAL)
                    : peer(provider, url, peer, concurrency)) {
                long began = begin(provider, child);
                Map<String, String> told = child.await(600);
                double whole = provider.deleted() / provider.secondsOfDeleting();
                long from = began + WARM_UP_MILLIS;
                long to = began + (long) (1000 * provider.secondsOfDeleting());
                double steady = to > from ? provider.deletes(from, to) * 1000.0 / (to - from) : whole;
                String measured = text(
                        "%,.0f/s, from the third second on %,.0f/s, %.1f %%; CPU µs per deletion: JVM with its start"
                                + " %,.0f, PostgreSQL %,.0f, provider %,.0f",
                        whole,
                        steady,
                        100 * steady / atRaw,
                        number(told, "cpuMillis") * 1000.0 / provider.deleted(),
                        (postgres.cpuMillis() - postgresBefore) * 1000.0 / provider.deleted(),
                        provider.cpuNanos() / 1000.0 / provider.deleted());
                return peer.isEmpty()
                        ? Row.judged(what, "the provider itself", measured, "50 %", steady >= 0.5 * atRaw)
                        : Row.peer(what, "the provider itself", measured);
            }
        } finally {
            postgres.drop(url);
        }
    }

    List<Row> permittedFewer() {
        int latency = 50;
        int permitted = 15;
        double limit = permitted * 1000.0 / latency;
        long due = (long) (limit * (window() + 15_000) / 1000);
        String url = postgres.create(due);
        try (Provider provider = Provider.start().latencyMillis(latency).permit(permitted);
                Child child = sweeper(provider, url, 100, false, USUAL)) {
            long from = begin(provider, child) + 5_000;
            sleepUntil(provider, from + window() + 200);
            long deleted = provider.deletes(from, from + window());
            long throttled = provider.throttled(from, from + window());
            double rate = deleted * 1000.0 / window();
            double share = throttled / (double) Math.max(1, deleted + throttled);
            child.stop();
            Map<String, String> told = child.await(120);
            long lost = provider.deleted()
                    - postgres.number(url, "select count(*) from voice_recording where deleted_at is not null");
            return List.of(Row.judged(
                    "provider permits 15, configured 100, 50 ms",
                    text("the permitted rate, %,.0f/s", limit),
                    text(
                            "%,.1f/s, %.1f %%; throttled %.2f %%; lost %d, quarantined %d, twice %d",
                            rate,
                            100 * rate / limit,
                            100 * share,
                            lost,
                            number(told, "quarantined"),
                            provider.deletedTwice()),
                    "90 %; throttled ≤ 2 % after 5 s; none lost or quarantined",
                    rate >= 0.9 * limit
                            && share <= 0.02
                            && lost == 0
                            && number(told, "quarantined") == 0
                            && provider.deletedTwice() == 0));
        } finally {
            postgres.drop(url);
        }
    }

    List<Row> drop() {
        int latency = 50;
        long stay = quick ? 5_000 : 15_000;
        String url = postgres.create(100 * 1000 / latency * (2 * stay + 10_000) / 1000);
        try (Provider provider = Provider.start().latencyMillis(latency).permit(100);
                Child child = sweeper(provider, url, 100, false, USUAL)) {
            long dropped = begin(provider, child) + stay;
            sleepUntil(provider, dropped);
            provider.permit(5);
            sleepUntil(provider, dropped + stay);
            provider.permit(100);
            sleepUntil(provider, dropped + 2 * stay + 200);
            double before = provider.deletes(dropped - 2_000, dropped) / 2.0;
            String down = adapted(provider, dropped, stay, 90, true);
            String up = adapted(provider, dropped + stay, stay, 0.9 * before, false);
            child.stop();
            child.await(120);
            boolean reached = isWithin3s(down) && isWithin3s(up);
            return List.of(Row.judged(
                    "permitted 100 → 5 → 100 mid-run, 50 ms",
                    "5 permitted: 100/s with ≤ 2 % throttled; 100 again: the rate before",
                    text("down after %s, up after %s; %,.0f/s before", down, up, before),
                    "3 s, both ways",
                    reached));
        } finally {
            postgres.drop(url);
        }
    }

    private static boolean isWithin3s(String text) {
        return text.endsWith(" s") && Double.parseDouble(text.substring(0, text.length() - 2)) <= 3;
    }

    /** When the first second begins in which the rate is reached, and little is throttled. */
    private static String adapted(Provider provider, long from, long stay, double rate, boolean calm) {
        for (long at = from; at + 1_000 <= from + stay; at += Provider.BUCKET_MILLIS) {
            long deleted = provider.deletes(at, at + 1_000);
            long throttled = provider.throttled(at, at + 1_000);
            if (deleted >= rate && (!calm || throttled <= 0.02 * (deleted + throttled))) {
                return text("%.1f s", (at - from) / 1000.0);
            }
        }
        return text(
                "never (last second %d/s, throttled %d/s)",
                provider.deletes(from + stay - 1_000, from + stay),
                provider.throttled(from + stay - 1_000, from + stay));
    }

    List<Row> live() {
        return List.of(
                live("headroom 0.2, nothing stated", 0.001, List.of("-Dheadroom=0.2")),
                live("headroom 0.2, 20 stated", 0, List.of("-Dheadroom=0.2", "-Dpermitted=20")));
    }

    private Row live(String setting, double most, List<String> properties) {
        List<String> jvm = new ArrayList<>(USUAL);
        jvm.addAll(properties);
        int latency = 50;
        int permitted = 20;
        String url = postgres.create(permitted * 1000 / latency * (window() + 15_000) / 1000);
        try (Provider provider = Provider.start().latencyMillis(latency).permit(permitted);
                LiveTraffic traffic = new LiveTraffic(provider, permitted * 6 / 10)) {
            sleep(1_000);
            long alone = provider.nowMillis();
            sleep(window());
            double p50 = traffic.percentile(0.5, alone, alone + window());
            double p99 = traffic.percentile(0.99, alone, alone + window());
            try (Child child = sweeper(provider, url, 100, false, jvm)) {
                long from = begin(provider, child) + 3_000;
                sleepUntil(provider, from + window() + 200);
                long to = from + window();
                long answered = provider.live(from, to);
                long throttled = provider.liveThrottled(from, to);
                double share = throttled / (double) Math.max(1, answered + throttled);
                double sharedP50 = traffic.percentile(0.5, from, to);
                double sharedP99 = traffic.percentile(0.99, from, to);
                double ours = provider.deletes(from, to) * 1000.0 / window();
                child.stop();
                child.await(120);
                return Row.judged(
                        "live traffic, 12 of 20 permitted, 50 ms; configured 100, " + setting,
                        text("its own run: p50 %.1f ms, p99 %.1f ms", p50, p99),
                        text(
                                "%.2f %% of its calls throttled; p50 %.1f ms, p99 %.1f ms; we %,.0f/s",
                                100 * share, sharedP50, sharedP99, ours),
                        text("≤ %.1f %% throttled, latency within 5 %%", 100 * most),
                        share <= most && sharedP50 <= 1.05 * p50 && sharedP99 <= 1.05 * p99);
            }
        } finally {
            postgres.drop(url);
        }
    }

    /** The same number of deletions of each, so that what differs is the backlog behind them. */
    List<Row> backlogs(long... sizes) {
        long most = Math.min(Arrays.stream(sizes).min().orElseThrow(), quick ? 10_000 : 100_000);
        List<Row> rows = new ArrayList<>();
        double firstSlice = 0;
        double firstHeap = 0;
        for (long size : sizes) {
            String url = postgres.create(size);
            try (Provider provider = Provider.start().latencyMillis(5);
                    Child child = sweeper(provider, url, 20, false, List.of("-Xmx64m", "-DliveHeap=true"), most)) {
                Map<String, String> told = child.await(3_600);
                double slice = provider.secondsOfDeleting() * 1000 / (provider.deleted() / 500.0);
                double heap = number(told, "peakLiveHeapBytes") / 1048576.0;
                firstSlice = firstSlice == 0 ? slice : firstSlice;
                firstHeap = firstHeap == 0 ? heap : firstHeap;
                double whole = number(told, "sweepMillis") / 1000.0;
                rows.add(Row.judged(
                        text("backlog of %,d rows, -Xmx64m, 5 ms, 20 concurrent, the first %,d of it", size, most),
                        "the first",
                        text(
                                "%,.0f ms per 500; live heap at most %.1f MiB (with garbage %.1f); sweep %.1f s, of it"
                                        + " before and after deleting %.1f s; %s",
                                slice,
                                heap,
                                number(told, "peakHeapBytes") / 1048576.0,
                                whole,
                                whole - provider.secondsOfDeleting(),
                                String.valueOf(told.get("end"))),
                        "time within 20 %, heap within 10 %",
                        slice <= 1.2 * firstSlice && heap <= 1.1 * firstHeap && provider.deletedTwice() == 0));
            } finally {
                postgres.drop(url);
            }
        }
        return rows;
    }

    List<Row> instances() {
        List<Row> rows = new ArrayList<>();
        double one = 0;
        for (int instances : new int[] {1, 2, 4}) {
            String url = postgres.create(200L * instances * (window() + 15_000) / 1000);
            List<Child> children = new ArrayList<>();
            try (Provider provider = Provider.start().latencyMillis(50)) {
                for (int i = 0; i < instances; i++) {
                    children.add(sweeper(provider, url, 10, false, USUAL));
                    if (i == 0) {
                        begin(provider, children.get(0));
                    }
                }
                // The others start while the first works; a JVM takes its time.
                long from = provider.nowMillis() + 5_000;
                sleepUntil(provider, from + window() + 200);
                double rate = provider.deletes(from, from + window()) * 1000.0 / window();
                children.forEach(Child::stop);
                children.forEach(child -> child.await(180));
                one = one == 0 ? rate : one;
                rows.add(Row.judged(
                        instances + (instances == 1 ? " instance" : " instances") + ", 50 ms, 10 concurrent each",
                        "one instance",
                        text("%,.1f/s, %.2f x; twice %d", rate, rate / one, provider.deletedTwice()),
                        instances == 2 ? "1.8 x; none twice" : "none twice",
                        provider.deletedTwice() == 0 && (instances != 2 || rate >= 1.8 * one)));
            } finally {
                children.forEach(Child::close);
                postgres.drop(url);
            }
        }
        return rows;
    }

    /** The statements of a sweep, and how long it took. */
    record Statements(long count, long millis) {}

    /** Statements that a sweep of so many due rows sends. */
    Statements statements(long due) {
        Map<String, String> told = sweepProfiled(due);
        return new Statements(number(told, "statements"), number(told, "sweepMillis"));
    }

    private Map<String, String> sweepProfiled(long due) {
        String url = postgres.create(due);
        try (Provider provider = Provider.start();
                Child child = sweeper(provider, url, 100, true, USUAL)) {
            Map<String, String> told = child.await(300);
            if (provider.deleted() != due || provider.deletedTwice() != 0) {
                throw new IllegalStateException(
                        provider.deleted() + " of " + due + " were deleted: " + told.get("report"));
            }
            return told;
        } finally {
            postgres.drop(url);
        }
    }

    List<Row> statements() {
        long few = statements(1_000).count();
        long many = statements(quick ? 6_000 : 21_000).count();
        double per500 = (many - few) / ((quick ? 5_000 : 20_000) / 500.0);
        return List.of(Row.judged(
                "database statements per 500 deletions, no latency",
                "recordings",
                text("%.1f more for 500 more (%d for 1,000; a batch is one)", per500, few),
                "grows with slices: at most 50",
                per500 <= 50));
    }

    List<Row> startUp() {
        int times = quick ? 5 : 20;
        String url = postgres.create(1_000);
        String[] ours = {"retention-spring-autoconfigure", "retention-jpa", "retention-twilio", "retention-core"};
        List<Long> with = new ArrayList<>();
        List<Long> without = new ArrayList<>();
        try {
            String scans =
                    "select coalesce(seq_scan, 0) + coalesce(idx_scan, 0) from pg_stat_user_tables where relname ="
                            + " 'voice_recording'";
            startUp(url, Child.classPath());
            sleep(1_500);
            long before = postgres.number(url, scans);
            for (int i = 0; i < times; i++) {
                without.add(startUp(url, Child.classPathWithout(ours)));
                with.add(startUp(url, Child.classPath()));
            }
            sleep(1_500);
            long queries = postgres.number(url, scans) - before;
            long more = median(with) - median(without);
            return List.of(Row.judged(
                    "start-up of a Spring Boot application, median of " + times,
                    text("without us, %,d ms", median(without)),
                    text("%+,d ms; %d queries on the engine's table", more, queries),
                    "+150 ms, no query",
                    more <= 150 && queries == 0));
        } finally {
            postgres.drop(url);
        }
    }

    private long startUp(String url, String classPath) {
        try (Child child = new Child(
                logs,
                List.of("-Xmx256m"),
                classPath,
                StartUpProcess.class,
                "--spring.datasource.url=" + url,
                "--spring.jpa.open-in-view=false",
                "--spring.main.banner-mode=off",
                "--retention.jpa.entity=" + Call.class.getName(),
                "--retention.jpa.initialize-schema=always",
                "--retention.twilio.account-sid=" + Sids.ACCOUNT,
                "--retention.twilio.auth-token=" + Sids.TOKEN)) {
            return number(child.await(120), "startMillis");
        }
    }

    private static long median(List<Long> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    List<Row> profile() {
        long due = quick ? 10_000 : 60_000;
        Path recording = logs.resolve("profile.jfr");
        String url = postgres.create(due);
        try (Provider provider = Provider.start();
                Child child = sweeper(
                        provider,
                        url,
                        100,
                        true,
                        List.of("-Xmx256m", "-XX:StartFlightRecording=settings=profile,filename=" + recording))) {
            Map<String, String> told = child.await(600);
            double seconds = provider.secondsOfDeleting();
            List<String> lines = new ArrayList<>();
            lines.add(text("%,d deletions in %.1f s", provider.deleted(), seconds));
            lines.add("");
            lines.add("Where the sweeping thread is, by the clock:");
            lines.add("");
            top(told, "place.", 40).forEach(lines::add);
            lines.add("");
            lines.add("Statements: times, rows, ms in all, ms each:");
            lines.add("");
            statementLines(told).forEach(lines::add);
            lines.addAll(flightRecording(recording));
            Files.write(logs.resolve("profile.md"), lines);
            return List.of(Row.peer(
                    "profile of a sweep without latency",
                    "",
                    text("%,.0f/s while profiled; see %s", provider.deleted() / seconds, logs.resolve("profile.md"))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            postgres.drop(url);
        }
    }

    private static List<String> top(Map<String, String> told, String prefix, int most) {
        Map<String, Long> counts = new HashMap<>();
        told.forEach((name, value) -> {
            if (name.startsWith(prefix)) {
                counts.put(name.substring(prefix.length()), Long.parseLong(value));
            }
        });
        return top(counts, most);
    }

    private static List<String> top(Map<String, Long> counts, int most) {
        double all = counts.values().stream().mapToLong(Long::longValue).sum();
        return counts.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .limit(most)
                .map(entry -> text("- %5.1f %% %s", 100 * entry.getValue() / all, entry.getKey()))
                .toList();
    }

    private static List<String> statementLines(Map<String, String> told) {
        return told.entrySet().stream()
                .filter(entry -> entry.getKey().startsWith("sql."))
                .map(entry ->
                        Map.entry(entry.getKey().substring(4), entry.getValue().split(",")))
                .sorted(Comparator.comparingLong(entry -> -Long.parseLong(entry.getValue()[2])))
                .limit(25)
                .map(entry -> text(
                        "- %s × %s rows, %.0f ms, %.2f each: `%s`",
                        entry.getValue()[0],
                        entry.getValue()[1],
                        Long.parseLong(entry.getValue()[2]) / 1000.0,
                        Long.parseLong(entry.getValue()[2]) / 1000.0 / Long.parseLong(entry.getValue()[0]),
                        entry.getKey().substring(0, Math.min(400, entry.getKey().length()))))
                .toList();
    }

    /** What threads run, what they wait for, and where. */
    private static List<String> flightRecording(Path file) throws IOException {
        Map<String, Long> threads = new HashMap<>();
        Map<String, Long> running = new HashMap<>();
        Map<String, Long> locked = new HashMap<>();
        Map<String, Long> allocated = new HashMap<>();
        try (RecordingFile recording = new RecordingFile(file)) {
            while (recording.hasMoreEvents()) {
                RecordedEvent event = recording.readEvent();
                switch (event.getEventType().getName()) {
                    case "jdk.ExecutionSample", "jdk.NativeMethodSample" -> {
                        RecordedThread thread = event.getThread("sampledThread");
                        String name = thread == null || thread.getJavaName() == null ? "?" : thread.getJavaName();
                        boolean isNative = event.getEventType().getName().equals("jdk.NativeMethodSample");
                        threads.merge((isNative ? "native " : "java ") + name.replaceAll("[0-9]+", "N"), 1L, Long::sum);
                        if (!isNative) {
                            running.merge(package2(event), 1L, Long::sum);
                        }
                    }
                    case "jdk.JavaMonitorEnter" ->
                        locked.merge(
                                "monitor of " + event.getClass("monitorClass").getName() + " at " + package2(event),
                                event.getDuration().toNanos() / 1000,
                                Long::sum);
                    case "jdk.ThreadPark" -> {
                        var parked = event.getClass("parkedClass");
                        locked.merge(
                                "parked on " + (parked == null ? "nothing" : parked.getName()) + " at "
                                        + package2(event),
                                event.getDuration().toNanos() / 1000,
                                Long::sum);
                    }
                    case "jdk.ObjectAllocationSample" ->
                        allocated.merge(package2(event), event.getLong("weight"), Long::sum);
                    default -> {
                        // Not needed here.
                    }
                }
            }
        }
        List<String> lines = new ArrayList<>();
        section(lines, "Samples by thread", threads);
        section(lines, "What runs, by the library below and our frame", running);
        section(lines, "What is waited for, by time", locked);
        section(lines, "What allocates", allocated);
        return lines;
    }

    private static void section(List<String> lines, String title, Map<String, Long> counts) {
        lines.add("");
        lines.add(title + ":");
        lines.add("");
        lines.addAll(top(counts, 20));
    }

    /** The package of the topmost frame, and the topmost frame of the library. */
    private static String package2(RecordedEvent event) {
        if (event.getStackTrace() == null) {
            return "?";
        }
        List<RecordedFrame> frames = event.getStackTrace().getFrames();
        String library = "java";
        String ours = "";
        for (RecordedFrame frame : frames) {
            String type = frame.getMethod().getType().getName();
            if (library.equals("java")
                    && !type.startsWith("java.")
                    && !type.startsWith("jdk.")
                    && !type.startsWith("sun.")) {
                String[] parts = type.split("\\.");
                library = String.join(".", Arrays.copyOf(parts, Math.min(4, parts.length - 1)));
            }
            if (type.startsWith("dev.retention.")) {
                ours = type.substring(type.lastIndexOf('.') + 1) + "."
                        + frame.getMethod().getName();
                break;
            }
        }
        return library + " < " + ours;
    }

    static List<Path> details(Path logs) throws IOException {
        if (!Files.isDirectory(logs)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(logs)) {
            return files.filter(file -> file.toString().endsWith(".md")).toList();
        }
    }

    private static long number(Map<String, String> told, String name) {
        String value = told.get(name);
        if (value == null) {
            throw new IllegalStateException("the process did not print " + name);
        }
        return Long.parseLong(value);
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
