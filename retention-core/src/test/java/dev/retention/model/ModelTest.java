package dev.retention.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.model.Machine.Move;
import dev.retention.model.State.Row;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Goes everywhere that one recording can get to, and looks whether a promise is broken there. */
class ModelTest {

    private record Origin(@Nullable State from, String move) {}

    /** What a search found: a broken promise with the shortest way to it, or all states and moves. */
    private record Found(@Nullable String broken, String trace, int states, Set<String> moves) {}

    private static Found search(@Nullable Mutant mutant) {
        Machine machine = new Machine(mutant);
        Map<State, Origin> origins = new HashMap<>();
        Map<State, List<State>> backwards = new HashMap<>();
        Set<String> used = new TreeSet<>();
        Deque<State> open = new ArrayDeque<>();
        for (boolean wrong : new boolean[] {false, true}) {
            origins.put(
                    State.initial(wrong), new Origin(null, wrong ? "with another account's credentials" : "at first"));
            open.add(State.initial(wrong));
        }
        while (!open.isEmpty()) {
            State state = open.remove();
            if (state.violation() != null) {
                return new Found(state.violation(), trace(state, origins), origins.size(), used);
            }
            for (Move move : machine.moves(state)) {
                used.add(move.name());
                backwards.computeIfAbsent(move.to(), to -> new ArrayList<>()).add(state);
                if (origins.putIfAbsent(move.to(), new Origin(state, move.name())) == null) {
                    open.add(move.to());
                }
            }
        }
        Set<State> safe = new HashSet<>();
        origins.keySet().stream().filter(state -> state.row() == Row.DELETED).forEach(state -> {
            safe.add(state);
            open.add(state);
        });
        while (!open.isEmpty()) {
            for (State before : backwards.getOrDefault(open.remove(), List.of())) {
                if (safe.add(before)) {
                    open.add(before);
                }
            }
        }
        for (State state : origins.keySet()) {
            // At the last claim that the model counts there is no way on, by its own limit.
            if (!safe.contains(state) && state.token() < Machine.MOST_CLAIMS - 1) {
                return new Found(Machine.NEVER_STUCK, trace(state, origins), origins.size(), used);
            }
        }
        return new Found(null, "", origins.size(), used);
    }

    private static String trace(State last, Map<State, Origin> origins) {
        List<String> names = new ArrayList<>();
        for (State state = last; state != null; ) {
            Origin origin = origins.get(state);
            names.add(origin.move());
            state = origin.from();
        }
        Collections.reverse(names);
        return String.join(" -> ", names) + " = " + last;
    }

    @Test
    void theDesignBreaksNoPromiseAndIsExploredWhole() {
        Found found = search(null);

        assertThat(found.broken()).as(found.trace()).isNull();
        assertThat(found.states()).isGreaterThan(20_000);
        assertThat(found.moves())
                .containsExactlyInAnyOrder(
                        "204",
                        "400",
                        "404 of another account",
                        "404, shown as deleted",
                        "429",
                        "a person accepts it as gone",
                        "a person lets it be tried again",
                        "applied late",
                        "check allows it",
                        "check forbids it, stays in the door",
                        "claim is outdated",
                        "claims",
                        "claims again",
                        "credentials are mended",
                        "gives back",
                        "hold is released",
                        "hold: HELD",
                        "hold: LATE",
                        "killed",
                        "lease runs out",
                        "look-up: gone",
                        "look-up: no answer",
                        "look-up: not found",
                        "look-up: still there",
                        "loses the claim",
                        "lost on the way",
                        "paused",
                        "put back as refused unsent",
                        "quarantined as refused",
                        "quarantined as unproven",
                        "quarantined, attempts used up",
                        "read",
                        "records the proof",
                        "resumed",
                        "sends",
                        "stays in the door",
                        "storage refuses it unsent",
                        "time-out");
    }

    @ParameterizedTest
    @EnumSource(Mutant.class)
    void eachGuardIsNeededForItsPromise(Mutant mutant) {
        Found found = search(mutant);

        assertThat(found.broken()).as(found.trace()).isEqualTo(mutant.breaks());
    }
}
