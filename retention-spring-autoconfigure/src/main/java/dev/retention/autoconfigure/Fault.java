package dev.retention.autoconfigure;

import java.util.List;

/**
 * A wrong setting.
 *
 * @param properties the properties that it is about, so that it can be said where they are set; one that ends in
 *     {@code .*} means all below it. Empty if it is about none
 * @param problem what is wrong, and why, for people
 * @param action what to do, as a sentence
 */
record Fault(List<String> properties, String problem, String action) {

    Fault {
        properties = List.copyOf(properties);
    }

    /** About one property. */
    static Fault of(String property, String problem, String action) {
        return new Fault(List.of(property), problem, action);
    }

    /** About no property that is set. */
    static Fault of(String problem, String action) {
        return new Fault(List.of(), problem, action);
    }

    /** Both in one text. */
    String text() {
        return problem + ". " + action;
    }
}
