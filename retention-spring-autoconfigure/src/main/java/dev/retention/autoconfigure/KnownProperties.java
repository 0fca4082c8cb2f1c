package dev.retention.autoconfigure;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;

/** Every {@code retention.*} property that exists, read from the records to which they are bound. */
final class KnownProperties {

    private static final String ANY = "<name>";
    private static final String ANY_REST = "<attribute>";

    private final List<Known> known = new ArrayList<>();

    KnownProperties() {
        collect("retention", RetentionProperties.class);
        collect("retention.jpa", RetentionJpaProperties.class);
        collect("retention.twilio", RetentionTwilioProperties.class);
    }

    /** All names; a name that the user chooses is in angle brackets. */
    List<String> names() {
        return known.stream().map(Known::name).toList();
    }

    /** The names of those that are durations. */
    List<String> durations() {
        return known.stream()
                .filter(property -> property.type == Duration.class)
                .map(Known::name)
                .toList();
    }

    /** Whether this property exists. */
    boolean contains(ConfigurationPropertyName name) {
        return known.stream().anyMatch(property -> property.matches(name));
    }

    /** Whether this property exists, if underscores of an environment variable may be dots or dashes. */
    boolean containsVariable(ConfigurationPropertyName name) {
        String flat = flat(name.toString());
        return contains(name) || known.stream().anyMatch(property -> property.startsVariable(flat));
    }

    /** The property with the most similar name, with the names of policies and attributes that were used. */
    String nearest(ConfigurationPropertyName name) {
        return known.stream()
                .map(property -> property.filledFrom(name))
                .min(Comparator.comparingInt(candidate -> distance(candidate, name.toString())))
                .orElseThrow();
    }

    private void collect(String prefix, Class<?> type) {
        for (RecordComponent component : type.getRecordComponents()) {
            String name = prefix + "." + DataObjectPropertyName.toDashedForm(component.getName());
            collect(name, component.getType(), component.getGenericType());
        }
    }

    private void collect(String name, Class<?> type, Type generic) {
        if (type.isRecord()) {
            collect(name, type);
        } else if (type == Map.class) {
            Class<?> value = (Class<?>) ((ParameterizedType) generic).getActualTypeArguments()[1];
            if (value.isRecord()) {
                collect(name + "." + ANY, value);
            } else {
                known.add(Known.of(name + "." + ANY_REST, value));
            }
        } else {
            known.add(Known.of(name, type));
        }
    }

    private static String flat(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
    }

    /** How many characters have to be added, removed or replaced. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }

    /** @param uniform the name's elements in the form in which names are compared; null for a name of the user's */
    private record Known(String name, Class<?> type, List<@Nullable String> uniform) {

        static Known of(String name, Class<?> type) {
            List<@Nullable String> uniform = new ArrayList<>();
            for (String element : name.split("\\.")) {
                uniform.add(element.startsWith("<") ? null : flat(element));
            }
            return new Known(name, type, uniform);
        }

        boolean matches(ConfigurationPropertyName other) {
            boolean open = name.endsWith(ANY_REST);
            int size = other.getNumberOfElements();
            if (open ? size < uniform.size() : size != uniform.size()) {
                return false;
            }
            for (int i = 0; i < uniform.size(); i++) {
                String own = uniform.get(i);
                if (own != null && !own.equals(other.getElement(i, Form.UNIFORM))) {
                    return false;
                }
            }
            return true;
        }

        boolean startsVariable(String flat) {
            int wildcard = name.indexOf('<');
            return wildcard < 0 ? flat(name).equals(flat) : flat.startsWith(flat(name.substring(0, wildcard)));
        }

        String filledFrom(ConfigurationPropertyName other) {
            String[] own = name.split("\\.");
            for (int i = 0; i < own.length; i++) {
                if (own[i].startsWith("<") && i < other.getNumberOfElements()) {
                    own[i] = other.getElement(i, Form.ORIGINAL);
                }
            }
            return String.join(".", own);
        }
    }
}
