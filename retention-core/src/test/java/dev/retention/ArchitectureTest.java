package dev.retention;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.Recording;

/** Recording, then policy and ports, then the sweeper: each knows only what comes before it. */
@AnalyzeClasses(packages = "dev.retention", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    /** The values of the API that ports may speak of. */
    private static final Class<?>[] VALUES = {
        DeletionOutcome.class,
        DeletionState.class,
        HoldAnswer.class,
        HoldSummary.class,
        ReviewAnswer.class,
        LedgerEntry.class,
        LedgerEvent.class,
        LegalHold.class,
        RetentionException.class,
        SweepEnd.class,
        SweepReport.class
    };

    @ArchTest
    static final ArchRule CORE_NEEDS_NOTHING_BUT_SLF4J_AND_JSPECIFY = classes()
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("dev.retention..", "java..", "org.slf4j..", "org.jspecify..");

    @ArchTest
    static final ArchRule A_RECORDING_KNOWS_NOBODY = noClasses()
            .that()
            .belongToAnyOf(Recording.class, DeletionResult.class)
            .should()
            .dependOnClassesThat(resideInAPackage("dev.retention..")
                    .and(not(belongToAnyOf(Recording.class, DeletionResult.class, DeletionResult.Kind[].class))));

    @ArchTest
    static final ArchRule PORTS_KNOW_VALUES_AND_NEVER_THE_SWEEPER = noClasses()
            .that()
            .resideInAPackage("dev.retention.spi")
            .should()
            .dependOnClassesThat(
                    resideInAPackage("dev.retention").and(belongToAnyOf(VALUES).negate()));

    @ArchTest
    static final ArchRule VALUES_KNOW_NO_PORT =
            noClasses().that(belongToAnyOf(VALUES)).should().dependOnClassesThat(resideInAPackage("dev.retention.spi"));

    @ArchTest
    static final ArchRule A_POLICY_KNOWS_NEITHER_PORT_NOR_SWEEPER = noClasses()
            .that()
            .belongToAnyOf(RetentionPolicy.class, NamedPolicy.class)
            .should()
            .dependOnClassesThat(resideInAPackage("dev.retention..")
                    .and(belongToAnyOf(RetentionPolicy.class, NamedPolicy.class).negate()));
}
