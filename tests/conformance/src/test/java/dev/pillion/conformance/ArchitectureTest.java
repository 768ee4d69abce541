package dev.pillion.conformance;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;

/** The house rules that the module graph alone does not hold: who may know whom, and where native code may be called. */
@AnalyzeClasses(packages = "dev.pillion", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String[] BACKENDS = {"dev.pillion.cpu..", "dev.pillion.cuda..", "dev.pillion.tornado.."};

    @ArchTest
    static final ArchRule memoryKnowsNobody = noClasses()
            .that().resideInAPackage("dev.pillion.memory..")
            .should().dependOnClassesThat(resideInAPackage("dev.pillion..")
                    .and(resideOutsideOfPackage("dev.pillion.memory..")));

    @ArchTest
    static final ArchRule schedulerKnowsOnlyMemory = noClasses()
            .that().resideInAPackage("dev.pillion.scheduler..")
            .should().dependOnClassesThat().resideInAnyPackage(
                    "dev.pillion", "dev.pillion.engine..", "dev.pillion.spi..", "dev.pillion.model..", "dev.pillion.sampling..");

    /** The scheduler that serves must not know whether it is simulated; the simulator is a guest in its module. */
    @ArchTest
    static final ArchRule schedulerKnowsNoSimulator = noClasses()
            .that().resideInAnyPackage("dev.pillion.scheduler..", "dev.pillion.memory..")
            .should().dependOnClassesThat().resideInAPackage("dev.pillion.simulator..");

    @ArchTest
    static final ArchRule simulatorKnowsNoEngine = noClasses()
            .that().resideInAPackage("dev.pillion.simulator..")
            .should().dependOnClassesThat().resideInAnyPackage(
                    "dev.pillion", "dev.pillion.engine..", "dev.pillion.spi..", "dev.pillion.model..", "dev.pillion.analysis..");

    /** Only a tool asks what would be; an engine does not. */
    @ArchTest
    static final ArchRule engineUsesNoSimulation = noClasses()
            .that().resideInAnyPackage("dev.pillion", "dev.pillion.engine..", "dev.pillion.spi..", "dev.pillion.sampling..")
            .should().dependOnClassesThat().resideInAPackage("dev.pillion.simulator..");

    @ArchTest
    static final ArchRule modelKnowsNoEngine = noClasses()
            .that().resideInAPackage("dev.pillion.model..")
            .should().dependOnClassesThat().resideInAnyPackage(
                    "dev.pillion", "dev.pillion.engine..", "dev.pillion.spi..", "dev.pillion.scheduler..", "dev.pillion.memory..");

    @ArchTest
    static final ArchRule nobodyNamesABackend = noClasses()
            .that().resideOutsideOfPackages(BACKENDS)
            .should().dependOnClassesThat().resideInAnyPackage(BACKENDS);

    @ArchTest
    static final ArchRule backendsSeeTheSpiOnly = noClasses()
            .that().resideInAnyPackage(BACKENDS)
            .should().dependOnClassesThat().resideInAnyPackage(
                    "dev.pillion", "dev.pillion.engine..", "dev.pillion.sampling..", "dev.pillion.scheduler..");

    @ArchTest
    static final ArchRule vectorApiOnlyInTheCpuBackend = noClasses()
            .that().resideOutsideOfPackage("dev.pillion.cpu..")
            .should().dependOnClassesThat().resideInAPackage("jdk.incubator.vector..");

    @ArchTest
    static final ArchRule nativeCallsOnlyFromBindingsAndCuda = noClasses()
            .that().resideOutsideOfPackages("dev.pillion.bindings..", "dev.pillion.cuda..")
            .should().dependOnClassesThat().haveFullyQualifiedName("java.lang.foreign.Linker")
            .orShould().dependOnClassesThat().haveFullyQualifiedName("java.lang.foreign.SymbolLookup");

    /** Calls into a driver may block, and an exception in an upcall ends the process. */
    @ArchTest
    static final ArchRule noCriticalCallsAndNoUpcalls = noClasses()
            .should().callMethod(Linker.Option.class, "critical", boolean.class)
            .orShould().callMethod(
                    Linker.class,
                    "upcallStub",
                    MethodHandle.class,
                    FunctionDescriptor.class,
                    Arena.class,
                    Linker.Option[].class);

    @ArchTest
    static final ArchRule bindingsOnlyInTheCudaBackend = noClasses()
            .that().resideOutsideOfPackages("dev.pillion.bindings..", "dev.pillion.cuda..")
            .should().dependOnClassesThat().resideInAPackage("dev.pillion.bindings..");

    /** The generated bindings can trace their calls, which nobody switches on but by a property of jextract's. */
    @ArchTest
    static final ArchRule librariesDoNotPrint = noClasses()
            .that().resideOutsideOfPackages("dev.pillion.cli..", "dev.pillion.bindings..")
            .should().accessField(System.class, "out")
            .orShould().accessField(System.class, "err");
}
