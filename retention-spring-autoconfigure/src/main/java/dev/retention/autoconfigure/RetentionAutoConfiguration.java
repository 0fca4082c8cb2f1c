package dev.retention.autoconfigure;

import java.time.Clock;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.SpringBootVersion;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/** Auto-configuration of the properties, which are checked before any other bean is created. */
@AutoConfiguration
@ConditionalOnBooleanProperty(name = "retention.enabled", matchIfMissing = true)
@EnableConfigurationProperties({RetentionProperties.class, RetentionJpaProperties.class, RetentionTwilioProperties.class
})
class RetentionAutoConfiguration {

    @Bean
    static SettingsCheck retentionSettingsCheck(Environment environment) {
        SpringBootCheck.require(SpringBootVersion.getVersion());
        return new SettingsCheck(environment);
    }

    @Bean
    RetentionClock retentionClock(ObjectProvider<Clock> clocks) {
        return RetentionClock.of(clocks);
    }
}
