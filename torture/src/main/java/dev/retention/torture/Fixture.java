package dev.retention.torture;

import dev.retention.test.twilio.LoopbackTwilio;
import dev.retention.test.twilio.TwilioRecording;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** The truth: what every row is, and what may become of it. Nothing here is read back from the database. */
final class Fixture {

    static final Duration PERIOD = Duration.ofDays(90);
    static final String LONG_TENANT = "bank";
    /** All of its recordings come under one hold. */
    static final String SUED_TENANT = "sued";

    static final int LONG_DAYS = 3650;

    /** Ages that are not due stay away from the cutoff by more than the harness moves time. */
    private static final Duration MARGIN = Duration.ofHours(6);

    /** What a row is made to be. */
    enum Nature {
        DUE(true),
        /** It has no account of its own; the configured one holds it. */
        DUE_WITHOUT_ACCOUNT(true),
        YOUNG(false),
        /** Old enough for the default policy, and kept longer by a further one. */
        KEPT_BY_POLICY(false),
        RETAINED(false),
        FLAGGED(false),
        SOFT_DELETED_BEFORE(false),
        /** There never was any media. */
        ABSENT(true),
        /** Not complete until everything is healed. */
        PROCESSING(true),
        /** Somebody deleted it at the provider. */
        GONE_BEFORE(true),
        /** The provider never heard of it. */
        NEVER_KNOWN(true),
        /** In a bucket of the customer's. */
        ELSEWHERE(true),
        /** The credentials of its account are refused. */
        REFUSED_ACCOUNT(true),
        /** Another row names the same recording. */
        TWIN(true),
        WITHOUT_KEY(false),
        HOSTILE_KEY(false),
        UNDATED(false),
        FROM_THE_FUTURE(false),
        YEAR_ONE(true);

        /** Whether requests for it may be sent at all. */
        final boolean mayBeDeleted;

        Nature(boolean mayBeDeleted) {
            this.mayBeDeleted = mayBeDeleted;
        }
    }

    record Row(
            long id,
            Nature nature,
            @Nullable String sid,
            @Nullable String account,
            @Nullable Instant created,
            @Nullable Instant keepUntil,
            boolean frozen,
            @Nullable String tenant,
            @Nullable Instant deleted) {

        String key() {
            return String.valueOf(id);
        }
    }

    private static final String[] HOSTILE = {
        "../Calls/CA00000000000000000000000000000001",
        "RE00000000000000000000000000000001?x=1",
        "%2e%2e/Calls",
        "RE\r\nX-Injected: 1",
        "'; drop table retention_deletion; --",
        " RE00000000000000000000000000000001",
        "RE٠٠000000000000000000000000000001",
        "re00000000000000000000000000000001",
        "RE".repeat(900),
        ""
    };

    final List<String> accounts = new ArrayList<>();
    final String refusedAccount;
    final List<Row> rows = new ArrayList<>();
    final Map<String, List<Row>> bySid = new HashMap<>();
    final Map<Long, Row> byId = new HashMap<>();
    final Instant began = Instant.now().truncatedTo(ChronoUnit.MICROS);
    private final Random random;

    Fixture(long seed, int size) {
        random = new Random(seed);
        for (int i = 0; i < 4; i++) {
            accounts.add(String.format("AC%032x", 0xabc0 + i));
        }
        refusedAccount = accounts.get(3);
        for (long id = 1; id <= size; id++) {
            add(row(id, size));
        }
    }

    private void add(Row row) {
        rows.add(row);
        byId.put(row.id(), row);
        if (row.sid() != null) {
            bySid.computeIfAbsent(row.sid(), sid -> new ArrayList<>()).add(row);
        }
    }

    private Row row(long id, int size) {
        Nature nature = nature();
        String sid = String.format("RE%016x%016x", random.nextLong(), id);
        String account = accounts.get(random.nextInt(3));
        Instant now = began;
        Instant created = now.minus(PERIOD)
                .minus(MARGIN)
                .minusSeconds(random.nextInt(400 * 86_400))
                .minusMillis(random.nextInt(1000));
        Instant young = now.minus(PERIOD).plus(MARGIN).plusSeconds(random.nextInt(80 * 86_400));
        return switch (nature) {
            case DUE, ABSENT, PROCESSING, GONE_BEFORE, NEVER_KNOWN, ELSEWHERE ->
                of(id, nature, sid, account, created, null, false, tenant());
            case DUE_WITHOUT_ACCOUNT -> of(id, nature, sid, null, created, null, false, tenant());
            case YOUNG -> of(id, nature, sid, account, young, null, false, tenant());
            case KEPT_BY_POLICY -> of(id, nature, sid, account, created, null, false, LONG_TENANT);
            case RETAINED -> of(id, nature, sid, account, created, now.plus(Duration.ofDays(30)), false, tenant());
            case FLAGGED -> of(id, nature, sid, account, created, null, true, tenant());
            case SOFT_DELETED_BEFORE ->
                new Row(id, nature, sid, account, created, null, false, tenant(), now.minus(Duration.ofDays(1)));
            case REFUSED_ACCOUNT -> of(id, nature, sid, refusedAccount, created, null, false, tenant());
            case TWIN -> twin(id, sid, account, created);
            case WITHOUT_KEY -> of(id, nature, null, account, created, null, false, tenant());
            case HOSTILE_KEY ->
                of(id, nature, HOSTILE[random.nextInt(HOSTILE.length)], account, created, null, false, null);
            case UNDATED -> of(id, nature, sid, account, null, null, false, tenant());
            case FROM_THE_FUTURE -> of(id, nature, sid, account, now.plus(Duration.ofDays(400)), null, false, tenant());
            case YEAR_ONE -> of(id, nature, sid, account, Instant.parse("1001-01-01T00:00:00Z"), null, false, tenant());
        };
    }

    /** The row before it, if that is a plain one, shares its recording. */
    private Row twin(long id, String sid, String account, Instant created) {
        Row before = rows.isEmpty() ? null : rows.get(rows.size() - 1);
        if (before != null
                && before.nature() == Nature.TWIN
                && bySid.getOrDefault(before.sid(), List.of()).size() == 1) {
            return of(id, Nature.TWIN, before.sid(), before.account(), created, null, false, null);
        }
        return of(id, Nature.TWIN, sid, account, created, null, false, null);
    }

    private static Row of(
            long id,
            Nature nature,
            @Nullable String sid,
            @Nullable String account,
            @Nullable Instant created,
            @Nullable Instant keepUntil,
            boolean frozen,
            @Nullable String tenant) {
        return new Row(id, nature, sid, account, created, keepUntil, frozen, tenant, null);
    }

    private @Nullable String tenant() {
        if (random.nextInt(100) == 0) {
            return SUED_TENANT;
        }
        return random.nextInt(5) == 0 ? null : "tenant-" + random.nextInt(3);
    }

    private Nature nature() {
        if (!rows.isEmpty()) {
            Row last = rows.get(rows.size() - 1);
            if (last.nature() == Nature.TWIN
                    && bySid.getOrDefault(last.sid(), List.of()).size() == 1) {
                return Nature.TWIN;
            }
        }
        int n = random.nextInt(1000);
        if (n < 700) {
            return n < 40 ? Nature.DUE_WITHOUT_ACCOUNT : Nature.DUE;
        }
        if (n < 800) {
            return Nature.YOUNG;
        }
        if (n < 830) {
            return Nature.KEPT_BY_POLICY;
        }
        if (n < 860) {
            return Nature.RETAINED;
        }
        if (n < 890) {
            return Nature.FLAGGED;
        }
        if (n < 905) {
            return Nature.SOFT_DELETED_BEFORE;
        }
        if (n < 920) {
            return Nature.ABSENT;
        }
        if (n < 930) {
            return Nature.PROCESSING;
        }
        if (n < 945) {
            return Nature.GONE_BEFORE;
        }
        if (n < 955) {
            return Nature.NEVER_KNOWN;
        }
        if (n < 965) {
            return Nature.ELSEWHERE;
        }
        if (n < 985) {
            return Nature.REFUSED_ACCOUNT;
        }
        if (n < 988) {
            return Nature.TWIN;
        }
        if (n < 991) {
            return Nature.WITHOUT_KEY;
        }
        if (n < 995) {
            return Nature.HOSTILE_KEY;
        }
        if (n < 997) {
            return Nature.UNDATED;
        }
        return n < 999 ? Nature.FROM_THE_FUTURE : Nature.YEAR_ONE;
    }

    /** Whether a deletion of this row at this time would be lawful. */
    boolean isDue(Row row, Instant now) {
        Instant created = row.created();
        if (!row.nature().mayBeDeleted || created == null || row.deleted() != null || row.frozen()) {
            return false;
        }
        Duration period = LONG_TENANT.equals(row.tenant()) ? Duration.ofDays(LONG_DAYS) : PERIOD;
        return created.isBefore(now.minus(period))
                && (row.keepUntil() == null || !row.keepUntil().isAfter(now));
    }

    String accountOf(Row row) {
        return row.account() == null ? accounts.get(0) : row.account();
    }

    void fill(LoopbackTwilio twilio) {
        for (String account : accounts) {
            twilio.addAccount(account, "unused-" + account);
        }
        for (Row row : rows) {
            String sid = row.sid();
            if (sid == null || row.nature() == Nature.HOSTILE_KEY || row.nature() == Nature.NEVER_KNOWN) {
                continue;
            }
            if (twilio.recording(sid).isPresent()) {
                continue;
            }
            Instant created = row.created() == null || row.nature() == Nature.FROM_THE_FUTURE ? began : row.created();
            TwilioRecording recording = TwilioRecording.completed(accountOf(row), sid, created);
            twilio.addRecording(
                    switch (row.nature()) {
                        case ABSENT -> recording.withStatus("absent");
                        case PROCESSING -> recording.withStatus("processing");
                        case ELSEWHERE -> recording.withMediaUrl("https://bucket.example.com/" + sid);
                        default -> recording;
                    });
            if (row.nature() == Nature.GONE_BEFORE) {
                twilio.deleteByHand(sid);
            }
        }
    }

    /** What was being processed is complete from now on. */
    void complete(LoopbackTwilio twilio) {
        for (Row row : rows) {
            if (row.nature() == Nature.PROCESSING && row.sid() != null) {
                twilio.recording(row.sid())
                        .filter(recording -> recording.deleted() == null)
                        .ifPresent(recording -> twilio.addRecording(recording.withStatus("completed")));
            }
        }
    }

    void insert(DatabaseServer server) throws SQLException {
        String time = server.timeType();
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "create table engine_call (id bigint primary key, sid varchar(2000), account varchar(200),"
                            + " created " + time + " null, keep_until " + time
                            + " null, frozen boolean, tenant varchar(40),"
                            + " deleted " + time + " null, reason varchar(200), note varchar(200), touched integer)");
            statement.execute("create index ix_engine_call on engine_call (deleted, created, id)");
            statement.execute("create table engine_customer (id bigint primary key, name varchar(200))");
            connection.setAutoCommit(false);
            try (PreparedStatement insert =
                    connection.prepareStatement("insert into engine_call values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
                for (Row row : rows) {
                    insert.setLong(1, row.id());
                    insert.setString(2, row.sid());
                    insert.setString(3, row.account());
                    time(insert, 4, row.created(), time);
                    time(insert, 5, row.keepUntil(), time);
                    if (row.frozen()) {
                        insert.setBoolean(6, true);
                    } else {
                        insert.setNull(6, Types.BOOLEAN);
                    }
                    insert.setString(7, row.tenant());
                    time(insert, 8, row.deleted(), time);
                    insert.setString(9, row.deleted() == null ? null : "by hand");
                    insert.setString(10, "note of " + row.id());
                    insert.setInt(11, 0);
                    insert.addBatch();
                    if (row.id() % 1000 == 0) {
                        insert.executeBatch();
                    }
                }
                insert.executeBatch();
            }
            for (int i = 0; i < 100; i++) {
                statement.execute("insert into engine_customer values (" + i + ", 'customer " + i + "')");
            }
            connection.commit();
            connection.setAutoCommit(true);
            statement.execute(time.equals("timestamptz") ? "analyze" : "analyze table engine_call");
        }
    }

    private static void time(PreparedStatement statement, int index, @Nullable Instant value, String type)
            throws SQLException {
        if (value == null) {
            statement.setNull(index, type.equals("timestamptz") ? Types.TIMESTAMP_WITH_TIMEZONE : Types.TIMESTAMP);
        } else if (type.equals("timestamptz")) {
            statement.setObject(index, value.atOffset(ZoneOffset.UTC));
        } else {
            statement.setObject(index, LocalDateTime.ofInstant(value, ZoneOffset.UTC));
        }
    }

    /** A digest of all that is not the library's to write. */
    static String neighbours(Connection connection) throws SQLException {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
        for (String query : List.of(
                "select id, sid, account, created, keep_until, frozen, tenant, note, touched from engine_call order by id",
                "select id, deleted, reason from engine_call where reason = 'by hand' order by id",
                "select id, name from engine_customer order by id")) {
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery(query)) {
                int columns = row.getMetaData().getColumnCount();
                while (row.next()) {
                    for (int i = 1; i <= columns; i++) {
                        digest.update((row.getString(i) + "\n").getBytes(StandardCharsets.UTF_8));
                    }
                }
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
