package dev.retention.jpa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.retention.RetentionException;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.Table;
import java.sql.Connection;
import java.sql.Statement;
import java.util.UUID;
import org.hibernate.annotations.Filter;
import org.hibernate.annotations.FilterDef;
import org.hibernate.annotations.SQLRestriction;
import org.hibernate.annotations.SoftDelete;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rows that a query on the entity does not find: they would never be swept, and nobody would learn of it. */
class HiddenRowsTest {

    @Entity(name = "PlainCall")
    @Table(name = "hidden_call")
    static class PlainCall extends CallColumns {}

    @Entity(name = "RestrictedCall")
    @Table(name = "hidden_call")
    @SQLRestriction("deleted_at is null")
    static class RestrictedCall extends CallColumns {}

    @Entity(name = "SoftDeletedCall")
    @Table(name = "soft_deleted_call")
    @SoftDelete
    static class SoftDeletedCall extends CallColumns {}

    @Entity(name = "FilteredCall")
    @Table(name = "hidden_call")
    @FilterDef(name = "young", autoEnabled = true, defaultCondition = "id < 3")
    @Filter(name = "young")
    static class FilteredCall extends CallColumns {}

    @Entity(name = "UnfilteredCall")
    @Table(name = "hidden_call")
    @FilterDef(name = "never", defaultCondition = "id < 3")
    @Filter(name = "never")
    static class UnfilteredCall extends CallColumns {}

    private @Nullable HikariDataSource dataSource;
    private @Nullable EntityManagerFactory factory;

    @AfterEach
    void close() {
        if (factory != null) {
            factory.close();
        }
        if (dataSource != null) {
            dataSource.close();
        }
    }

    private JpaRecordingRepository.Builder builder(TestDatabase database, Class<?> entity) throws Exception {
        HikariDataSource pool =
                database.create("hidden" + UUID.randomUUID().toString().replace("-", ""), "TRANSACTION_READ_COMMITTED");
        dataSource = pool;
        EntityManagerFactory created = Engine.factory(database, pool, "create", entity);
        factory = created;
        if (entity != SoftDeletedCall.class) {
            execute(pool, "insert into hidden_call (id) values (1), (2), (3)");
            execute(pool, "update hidden_call set deleted_at = current_timestamp where id = 2");
        }
        return refusing(created, entity);
    }

    private static JpaRecordingRepository.Builder refusing(EntityManagerFactory factory, Class<?> entity) {
        return JpaRecordingRepository.builder(factory, entity)
                .initializeSchema(SchemaInitialization.ALWAYS)
                .hiddenRows(HiddenRows.REFUSE);
    }

    private static void execute(HikariDataSource pool, String sql) throws Exception {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @ParameterizedTest
    @EnumSource
    void byARestrictionAreCountedAndRefused(TestDatabase database) throws Exception {
        JpaRecordingRepository.Builder builder = builder(database, RestrictedCall.class);
        assertThatThrownBy(builder::build)
                .isInstanceOf(RetentionException.class)
                .hasMessageContaining("RestrictedCall")
                .hasMessageContaining("by @SQLRestriction: 1 of 3 at present")
                .hasMessageContaining("UNKNOWN");
        assertThatCode(() -> builder.hiddenRows(HiddenRows.WARN).build()).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @EnumSource
    void byAnEnabledFilterAreFoundByCounting(TestDatabase database) throws Exception {
        assertThatThrownBy(builder(database, FilteredCall.class)::build)
                .isInstanceOf(RetentionException.class)
                .hasMessageContaining("hides rows of its table from this library: 1 of 3 at present");
    }

    @Test
    void byAFilterThatNobodyEnablesAreNone() throws Exception {
        assertThatCode(builder(TestDatabase.H2, UnfilteredCall.class)::build).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @EnumSource
    void areNoneOfAPlainMapping(TestDatabase database) throws Exception {
        assertThatCode(builder(database, PlainCall.class)::build).doesNotThrowAnyException();
    }

    /** None of them is hidden yet. */
    @Test
    void bySoftDeleteAreRefusedBeforeThereIsOne() throws Exception {
        assertThatThrownBy(builder(TestDatabase.H2, SoftDeletedCall.class)::build)
                .hasMessageContaining("by @SoftDelete: 0 of 0 at present");
    }

    @Test
    void byRowLevelSecurityAreRefusedThoughNoQueryShowsThem() throws Exception {
        builder(TestDatabase.POSTGRESQL, PlainCall.class)
                .hiddenRows(HiddenRows.WARN)
                .build();
        HikariDataSource owner = java.util.Objects.requireNonNull(dataSource);
        String role = "tenant" + UUID.randomUUID().toString().replace("-", "").substring(0, 12);
        execute(owner, "create role " + role + " login");
        execute(owner, "grant all on all tables in schema public to " + role);
        execute(owner, "grant all on schema public to " + role);
        execute(owner, "alter table hidden_call enable row level security");
        execute(owner, "create policy mine on hidden_call using (id = 1)");
        HikariConfig config = TestDatabase.settings(
                owner.getJdbcUrl().replace("user=postgres", "user=" + role), "set time zone 'Asia/Tokyo'");
        try (HikariDataSource tenant = TestDatabase.pool(config, "TRANSACTION_READ_COMMITTED");
                EntityManagerFactory seeing =
                        Engine.factory(TestDatabase.POSTGRESQL, tenant, "none", PlainCall.class)) {
            assertThatThrownBy(refusing(seeing, PlainCall.class)::build)
                    .hasMessageContaining("by row-level security")
                    .hasMessageContaining("a user that sees all rows");
        }
        assertThat(owner.isClosed()).isFalse();
    }
}
