package dev.pillion.cpu;

import java.util.List;
import java.util.stream.Stream;

/** The kernels under test. The build's test JVM has the Vector API, so both are there. */
final class KernelSets {
    static final Kernels SCALAR = new ScalarKernels();
    static final Kernels CHOSEN = KernelSelection.choose(false);

    private KernelSets() {}

    static Stream<Kernels> all() {
        return List.of(SCALAR, CHOSEN).stream();
    }
}
