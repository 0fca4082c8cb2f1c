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
 * Holds by attribute, their marks and their epoch against every order of events, and every mistake against what must be
 * true of them. What the model covers and what not is said at {@link HoldTransitions}.
 */
class HoldModelTest {

    @Test
    void theDesignBreaksNothingInAnyStateAndNoMoveIsDead() {
        Set<HoldMove> used = EnumSet.noneOf(HoldMove.class);
        for (HoldWorld world : HoldWorld.values()) {
            Exploration<HoldState, HoldMove, HoldProperty> design =
                    new Exploration<>(new HoldTransitions(world, null), Set.of());

            assertThat(design.violations()).as("%s", world).isEmpty();
            assertThat(design.isComplete()).isTrue();
            assertThat(design.size()).as("%s", world).isGreaterThan(world.leastStates());
            used.addAll(design.used());
        }
        assertThat(EnumSet.complementOf(EnumSet.copyOf(used))).containsExactly(HoldMove.MISTAKE);
    }

    @ParameterizedTest
    @EnumSource
    void eachMutantIsCaughtByWhatItBreaks(HoldMutant mutant) {
        Exploration<HoldState, HoldMove, HoldProperty> exploration =
                new Exploration<>(new HoldTransitions(mutant.world(), mutant), mutant.broken());

        Set<HoldProperty> found = exploration.violations().keySet();
        assertThat(found).as("%s", exploration.violations()).containsAll(mutant.broken());
        if (exploration.isComplete()) {
            assertThat(found).as("%s", exploration.violations()).isEqualTo(mutant.broken());
        }
    }

    @Test
    void eachPropertyCatchesAMutant() {
        Set<HoldProperty> catching = Arrays.stream(HoldMutant.values())
                .flatMap(mutant -> mutant.broken().stream())
                .collect(Collectors.toSet());
        assertThat(catching).containsExactlyInAnyOrder(HoldProperty.values());
    }
}
