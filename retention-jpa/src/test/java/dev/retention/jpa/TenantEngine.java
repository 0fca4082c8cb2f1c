package dev.retention.jpa;

import com.zaxxer.hikari.HikariDataSource;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.Table;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.Statement;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.hibernate.annotations.TenantId;
import org.hibernate.context.spi.CurrentTenantIdentifierResolver;
import org.hibernate.engine.jdbc.connections.spi.MultiTenantConnectionProvider;
import org.hibernate.jpa.HibernatePersistenceConfiguration;

/** An engine with the tenants "acme" and "globex", whose recordings have the same ids. */
final class TenantEngine implements AutoCloseable {

    static final String ACME = "acme";
    static final String GLOBEX = "globex";
    static final List<String> TENANTS = List.of(ACME, GLOBEX);

    /** How the tenants are told apart. */
    enum Kind {
        /** One table, with a column for the tenant. */
        COLUMN,
        /** One server, with a schema for each tenant. */
        SCHEMA,
        /** A data source for each tenant. */
        DATABASE
    }

    @Entity(name = "ColumnCall")
    @Table(name = "tenant_call")
    static class ColumnCall extends CallColumns {
        @TenantId
        String tenant = "";
    }

    @Entity(name = "OwnCall")
    @Table(name = "tenant_call")
    static class OwnCall extends CallColumns {}

    /** Answers what the engine has left on the thread, here always the same. */
    static final class Resolver implements CurrentTenantIdentifierResolver<String> {
        @Override
        public String resolveCurrentTenantIdentifier() {
            return GLOBEX;
        }

        @Override
        public boolean validateExistingCurrentSessions() {
            return true;
        }

        @Override
        public boolean isRoot(String tenant) {
            return tenant.equals("root");
        }
    }

    private final class Connections implements MultiTenantConnectionProvider<String> {
        private static final long serialVersionUID = 1L;

        @Override
        public Connection getAnyConnection() throws SQLException {
            return reached(ACME);
        }

        @Override
        public Connection getConnection(String tenant) throws SQLException {
            return reached(routing.apply(tenant));
        }

        @Override
        public void releaseAnyConnection(Connection connection) throws SQLException {
            connection.close();
        }

        @Override
        public void releaseConnection(String tenant, Connection connection) throws SQLException {
            connection.close();
        }

        @Override
        public boolean supportsAggressiveRelease() {
            return false;
        }

        @Override
        public boolean isUnwrappableAs(Class<?> type) {
            return false;
        }

        @Override
        public <T> T unwrap(Class<T> type) {
            throw new UnsupportedOperationException();
        }
    }

    final TestDatabase database;
    final Kind kind;
    final EntityManagerFactory factory;

    /** Which tenant a connection leads to that is asked for one; to nobody means that its database is away. */
    volatile UnaryOperator<String> routing = UnaryOperator.identity();

    static final String NOBODY = "nobody";

    private final Map<String, HikariDataSource> pools = new LinkedHashMap<>();
    private final String suffix = UUID.randomUUID().toString().substring(0, 8);

    TenantEngine(TestDatabase database, Kind kind) throws SQLException {
        this.database = database;
        this.kind = kind;
        HikariDataSource first = database.create("tenants" + suffix, "TRANSACTION_READ_COMMITTED");
        for (String tenant : TENANTS) {
            pools.put(
                    tenant,
                    kind == Kind.DATABASE && tenant.equals(GLOBEX)
                            ? database.create("others" + suffix, "TRANSACTION_READ_COMMITTED")
                            : first);
            if (kind != Kind.DATABASE) {
                execute(first, "create schema " + schema(tenant));
            }
        }
        String time = database.isOfMySqlFamily() ? "datetime(6)" : "timestamp(6) with time zone";
        String table = "create table tenant_call (id bigint not null, twilio_recording_sid varchar(100), created_at "
                + time + ", deleted_at " + time + " null, deletion_reason varchar(100), ";
        if (kind == Kind.COLUMN) {
            execute(first, table + "tenant varchar(20) not null, primary key (tenant, id))");
        } else {
            for (String tenant : TENANTS) {
                try (Connection connection = reached(tenant);
                        Statement statement = connection.createStatement()) {
                    statement.execute(table + "primary key (id))");
                }
            }
        }
        HibernatePersistenceConfiguration configuration = new HibernatePersistenceConfiguration("tenants")
                .managedClass(entity())
                .property("hibernate.tenant_identifier_resolver", new Resolver());
        factory = (kind == Kind.COLUMN
                        ? configuration.property("jakarta.persistence.nonJtaDataSource", first)
                        : configuration.property("hibernate.multi_tenant_connection_provider", new Connections()))
                .createEntityManagerFactory();
    }

    Class<?> entity() {
        return kind == Kind.COLUMN ? ColumnCall.class : OwnCall.class;
    }

    /** The schema of the tenant, or of the library's tables for it. */
    String schema(String tenant) {
        return tenant + "_" + suffix;
    }

    JpaRecordingRepository.Builder builder(String tenant) {
        JpaRecordingRepository.Builder builder = JpaRecordingRepository.builder(factory, entity())
                .initializeSchema(SchemaInitialization.ALWAYS)
                .tenant(tenant);
        return kind == Kind.COLUMN ? builder.schema(schema(tenant)) : builder;
    }

    JpaRecordingRepository repository(String tenant) {
        return builder(tenant).build();
    }

    /** As an engine's own provider does it. */
    Connection reached(String tenant) throws SQLException {
        if (tenant.equals(NOBODY)) {
            throw new SQLNonTransientConnectionException("the server is away", "08001");
        }
        Connection connection = Objects.requireNonNull(pools.get(tenant)).getConnection();
        if (kind == Kind.SCHEMA) {
            if (database.isOfMySqlFamily()) {
                connection.setCatalog(schema(tenant));
            } else {
                String schema = schema(tenant);
                connection.setSchema(database == TestDatabase.H2 ? schema.toUpperCase(java.util.Locale.ROOT) : schema);
            }
        }
        return connection;
    }

    void insert(String tenant, long id, String key, Instant created) throws SQLException {
        boolean column = kind == Kind.COLUMN;
        try (Connection connection = reached(tenant);
                PreparedStatement statement =
                        connection.prepareStatement("insert into tenant_call (id, twilio_recording_sid, created_at"
                                + (column ? ", tenant" : "") + ") values (?, ?, ?" + (column ? ", ?)" : ")"))) {
            statement.setLong(1, id);
            statement.setString(2, key);
            if (database.isOfMySqlFamily()) {
                statement.setObject(3, created.atOffset(ZoneOffset.UTC).toLocalDateTime());
            } else {
                statement.setObject(3, created.atOffset(ZoneOffset.UTC));
            }
            if (column) {
                statement.setString(4, tenant);
            }
            statement.executeUpdate();
        }
    }

    boolean isLive(String tenant, long id) throws SQLException {
        try (Connection connection = reached(tenant);
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("select deleted_at from tenant_call where id = " + id
                        + (kind == Kind.COLUMN ? " and tenant = '" + tenant + "'" : ""))) {
            if (!result.next()) {
                throw new IllegalStateException("no row " + id + " of " + tenant);
            }
            return result.getObject(1) == null;
        }
    }

    private static void execute(HikariDataSource pool, String sql) throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public void close() {
        factory.close();
        pools.values().forEach(HikariDataSource::close);
    }
}
