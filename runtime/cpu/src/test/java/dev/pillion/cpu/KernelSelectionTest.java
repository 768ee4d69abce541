package dev.pillion.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Other JVM flags need another JVM. */
class KernelSelectionTest {
    private static final String ADD_VECTOR = "--add-modules=jdk.incubator.vector";

    @Test
    void withoutTheVectorModuleItComputesWithScalarKernelsAndNamesTheFlagOnce() throws Exception {
        String output = runProbe();
        assertThat(output).contains("kernels=CPU, scalar kernels, 2 threads").contains("error=0.0");
        assertThat(output).containsOnlyOnce("--add-modules jdk.incubator.vector");
        assertThat(output).doesNotContain("NoClassDefFoundError", "Exception");
    }

    @Test
    void withoutTheOptimisingCompilerItNamesTheFlagToRemove() throws Exception {
        String output = runProbe(ADD_VECTOR, "-XX:TieredStopAtLevel=1");
        assertThat(output).contains("kernels=CPU, scalar kernels").containsOnlyOnce("Remove -XX:TieredStopAtLevel=1");
    }

    @Test
    void interpretingItNamesTheFlagToRemove() throws Exception {
        String output = runProbe(ADD_VECTOR, "-Xint");
        assertThat(output).contains("kernels=CPU, scalar kernels").containsOnlyOnce("Remove -Xint");
    }

    @Test
    void narrowerVectorsComputeTheSame() throws Exception {
        for (int bits : new int[] {128, 256}) {
            String output = runProbe(ADD_VECTOR, "-Dpillion.cpu.vectorBits=" + bits);
            assertThat(output).contains("kernels=CPU, Vector API " + bits + "-bit kernels");
            assertThat(output).doesNotContain("scalar");
            double error = output.lines()
                    .filter(line -> line.startsWith("error="))
                    .mapToDouble(line -> Double.parseDouble(line.substring("error=".length())))
                    .findFirst()
                    .orElseThrow();
            assertThat(error).isLessThan(1e-5);
        }
    }

    private static String runProbe(String... flags) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(flags));
        command.addAll(List.of("-Xmx256m", "-cp", System.getProperty("java.class.path"), KernelProbe.class.getName()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(output).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
        return output;
    }
}
