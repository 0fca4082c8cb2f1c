package dev.retention.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The design against every order of events, and every mistake against the design's properties. What the model covers
 * and what not is said at {@link Transitions}.
 */
class RecordingLifeModelTest {

    @Test
    void theDesignBreaksNothingInAnyStateAndNoMoveIsDead() {
        Exploration<State, Move, Property> design = new Exploration<>(new Transitions(null), Set.of());

        assertThat(design.violations()).isEmpty();
        assertThat(design.isComplete()).isTrue();
        assertThat(design.size()).isGreaterThan(90_000);
        assertThat(EnumSet.complementOf(EnumSet.copyOf(design.used()))).containsExactly(Move.MISTAKE);
    }

    @ParameterizedTest
    @EnumSource
    void eachMutantIsCaughtByWhatItBreaks(Mutant mutant) {
        Exploration<State, Move, Property> exploration = new Exploration<>(new Transitions(mutant), mutant.broken());

        Set<Property> found = exploration.violations().keySet();
        assertThat(found).as("%s", exploration.violations()).containsAll(mutant.broken());
        if (exploration.isComplete()) {
            assertThat(found).as("%s", exploration.violations()).isEqualTo(mutant.broken());
        }
    }

    @Test
    void eachPropertyCatchesAMutant() {
        Set<Property> catching = Arrays.stream(Mutant.values())
                .flatMap(mutant -> mutant.broken().stream())
                .collect(Collectors.toSet());
        assertThat(catching).containsExactlyInAnyOrder(Property.values());
    }
}
