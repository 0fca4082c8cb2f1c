package dev.retention.autoconfigure;

import dev.retention.RetentionException;
import dev.retention.jpa.HiddenRows;
import dev.retention.jpa.JpaRecordingRepository;
import dev.retention.jpa.SchemaInitialization;
import dev.retention.spi.RecordingRepository;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.metamodel.EntityType;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.orm.jpa.EntityManagerFactoryInfo;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.jta.JtaTransactionManager;

/** Auto-configuration of the repository in the engine's database. */
@AutoConfiguration(
        after = RetentionAutoConfiguration.class,
        afterName = "org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration")
@ConditionalOnClass({JpaRecordingRepository.class, EntityManagerFactory.class, JpaTransactionManager.class})
@ConditionalOnBooleanProperty(name = "retention.enabled", matchIfMissing = true)
@ConditionalOnBean(EntityManagerFactory.class)
@ConditionalOnMissingBean(RecordingRepository.class)
class RetentionJpaAutoConfiguration {

    @Bean
    @DependsOnDatabaseInitialization
    JpaRecordingRepository jpaRecordingRepository(
            RetentionJpaProperties properties,
            RetentionProperties retention,
            ListableBeanFactory beans,
            ObjectProvider<PlatformTransactionManager> transactionManagers) {
        EntityManagerFactory factory =
                chosen(beans.getBeansOfType(EntityManagerFactory.class), properties.persistenceUnit());
        RetentionJpaProperties.Attributes attributes = properties.attributes();
        JpaRecordingRepository.Builder builder = JpaRecordingRepository.builder(
                        factory, entity(factory, properties.entity()))
                .storageKey(attributes.storageKey())
                .created(attributes.created())
                .deleted(attributes.deleted())
                .reason(attributes.reason())
                .storageKeyUnique(properties.storageKeyUnique())
                .hiddenRows(HiddenRows.valueOf(properties.hiddenRows().name()))
                .initializeSchema(SchemaInitialization.valueOf(
                        properties.initializeSchema().name()));
        if (attributes.id() != null) {
            builder.id(attributes.id());
        }
        if (attributes.account() != null) {
            builder.account(attributes.account());
        }
        if (attributes.retainUntil() != null) {
            builder.retainUntil(attributes.retainUntil());
        }
        if (attributes.hold() != null) {
            builder.hold(attributes.hold());
        }
        if (attributes.duration() != null) {
            builder.duration(attributes.duration());
        }
        attributes.extra().forEach(builder::extra);
        if (!retention.evidence().enabled()) {
            builder.withoutEvidence();
        }
        if (properties.zone() != null) {
            builder.zone(ZoneId.of(properties.zone()));
        }
        if (properties.reasonText() != null && !properties.reasonText().isBlank()) {
            builder.reasonText(properties.reasonText().strip());
        }
        PlatformTransactionManager transactionManager =
                of(factory, transactionManagers.stream().toList());
        if (transactionManager != null) {
            builder.transactions(new SpringTransactions(factory, transactionManager));
        }
        try {
            if (properties.schema() != null) {
                builder.schema(properties.schema());
            }
            if (retention.identity() != null && !retention.identity().isBlank()) {
                builder.identity(retention.identity().strip());
            }
            return builder.build();
        } catch (RetentionException | IllegalArgumentException e) {
            throw new RetentionConfigurationException(Fault.of(
                    "retention.jpa.*",
                    "The repository of retention.jpa.* can't be used: " + e.getMessage(),
                    "Correct what this names: a property below retention.jpa, the entity, a table, or a dependency"));
        }
    }

    @Bean
    PolicyAttributes retentionPolicyAttributes(RetentionJpaProperties properties) {
        return new PolicyAttributes(properties.attributes().extra().keySet());
    }

    private static EntityManagerFactory chosen(
            Map<String, EntityManagerFactory> factories, @Nullable String persistenceUnit) {
        Map<String, EntityManagerFactory> byName = new TreeMap<>();
        for (Map.Entry<String, EntityManagerFactory> factory : factories.entrySet()) {
            byName.put(unitName(factory.getKey(), factory.getValue()), factory.getValue());
        }
        if (persistenceUnit == null || persistenceUnit.isBlank()) {
            if (factories.size() == 1) {
                return factories.values().iterator().next();
            }
            throw new RetentionConfigurationException(Fault.of(
                    "There are several persistence units",
                    "Set retention.jpa.persistence-unit to the one that holds the recordings: "
                            + String.join(", ", byName.keySet()) + " (or the name of its bean: "
                            + factories.keySet().stream().sorted().toList() + ")"));
        }
        EntityManagerFactory found = byName.getOrDefault(persistenceUnit, factories.get(persistenceUnit));
        if (found == null) {
            throw new RetentionConfigurationException(Fault.of(
                    "retention.jpa.persistence-unit",
                    "retention.jpa.persistence-unit is '" + persistenceUnit + "', which does not exist",
                    "Allowed is one of " + byName.keySet()));
        }
        return found;
    }

    private static String unitName(String bean, EntityManagerFactory factory) {
        String name =
                factory instanceof EntityManagerFactoryInfo info ? info.getPersistenceUnitName() : factory.getName();
        return name == null ? bean : name;
    }

    private static Class<?> entity(EntityManagerFactory factory, @Nullable String name) {
        List<String> known = new ArrayList<>();
        for (EntityType<?> entity : factory.getMetamodel().getEntities()) {
            Class<?> type = entity.getJavaType();
            if (type != null) {
                if (type.getName().equals(name) || entity.getName().equals(name)) {
                    return type;
                }
                known.add(type.getName());
            }
        }
        Collections.sort(known);
        throw new RetentionConfigurationException(Fault.of(
                "retention.jpa.entity",
                name == null || name.isBlank()
                        ? "retention.jpa.entity is missing"
                        : "retention.jpa.entity is '" + name + "', which is not an entity of the persistence unit",
                "Set the entity of your table of recordings. Its entities are " + known
                        + ". If you have no table of recordings yet, use dev.retention.jpa.VoiceRecording"));
    }

    private static @Nullable PlatformTransactionManager of(
            EntityManagerFactory factory, List<PlatformTransactionManager> transactionManagers) {
        PlatformTransactionManager jta = null;
        for (PlatformTransactionManager manager : transactionManagers) {
            if (manager instanceof JpaTransactionManager jpa && sameFactory(jpa.getEntityManagerFactory(), factory)) {
                return manager;
            }
            if (jta == null && manager instanceof JtaTransactionManager) {
                jta = manager;
            }
        }
        return jta;
    }

    private static boolean sameFactory(@Nullable EntityManagerFactory one, EntityManagerFactory other) {
        return one != null && (one == other || underlying(one) == underlying(other));
    }

    private static EntityManagerFactory underlying(EntityManagerFactory factory) {
        return factory instanceof EntityManagerFactoryInfo info ? info.getNativeEntityManagerFactory() : factory;
    }
}
