package dev.pillion.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher script's search for a JDK, in a folder laid out like a distribution (no sources, nothing to build). */
class LauncherTest {
    @TempDir
    Path folder;

    @BeforeEach
    void copyScript() throws IOException {
        assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "no /bin/sh here");
        Files.copy(TestData.source("pillion"), folder.resolve("pillion"));
    }

    @Test
    void withoutJdk25ItSaysWhereItLookedAndHowToGetOne() throws IOException {
        Path old = fakeJdk("jvms/java-17", "17.0.15");
        ChildProcess process = launch(Map.of("JAVA_HOME", old.toString(), "PILLION_JVM_ROOT", folder.resolve("jvms").toString()));
        assertThat(process.exitCode()).isEqualTo(3);
        assertThat(process.out()).isEmpty();
        assertThat(process.err())
                .contains("needs a JDK 25 or newer and found none")
                .contains("JAVA_HOME: " + old + " is Java 17")
                .contains(folder.resolve("jvms") + ": " + old + " is Java 17")
                .contains("JAVA_HOME to it");
    }

    @Test
    void javaHomeIsTaken() {
        check(launch(Map.of("JAVA_HOME", System.getProperty("java.home"), "PILLION_JVM_ROOT", "/nowhere")));
    }

    @Test
    void aJdkBelowTheJvmFolderIsFoundWhereJavaHomeIsOlder() throws IOException {
        Path old = fakeJdk("old", "17.0.15");
        Path jvms = Files.createDirectory(folder.resolve("jvms"));
        Path jdk = Files.createDirectory(jvms.resolve("jdk-25"));
        Path real = Path.of(System.getProperty("java.home"));
        Files.createSymbolicLink(jdk.resolve("bin"), real.resolve("bin"));
        Files.createSymbolicLink(jdk.resolve("release"), real.resolve("release"));
        check(launch(Map.of("JAVA_HOME", old.toString(), "PILLION_JVM_ROOT", jvms.toString())));
    }

    private static void check(ChildProcess process) {
        assertThat(process.err()).contains("Runtime Environment");
        assertThat(process.exitCode()).isZero();
    }

    /** Runs the script with a JVM option that prints the version and ends. */
    private ChildProcess launch(Map<String, String> environment) {
        List<String> clean = List.of("/usr/bin/env", "PATH=/usr/bin:/bin", "PILLION_JAVA_OPTS=-version");
        List<String> command = new ArrayList<>(clean);
        environment.forEach((name, value) -> command.add(name + "=" + value));
        command.addAll(List.of("/bin/sh", folder.resolve("pillion").toString(), "--help"));
        return ChildProcess.run(folder, Map.of(), command);
    }

    private Path fakeJdk(String name, String version) throws IOException {
        Path jdk = folder.resolve(name);
        Path java = Files.createDirectories(jdk.resolve("bin")).resolve("java");
        Files.writeString(java, "#!/bin/sh\nexit 9\n");
        assertThat(java.toFile().setExecutable(true)).isTrue();
        Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
        return jdk;
    }
}
