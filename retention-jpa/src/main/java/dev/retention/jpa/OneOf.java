package dev.retention.jpa;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The condition that a column has one of some values, with its parameters. */
record OneOf(String condition, List<Object> parameters) {

    static OneOf listed(String column, List<String> values) {
        return new OneOf(column + " in (" + Sql.marks(values.size()) + ")", List.copyOf(values));
    }

    /** With these parameters before its own. */
    Object[] after(Object... before) {
        List<Object> all = new ArrayList<>(Arrays.asList(before));
        all.addAll(parameters);
        return all.toArray();
    }
}
