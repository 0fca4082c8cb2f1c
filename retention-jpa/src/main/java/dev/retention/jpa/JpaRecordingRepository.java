package dev.retention.jpa;

import dev.retention.RetentionException;
import dev.retention.spi.Census;
import dev.retention.spi.Controls;
import dev.retention.spi.DatabaseIdentity;
import dev.retention.spi.DeletionGate;
import dev.retention.spi.EvidenceLog;
import dev.retention.spi.HoldRegister;
import dev.retention.spi.LedgerReader;
import dev.retention.spi.Population;
import dev.retention.spi.QuarantineDesk;
import dev.retention.spi.RecordingMapping;
import dev.retention.spi.RecordingRepository;
import dev.retention.spi.RecordingSource;
import dev.retention.spi.SweepRuns;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.PersistenceUnitTransactionType;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds due recordings through the engine's own entity, and keeps claims, holds and evidence in tables of its own
 * beside it, on PostgreSQL, MariaDB, MySQL and H2.
 *
 * <p>Of the engine's table only the mapped columns are read. Only two of them are written, once, in the transaction
 * that records the proof of a deletion, and the version attribute is counted then, if there is one. Entities are never
 * loaded, so that entity listeners are not called.
 *
 * <p>Storage keys of more than 1,024 characters are kept in the ledger as their first 64 characters, their length and
 * their SHA-256; accounts of more than 255 likewise.
 *
 * <p>The entity manager factory belongs to the caller: the repository never closes it.
 *
 * <p>One class, since most of it is the description of its builder's settings.
 */
public final class JpaRecordingRepository implements RecordingRepository {

    private final Database database;
    private final RecordingMapping mapping;
    private final RecordingSource recordings;
    private final DeletionGate gate;
    private final SweepRuns runs;
    private final HoldRegister holds;
    private final LedgerReader ledger;
    private final QuarantineDesk quarantine;
    private final Controls controls;
    private final EvidenceLog evidence;
    private final Census census;
    private final Population population;
    private final ServerIdentity identity;
    private final @Nullable String tenant;

    private JpaRecordingRepository(
            Database database, EngineTable engine, ServerIdentity identity, @Nullable String tenant) {
        this.database = database;
        this.mapping = engine.mapping().description();
        this.recordings = new JpaRecordingSource(database, engine);
        this.gate = new JpaDeletionGate(database, engine);
        this.runs = new JpaSweepRuns(database);
        this.holds = new JpaHoldRegister(database, engine);
        this.ledger = new JpaLedgerReader(database);
        this.quarantine = new JpaQuarantineDesk(database, engine);
        this.controls = new JpaControls(database);
        this.evidence = new JpaEvidenceLog(database);
        this.census = new JpaCensus(database, engine.mapping());
        this.population = new JpaPopulation(database, engine);
        this.identity = identity;
        this.tenant = tenant;
    }

    /**
     * Starts building a repository.
     *
     * @param factory the engine's persistence unit
     * @param entity the entity that describes recordings, such as {@link VoiceRecording}
     */
    public static Builder builder(EntityManagerFactory factory, Class<?> entity) {
        return new Builder(factory, entity);
    }

    @Override
    public Instant now() {
        return database.now();
    }

    @Override
    public boolean callerHasTransaction() {
        return database.callerHasTransaction();
    }

    /** The name that {@link Builder#tenant} got. */
    @Override
    public @Nullable String tenant() {
        return tenant;
    }

    /** The attributes' paths as they were given, their types, and the zone of those that have none of their own. */
    @Override
    public RecordingMapping mapping() {
        return mapping;
    }

    @Override
    public RecordingSource recordings() {
        return recordings;
    }

    @Override
    public DeletionGate gate() {
        return gate;
    }

    @Override
    public SweepRuns runs() {
        return runs;
    }

    @Override
    public HoldRegister holds() {
        return holds;
    }

    @Override
    public LedgerReader ledger() {
        return ledger;
    }

    @Override
    public QuarantineDesk quarantine() {
        return quarantine;
    }

    @Override
    public Controls controls() {
        return controls;
    }

    /** Entries are written unless {@link Builder#withoutEvidence} was called. */
    @Override
    public EvidenceLog evidence() {
        return evidence;
    }

    @Override
    public Census census() {
        return census;
    }

    @Override
    public Population population() {
        return population;
    }

    /**
     * The address of the JDBC connection without user, password and parameters, and the name that
     * {@link Builder#identity} gives it, or else the server's own identifier where it may be read: PostgreSQL's system
     * identifier, MariaDB's {@code server_uid} or host name, MySQL's {@code server_uuid}. Those of MariaDB and MySQL
     * move with the machine. Databases inside the JVM, which only H2 has, are embedded.
     */
    @Override
    public DatabaseIdentity identity() {
        return identity.get();
    }

    /**
     * Settings of a repository. Not thread-safe. Attributes are named as in JPQL, relative to the entity. A path may
     * contain embedded attributes. It may contain to-one associations only where its method says so; they are outer
     * joined, so that rows without an associated entity are found, too.
     */
    public static final class Builder {

        private static final Pattern OWN_IDENTITY = Pattern.compile("[A-Za-z0-9._:/@+-]{1,200}");
        private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,62}");

        private final EntityManagerFactory factory;
        private final Class<?> entity;
        private final AttributeNames names = new AttributeNames();
        private @Nullable ZoneId zone;
        private @Nullable String schema;
        private @Nullable String identity;
        private SchemaInitialization initialization = SchemaInitialization.EMBEDDED;
        private UnaryOperator<Instant> databaseTime = UnaryOperator.identity();
        private @Nullable Function<Map<String, ?>, JpaTransactions> transactions;
        private @Nullable String tenant;
        private Waits waits = Waits.DEFAULT;
        private HiddenRows hiddenRows = HiddenRows.WARN;
        private boolean withEvidence = true;

        private Builder(EntityManagerFactory factory, Class<?> entity) {
            this.factory = factory;
            this.entity = entity;
        }

        /** The id, of type Long, Integer, UUID or String; the entity's {@code @Id} unless set. */
        public Builder id(String attribute) {
            names.id = attribute;
            return this;
        }

        /** The key by which the storage finds a recording, a String; {@code twilioRecordingSid} unless set. */
        public Builder storageKey(String attribute) {
            names.storageKey = attribute;
            return this;
        }

        /**
         * States that no two rows ever name one storage key. Set it only if the database can't compare keys, as those
         * that an attribute converter encrypts with a random value, or a {@code @Lob} in PostgreSQL: without it, such
         * recordings are all kept, since other rows with their keys can't be found.
         *
         * <p><b>Danger:</b> other rows are not looked for then. If two rows do name one key, the recording is deleted
         * when one of them is due, though the other must be kept or is held. The statement is a part of the mapping
         * that a person confirms.
         */
        public Builder storageKeyUnique(boolean unique) {
            names.uniqueKeys = unique;
            return this;
        }

        /**
         * When a recording was made; {@code createdAt} unless set. An Instant, OffsetDateTime, ZonedDateTime,
         * LocalDateTime, Date or Timestamp, or a Long with milliseconds since 1970.
         */
        public Builder created(String attribute) {
            names.created = attribute;
            return this;
        }

        /** When a row was soft-deleted, of the same types; {@code deletedAt} unless set. NULL means that it is live. */
        public Builder deleted(String attribute) {
            names.deleted = attribute;
            return this;
        }

        /** Why a row was soft-deleted, a String or an enum; {@code deletionReason} unless set. */
        public Builder reason(String attribute) {
            names.reason = attribute;
            return this;
        }

        /**
         * What is written to the reason's attribute, whatever the reason: for an enum the name of a constant, and for a
         * String what its column allows. The ledger keeps the reason itself. Unless set, the reason itself is written,
         * which is {@code retention_policy}, or what an erasure gives.
         *
         * @throws IllegalArgumentException if it is blank
         */
        public Builder reasonText(String text) {
            if (text.isBlank()) {
                throw new IllegalArgumentException("the reason's text is blank; give a text, or none");
            }
            names.reasonText = text;
            return this;
        }

        /** The storage's account, a String; not mapped unless set. */
        public Builder account(String attribute) {
            names.account = attribute;
            return this;
        }

        /**
         * The time before which a row must not be deleted, whatever its age; not mapped unless set. May contain to-one
         * associations.
         */
        public Builder retainUntil(String attribute) {
            names.retainUntil = attribute;
            return this;
        }

        /** Whether a row is held, a Boolean; not mapped unless set. May contain to-one associations. */
        public Builder hold(String attribute) {
            names.hold = attribute;
            return this;
        }

        /**
         * How long the audio is, in seconds as an Integer or Long, or a Duration; not mapped unless set. May contain
         * to-one associations.
         */
        public Builder duration(String attribute) {
            names.duration = attribute;
            return this;
        }

        /**
         * A further attribute, for policies, holds and storages: a String, or an enum, which is compared by its name.
         * May be called several times.
         *
         * @param name the name that policies and holds use
         * @param path the attribute; may contain to-one associations
         */
        public Builder extra(String name, String path) {
            names.extra.put(name, path);
            return this;
        }

        /**
         * The zone of attributes of type LocalDateTime, required when there are any. Not that of a Date or Timestamp:
         * the driver reads those in the zone of the JVM, or in that of {@code hibernate.jdbc.time_zone}. A local time
         * that occurs twice, when clocks are set back, is treated as the later instant.
         */
        public Builder zone(ZoneId zone) {
            this.zone = zone;
            return this;
        }

        /**
         * The schema (in MariaDB and MySQL: the database) of the library's tables; the connection's own unless set. It
         * must exist.
         */
        public Builder schema(String schema) {
            if (!IDENTIFIER.matcher(schema).matches()) {
                throw new IllegalArgumentException("schema '" + schema + "' is not allowed: use letters, digits and _");
            }
            this.schema = schema;
            return this;
        }

        /** Whether missing tables of the library are created; {@link SchemaInitialization#EMBEDDED} unless set. */
        public Builder initializeSchema(SchemaInitialization initialization) {
            this.initialization = initialization;
            return this;
        }

        /**
         * A name of your own for this database, in place of the server's own identifier in the
         * {@link DatabaseIdentity}. Set it where a failover or a restart gives the same database another server, as
         * with a managed database or in Kubernetes; on MariaDB and MySQL, whose identifiers are those of one server, in
         * nearly all cases. A copy of the database needs another name. Setting or changing it is a change of identity,
         * which a person confirms.
         *
         * @param name 1 to 200 letters, digits and {@code . _ : / @ + -}
         * @throws IllegalArgumentException for another name
         */
        public Builder identity(String name) {
            if (!OWN_IDENTITY.matcher(name).matches()) {
                throw new IllegalArgumentException(
                        "identity '" + name + "': use 1 to 200 letters, digits and . _ : / @ + -");
            }
            this.identity = name;
            return this;
        }

        /**
         * What happens if rows of the table are hidden from this library: by {@code @SQLRestriction},
         * {@code @SoftDelete}, {@code @TenantId}, an enabled filter or row-level security. They are never swept, and
         * holds do not find them. {@link HiddenRows#WARN} unless set.
         */
        public Builder hiddenRows(HiddenRows choice) {
            this.hiddenRows = choice;
            return this;
        }

        /**
         * The tenant whose recordings this repository has, in an engine with several: those with this
         * {@code @TenantId}, or those that its {@code MultiTenantConnectionProvider} reaches by this identifier. All
         * sessions are opened for this tenant, whatever the {@code CurrentTenantIdentifierResolver} answers on the
         * thread. Build a repository, and a sweeper, for each tenant.
         *
         * <p>Each tenant has tables of the library of its own: where its connection leads, or, with {@code @TenantId},
         * in a {@link #schema} of its own. Every transaction checks that it has reached the tables of this tenant.
         *
         * @param tenant the tenant's identifier as a text: 1 to 100 letters, digits and {@code . _ : @ + -}
         */
        public Builder tenant(String tenant) {
            this.tenant = tenant;
            return this;
        }

        /**
         * Writes no entries of the evidence log: who deletes recordings cannot show to others afterwards that nothing
         * was changed or left out. Each report says so. Entries that exist already remain.
         */
        public Builder withoutEvidence() {
            this.withEvidence = false;
            return this;
        }

        /** For tests: the time that the repository uses as the database's, given the real one. */
        public Builder databaseTime(UnaryOperator<Instant> databaseTime) {
            this.databaseTime = databaseTime;
            return this;
        }

        /** How transactions are run; resource-local ones unless set. */
        public Builder transactions(JpaTransactions transactions) {
            return transactions(properties -> transactions);
        }

        /**
         * How transactions are run, given the properties with which their entity managers must be created: those of the
         * {@link #tenant}, or none.
         */
        public Builder transactions(Function<Map<String, ?>, JpaTransactions> transactions) {
            this.transactions = transactions;
            return this;
        }

        /**
         * Checks the mapping against the metamodel, and checks that the library's tables exist. The engine's table is
         * not read, except for its newest row if a zone is missing.
         *
         * <p>If the database does not answer, the tables are checked when the repository is used first.
         *
         * @throws RetentionException if the provider is not Hibernate 7, if the mapping can't be used (the message
         *     names everything that is wrong with it), if the database is not supported, if tables are missing and must
         *     not be created (the message names the script that creates them), if the tables belong to another entity
         *     or tenant, or if rows of several tenants could not be told apart
         */
        public JpaRecordingRepository build() {
            ProviderCheck.require(factory);
            Tenancy tenancy = tenant == null ? null : Tenancy.of(factory, entity, tenant, schema);
            Map<String, ?> properties = tenancy == null ? Map.of() : tenancy.properties();
            JpaTransactions runner = transactions == null ? resourceLocal(properties) : transactions.apply(properties);
            EntityMapping mapping = MappingCheck.check(factory, runner, entity, names, zone);
            Database database = new Database(
                    runner,
                    databaseTime,
                    new SchemaSetup(initialization, schema),
                    new TableOwner(mapping.entity(), tenancy),
                    waits,
                    withEvidence);
            ServerIdentity serverIdentity = new ServerIdentity(database, schema, identity, tenancy);
            database.prepare(serverIdentity::warnOfChanges);
            new HiddenRowsCheck(database, factory, entity, tenancy).check(hiddenRows);
            return new JpaRecordingRepository(database, new EngineTable(mapping, tenancy), serverIdentity, tenant);
        }

        /** For tests, which do not wait as long. */
        Builder waits(Waits waits) {
            this.waits = waits;
            return this;
        }

        private JpaTransactions resourceLocal(Map<String, ?> properties) {
            if (factory.getTransactionType() == PersistenceUnitTransactionType.JTA) {
                throw RetentionException.configuration(
                        "the persistence unit uses JTA transactions; call transactions(...) of the builder, so that the"
                                + " library works in them");
            }
            return new ResourceLocalTransactions(factory, properties);
        }
    }
}
