package dev.retention.autoconfigure;

import static dev.retention.autoconfigure.Contexts.ACCOUNT;
import static dev.retention.autoconfigure.Contexts.TOKEN;
import static dev.retention.autoconfigure.Contexts.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retention.DeletionLedger;
import dev.retention.HoldAnswer;
import dev.retention.LegalHolds;
import dev.retention.RetentionEvidence;
import dev.retention.RetentionException;
import dev.retention.RetentionSweeper;
import dev.retention.autoconfigure.engine.ScanningEngine;
import dev.retention.autoconfigure.engine.TestCall;
import dev.retention.autoconfigure.engine.TestEngine;
import dev.retention.jpa.JpaRecordingRepository;
import dev.retention.jpa.VoiceRecording;
import dev.retention.spi.RecordingRepository;
import dev.retention.test.twilio.LoopbackTwilio;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.hibernate.SessionFactory;
import org.hibernate.jpa.HibernatePersistenceConfiguration;
import org.hibernate.tool.schema.Action;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.MapPropertySource;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean;
import org.springframework.orm.jpa.vendor.HibernateJpaVendorAdapter;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

@DisplayName("The repository in the engine's database")
class JpaAutoConfigurationTest {

    private static final String[] MAPPING = {
        "retention.jpa.entity=dev.retention.autoconfigure.engine.TestCall",
        "retention.jpa.attributes.storage-key=sid",
        "retention.jpa.attributes.created=recorded",
        "retention.jpa.attributes.deleted=removed",
        "retention.jpa.attributes.reason=removalReason",
        "retention.jpa.attributes.extra.tenant=tenant"
    };

    private static ApplicationContextRunner database() {
        return Contexts.bare()
                .withConfiguration(AutoConfigurations.of(
                        DataSourceAutoConfiguration.class,
                        HibernateJpaAutoConfiguration.class,
                        TransactionAutoConfiguration.class))
                .withPropertyValues(
                        "spring.datasource.url=jdbc:h2:mem:" + UUID.randomUUID(),
                        "spring.jpa.hibernate.ddl-auto=create-drop",
                        "retention.schedule.cron=-");
    }

    private static ApplicationContextRunner engine() {
        return database().withUserConfiguration(TestEngine.class, Contexts.OneStorage.class);
    }

    private static ApplicationContextRunner mapped() {
        return engine().withPropertyValues(MAPPING);
    }

    private static List<String> entities(ApplicationContext context) {
        return context.getBean(EntityManagerFactory.class).getMetamodel().getEntities().stream()
                .map(entity -> entity.getJavaType().getSimpleName())
                .sorted()
                .toList();
    }

    @ParameterizedTest
    @CsvSource({"'', false", "' voice-1 ', true"})
    void identifiesTheDatabaseByTheNameThatItIsGiven(String name, boolean given) {
        mapped().withInitializer(context -> context.getEnvironment()
                        .getPropertySources()
                        .addFirst(new MapPropertySource("name", Map.of("retention.identity", name))))
                .run(context -> assertThat(context.getBean(RecordingRepository.class)
                                .identity()
                                .text()
                                .endsWith(" identity voice-1"))
                        .isEqualTo(given));
    }

    @Test
    void writesEvidenceUnlessThatIsSwitchedOff() {
        mapped().run(context -> assertThat(
                        context.getBean(RecordingRepository.class).evidence().enabled())
                .isTrue());
        mapped().withPropertyValues("retention.evidence.enabled=false")
                .run(context -> assertThat(context.getBean(RecordingRepository.class)
                                .evidence()
                                .enabled())
                        .isFalse());
    }

    @Test
    void sealsWhatTheDatabaseHasAndHandsOutReceipts() {
        mapped().run(context -> {
            UUID id = new TransactionTemplate(context.getBean(PlatformTransactionManager.class)).execute(open -> {
                TestCall call = new TestCall("RE1", Instant.now());
                context.getBean(EntityManager.class).persist(call);
                return call.callId;
            });
            context.getBean(LegalHolds.class).place("case", List.of(String.valueOf(id)), "anna", "a case", null);
            RetentionEvidence evidence = context.getBean(RetentionEvidence.class);
            assertThat(evidence.status().unsealed()).isPositive();
            context.getBean(ScheduledSeals.class).seal();
            assertThat(evidence.status().unsealed()).isZero();
            assertThat(evidence.receipt(String.valueOf(id)).entries()).hasSize(1);
            assertThat(context.getBean(EvidenceWatch.class).attention()).isEmpty();
        });
    }

    @Test
    void sweepsHoldsAndProvesFromEndToEnd() {
        Instant now = Instant.now();
        try (LoopbackTwilio twilio = LoopbackTwilio.start().addAccount(ACCOUNT, TOKEN)) {
            database()
                    .withUserConfiguration(TestEngine.class)
                    .withPropertyValues(MAPPING)
                    .withPropertyValues(
                            "retention.policies.acme.period=P7Y",
                            "retention.policies.acme.match.tenant=acme",
                            "retention.twilio.account-sid=" + ACCOUNT,
                            "retention.twilio.auth-token=" + TOKEN,
                            "retention.twilio.base-url=" + twilio.baseUrl())
                    .run(context -> {
                        Instant old = now.minus(Duration.ofDays(91));
                        TestCall due = new TestCall(twilio.addRecording(ACCOUNT, old), old);
                        TestCall held = new TestCall(twilio.addRecording(ACCOUNT, old), old);
                        TestCall acme = new TestCall(twilio.addRecording(ACCOUNT, old), old);
                        acme.tenant = "acme";
                        TestCall recent = new TestCall(twilio.addRecording(ACCOUNT, now), now);
                        TransactionTemplate transaction =
                                new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
                        EntityManager entities =
                                org.springframework.orm.jpa.SharedEntityManagerCreator.createSharedEntityManager(
                                        context.getBean(EntityManagerFactory.class));
                        transaction.executeWithoutResult(
                                status -> List.of(due, held, acme, recent).forEach(entities::persist));
                        assertThat(context.getBean(LegalHolds.class)
                                        .place("h", List.of(held.callId.toString()), "dpo", "lawsuit", null))
                                .containsValue(HoldAnswer.HELD);

                        RetentionSweeper sweeper = context.getBean(RetentionSweeper.class);
                        assertThatThrownBy(() -> transaction.executeWithoutResult(status -> sweeper.sweep()))
                                .isInstanceOf(RetentionException.class);
                        assertThat(twilio.journal()).isEmpty();
                        assertThat(sweeper.sweep().deleted()).isEqualTo(1);

                        assertThat(twilio.stored(ACCOUNT)).isEqualTo(3);
                        assertThat(entities.createQuery(
                                                "select c.callId from TestCall c where c.removed is not null"
                                                        + " and c.removalReason = 'retention_policy'",
                                                UUID.class)
                                        .getResultList())
                                .containsExactly(due.callId);
                        assertThat(context.getBean(DeletionLedger.class)
                                        .find(due.callId.toString())
                                        .orElseThrow()
                                        .evidence())
                                .contains("204");
                    });
        }
    }

    @Test
    void commitsAHoldEvenIfTheCallersTransactionIsRolledBack() {
        mapped().run(context -> {
            TransactionTemplate transaction =
                    new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
            TestCall call = new TestCall("RE1", Instant.now());
            EntityManager entities = org.springframework.orm.jpa.SharedEntityManagerCreator.createSharedEntityManager(
                    context.getBean(EntityManagerFactory.class));
            transaction.executeWithoutResult(status -> entities.persist(call));
            transaction.executeWithoutResult(status -> {
                context.getBean(LegalHolds.class).place("h", List.of(call.callId.toString()), "dpo", "lawsuit", null);
                status.setRollbackOnly();
            });
            assertThat(context.getBean(DeletionLedger.class)
                            .find(call.callId.toString())
                            .orElseThrow()
                            .held())
                    .isTrue();
        });
    }

    @Test
    void isReplacedByOneOfTheApplicationAndNeedsTheAdapter() {
        mapped().run(context -> assertThat(context).hasSingleBean(JpaRecordingRepository.class));
        mapped().withUserConfiguration(Contexts.Memory.class)
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .hasSingleBean(RecordingRepository.class)
                        .doesNotHaveBean(JpaRecordingRepository.class));
        mapped().withClassLoader(new FilteredClassLoader("dev.retention.jpa"))
                .run(context -> assertRefused(context).contains("There is no RecordingRepository"));
        mapped().withPropertyValues("retention.enabled=false")
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(RecordingRepository.class));
    }

    @Test
    void startsWithAnEntityNameToo() {
        mapped().withPropertyValues("retention.jpa.entity=TestCall")
                .run(context -> assertThat(context).hasSingleBean(JpaRecordingRepository.class));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "retention.jpa.entity= | retention.jpa.entity is missing | dev.retention.autoconfigure.engine.TestCall",
                "retention.jpa.entity=com.example.Nope | 'com.example.Nope' |"
                        + " dev.retention.autoconfigure.engine.TestCall",
                "retention.jpa.attributes.created=recordedd | recordedd | recordedLocally",
                "retention.jpa.attributes.created=tenant | java.lang.String | recordedLocally",
                "retention.jpa.attributes.created=recordedLocally | zone | LocalDateTime",
                "retention.jpa.attributes.extra.queue=nowhere | nowhere | removalReason",
                "retention.jpa.initialize-schema=never | are missing | dev/retention/jpa/schema-h2.sql",
                "retention.jpa.schema=a;b | retention.jpa | a;b",
                "retention.jpa.persistence-unit=nope | 'nope' | default"
            })
    void isRefusedWithAMessageThatSaysWhatWouldFit(String property, String what, String fits) {
        mapped().withPropertyValues(property)
                .run(context -> assertRefused(context).contains("retention.jpa").contains(what, fits));
    }

    @Test
    void readsLocalTimesInTheZoneThatIsSet() {
        mapped().withPropertyValues(
                        "retention.jpa.attributes.created=recordedLocally", "retention.jpa.zone=Europe/Berlin")
                .run(context -> assertThat(context).hasNotFailed());
    }

    @Test
    void isRefusedWhenAPolicyMatchesAnAttributeThatIsNotMapped() {
        mapped().withPropertyValues("retention.policies.x.period=P7Y", "retention.policies.x.match.queue=sales")
                .run(context -> assertRefused(context).contains("retention.policies.x.match.queue", "[tenant]"));
    }

    @Test
    void needsTheUnitsNameIfThereAreSeveral() {
        ApplicationContextRunner two = Contexts.bare()
                .withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class))
                .withUserConfiguration(TwoUnits.class, Contexts.OneStorage.class)
                .withPropertyValues(MAPPING)
                .withPropertyValues("spring.datasource.url=jdbc:h2:mem:" + UUID.randomUUID());
        two.run(context -> assertRefused(context)
                .contains("several persistence units", "retention.jpa.persistence-unit", "calls", "billing"));
        two.withPropertyValues("retention.jpa.persistence-unit=calls")
                .run(context -> assertThat(context).hasSingleBean(JpaRecordingRepository.class));
        two.withPropertyValues("retention.jpa.persistence-unit=firstFactory")
                .run(context -> assertThat(context).hasSingleBean(JpaRecordingRepository.class));
    }

    @Test
    void opensNoSessionToLookForItsTablesAndOneToCountHiddenRows() {
        ApplicationContextRunner engine = mapped().withPropertyValues(
                        "spring.datasource.url=jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1",
                        "spring.jpa.properties.hibernate.generate_statistics=true",
                        "retention.schedule.enabled=false");
        engine.run(context -> assertThat(sessionsOpened(context))
                .as("to create the tables, to name their owner, and to count")
                .isEqualTo(3));
        engine.run(context -> {
            assertThat(sessionsOpened(context)).isEqualTo(1);
            assertThat(context.getBean(RetentionSweeper.class).preview().deleted())
                    .isZero();
        });
    }

    private static long sessionsOpened(ApplicationContext context) {
        return context.getBean(EntityManagerFactory.class)
                .unwrap(SessionFactory.class)
                .getStatistics()
                .getSessionOpenCount();
    }

    @Test
    void findsItsTablesInAUnitThatWasMadeWithoutSpring() {
        Contexts.bare()
                .withUserConfiguration(UnitOfItsOwn.class, Contexts.OneStorage.class)
                .withPropertyValues(MAPPING)
                .run(context -> assertThat(context.getBean(RetentionSweeper.class)
                                .preview()
                                .deleted())
                        .isZero());
    }

    @Test
    void bringsItsOwnEntityOnlyWhenNamedAndTheApplicationsStay() {
        mapped().run(context -> assertThat(entities(context)).containsExactly("TestCall"));
        engine().withPropertyValues("retention.jpa.entity=dev.retention.jpa.VoiceRecording")
                .run(context -> {
                    assertThat(entities(context)).containsExactly("TestCall", "VoiceRecording");
                    EntityManagerFactory factory = context.getBean(EntityManagerFactory.class);
                    VoiceRecording recording =
                            new VoiceRecording("RE1", Instant.now().minus(Duration.ofDays(91)));
                    try (EntityManager entities = factory.createEntityManager()) {
                        entities.getTransaction().begin();
                        entities.persist(recording);
                        entities.getTransaction().commit();
                    }
                    assertThat(context.getBean(RetentionSweeper.class).preview().deleted())
                            .isEqualTo(1);
                });
        database()
                .withUserConfiguration(ScanningEngine.class, Contexts.OneStorage.class)
                .withPropertyValues("retention.jpa.entity=dev.retention.jpa.VoiceRecording")
                .run(context -> assertThat(entities(context)).containsExactly("TestCall", "VoiceRecording"));
    }

    @Configuration(proxyBeanMethods = false)
    static class UnitOfItsOwn {
        @Bean(destroyMethod = "close")
        EntityManagerFactory calls() {
            return new HibernatePersistenceConfiguration("calls")
                    .managedClass(TestCall.class)
                    .jdbcUrl("jdbc:h2:mem:" + UUID.randomUUID())
                    .schemaToolingAction(Action.CREATE_DROP)
                    .createEntityManagerFactory();
        }

        @Bean
        PlatformTransactionManager transactionManager(EntityManagerFactory calls) {
            return new JpaTransactionManager(calls);
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class TwoUnits {
        @Bean
        LocalContainerEntityManagerFactoryBean firstFactory(DataSource dataSource) {
            return unit("calls", dataSource);
        }

        @Bean
        LocalContainerEntityManagerFactoryBean secondFactory(DataSource dataSource) {
            return unit("billing", dataSource);
        }

        private static LocalContainerEntityManagerFactoryBean unit(String name, DataSource dataSource) {
            LocalContainerEntityManagerFactoryBean factory = new LocalContainerEntityManagerFactoryBean();
            factory.setPersistenceUnitName(name);
            factory.setDataSource(dataSource);
            factory.setPackagesToScan(TestCall.class.getPackageName());
            HibernateJpaVendorAdapter hibernate = new HibernateJpaVendorAdapter();
            hibernate.setGenerateDdl(true);
            factory.setJpaVendorAdapter(hibernate);
            return factory;
        }
    }
}
