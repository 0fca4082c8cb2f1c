package dev.retention.jpa;

import com.zaxxer.hikari.HikariDataSource;
import dev.retention.test.EngineRow;
import dev.retention.test.RecordingRepositoryContract;
import jakarta.persistence.EntityManagerFactory;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import org.hibernate.jpa.HibernatePersistenceConfiguration;
import org.jspecify.annotations.Nullable;

/** An engine's table in a database of its own, reached by plain JDBC. */
final class Engine {

    static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    private final TestDatabase database;
    private final Class<?> entity;
    final HikariDataSource dataSource;
    final EntityManagerFactory factory;

    Engine(TestDatabase database, Class<?> entity, String isolation) {
        this(
                database,
                entity,
                database.create(
                        entity.getSimpleName()
                                + isolation.replace("TRANSACTION", "")
                                + UUID.randomUUID().toString().substring(0, 8),
                        isolation));
    }

    Engine(TestDatabase database, Class<?> entity, HikariDataSource dataSource) {
        this.database = database;
        this.entity = entity;
        this.dataSource = dataSource;
        factory = factory(database, dataSource, "create", entity, Calls.Customer.class, Calls.Contract.class);
    }

    static EntityManagerFactory factory(
            TestDatabase database, javax.sql.DataSource dataSource, String ddl, Class<?>... entities) {
        HibernatePersistenceConfiguration configuration = new HibernatePersistenceConfiguration("engine");
        for (Class<?> entity : entities) {
            configuration.managedClass(entity);
        }
        return configuration
                .property("jakarta.persistence.nonJtaDataSource", dataSource)
                .property("hibernate.hbm2ddl.auto", ddl)
                // Else H2 turns local times through the session's zone, where other drivers turn them through the
                // JVM's.
                .property("hibernate.type.java_time_use_direct_jdbc", database == TestDatabase.H2)
                .createEntityManagerFactory();
    }

    JpaRecordingRepository.Builder builder() {
        return builder(factory);
    }

    JpaRecordingRepository.Builder builder(EntityManagerFactory factory) {
        return builder(factory, attribute -> true);
    }

    /** @param mapped which of the further attributes are mapped */
    JpaRecordingRepository.Builder builder(EntityManagerFactory factory, Predicate<String> mapped) {
        JpaRecordingRepository.Builder builder =
                JpaRecordingRepository.builder(factory, entity).initializeSchema(SchemaInitialization.ALWAYS);
        if (entity == VoiceRecording.class) {
            return builder;
        }
        Map.of(
                        RecordingRepositoryContract.QUEUE,
                        "routing.queue",
                        RecordingRepositoryContract.TENANT,
                        "customer.tenant",
                        "kind",
                        "kind")
                .forEach((name, path) -> {
                    if (mapped.test(name)) {
                        builder.extra(name, path);
                    }
                });
        if (entity == Calls.UuidCall.class) {
            builder.extra("contract", "contract.kind");
        }
        return builder.zone(BERLIN)
                .storageKey("media.sid")
                .account("media.account")
                .duration("media.seconds")
                .created("started")
                .deleted("gone")
                .reason("why")
                .retainUntil("keepUntil")
                .hold("frozen");
    }

    void clear() {
        List.copyOf(refused.keySet()).forEach(this::allowSoftDelete);
        ignoring.forEach(this::execute);
        ignoring.clear();
        execute("delete from " + table());
        execute("delete from Contract");
        Tables.NAMES.forEach(ours -> execute("delete from " + ours));
    }

    /** The constraint or trigger that refuses a row's soft-delete, by the row's id. */
    private final Map<String, String> refused = new HashMap<>();

    private int refusals;

    void refuseSoftDelete(String id) {
        String constraint = "refused" + refusals++;
        String quoted = literal(id);
        // MariaDB and MySQL take no constraint on a generated id.
        execute(
                database.isOfMySqlFamily()
                        ? "create trigger " + constraint + " before update on " + table() + " for each row if new."
                                + idColumn() + " = " + quoted + " and new." + deletedColumn()
                                + " is not null then signal sqlstate '45000' set message_text = 'refused'; end if"
                        : "alter table " + table() + " add constraint " + constraint + " check (" + idColumn() + " <> "
                                + quoted + " or " + deletedColumn() + " is null)");
        refused.put(id, constraint);
    }

    /** What ends the triggers that ignore a soft-delete. */
    private final List<String> ignoring = new ArrayList<>();

    void ignoreSoftDelete(String id) {
        onUpdate(id, "new." + deletedColumn() + " = null");
    }

    /** Makes each update of a row do this, too. */
    void onUpdate(String id, String assignment) {
        String name = "ignored" + refusals++;
        String condition = "new." + idColumn() + " = " + literal(id);
        switch (database) {
            case H2 -> {
                ResettingTrigger.IDS.add(id);
                execute("create trigger " + name + " before update on " + table() + " for each row call '"
                        + ResettingTrigger.class.getName() + "'");
            }
            case POSTGRESQL -> {
                execute("create function " + name + "() returns trigger language plpgsql as 'begin if "
                        + condition.replace("'", "''") + " then " + assignment.replace("'", "''")
                        + "; end if; return new; end'");
                execute("create trigger " + name + " before update on " + table() + " for each row execute function "
                        + name + "()");
            }
            default ->
                execute("create trigger " + name + " before update on " + table() + " for each row if " + condition
                        + " then set " + assignment + "; end if");
        }
        ignoring.add("drop trigger " + name + (database == TestDatabase.POSTGRESQL ? " on " + table() : ""));
    }

    void allowSoftDelete(String id) {
        String constraint = refused.remove(id);
        execute(
                database.isOfMySqlFamily()
                        ? "drop trigger " + constraint
                        : "alter table " + table() + " drop constraint " + constraint);
    }

    /** Makes a row unreadable: one entity's by a value, the other's by a reference to what is not found. */
    void makeUnreadable(String id) {
        if (entity == Calls.UuidCall.class) {
            execute("insert into Contract (contract_id, hidden, kind) values ('" + id + "', true, 'KEEP')");
            execute("update UuidCall set contract_contract_id = '" + id + "' where call_id = " + literal(id));
        } else {
            execute("update " + table() + " set kind = 'OF_A_LATER_VERSION' where call_id = " + literal(id));
        }
    }

    /** Runs the work while a transaction is open that has changed the row, and rolls that back. */
    void whileLocked(String id, Runnable work) {
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            try (PreparedStatement statement = connection.prepareStatement("update " + table() + " set "
                    + createdColumn() + " = " + createdColumn() + " where " + idColumn() + " = ?")) {
                statement.setObject(1, id(id));
                if (statement.executeUpdate() != 1) {
                    throw new IllegalStateException("no row " + id);
                }
                work.run();
            } finally {
                connection.rollback();
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    void execute(String sql) {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(true);
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    String table() {
        return entity == VoiceRecording.class ? "voice_recording" : entity.getSimpleName();
    }

    private String idColumn() {
        return entity == VoiceRecording.class ? "id" : "call_id";
    }

    private String createdColumn() {
        return entity == VoiceRecording.class ? "created_at" : "started";
    }

    private String deletedColumn() {
        return entity == VoiceRecording.class ? "deleted_at" : "gone";
    }

    void insert(Collection<EngineRow> rows) {
        if (rows.isEmpty()) {
            return;
        }
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            for (EngineRow row : rows) {
                customer(connection, row);
            }
            List<String> names = List.copyOf(values(rows.iterator().next()).keySet());
            String sql = "insert into " + table() + " (" + String.join(", ", names) + ") values ("
                    + Sql.marks(names.size()) + ")";
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                for (EngineRow row : rows) {
                    bind(statement, values(row));
                    statement.addBatch();
                }
                statement.executeBatch();
            }
            connection.commit();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    void update(EngineRow row) {
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            customer(connection, row);
            Map<String, Object> values = values(row);
            Object id = values.remove(idColumn());
            String sql = "update " + table() + " set " + String.join(" = ?, ", values.keySet()) + " = ? where "
                    + idColumn() + " = ?";
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                values.put("id at the end", id);
                bind(statement, values);
                statement.executeUpdate();
            }
            connection.commit();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    void remove(String id) {
        try (Connection connection = dataSource.getConnection();
                PreparedStatement statement =
                        connection.prepareStatement("delete from " + table() + " where " + idColumn() + " = ?")) {
            connection.setAutoCommit(true);
            statement.setObject(1, id(id));
            statement.executeUpdate();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    Optional<EngineRow> read(String id) {
        boolean own = entity != VoiceRecording.class;
        String sql = own
                ? "select r.*, c.tenant from " + table()
                        + " r left join Customer c on c.customer_id = r.customer_customer_id where r.call_id = ?"
                : "select * from voice_recording where id = ?";
        try (Connection connection = dataSource.getConnection();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            connection.setAutoCommit(true);
            statement.setObject(1, id(id));
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    return Optional.empty();
                }
                if (!own) {
                    return Optional.of(EngineRow.of(id, row.getString("twilio_recording_sid"), time(row, "created_at"))
                            .withDeleted(time(row, "deleted_at"), row.getString("deletion_reason")));
                }
                int seconds = row.getInt("seconds");
                Duration duration = row.wasNull() ? null : Duration.ofSeconds(seconds);
                return Optional.of(EngineRow.builder(id)
                        .storageKey(row.getString("sid"))
                        .account(row.getString("account"))
                        .created(time(row, "started"))
                        .retainUntil(time(row, "keep_until"))
                        .flaggedHeld(row.getBoolean("frozen"))
                        .attribute(RecordingRepositoryContract.QUEUE, row.getString("queue_name"))
                        .attribute(RecordingRepositoryContract.TENANT, row.getString("tenant"))
                        .duration(duration)
                        .deleted(time(row, "gone"), row.getString("why"))
                        .build());
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private void customer(Connection connection, EngineRow row) throws SQLException {
        String tenant = row.attributes().get(RecordingRepositoryContract.TENANT);
        if (tenant == null) {
            return;
        }
        try (PreparedStatement known = connection.prepareStatement("select 1 from Customer where customer_id = ?")) {
            known.setString(1, customerId(tenant));
            try (ResultSet found = known.executeQuery()) {
                if (found.next()) {
                    return;
                }
            }
        }
        try (PreparedStatement insert =
                connection.prepareStatement("insert into Customer (customer_id, tenant) values (?, ?)")) {
            insert.setString(1, customerId(tenant));
            insert.setString(2, tenant);
            insert.executeUpdate();
        }
    }

    /** Different under every collation. */
    private static String customerId(String tenant) {
        return java.util.HexFormat.of().formatHex(tenant.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    private Map<String, Object> values(EngineRow row) {
        Map<String, Object> values = new LinkedHashMap<>();
        if (entity == VoiceRecording.class) {
            values.put("id", id(row.id()));
            values.put("twilio_recording_sid", row.storageKey());
            values.put("created_at", time(row.created()));
            values.put("deleted_at", time(row.deleted()));
            values.put("deletion_reason", row.deletionReason());
            return values;
        }
        values.put("call_id", id(row.id()));
        values.put("sid", row.storageKey());
        values.put("account", row.account());
        values.put("started", time(row.created()));
        values.put("gone", time(row.deleted()));
        values.put("why", row.deletionReason());
        values.put("keep_until", time(row.retainUntil()));
        // An engine of long standing has both.
        values.put("frozen", row.flaggedHeld() ? Boolean.TRUE : row.id().hashCode() % 2 == 0 ? Boolean.FALSE : null);
        values.put(
                "seconds", row.duration() == null ? null : (int) row.duration().toSeconds());
        values.put("queue_name", row.attributes().get(RecordingRepositoryContract.QUEUE));
        String tenant = row.attributes().get(RecordingRepositoryContract.TENANT);
        values.put("customer_customer_id", tenant == null ? null : customerId(tenant));
        if (entity == Calls.UuidCall.class) {
            values.put("version", 0);
        }
        return values;
    }

    private void bind(PreparedStatement statement, Map<String, Object> values) throws SQLException {
        int index = 1;
        for (Map.Entry<String, Object> value : values.entrySet()) {
            if (value.getValue() != null) {
                statement.setObject(index++, value.getValue());
            } else {
                statement.setNull(index++, typeOf(value.getKey()));
            }
        }
    }

    private int typeOf(String column) {
        return switch (column) {
            case "started", "gone", "keep_until", "created_at", "deleted_at" ->
                zoned() ? Types.TIMESTAMP_WITH_TIMEZONE : Types.TIMESTAMP;
            case "frozen" -> Types.BOOLEAN;
            case "seconds" -> Types.INTEGER;
            default -> Types.VARCHAR;
        };
    }

    private Object id(String id) {
        if (entity == VoiceRecording.class) {
            return Long.valueOf(id);
        }
        if (entity != Calls.UuidCall.class || database == TestDatabase.MARIADB) {
            return id;
        }
        UUID uuid = UUID.fromString(id);
        return database == TestDatabase.MYSQL
                ? ByteBuffer.allocate(2 * Long.BYTES)
                        .putLong(uuid.getMostSignificantBits())
                        .putLong(uuid.getLeastSignificantBits())
                        .array()
                : uuid;
    }

    /** The id as a statement has it. */
    String literal(String id) {
        if (entity == VoiceRecording.class) {
            return id;
        }
        return entity == Calls.UuidCall.class && database == TestDatabase.MYSQL
                ? "uuid_to_bin('" + id + "')"
                : "'" + id + "'";
    }

    private boolean zoned() {
        return entity != Calls.UuidCall.class && !database.isOfMySqlFamily();
    }

    private @Nullable Object time(@Nullable Instant instant) {
        if (instant == null) {
            return null;
        }
        if (zoned()) {
            return instant.atOffset(ZoneOffset.UTC);
        }
        return LocalDateTime.ofInstant(instant, entity == Calls.UuidCall.class ? BERLIN : ZoneOffset.UTC);
    }

    private @Nullable Instant time(ResultSet row, String column) throws SQLException {
        if (zoned()) {
            OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
            return time == null ? null : time.toInstant();
        }
        LocalDateTime time = row.getObject(column, LocalDateTime.class);
        ZoneId zone = entity == Calls.UuidCall.class ? BERLIN : ZoneOffset.UTC;
        return time == null
                ? null
                : time.atZone(zone).withLaterOffsetAtOverlap().toInstant();
    }
}
