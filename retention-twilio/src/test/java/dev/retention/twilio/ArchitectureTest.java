package dev.retention.twilio;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;

@AnalyzeClasses(packages = "dev.retention.twilio", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule DEPENDS_ON_THE_PORTS_AND_ON_TWILIO_ONLY = classes()
            .that()
            .resideInAPackage("dev.retention.twilio..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "dev.retention.twilio..",
                    "dev.retention",
                    "dev.retention.spi",
                    "com.twilio..",
                    "com.fasterxml.jackson..",
                    "org.apache.hc..",
                    "org.jspecify.annotations",
                    "java..",
                    "javax.net.ssl");

    /** What an answer means depends on the answer alone: not on a request, a connection, a clock or what was before. */
    @ArchTest
    static final ArchRule DECIDES_WHAT_ANSWERS_MEAN_BY_NOTHING_ELSE = classes()
            .that()
            .haveNameMatching(
                    "dev\\.retention\\.twilio\\.(Answers|Reply|AnswerBody|RecordingState|Question|Outcome)(\\$.*)?")
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(
                            "dev.retention.spi", "com.fasterxml.jackson..", "org.jspecify.annotations", "java..")
                    .and(not(assignableTo(Clock.class)))
                    .or(nameMatching(
                            "(\\[L)?dev\\.retention\\.twilio\\.(Answers|Reply|AnswerBody|RecordingState|Question|"
                                    + "Outcome|Sids|TwilioCauseCodes)(\\$.*)?;?")));

    @ArchTest
    static void takesNoMoreThanSevenValuesByPosition(JavaClasses adapter) {
        assertThat(adapter.stream().flatMap(type -> type.getCodeUnits().stream()))
                .isNotEmpty()
                .allSatisfy(unit -> assertThat(unit.getParameters()).hasSizeLessThanOrEqualTo(7));
    }

    @ArchTest
    static void showsOnlyWhatAnEmbedderNeeds(JavaClasses adapter) {
        assertThat(adapter.stream().filter(ArchitectureTest::isSeenFromOutside).map(JavaClass::getSimpleName))
                .containsExactlyInAnyOrder(
                        "TwilioRecordingStorage",
                        "Builder",
                        "TwilioCredentials",
                        "TwilioCredentialsLookup",
                        "TwilioRestClientCustomizer",
                        "TwilioCauseCodes",
                        "ExternalMedia",
                        "TwilioRegions",
                        "Builder");
    }

    @ArchTest
    static void leavesTwiliosGlobalClientAlone(JavaClasses adapter) {
        assertThat(adapter.stream()
                        .flatMap(c -> c.getDirectDependenciesFromSelf().stream())
                        .map(d -> d.getTargetClass().getName()))
                .isNotEmpty()
                .doesNotContain("com.twilio.Twilio");
    }

    private static boolean isSeenFromOutside(JavaClass type) {
        return type.getModifiers().contains(JavaModifier.PUBLIC)
                && type.getEnclosingClass()
                        .map(ArchitectureTest::isSeenFromOutside)
                        .orElse(true);
    }
}
