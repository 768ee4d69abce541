package dev.pillion.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Stand-ins for the vendor's libraries, compiled once per JVM and then found as the real ones would be, in a folder the user
 * names. They note the calls that reach them and fail when told to.
 */
final class MockLibraries {
    private static final Linker LINKER = Linker.nativeLinker();
    private static @Nullable Path folder;

    private final String prefix;

    private MockLibraries(String prefix) {
        this.prefix = prefix;
    }

    /** The folder with the compiled libraries; skips the test where there is no compiler. */
    static synchronized Path folder() {
        if (!Compiler.has("gcc")) {
            System.out.println("SKIPPED: the mock of libcuda.so.1 needs gcc, and there is none on the PATH");
        }
        assumeTrue(Compiler.has("gcc"), "no gcc");
        Path compiled = folder;
        if (compiled == null) {
            try {
                compiled = Files.createTempDirectory("pillion-mock");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            Compiler.library("libcuda.c", compiled.resolve("libcuda.so.1"));
            Compiler.library("libcublasLt.c", compiled.resolve("libcublasLt.so.13"));
            Compiler.library("libnvidia-ml.c", compiled.resolve("libnvidia-ml.so.1"));
            deleteOnExit(compiled);
            folder = compiled;
        }
        return compiled;
    }

    private static void deleteOnExit(Path root) {
        try (var files = Files.walk(root)) {
            files.forEach(file -> file.toFile().deleteOnExit());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The driver, started; every test begins with its log empty and no failure planned. */
    static NativeGpuDriver driver() {
        NativeGpuDriver driver = NativeGpuDriver.open(Optional.of(folder()));
        cuda().call("reset");
        return driver;
    }

    /** Controls of the mock driver. */
    static MockLibraries cuda() {
        return new MockLibraries("cuda_mock_");
    }

    /** Controls of the mock cuBLASLt, once it is loaded. */
    static MockLibraries cublasLt() {
        return new MockLibraries("lt_mock_");
    }

    /** Controls of the mock NVML, once it is loaded. */
    static MockLibraries nvml() {
        return new MockLibraries("nvml_mock_");
    }

    /** The calls noted since the log was cleared. */
    List<String> log() {
        try {
            MemorySegment text = (MemorySegment) handle("log", ValueLayout.ADDRESS).invoke();
            return text.reinterpret(Long.MAX_VALUE).getString(0).lines().toList();
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** The calls noted since the last look. */
    List<String> newCalls() {
        List<String> calls = log();
        call("clear");
        return calls;
    }

    /** Lets the {@code count}-th call of a function from now on give a result. */
    void fail(String function, int count, int result) {
        try (Arena arena = Arena.ofConfined()) {
            invoke("fail", arena.allocateFrom(function), count, result);
        }
    }

    /** How many things of a kind are open. */
    int live(String kind) {
        try (Arena arena = Arena.ofConfined()) {
            return (int) handle("live", ValueLayout.JAVA_INT, ValueLayout.ADDRESS).invoke(arena.allocateFrom(kind));
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** Asserts that nothing of a kind is open. */
    void assertNone(String... kinds) {
        for (String kind : kinds) {
            assertThat(live(kind)).as("%s left open", kind).isZero();
        }
    }

    /** Calls a control without arguments, or with one number. */
    void call(String name, int... arguments) {
        try {
            if (arguments.length == 0) {
                LINKER.downcallHandle(symbol(name), FunctionDescriptor.ofVoid()).invoke();
            } else {
                LINKER.downcallHandle(symbol(name), FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT)).invoke(arguments[0]);
            }
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** Reads a number. */
    long number(String name) {
        try {
            return (long) handle(name, ValueLayout.JAVA_LONG).invoke();
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    private void invoke(String name, MemorySegment text, int first, int second) {
        FunctionDescriptor shape =
                FunctionDescriptor.ofVoid(ValueLayout.ADDRESS, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
        try {
            LINKER.downcallHandle(symbol(name), shape).invoke(text, first, second);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    private java.lang.invoke.MethodHandle handle(String name, MemoryLayout result, MemoryLayout... arguments) {
        return LINKER.downcallHandle(symbol(name), FunctionDescriptor.of(result, arguments));
    }

    private MemorySegment symbol(String name) {
        return SymbolLookup.loaderLookup().findOrThrow(prefix + name);
    }
}
