package dev.pillion.cpu;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import java.util.Optional;

/** What the flags of the running JVM say about its compiler. */
final class JvmFlags {
    /** The tier of the optimising compiler, the only one that knows vectors. */
    private static final int OPTIMISING_TIER = 4;

    private JvmFlags() {}

    /**
     * Why the JVM's compiler will not turn Vector API code into vector instructions, with the remedy; empty if it will.
     */
    static Optional<String> whyNoVectorCompiler() {
        String mode = System.getProperty("java.vm.info", "");
        if (mode.contains("interpreted mode")) {
            return Optional.of("the JVM interprets everything. Remove -Xint");
        }
        String tier = flag("TieredStopAtLevel").orElse("4");
        if (flag("TieredCompilation").orElse("true").equals("true") && Integer.parseInt(tier) < OPTIMISING_TIER) {
            return Optional.of("the JVM runs without its optimising compiler. Remove -XX:TieredStopAtLevel=" + tier
                    + " (mvn spring-boot:run sets it: <optimizedLaunch>false</optimizedLaunch>)");
        }
        if (flag("EnableVectorSupport").orElse("true").equals("false")) {
            return Optional.of("compiler support for vectors is switched off. Remove -XX:-EnableVectorSupport");
        }
        if (flag("UseFMA").orElse("true").equals("false")) {
            return Optional.of("the JVM has no fused multiply-add. On a processor that has one, remove -XX:-UseFMA");
        }
        return Optional.empty();
    }

    /** The value of a HotSpot flag; empty in JVMs that do not have it. */
    private static Optional<String> flag(String name) {
        try {
            HotSpotDiagnosticMXBean flags = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
            return flags == null ? Optional.empty() : Optional.of(flags.getVMOption(name).getValue());
        } catch (IllegalArgumentException noSuchFlag) {
            return Optional.empty();
        }
    }
}
