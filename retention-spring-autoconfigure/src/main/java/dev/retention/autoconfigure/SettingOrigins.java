package dev.retention.autoconfigure;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.boot.origin.Origin;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;

/** Where properties are set: file, line and column, or the name of a variable. Shows no value: it may be a secret. */
final class SettingOrigins {

    private static final String ALL_BELOW = ".*";

    private final Environment environment;

    SettingOrigins(Environment environment) {
        this.environment = environment;
    }

    /**
     * For each property its name and origin; empty if it is not set.
     *
     * @param property its name; with {@code .*} at its end for all below it
     */
    List<String> of(String property) {
        boolean all = property.endsWith(ALL_BELOW);
        String plain = all ? property.substring(0, property.length() - ALL_BELOW.length()) : property;
        if (!(environment instanceof ConfigurableEnvironment configurable) || !isName(plain)) {
            return List.of();
        }
        ConfigurationPropertyName name = ConfigurationPropertyName.of(plain);
        // The first source wins, as it does when properties are bound.
        Map<ConfigurationPropertyName, Origin> origins = new LinkedHashMap<>();
        for (ConfigurationPropertySource source :
                ConfigurationPropertySources.from(configurable.getPropertySources())) {
            if (!all) {
                add(source, name, origins);
            } else if (source instanceof IterableConfigurationPropertySource iterable) {
                iterable.stream().filter(name::isAncestorOf).forEach(each -> add(source, each, origins));
            }
        }
        return origins.entrySet().stream()
                .map(origin -> origin.getKey() + " is set in " + origin.getValue())
                .sorted()
                .toList();
    }

    private static boolean isName(String text) {
        return ConfigurationPropertyName.isValid(text);
    }

    private static void add(
            ConfigurationPropertySource source,
            ConfigurationPropertyName name,
            Map<ConfigurationPropertyName, Origin> origins) {
        Origin origin = Origin.from(source.getConfigurationProperty(name));
        if (origin != null) {
            origins.putIfAbsent(name, origin);
        }
    }
}
