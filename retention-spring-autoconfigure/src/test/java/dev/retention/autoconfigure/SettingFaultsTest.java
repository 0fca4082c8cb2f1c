package dev.retention.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.RetentionException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.boot.env.PropertiesPropertySourceLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.core.io.support.SpringFactoriesLoader.ArgumentResolver;

/** What an application that does not start says about its settings: what, why, where, and what to do. */
class SettingFaultsTest {

    /** A context that has not started does not give its environment away. */
    private @Nullable ConfigurableEnvironment environment;

    private ApplicationContextRunner withFile(String... lines) {
        return Contexts.complete().withInitializer(context -> {
            environment = context.getEnvironment();
            file(lines).forEach(environment.getPropertySources()::addFirst);
        });
    }

    private static List<PropertySource<?>> file(String... lines) {
        byte[] content = String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
        try {
            return new PropertiesPropertySourceLoader()
                    .load("voice.properties", new ByteArrayResource(content, "voice.properties"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private FailureAnalysis analysis(AssertableApplicationContext context) {
        Throwable failure = context.getStartupFailure();
        assertThat(failure).as("the context must not start").isNotNull();
        FailureAnalysis analysis = new RetentionFailureAnalyzer(Objects.requireNonNull(environment)).analyze(failure);
        assertThat(analysis).isNotNull();
        return analysis;
    }

    @Test
    void nameTheLineAndWhatToDoAboutThisOne() {
        withFile("# ours", "retention.period=90").run(context -> {
            FailureAnalysis analysis = analysis(context);
            assertThat(analysis.getDescription())
                    .isEqualTo("retention.period is '90': it has no unit; write 90d for days\n"
                            + "    retention.period is set in Byte array resource [voice.properties] - 2:18");
            assertThat(analysis.getAction()).startsWith("Allowed is a period from 7d to 100 years");
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "retention.schedule.cron=0 3 * *|must consist of 6 fields|six fields such as",
                "retention.schedule.zone=Europe/Bonn|Unknown time-zone ID: Europe/Bonn|Europe/Berlin",
                "retention.sweep.lease=30|would be read as milliseconds|30s, 10m",
                "retention.sweep.lease=1s|lease is 1 s, allowed is 10 seconds or more|Set a value that is allowed",
                "retention.periods=90d|there is no property|The nearest is retention.period",
                "retention.identity=my database|compared character by character|letters, digits",
                "retention.policies.acme.period=400d|acme.match.<attribute> is missing|Set the attribute values",
                "retention.evidence.signing-key=/no/such/key|the file /no/such/key, does not exist|Name a file",
                "retention.evidence.origin=a b|can't be the name of a log|without spaces and plus signs",
                "retention.schedule.recovery-interval=0s|it would have no meaning|more than zero",
            })
    void sayWhy(String line, String why, String action) {
        withFile("", line).run(context -> {
            FailureAnalysis analysis = analysis(context);
            assertThat(analysis.getDescription()).contains(why).contains(" is set in ", "[voice.properties] - 2:");
            assertThat(analysis.getAction()).contains(action);
        });
    }

    @Test
    void areAllListedEachWithItsOwnAction() {
        withFile("retention.schedule.zone=Europe/Bonn", "retention.schedule.cron=daily")
                .run(context -> {
                    FailureAnalysis analysis = analysis(context);
                    assertThat(analysis.getDescription().lines().filter(line -> line.startsWith("- ")))
                            .hasSize(2);
                    assertThat(analysis.getDescription())
                            .contains("[voice.properties] - 1:", "[voice.properties] - 2:");
                    assertThat(analysis.getAction().lines()).hasSize(2).allMatch(line -> line.startsWith("- Allowed "));
                });
    }

    @Test
    void ofTwilioNameEachPropertyThatIsSetAndNoValueOfOne() {
        withFile(
                        "retention.twilio.account-sid=" + Contexts.ACCOUNT,
                        "retention.twilio.auth-token=a-secret",
                        "retention.twilio.api-key-sid=SK" + "0".repeat(32))
                .run(context -> {
                    FailureAnalysis analysis = analysis(context);
                    assertThat(analysis.getDescription())
                            .contains(
                                    "are both set",
                                    "retention.twilio.auth-token is set in ",
                                    "[voice.properties] - 2:",
                                    "retention.twilio.api-key-sid is set in ",
                                    "[voice.properties] - 3:")
                            .doesNotContain("a-secret");
                });
    }

    @Test
    void thatAreNotSetHaveNoOrigin() {
        assertThat(new SettingOrigins(new StandardEnvironment()).of("retention.period"))
                .isEmpty();
        assertThat(new SettingOrigins(new StandardEnvironment()).of("retention.policies.A b.match.<attribute>"))
                .isEmpty();
    }

    /** As an application that does not start looks for it. Others need classes that are absent here. */
    @Test
    void areAnalyzedBySpringBoot() {
        assertThat(SpringFactoriesLoader.forDefaultResourceLocation(getClass().getClassLoader())
                        .load(
                                FailureAnalyzer.class,
                                ArgumentResolver.of(BeanFactory.class, new DefaultListableBeanFactory())
                                        .and(Environment.class, new StandardEnvironment()),
                                (type, name, failure) -> {}))
                .hasAtLeastOneElementOfType(RetentionFailureAnalyzer.class);
    }

    @Test
    void anotherFailureSaysWhatToDoAboutItsKind() {
        RetentionFailureAnalyzer analyzer = new RetentionFailureAnalyzer(new StandardEnvironment());
        assertThat(analyzer.analyze(RetentionException.unavailable("the database is away"))
                        .getAction())
                .startsWith("Check the database");
    }
}
