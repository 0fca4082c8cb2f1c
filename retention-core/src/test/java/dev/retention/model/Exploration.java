package dev.retention.model;

import dev.retention.model.Model.Event;
import dev.retention.model.Model.Step;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * All states that can be reached, breadth first, so that the first trace to a violation is a shortest one.
 *
 * @param <S> a state
 * @param <M> what can happen
 * @param <P> what must be true
 */
final class Exploration<S, M extends Enum<M> & Event, P extends Enum<P>> {

    private final Model<S, M, P> model;
    private final List<S> states = new ArrayList<>();
    private final Map<S, Integer> numbers = new HashMap<>();
    private final List<Integer> parents = new ArrayList<>();
    private final List<Step<S, M>> arrivals = new ArrayList<>();
    private final List<int[]> onward = new ArrayList<>();
    private final Set<M> used = new TreeSet<>();
    private final Map<P, String> violations = new TreeMap<>();
    private boolean complete;

    /** Explores until everything wanted is violated; to the end if that never happens or nothing is wanted. */
    Exploration(Model<S, M, P> model, Set<P> wanted) {
        this.model = model;
        reach(model.start(), -1);
        for (int number = 0; number < states.size(); number++) {
            if (!wanted.isEmpty() && violations.keySet().containsAll(wanted)) {
                return;
            }
            List<Integer> reached = new ArrayList<>();
            for (Step<S, M> step : model.from(states.get(number))) {
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

    Set<M> used() {
        return used;
    }

    /** A shortest trace for each property that is violated. */
    Map<P, String> violations() {
        return violations;
    }

    private int reach(Step<S, M> step, int from) {
        Integer known = numbers.putIfAbsent(step.next(), states.size());
        if (known != null) {
            return known;
        }
        int number = states.size();
        states.add(step.next());
        parents.add(from);
        arrivals.add(step);
        for (P property : model.violatedIn(step.next())) {
            violations.computeIfAbsent(property, violated -> trace(number));
        }
        return number;
    }

    /** Goes back from all good states along moves that are no faults; what is not met is stuck. */
    private void findStuck() {
        int[][] origins = origins();
        BitSet good = new BitSet();
        int[] open = new int[states.size()];
        int size = 0;
        for (int number = 0; number < states.size(); number++) {
            if (model.isGood(states.get(number))) {
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
            violations.put(model.nothingStuck(), trace(stuck));
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
