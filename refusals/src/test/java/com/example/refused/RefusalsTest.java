package com.example.refused;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retention.jpa.JpaRecordingRepository;
import jakarta.persistence.EntityManagerFactory;
import java.util.Map;
import java.util.UUID;
import org.hibernate.Version;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.SpringBootVersion;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.domain.EntityScan;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.orm.jpa.JpaVendorAdapter;
import org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean;
import org.springframework.orm.jpa.vendor.EclipseLinkJpaVendorAdapter;
import org.springframework.orm.jpa.vendor.HibernateJpaVendorAdapter;

@DisplayName("An application with what the library does not support")
@ExtendWith(OutputCaptureExtension.class)
class RefusalsTest {

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @EntityScan(basePackageClasses = Call.class)
    static class Engine {}

    private static ConfigurableApplicationContext start(String... arguments) {
        String[] all = new String[arguments.length + 2];
        System.arraycopy(arguments, 0, all, 0, arguments.length);
        all[arguments.length] = "--spring.datasource.url=jdbc:h2:mem:" + UUID.randomUUID();
        all[arguments.length + 1] = "--retention.jpa.entity=" + Call.class.getName();
        return new SpringApplicationBuilder(Engine.class)
                .web(WebApplicationType.NONE)
                .run(all);
    }

    @Test
    void readsOneSentenceOnSpringBoot3(CapturedOutput output) {
        String sentence = "This application has Spring Boot " + SpringBootVersion.getVersion()
                + ", and retention-spring-autoconfigure needs Spring Boot 4.0 or later";

        assertThatThrownBy(RefusalsTest::start).hasStackTraceContaining(sentence);

        assertThat(output)
                .contains("APPLICATION FAILED TO START", "Description:", sentence, "Upgrade Spring Boot")
                .doesNotContain("There is no RecordingRepository", "NoSuchMethodError", "NoClassDefFoundError");
    }

    @Test
    void startsWithoutTheLibrary() {
        try (ConfigurableApplicationContext context = start("--retention.enabled=false")) {
            assertThat(context.isRunning()).isTrue();
        }
    }

    @Test
    void readsOneSentenceOnHibernate6() {
        assertRefused(
                new HibernateJpaVendorAdapter(),
                "the Jakarta Persistence provider is Hibernate " + Version.getVersionString()
                        + ", and retention-jpa needs Hibernate 7 (Jakarta Persistence 3.2), which Spring Boot 4 has;"
                        + " upgrade it");
    }

    @Test
    void readsOneSentenceOnEclipseLink() {
        assertRefused(
                new EclipseLinkJpaVendorAdapter(),
                "the Jakarta Persistence provider is EclipseLink, and retention-jpa works with Hibernate 7 only; use"
                        + " Hibernate for the persistence unit of the recordings, or implement"
                        + " dev.retention.spi.RecordingRepository");
    }

    private static void assertRefused(JpaVendorAdapter provider, String sentence) {
        LocalContainerEntityManagerFactoryBean unit = new LocalContainerEntityManagerFactoryBean();
        unit.setPersistenceUnitName("calls");
        unit.setDataSource(new DriverManagerDataSource("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1"));
        unit.setPackagesToScan(Call.class.getPackageName());
        unit.setJpaVendorAdapter(provider);
        unit.setJpaPropertyMap(Map.of("eclipselink.weaving", "false"));
        unit.afterPropertiesSet();
        try {
            EntityManagerFactory factory = unit.getObject();
            // Both as Spring hands it out, and as it is without Spring.
            assertRefused(factory, sentence);
            assertRefused(unit.getNativeEntityManagerFactory(), sentence);
        } finally {
            unit.destroy();
        }
    }

    private static void assertRefused(EntityManagerFactory factory, String sentence) {
        assertThatThrownBy(() ->
                        JpaRecordingRepository.builder(factory, Call.class).build())
                .hasMessage(sentence);
    }
}
