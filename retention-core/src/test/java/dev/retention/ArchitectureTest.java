package dev.retention;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.Evidence;
import dev.retention.spi.Recording;

/**
 * Recording, then policy and ports, then the sweeper: each depends only on what comes before it. The packages below
 * {@code internal} are layered, and none of them depends on a class that an embedder calls.
 */
@AnalyzeClasses(packages = "dev.retention", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    /** The values of the API that ports may use. */
    private static final Class<?>[] VALUES = {
        Cause.class,
        DeletionOutcome.class,
        DeletionState.class,
        HoldAnswer.class,
        HoldSummary.class,
        ReviewAnswer.class,
        LedgerEntry.class,
        LedgerEntry.Builder.class,
        LedgerEvent.class,
        LegalHold.class,
        LegalHold.Builder.class,
        RetentionException.class,
        RetentionException.Kind.class,
        SweepEnd.class,
        SweepReport.class,
        SweepReport.Builder.class
    };

    /** What an embedder calls. */
    private static final Class<?>[] ENTRY_POINTS = {
        RetentionSweeper.class,
        RetentionSweeper.Builder.class,
        RetentionOperations.class,
        LegalHolds.class,
        DeletionLedger.class,
        RetentionEvidence.class,
        RetentionEvidence.Builder.class
    };

    @ArchTest
    static final ArchRule CORE_NEEDS_NOTHING_BUT_SLF4J_AND_JSPECIFY = classes()
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("dev.retention..", "java..", "org.slf4j..", "org.jspecify..");

    @ArchTest
    static final ArchRule A_RECORDING_DEPENDS_ON_NOTHING = noClasses()
            .that()
            .belongToAnyOf(Recording.class, DeletionResult.class)
            .should()
            .dependOnClassesThat(resideInAPackage("dev.retention..")
                    .and(not(belongToAnyOf(
                            Recording.class, DeletionResult.class, DeletionResult.Kind[].class, Cause.class))));

    @ArchTest
    static final ArchRule PORTS_DEPEND_ON_VALUES_AND_NEVER_ON_THE_SWEEPER = noClasses()
            .that()
            .resideInAPackage("dev.retention.spi")
            .should()
            .dependOnClassesThat(resideInAPackage("dev.retention")
                    .or(resideInAPackage("dev.retention.internal.."))
                    .and(belongToAnyOf(VALUES).negate()));

    @ArchTest
    static final ArchRule VALUES_DEPEND_ON_NO_PORT = noClasses()
            .that(belongToAnyOf(VALUES))
            .should()
            .dependOnClassesThat(
                    resideInAPackage("dev.retention.spi").or(resideInAPackage("dev.retention.internal..")));

    @ArchTest
    static final ArchRule EVIDENCE_DEPENDS_ON_NO_PORT = noClasses()
            .that()
            .belongToAnyOf(Evidence.class)
            .should()
            .dependOnClassesThat(resideInAPackage("dev.retention..")
                    .and(not(belongToAnyOf(
                            Evidence.class,
                            DeletionResult.class,
                            DeletionResult.Kind[].class,
                            DeletionOutcome.class))));

    @ArchTest
    static final ArchRule A_POLICY_DEPENDS_ON_NEITHER_PORT_NOR_SWEEPER = noClasses()
            .that()
            .haveNameMatching("dev\\.retention\\.(RetentionPolicy|internal\\.policy\\.NamedPolicy).*")
            .should()
            .dependOnClassesThat(resideInAPackage("dev.retention..")
                    .and(not(com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching(
                            "dev\\.retention\\.(RetentionPolicy|internal\\.policy\\.NamedPolicy).*"))));

    @ArchTest
    static final ArchRule INTERNAL_PACKAGES_ARE_FREE_OF_CYCLES =
            slices().matching("dev.retention.internal.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule NO_INTERNAL_PACKAGE_DEPENDS_ON_AN_ENTRY_POINT = noClasses()
            .that()
            .resideInAPackage("dev.retention.internal..")
            .should()
            .dependOnClassesThat(belongToAnyOf(ENTRY_POINTS));

    @ArchTest
    static final ArchRule INTERNAL_PACKAGES_ARE_LAYERED = layeredArchitecture()
            .consideringOnlyDependenciesInAnyPackage("dev.retention.internal..")
            .layer("support")
            .definedBy("dev.retention.internal.support..")
            .layer("evidence")
            .definedBy("dev.retention.internal.evidence..")
            .layer("policy")
            .definedBy("dev.retention.internal.policy..")
            .layer("recording")
            .definedBy("dev.retention.internal.recording..")
            .layer("telemetry")
            .definedBy("dev.retention.internal.telemetry..")
            .layer("account")
            .definedBy("dev.retention.internal.account..")
            .layer("settings")
            .definedBy("dev.retention.internal.settings..")
            .layer("report")
            .definedBy("dev.retention.internal.report..")
            .layer("time")
            .definedBy("dev.retention.internal.time..")
            .layer("safety")
            .definedBy("dev.retention.internal.safety..")
            .layer("deletion")
            .definedBy("dev.retention.internal.deletion..")
            .layer("run")
            .definedBy("dev.retention.internal.run..")
            .whereLayer("support")
            .mayNotAccessAnyLayer()
            .whereLayer("evidence")
            .mayOnlyAccessLayers("support")
            .whereLayer("policy")
            .mayOnlyAccessLayers("support")
            .whereLayer("recording")
            .mayOnlyAccessLayers("support")
            .whereLayer("telemetry")
            .mayOnlyAccessLayers("support")
            .whereLayer("account")
            .mayOnlyAccessLayers("support")
            .whereLayer("settings")
            .mayOnlyAccessLayers("support", "policy", "recording", "telemetry", "account")
            .whereLayer("report")
            .mayOnlyAccessLayers("support", "policy", "recording", "telemetry", "account", "settings")
            .whereLayer("time")
            .mayOnlyAccessLayers("support", "settings")
            .whereLayer("safety")
            .mayOnlyAccessLayers("support", "evidence", "policy", "recording", "settings", "report", "time")
            .whereLayer("deletion")
            .mayOnlyAccessLayers(
                    "support", "policy", "recording", "telemetry", "account", "settings", "report", "time", "safety")
            .whereLayer("run")
            .mayOnlyAccessLayers(
                    "support",
                    "evidence",
                    "policy",
                    "recording",
                    "telemetry",
                    "account",
                    "settings",
                    "report",
                    "time",
                    "safety",
                    "deletion");
}
