package dev.retention.autoconfigure;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "dev.retention", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule nobodySeesTheAutoConfiguration = noClasses()
            .that()
            .resideOutsideOfPackage("dev.retention.autoconfigure")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.retention.autoconfigure");

    @ArchTest
    static final ArchRule jpaSeesNoOtherAdapter = noClasses()
            .that()
            .resideInAPackage("dev.retention.jpa..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.retention.twilio..", "com.twilio..", "org.springframework..");

    @ArchTest
    static final ArchRule twilioSeesNoOtherAdapter = noClasses()
            .that()
            .resideInAPackage("dev.retention.twilio..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.retention.jpa..", "jakarta.persistence..", "org.springframework..");

    @ArchTest
    static final ArchRule coreSeesItselfAndTheJdkOnly = classes()
            .that()
            .resideInAnyPackage("dev.retention", "dev.retention.spi", "dev.retention.internal..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "dev.retention",
                    "dev.retention.spi",
                    "dev.retention.internal..",
                    "java..",
                    "org.slf4j",
                    "org.jspecify.annotations");

    @ArchTest
    static final ArchRule nobodyBeyondCoreSeesItsInside = noClasses()
            .that()
            .resideOutsideOfPackages("dev.retention", "dev.retention.internal..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.retention.internal..");

    @ArchTest
    static final ArchRule theAutoConfigurationIsInternal = classes()
            .that()
            .resideInAPackage("dev.retention.autoconfigure")
            .and()
            .areTopLevelClasses()
            .should()
            .bePackagePrivate()
            .allowEmptyShould(false);
}
