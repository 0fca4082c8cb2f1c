package dev.retention.autoconfigure;

import dev.retention.jpa.VoiceRecording;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurationPackages;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.persistence.autoconfigure.EntityScanPackages;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.ImportBeanDefinitionRegistrar;
import org.springframework.core.type.AnnotationMetadata;

/**
 * Auto-configuration that adds {@link VoiceRecording} to the persistence unit, if {@code retention.jpa.entity} names
 * it.
 */
@AutoConfiguration(beforeName = "org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration")
@ConditionalOnClass({VoiceRecording.class, EntityScanPackages.class})
@ConditionalOnBooleanProperty(name = "retention.enabled", matchIfMissing = true)
@ConditionalOnProperty(name = "retention.jpa.entity", havingValue = "dev.retention.jpa.VoiceRecording")
@Import(RetentionEntityAutoConfiguration.AddPackage.class)
class RetentionEntityAutoConfiguration {

    static class AddPackage implements ImportBeanDefinitionRegistrar {

        @Override
        public void registerBeanDefinitions(AnnotationMetadata importing, BeanDefinitionRegistry registry) {
            String ours = VoiceRecording.class.getPackageName();
            AutoConfigurationPackages.register(registry, ours);
            // An @EntityScan of the application replaces the auto-configuration packages.
            if (registry.containsBeanDefinition(EntityScanPackages.class.getName())) {
                EntityScanPackages.register(registry, ours);
            }
        }
    }
}
