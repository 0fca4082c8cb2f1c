package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.retention.spi.DeletionResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CauseTest {

    @Test
    void isALineForPeople() {
        assertThat(new Cause("TWILIO_20404", "twilio", "not found, request RQ1"))
                .hasToString("twilio: not found, request RQ1");
        assertThat(Cause.of("KEPT", "held")).hasToString("held");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "lower", "A B", "A:B", "Ä", "A\n"})
    void aCodeOfAnotherFormIsRefusedByName(String code) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Cause.of(code, "x"))
                .withMessageContaining("'" + code + "'")
                .withMessageContaining("A-Z 0-9");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DeletionResult.refused("x").withCode(code));
    }

    @Test
    void aCodeHasAtMostSixtyCharacters() {
        assertThat(Cause.of("X".repeat(60), "x").code()).hasSize(60);
        assertThatIllegalArgumentException().isThrownBy(() -> Cause.of("X".repeat(61), "x"));
    }

    @Test
    void aDetailIsNeeded() {
        assertThatIllegalArgumentException().isThrownBy(() -> Cause.of("KEPT", " "));
    }

    @Test
    void anAnswerWithoutACodeIsGroupedByItsKind() {
        assertThat(DeletionResult.refused("no").code()).isEqualTo("REFUSED");
        assertThat(DeletionResult.throttled("no", null).code()).isEqualTo("THROTTLED");
        assertThat(DeletionResult.refused("no").withCode("HTTP_403"))
                .isNotEqualTo(DeletionResult.refused("no"))
                .satisfies(result -> assertThat(result.code()).isEqualTo("HTTP_403"));
    }
}
