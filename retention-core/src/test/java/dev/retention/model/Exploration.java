package dev.retention.model;

import dev.retention.DeletionState;
import dev.retention.model.Transitions.Step;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** All states that can be reached, breadth first, so that the first trace to a violation is a shortest one. */
final class Exploration {

    private final List<State> states = new ArrayList<>();
    private final Map<State, Integer> numbers = new HashMap<>();
    private final List<Integer> parents = new ArrayList<>();
    private final List<Step> arrivals = new ArrayList<>();
    private final List<int[]> onward = new ArrayList<>();
    private final Set<Move> used = EnumSet.noneOf(Move.class);
    private final Map<Property, String> violations = new EnumMap<>(Property.class);
    private boolean complete;

    /** Explores until everything wanted is violated; to the end if that never happens or nothing is wanted. */
    Exploration(Transitions transitions, Set<Property> wanted) {
        reach(new Step(Move.RECORD_IN_VAIN, 0, State.INITIAL), -1);
        for (int number = 0; number < states.size(); number++) {
            if (!wanted.isEmpty() && violations.keySet().containsAll(wanted)) {
                return;
            }
            List<Integer> reached = new ArrayList<>();
            for (Step step : transitions.from(states.get(number))) {
                used.add(step.move());
                int next = reach(step, number);
                if (!step.move().isFault()) {
                    reached.add(next);
                }
            }
            onward.add(reached.stream().mapToInt(Integer::intValue).toArray());
        }
        complete = true;
        findStuck();
    }

    /** Whether all states were seen. */
    boolean isComplete() {
        return complete;
    }

    int size() {
        return states.size();
    }

    Set<Move> used() {
        return used;
    }

    /** A shortest trace for each property that is violated. */
    Map<Property, String> violations() {
        return violations;
    }

    private int reach(Step step, int from) {
        Integer known = numbers.putIfAbsent(step.next(), states.size());
        if (known != null) {
            return known;
        }
        int number = states.size();
        states.add(step.next());
        parents.add(from);
        arrivals.add(step);
        for (Property property : Property.violatedIn(step.next())) {
            violations.computeIfAbsent(property, violated -> trace(number));
        }
        return number;
    }

    /** Goes back from all states in DELETED along moves that are no faults; what is not met is stuck. */
    private void findStuck() {
        int[][] origins = origins();
        BitSet good = new BitSet();
        int[] open = new int[states.size()];
        int size = 0;
        for (int number = 0; number < states.size(); number++) {
            if (states.get(number).row() == DeletionState.DELETED) {
                good.set(number);
                open[size++] = number;
            }
        }
        while (size > 0) {
            for (int origin : origins[open[--size]]) {
                if (!good.get(origin)) {
                    good.set(origin);
                    open[size++] = origin;
                }
            }
        }
        int stuck = good.nextClearBit(0);
        if (stuck < states.size()) {
            violations.put(Property.NOTHING_STUCK, trace(stuck));
        }
    }

    private int[][] origins() {
        int[] counts = new int[states.size()];
        onward.forEach(targets -> {
            for (int target : targets) {
                counts[target]++;
            }
        });
        int[][] origins = new int[states.size()][];
        for (int number = 0; number < origins.length; number++) {
            origins[number] = new int[counts[number]];
        }
        for (int number = 0; number < origins.length; number++) {
            for (int target : onward.get(number)) {
                origins[target][--counts[target]] = number;
            }
        }
        return origins;
    }

    private String trace(int last) {
        StringBuilder trace = new StringBuilder("\n  => " + states.get(last));
        for (int number = last; number > 0; number = parents.get(number)) {
            trace.insert(0, "\n  " + arrivals.get(number));
        }
        return trace.toString();
    }
}
