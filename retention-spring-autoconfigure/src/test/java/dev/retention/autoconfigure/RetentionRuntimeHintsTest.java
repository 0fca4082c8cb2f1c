package dev.retention.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import com.twilio.exception.RestException;
import com.twilio.rest.api.v2010.account.Recording;
import dev.retention.Backlog;
import dev.retention.SweepReport;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.core.io.support.SpringFactoriesLoader;

@DisplayName("A native image")
class RetentionRuntimeHintsTest {

    private static RuntimeHints hints(ClassLoader loader) {
        RuntimeHints hints = new RuntimeHints();
        new RetentionRuntimeHints().registerHints(hints, loader);
        return hints;
    }

    private final RuntimeHints hints = hints(getClass().getClassLoader());

    @Test
    void isToldByAFileThatSpringReads() {
        assertThat(SpringFactoriesLoader.forResourceLocation("META-INF/spring/aot.factories")
                        .load(RuntimeHintsRegistrar.class))
                .hasAtLeastOneElementOfType(RetentionRuntimeHints.class);
    }

    @Test
    void hasTheScriptOfEachDatabase() throws IOException {
        Resource[] scripts = new PathMatchingResourcePatternResolver().getResources("classpath*:dev/retention/jpa/*");
        assertThat(scripts).hasSizeGreaterThanOrEqualTo(3);
        for (Resource script : scripts) {
            if (String.valueOf(script.getFilename()).endsWith(".sql")) {
                assertThat(RuntimeHintsPredicates.resource().forResource("dev/retention/jpa/" + script.getFilename()))
                        .as("%s", script)
                        .accepts(hints);
            }
        }
        assertThat(RuntimeHintsPredicates.resource().forResource("dev/retention/jpa/schema-h2.sql"))
                .accepts(hints);
    }

    /** Their components are read by name: settings to find misspelt ones, answers to show them. */
    @ParameterizedTest
    @ValueSource(
            classes = {
                RetentionProperties.class,
                RetentionJpaProperties.class,
                RetentionTwilioProperties.class,
                EndpointState.class,
                RetentionEvidenceEndpoint.State.class,
                RetentionEvidenceEndpoint.Receipt.class,
                RetentionHoldsEndpoint.Page.class,
                RetentionHoldsEndpoint.Answer.class,
                RetentionEndpoint.Refusal.class
            })
    void mayReadItsRecords(Class<?> root) throws NoSuchMethodException {
        Set<Class<?>> records = new LinkedHashSet<>();
        collect(root, records);
        assertThat(records).contains(root);
        for (Class<?> type : records) {
            assertThat(RuntimeHintsPredicates.reflection().onType(type)).accepts(hints);
            for (RecordComponent component : type.getRecordComponents()) {
                Method accessor = type.getDeclaredMethod(component.getName());
                assertThat(RuntimeHintsPredicates.reflection().onMethodInvocation(accessor))
                        .as("%s", accessor)
                        .accepts(hints);
            }
        }
    }

    /** Otherwise the test above could look at too little. */
    @Test
    void hasRecordsWithinRecords() {
        Set<Class<?>> records = new LinkedHashSet<>();
        collect(EndpointState.class, records);
        assertThat(records).contains(Backlog.class, SweepReport.class);
    }

    private static void collect(Type type, Set<Class<?>> records) {
        if (type instanceof ParameterizedType parameterized) {
            Arrays.stream(parameterized.getActualTypeArguments()).forEach(argument -> collect(argument, records));
        } else if (type instanceof Class<?> found && found.isRecord() && records.add(found)) {
            for (RecordComponent component : found.getRecordComponents()) {
                collect(component.getGenericType(), records);
            }
        }
    }

    @Test
    void letsTwiliosLibraryReadAnswers() throws NoSuchMethodException {
        for (Class<?> type : new Class<?>[] {Recording.class, RestException.class}) {
            assertThat(type.getDeclaredConstructors())
                    .isNotEmpty()
                    .allSatisfy(constructor -> assertThat(
                                    RuntimeHintsPredicates.reflection().onConstructorInvocation(constructor))
                            .accepts(hints));
        }
        for (Class<?> type : new Class<?>[] {Recording.Status.class, Recording.Source.class}) {
            assertThat(RuntimeHintsPredicates.reflection()
                            .onMethodInvocation(type.getDeclaredMethod("forValue", String.class)))
                    .accepts(hints);
        }
    }

    @Test
    void letsHibernateBeAskedAboutTenants() throws NoSuchMethodException {
        assertThat(RuntimeHintsPredicates.reflection()
                        .onMethodInvocation(org.hibernate.Session.class.getMethod("disableFilter", String.class)))
                .accepts(hints);
    }

    @Test
    void needsNeitherActuatorNorTwilio() {
        RuntimeHints fewer = hints(new FilteredClassLoader("com.twilio", "org.springframework.boot.actuate"));
        assertThat(RuntimeHintsPredicates.reflection().onType(EndpointState.class))
                .rejects(fewer);
        assertThat(RuntimeHintsPredicates.reflection().onType(Recording.class)).rejects(fewer);
        assertThat(RuntimeHintsPredicates.reflection().onType(RetentionProperties.class))
                .accepts(fewer);
    }
}
