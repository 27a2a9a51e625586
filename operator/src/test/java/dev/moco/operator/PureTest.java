package dev.moco.operator;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;

/** Planning and reporting are pure functions: they depend on no cluster, store, process or command line. */
@AnalyzeClasses(packages = "dev.moco.operator", importOptions = DoNotIncludeTests.class)
class PureTest {
    @ArchTest
    static final ArchRule planKnowsTheContractAlone = classes()
            .that()
            .resideInAPackage("dev.moco.operator.plan..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "org.jspecify..", "dev.moco.contract..", "dev.moco.operator.plan..");

    @ArchTest
    static final ArchRule planTouchesNoFile = noClasses()
            .that()
            .resideInAPackage("dev.moco.operator.plan..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.io..", "java.nio..", "java.net..");

    @ArchTest
    static final ArchRule reportKnowsPlansAndDrawsCharts = classes()
            .that()
            .resideInAPackage("dev.moco.operator.report..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "java..",
                    "com.fasterxml.jackson.annotation..",
                    "com.samskivert.mustache..",
                    "org.jspecify..",
                    "dev.moco.contract..",
                    "dev.moco.operator.api..",
                    "dev.moco.operator.plan..",
                    "dev.moco.operator.report..");

    /** Of Fabric8 the shape of a resource and its annotations, never a client. */
    @ArchTest
    static final ArchRule theResourceIsTheWireAlone = classes()
            .that()
            .resideInAPackage("dev.moco.operator.api..")
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(
                            "java..",
                            "com.fasterxml.jackson.annotation..",
                            "io.fabric8.crd.generator.annotation..",
                            "io.fabric8.generator.annotation..",
                            "io.fabric8.kubernetes.model.annotation..",
                            "org.jspecify..",
                            "dev.moco.contract..",
                            "dev.moco.operator.api..")
                    .or(belongToAnyOf(CustomResource.class, Namespaced.class)));

    /** Jobs are built from Fabric8's models only; without a client no code calls a server. */
    @ArchTest
    static final ArchRule jobsAreMadeAndReadWithoutAClient = classes()
            .that()
            .resideInAnyPackage("dev.moco.operator.jobs..", "dev.moco.operator.observe..", "dev.moco.operator.decide..")
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(
                    "java..",
                    "io.fabric8.kubernetes.api.model..",
                    "org.jspecify..",
                    "dev.moco.contract..",
                    "dev.moco.operator.api..",
                    "dev.moco.operator.decide..",
                    "dev.moco.operator.jobs..",
                    "dev.moco.operator.observe..",
                    "dev.moco.operator.plan..",
                    "dev.moco.operator.report.."));

    @ArchTest
    static final ArchRule jobsTouchNoFile = noClasses()
            .that()
            .resideInAnyPackage("dev.moco.operator.jobs..", "dev.moco.operator.observe..", "dev.moco.operator.decide..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.nio.file..", "java.net..");

    /** It sees a store by its listing, and a deletion is the only thing that it does. */
    @ArchTest
    static final ArchRule garbageIsDecidedFromPlansAndListings = classes()
            .that()
            .resideInAPackage("dev.moco.operator.gc..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "java.io..",
                    "java.lang..",
                    "java.time..",
                    "java.util..",
                    "org.jspecify..",
                    "dev.moco.artifacts..",
                    "dev.moco.contract..",
                    "dev.moco.operator.gc..",
                    "dev.moco.operator.plan..");

    @ArchTest
    static final ArchRule packagesHaveNoCycles =
            slices().matching("dev.moco.operator.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule reportTouchesNoFile = noClasses()
            .that()
            .resideInAPackage("dev.moco.operator.report..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.nio.file..", "java.net..");
}
