package dev.retention.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The page about the endpoints names each field that they answer. */
class EndpointPageTest {

    private static String section(String title) throws IOException {
        String page = Files.readString(Path.of("..", "docs", "operations.md"));
        int begin = page.indexOf("\n## " + title + "\n");
        assertThat(begin).as(title).isPositive();
        int end = page.indexOf("\n## ", begin + 1);
        return page.substring(begin, end < 0 ? page.length() : end);
    }

    /** The names of a record's components, and of those of the records within it. */
    private static void addNames(Type type, Set<String> names) {
        if (type instanceof ParameterizedType parameterized) {
            Stream.of(parameterized.getActualTypeArguments()).forEach(argument -> addNames(argument, names));
        } else if (type instanceof Class<?> record && record.isRecord()) {
            for (RecordComponent component : record.getRecordComponents()) {
                names.add(component.getName());
                addNames(component.getGenericType(), names);
            }
        }
    }

    private static void assertNamed(String section, Type type) {
        Set<String> names = new TreeSet<>();
        addNames(type, names);
        assertThat(names)
                .hasSizeGreaterThan(5)
                .allSatisfy(name -> assertThat(section).contains("`" + name + "`"));
    }

    @Test
    void namesTheFieldsOfTheState() throws IOException {
        assertNamed(section("The endpoint"), EndpointState.class);
    }

    @Test
    void namesTheFieldsOfHolds() throws IOException {
        assertNamed(section("Legal holds"), RetentionHoldsEndpoint.Page.class);
        assertNamed(section("Legal holds"), RetentionHoldsEndpoint.Answer.class);
    }

    @Test
    void namesTheFieldsOfTheEvidence() throws IOException {
        assertNamed(section("The evidence log"), RetentionEvidenceEndpoint.State.class);
        assertNamed(section("The evidence log"), RetentionEvidenceEndpoint.Receipt.class);
    }
}
