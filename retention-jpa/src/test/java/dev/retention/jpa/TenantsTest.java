package dev.retention.jpa;

import static dev.retention.jpa.TenantEngine.ACME;
import static dev.retention.jpa.TenantEngine.GLOBEX;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retention.DeletionLedger;
import dev.retention.DeletionState;
import dev.retention.EraseAnswer;
import dev.retention.FirstRun;
import dev.retention.HoldAnswer;
import dev.retention.LegalHolds;
import dev.retention.RetentionEvidence;
import dev.retention.RetentionException;
import dev.retention.RetentionOperations;
import dev.retention.RetentionSweeper;
import dev.retention.SweepEnd;
import dev.retention.SweepReport;
import dev.retention.jpa.TenantEngine.Kind;
import dev.retention.spi.Recording;
import dev.retention.test.FakeRecordingStorage;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("The recordings of one tenant")
class TenantsTest {

    private static final Instant OLD = Instant.now().minus(Duration.ofDays(91));
    private static final Instant YOUNG = Instant.now().minus(Duration.ofDays(89));

    private final FakeRecordingStorage storage = new FakeRecordingStorage();
    private @Nullable TenantEngine started;

    private TenantEngine start(TestDatabase database, Kind kind) throws SQLException {
        TenantEngine engine = new TenantEngine(database, kind);
        started = engine;
        return engine;
    }

    @AfterEach
    void stop() {
        if (started != null) {
            started.close();
        }
    }

    static Stream<Arguments> everywhere() {
        return Stream.of(TestDatabase.values())
                .flatMap(database -> Stream.of(Kind.values()).map(kind -> Arguments.of(database, kind)));
    }

    private RetentionSweeper sweeper(JpaRecordingRepository repository) {
        return RetentionSweeper.builder(repository, storage)
                .firstRun(FirstRun.TRUST)
                .maxShare(1)
                .build();
    }

    /** With the same ids at each tenant: 1 and 2 are due, 3 is not. */
    private void fill(TenantEngine engine) throws SQLException {
        for (String tenant : TenantEngine.TENANTS) {
            for (long id = 1; id <= 3; id++) {
                String key = tenant + "-" + id;
                engine.insert(tenant, id, key, id < 3 ? OLD : YOUNG);
                storage.put(key);
            }
        }
    }

    private List<String> deleted() {
        return storage.deletes().stream().map(Recording::storageKey).sorted().toList();
    }

    @ParameterizedTest
    @MethodSource("everywhere")
    void areHeldSweptAndErasedWithoutThoseOfAnother(TestDatabase database, Kind kind) throws SQLException {
        TenantEngine engine = start(database, kind);
        fill(engine);
        JpaRecordingRepository acme = engine.repository(ACME);
        JpaRecordingRepository globex = engine.repository(GLOBEX);
        assertThat(LegalHolds.of(acme).place("case", List.of("1", "9"), "dpo", "lawsuit", null))
                .isEqualTo(Map.of("1", HoldAnswer.HELD, "9", HoldAnswer.UNKNOWN));

        SweepReport ofGlobex = sweeper(globex).sweep();

        assertThat(ofGlobex.end()).as(ofGlobex.message()).isEqualTo(SweepEnd.COMPLETED);
        assertThat(ofGlobex.deleted()).isEqualTo(2);
        assertThat(ofGlobex.held()).isZero();
        assertThat(deleted()).containsExactly("globex-1", "globex-2");
        assertThat(engine.isLive(GLOBEX, 1)).isFalse();
        assertThat(engine.isLive(GLOBEX, 3)).isTrue();
        for (long id = 1; id <= 3; id++) {
            assertThat(engine.isLive(ACME, id)).as("acme %s", id).isTrue();
        }
        assertThat(DeletionLedger.of(acme).find("2")).isEmpty();
        assertThat(acme.runs().latest()).isEmpty();
        assertThat(LegalHolds.of(globex).list(0, 10)).isEmpty();

        SweepReport ofAcme = sweeper(acme).sweep();

        assertThat(ofAcme.deleted()).isEqualTo(1);
        assertThat(ofAcme.held()).isEqualTo(1);
        assertThat(engine.isLive(ACME, 1)).isTrue();
        assertThat(engine.isLive(ACME, 2)).isFalse();
        assertThat(DeletionLedger.of(acme).find("2").orElseThrow().storageKey()).isEqualTo("acme-2");
        assertThat(DeletionLedger.of(globex).find("2").orElseThrow().storageKey())
                .isEqualTo("globex-2");

        assertThat(RetentionOperations.of(sweeper(acme)).erase(List.of("1", "3"), "dpo", "a request"))
                .isEqualTo(Map.of("1", EraseAnswer.HELD, "3", EraseAnswer.ERASED));

        assertThat(engine.isLive(GLOBEX, 3)).isTrue();
        assertThat(deleted()).containsExactly("acme-2", "acme-3", "globex-1", "globex-2");
        assertThat(DeletionLedger.of(globex).find("3")).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("everywhere")
    void havePausesConfirmationsAndAnIdentityOfTheirOwn(TestDatabase database, Kind kind) throws SQLException {
        TenantEngine engine = start(database, kind);
        fill(engine);
        JpaRecordingRepository acme = engine.repository(ACME);
        JpaRecordingRepository globex = engine.repository(GLOBEX);
        RetentionOperations ofAcme =
                RetentionOperations.of(RetentionSweeper.builder(acme, storage).build());
        RetentionOperations ofGlobex =
                RetentionOperations.of(RetentionSweeper.builder(globex, storage).build());

        assertThat(acme.identity().text()).contains(" tenant acme");
        assertThat(globex.identity().text()).contains(" tenant globex");
        assertThat(ofAcme.pause("ops", "an audit")).isTrue();
        assertThat(ofGlobex.paused()).isEmpty();
        assertThat(sweeper(acme).sweep().end()).isEqualTo(SweepEnd.PAUSED);
        SweepReport swept = sweeper(globex).sweep();
        assertThat(swept.deleted()).as(swept.message()).isEqualTo(2);
        assertThat(acme.controls().all()).doesNotContainKey("confirmed-mapping");
        assertThat(deleted()).containsExactly("globex-1", "globex-2");
    }

    /** Otherwise the log of one tenant could be shown for that of another. */
    @ParameterizedTest
    @EnumSource
    void haveAnEvidenceLogWithANameOfItsOwn(Kind kind) throws SQLException {
        TenantEngine engine = start(TestDatabase.H2, kind);
        fill(engine);
        for (String tenant : TenantEngine.TENANTS) {
            JpaRecordingRepository repository = engine.repository(tenant);
            RetentionEvidence evidence = RetentionEvidence.builder(repository)
                    .origin("example.com/recordings")
                    .build();
            LegalHolds.of(repository).place("case", List.of("1"), "dpo", "lawsuit", null);
            evidence.seal();

            assertThat(evidence.checkpoint().orElseThrow()).startsWith("example.com/recordings/" + tenant + "\n");
        }
    }

    @ParameterizedTest
    @EnumSource
    void areKeptIfARowOfAnotherNamesTheirKey(TestDatabase database) throws SQLException {
        TenantEngine engine = start(database, Kind.COLUMN);
        fill(engine);
        engine.insert(ACME, 4, "both", OLD);
        engine.insert(GLOBEX, 4, "both", YOUNG);
        storage.put("both");

        SweepReport report = sweeper(engine.repository(ACME)).sweep();

        assertThat(deleted()).containsExactly("acme-1", "acme-2");
        assertThat(report.deleted()).isEqualTo(2);
        assertThat(engine.isLive(ACME, 4)).isTrue();
        assertThat(DeletionLedger.of(engine.repository(ACME)).find("4").orElseThrow())
                .returns(DeletionState.ACTIVE, entry -> entry.state())
                .satisfies(entry -> assertThat(String.valueOf(entry.cause())).contains("another tenant"));
    }

    @ParameterizedTest
    @MethodSource("everywhere")
    void areReachedByTheNameOfTheTenantAndNotByTheResolver(TestDatabase database, Kind kind) throws SQLException {
        TenantEngine engine = start(database, kind);
        fill(engine);
        assertThat(new TenantEngine.Resolver().resolveCurrentTenantIdentifier()).isEqualTo(GLOBEX);

        sweeper(engine.repository(ACME)).sweep();

        assertThat(deleted()).containsExactly("acme-1", "acme-2");
    }

    @ParameterizedTest
    @MethodSource("everywhere")
    void areRefusedToTheTablesOfAnother(TestDatabase database, Kind kind) throws SQLException {
        TenantEngine engine = start(database, kind);
        engine.repository(ACME);
        JpaRecordingRepository.Builder wrong = engine.builder(GLOBEX);
        if (kind == Kind.COLUMN) {
            wrong.schema(engine.schema(ACME));
        } else {
            engine.routing = tenant -> ACME;
        }

        assertThatThrownBy(wrong::build)
                .isInstanceOf(RetentionException.class)
                .returns(RetentionException.Kind.CONFIGURATION, e -> ((RetentionException) e).kind())
                .hasMessageContaining("belong to the tenant 'acme', and this repository reads those of 'globex'");
    }

    /** After a start that was right: a pool that was mixed up, or a provider that is wrong at times. */
    @ParameterizedTest
    @EnumSource
    void areNotTouchedOnceTheConnectionLeadsToAnother(TestDatabase database) throws SQLException {
        TenantEngine engine = start(database, Kind.DATABASE);
        fill(engine);
        JpaRecordingRepository acme = engine.repository(ACME);
        engine.repository(GLOBEX);
        engine.routing = tenant -> GLOBEX;

        String message = "tables of 'OwnCall of tenant acme' were asked for, and the connection leads to those of"
                + " 'OwnCall of tenant globex'";
        assertThatThrownBy(() -> sweeper(acme).sweep()).hasMessageContaining(message);
        assertThatThrownBy(() -> LegalHolds.of(acme).place("case", List.of("1"), "dpo", "lawsuit", null))
                .hasMessageContaining(message);
        assertThatThrownBy(() -> DeletionLedger.of(acme).find("1")).hasMessageContaining(message);
        assertThat(storage.deletes()).isEmpty();

        engine.routing = tenant -> tenant;
        assertThat(sweeper(acme).sweep().deleted()).isEqualTo(2);
    }

    /** The sweep reads acme's rows, and its claims would be written beside globex's. */
    @Test
    void areNotDeletedByASweepOfWhichOneConnectionLeadsToAnother() throws SQLException {
        TenantEngine engine = start(TestDatabase.H2, Kind.DATABASE);
        fill(engine);
        JpaRecordingRepository acme = engine.repository(ACME);
        engine.repository(GLOBEX);
        RetentionSweeper sweeper = sweeper(acme);
        for (int right = 0; right < 12; right++) {
            int[] left = {right};
            engine.routing = tenant -> left[0]-- > 0 ? tenant : GLOBEX;
            try {
                sweeper.sweep();
            } catch (RetentionException e) {
                assertThat(e).hasMessageContaining("were asked for");
            }
            assertThat(deleted()).allMatch(key -> key.startsWith("acme"));
            assertThat(engine.isLive(GLOBEX, 1)).isTrue();
            engine.routing = tenant -> tenant;
            assertThat(DeletionLedger.of(engine.repository(GLOBEX)).find("1")).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void areSweptWhileTheDatabaseOfAnotherIsAway(TestDatabase database) throws SQLException {
        TenantEngine engine = start(database, Kind.DATABASE);
        fill(engine);
        engine.routing = tenant -> tenant.equals(ACME) ? TenantEngine.NOBODY : tenant;
        JpaRecordingRepository acme = engine.repository(ACME);

        assertThat(sweeper(engine.repository(GLOBEX)).sweep().deleted()).isEqualTo(2);
        assertThatThrownBy(() -> sweeper(acme).sweep())
                .isInstanceOf(RetentionException.class)
                .returns(RetentionException.Kind.UNAVAILABLE, e -> ((RetentionException) e).kind());

        engine.routing = tenant -> tenant;
        assertThat(sweeper(acme).sweep().deleted()).isEqualTo(2);
    }

    @ParameterizedTest
    @MethodSource("everywhere")
    void areNotReadWithoutTheTenant(TestDatabase database, Kind kind) throws SQLException {
        TenantEngine engine = start(database, kind);
        engine.repository(GLOBEX);
        JpaRecordingRepository.Builder builder = JpaRecordingRepository.builder(engine.factory, engine.entity())
                .initializeSchema(SchemaInitialization.ALWAYS);
        if (kind == Kind.COLUMN) {
            builder.schema(engine.schema(GLOBEX));
        }
        assertThatThrownBy(builder::build)
                .hasMessageContaining("belong to the tenant 'globex', and this repository reads without tenants");
    }

    @Test
    void areHiddenFromARepositoryWithoutTenants() throws SQLException {
        for (Kind kind : Kind.values()) {
            try (TenantEngine engine = new TenantEngine(TestDatabase.H2, kind)) {
                assertThatThrownBy(JpaRecordingRepository.builder(engine.factory, engine.entity())
                                .initializeSchema(SchemaInitialization.ALWAYS)
                                .hiddenRows(HiddenRows.REFUSE)::build)
                        .hasMessageContaining(kind == Kind.COLUMN ? "by @TenantId" : "by MultiTenantConnectionProvider")
                        .hasMessageContaining("name the tenants");
                engine.builder(ACME).hiddenRows(HiddenRows.REFUSE).build();
            }
        }
    }

    @Test
    void areRefusedIfTheyCannotBeToldFromThoseOfOthers() throws SQLException {
        TenantEngine columns = start(TestDatabase.H2, Kind.COLUMN);
        assertThatThrownBy(columns.builder("root").schema("any")::build).hasMessageContaining("is a root tenant");
        assertThatThrownBy(columns.builder(ACME).tenant("a b")::build).hasMessageContaining("is no name of a tenant");
        try (TenantEngine databases = new TenantEngine(TestDatabase.H2, Kind.DATABASE)) {
            assertThatThrownBy(databases.builder(ACME).schema("any")::build)
                    .hasMessageContaining("Leave out the schema");
        }
        Engine plain = new Engine(TestDatabase.H2, VoiceRecording.class, "TRANSACTION_READ_COMMITTED");
        assertThatThrownBy(plain.builder().tenant(ACME)::build)
                .hasMessageContaining("VoiceRecording has no @TenantId")
                .hasMessageContaining("no MultiTenantConnectionProvider");
    }

    @Test
    void areRefusedToTransactionsOfAnother() throws SQLException {
        TenantEngine engine = start(TestDatabase.H2, Kind.COLUMN);
        JpaTransactions ofResolver = new ResourceLocalTransactions(engine.factory, Map.of());
        assertThatThrownBy(engine.builder(ACME).transactions(ofResolver)::build)
                .hasMessageContaining("tenant 'acme' was asked for, and the entity manager is of tenant 'globex'");
    }
}
