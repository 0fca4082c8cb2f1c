package dev.retention.autoconfigure;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The module {@code refusals} shows the same with a whole application. */
@DisplayName("Spring Boot")
class SpringBootCheckTest {

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"4.0.0", "4.1.2", "4.2.0-SNAPSHOT", "5.0.0-M1", "10.0.0"})
    void isAccepted(String version) {
        assertThatCode(() -> SpringBootCheck.require(version)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"3.5.7", "3.5.0-SNAPSHOT", "2.7.18"})
    void isRefusedIfItIsOfAnOlderLine(String version) {
        assertThatThrownBy(() -> SpringBootCheck.require(version))
                .isInstanceOf(RetentionConfigurationException.class)
                .hasMessageStartingWith("This application has Spring Boot " + version + ", and");
    }
}
