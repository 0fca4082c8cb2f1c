package dev.retention.benchmarks;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** An embedded PostgreSQL server with its defaults: a commit waits for the disk. */
final class Postgres implements AutoCloseable {

    private static final int RECENT = 20;

    private final EmbeddedPostgres server;
    private final Map<String, Series> series = new HashMap<>();
    private int databases;

    private Postgres(EmbeddedPostgres server) {
        this.server = server;
    }

    static Postgres start() {
        try {
            return new Postgres(EmbeddedPostgres.builder()
                    .setServerConfig("max_connections", "200")
                    .setServerConfig("shared_buffers", "256MB")
                    .start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The due recordings of a database. */
    Series series(String url) {
        return series.getOrDefault(url, Series.NONE);
    }

    /**
     * A new database with this number of due rows, 5,000 a day but over 200 days at most, and some recent rows, and
     * with the indexes that the documentation recommends.
     */
    String create(long due) {
        String name = "engine" + ++databases;
        execute(url("postgres"), "create database " + name);
        String url = url(name);
        execute(
                url,
                "create table voice_recording (id bigint primary key, twilio_recording_sid varchar(64),"
                        + " created_at timestamp(6) with time zone, deleted_at timestamp(6) with time zone,"
                        + " deletion_reason varchar(255))");
        long days = Math.min(200, 1 + due / 5_000);
        long stepMicros = days * 86_400_000_000L / Math.max(1, due);
        long newest = Instant.now().minus(Duration.ofDays(91)).getEpochSecond();
        series.put(url, new Series(newest, stepMicros, due));
        execute(
                url,
                "insert into voice_recording (id, twilio_recording_sid, created_at) select n, " + Sids.SQL + ", created"
                        + " from (select n, to_timestamp(" + newest + ") - n * interval '"
                        + stepMicros
                        + " microseconds' as created from generate_series(1, " + due + ") n) rows");
        execute(
                url,
                "insert into voice_recording (id, twilio_recording_sid, created_at) select n, " + Sids.SQL + ", created"
                        + " from (select n, now() - (n - " + due
                        + ") * interval '1 hour' as created from generate_series("
                        + (due + 1) + ", " + (due + RECENT) + ") n) rows");
        execute(url, "create index on voice_recording (created_at, id) where deleted_at is null");
        execute(url, "create index on voice_recording (twilio_recording_sid)");
        execute(url, "vacuum analyze voice_recording");
        execute(url, "checkpoint");
        return url;
    }

    /**
     * Drops the database. One that is still in use remains until the server ends, so that no other failure is hidden.
     */
    void drop(String url) {
        try {
            execute(
                    url("postgres"),
                    "drop database " + url.substring(url.lastIndexOf('/') + 1, url.indexOf('?')) + " with (force)");
        } catch (IllegalStateException e) {
            System.err.println(e.getMessage() + ": " + e.getCause());
        }
    }

    long number(String url, String sql) {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    private String url(String name) {
        return server.getJdbcUrl("postgres", name);
    }

    private static void execute(String url, String sql) {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    /** The CPU time of the server's processes, including those that have ended, to 10 ms; 0 if there is no /proc. */
    long cpuMillis() {
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            return processes
                            .filter(path -> path.getFileName().toString().matches("[0-9]+"))
                            .mapToLong(Postgres::ticksIfPostgres)
                            .sum()
                    * 10;
        } catch (IOException e) {
            return 0;
        }
    }

    private static long ticksIfPostgres(Path process) {
        try {
            String stat = Files.readString(process.resolve("stat"));
            if (!stat.contains("(postgres)")) {
                return 0;
            }
            List<String> fields =
                    List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" "));
            return fields.subList(11, 15).stream().mapToLong(Long::parseLong).sum();
        } catch (IOException e) {
            return 0;
        }
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
