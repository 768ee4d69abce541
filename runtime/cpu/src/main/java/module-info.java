/**
 * The CPU backend. The scalar kernels are the specification every faster kernel is tested against; the Vector API
 * kernels are chosen once, at startup, when the JVM offers them. One worker pool serves every operation. This is the
 * only room that may use {@code jdk.incubator.vector}.
 */
module dev.pillion.cpu {
    requires dev.pillion;
    requires jdk.management;
    requires static jdk.incubator.vector;
    requires static org.jspecify;

    provides dev.pillion.spi.BackendProvider with dev.pillion.cpu.CpuBackendProvider;
}
