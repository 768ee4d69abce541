package dev.pillion.cpu;

import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Chooses the kernels. Vector API kernels where the JVM can compile them well; otherwise the scalar ones, and one
 * warning that says why and which flag changes it. Vector API without its compiler support is far slower than plain
 * Java, so every doubt is decided against it.
 */
final class KernelSelection {
    private static final System.Logger LOG = System.getLogger("dev.pillion.cpu");
    private static final String VECTOR_MODULE = "jdk.incubator.vector";
    private static final int SMALLEST_VECTOR_BITS = 128;

    private static final Set<String> WARNED = ConcurrentHashMap.newKeySet();

    private KernelSelection() {}

    /** The kernels to use; says so once if they are not the fast ones. */
    static Kernels choose(boolean scalar) {
        Optional<String> reason = whyScalar(scalar);
        if (reason.isPresent()) {
            if (WARNED.add(reason.get())) {
                LOG.log(Level.WARNING, "Pillion computes with scalar kernels, many times slower than it could: {0}",
                        reason.get());
            }
            return new ScalarKernels();
        }
        return vectorKernels();
    }

    /** Why the Vector API kernels cannot be used, with the remedy; empty if they can. */
    static Optional<String> whyScalar(boolean scalar) {
        if (scalar) {
            return Optional.of("the options ask for it. Leave out the option 'scalar'");
        }
        Optional<Module> module = ModuleLayer.boot().findModule(VECTOR_MODULE);
        if (module.isEmpty()) {
            return Optional.of("the module " + VECTOR_MODULE + " is not in this JVM. Start java with --add-modules "
                    + VECTOR_MODULE);
        }
        Module own = KernelSelection.class.getModule();
        own.addReads(module.get());
        return JvmFlags.whyNoVectorCompiler().or(KernelSelection::whyNarrow);
    }

    private static Optional<String> whyNarrow() {
        int bits = VectorWidth.bits();
        return bits >= SMALLEST_VECTOR_BITS
                ? Optional.empty()
                : Optional.of("the JVM offers vectors of " + bits + " bits, " + SMALLEST_VECTOR_BITS + " are needed. "
                        + "Remove flags that limit them, such as -XX:UseSSE, -XX:UseAVX or -XX:MaxVectorSize");
    }

    /** Apart, so that no class of the Vector API is loaded before {@link #whyScalar} has found the module. */
    private static Kernels vectorKernels() {
        return new VectorKernels();
    }
}
