package dev.retention.autoconfigure;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Records in the form in which endpoints and health show them: durations as people read them, and nothing absent. */
final class Shown {

    private Shown() {}

    /** The components of a record, by their names and in their order. */
    static Map<String, Object> of(Record shown) {
        Map<String, Object> components = new LinkedHashMap<>();
        for (RecordComponent component : shown.getClass().getRecordComponents()) {
            Object value = value(component, shown);
            if (value != null) {
                components.put(component.getName(), form(value));
            }
        }
        return components;
    }

    private static @Nullable Object value(RecordComponent component, Record of) {
        try {
            return component.getAccessor().invoke(of);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException("can't read " + component, e);
        }
    }

    private static Object form(Object value) {
        if (value instanceof Duration duration) {
            return Durations.readable(duration);
        }
        if (value instanceof Record nested) {
            return of(nested);
        }
        if (value instanceof Map<?, ?> map) {
            Map<String, Object> forms = new LinkedHashMap<>();
            map.forEach((key, each) -> forms.put(String.valueOf(key), form(each)));
            return forms;
        }
        if (value instanceof Collection<?> some) {
            return some.stream().map(Shown::form).toList();
        }
        return value;
    }
}
