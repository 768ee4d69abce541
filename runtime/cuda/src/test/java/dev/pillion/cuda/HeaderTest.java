package dev.pillion.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.GroupLayout;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The generated bindings against the vendor's own headers: a C++ program made from what the bindings declare prints what the
 * compiler thinks of each constant, struct and function, and both must say the same. Skipped where a header is not installed.
 */
class HeaderTest {
    /**
     * Kinds of a parameter: p pointer (or a struct, which the bindings too take as a segment), f floating point, i anything
     * else; with its size.
     */
    private static final String PRELUDE =
            """
            #include <cstddef>
            #include <cstdio>
            #include <type_traits>
            #include <%s>
            template <class T> void kind() {
                if (std::is_pointer<T>::value || std::is_class<T>::value) std::printf(" p");
                else std::printf(" %%c%%zu", std::is_floating_point<T>::value ? 'f' : 'i', sizeof(T));
            }
            template <class R, class... A> void signature(const char *name, R (*)(A...)) {
                std::printf("%%s", name);
                kind<R>();
                (kind<A>(), ...);
                std::printf("\\n");
            }
            #define CONSTANT(name) std::printf(#name " %%lld\\n", (long long) (name))
            #define FIELD(type, field) std::printf(#type "." #field " %%zu\\n", offsetof(type, field))
            #define STRUCT(type) std::printf(#type " %%zu\\n", sizeof(type))
            #define FUNCTION(name) signature(#name, static_cast<decltype(&name)>(nullptr))
            int main() {
            """;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({
        "cuda.h, cuda, CudaDriver, 470, 80, 90",
        "cublasLt.h, cublaslt, CublasLt, 100, 2, 20",
        "nvml.h, nvml, Nvml, 40, 2, 15",
        "nccl.h, nccl, Nccl, 15, 1, 15"
    })
    void bindingsSayWhatTheHeaderSays(
            String header, String name, String type, int constants, int structs, int functions) throws Exception {
        Path include = Compiler.folderOf(header).orElse(null);
        if (include == null || !Compiler.has("g++")) {
            System.out.println("SKIPPED: bindings against " + header + ": "
                    + (include == null ? "the header is not installed" : "no g++ on the PATH"));
        }
        assumeTrue(include != null && Compiler.has("g++"), "no " + header + " or no g++");
        Class<?> bindings = Class.forName("dev.pillion.bindings." + name + "." + type);

        Map<String, String> declared = new TreeMap<>();
        StringBuilder program = new StringBuilder(PRELUDE.formatted(header));
        int constantCount = constants(bindings, declared, program);
        int structCount = structs(bindings, declared, program);
        int functionCount = functions(bindings, declared, program);
        assertThat(constantCount).as("constants looked at").isGreaterThanOrEqualTo(constants);
        assertThat(structCount).as("structs and fields looked at").isGreaterThanOrEqualTo(structs);
        assertThat(functionCount).as("functions looked at").isGreaterThanOrEqualTo(functions);

        assertThat(compiledAndRun(program.append("}\n").toString(), include)).isEqualTo(declared);
    }

    private Map<String, String> compiledAndRun(String program, Path include) throws IOException {
        Path source = Files.writeString(folder.resolve("header.cpp"), program);
        Compiler.run(folder, List.of("g++", "-std=c++17", "-w", "-I" + include, "-o", "header", source.toString()));
        Map<String, String> printed = new TreeMap<>();
        Compiler.run(folder, List.of(folder.resolve("header").toString())).lines().forEach(line -> {
            int space = line.indexOf(' ');
            printed.put(line.substring(0, space), line.substring(space + 1));
        });
        return printed;
    }

    private static Stream<Method> accessors(Class<?> type) {
        return Stream.of(type.getDeclaredMethods())
                .filter(method -> Modifier.isPublic(method.getModifiers()) && method.getParameterCount() == 0);
    }

    private static Object value(Method accessor) {
        try {
            return accessor.invoke(null);
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        } catch (InvocationTargetException e) {
            throw new AssertionError(accessor.getName(), e.getCause());
        }
    }

    /** Constants are the accessors without parameters that have the name of no function. */
    private static int constants(Class<?> bindings, Map<String, String> declared, StringBuilder program) {
        Set<String> functions = functionNames(bindings);
        List<Method> constants = accessors(bindings)
                .filter(method -> method.getReturnType() == int.class || method.getReturnType() == long.class)
                .filter(method -> !functions.contains(method.getName()))
                .toList();
        for (Method constant : constants) {
            declared.put(constant.getName(), value(constant).toString());
            program.append("CONSTANT(").append(constant.getName()).append(");\n");
        }
        return constants.size();
    }

    private static int structs(Class<?> bindings, Map<String, String> declared, StringBuilder program)
            throws ReflectiveOperationException, IOException {
        int count = 0;
        for (Class<?> type : siblings(bindings)) {
            GroupLayout layout = (GroupLayout) type.getMethod("layout").invoke(null);
            String name = type.getSimpleName();
            declared.put(name, Long.toString(layout.byteSize()));
            program.append("STRUCT(").append(name).append(");\n");
            count++;
            for (Method offset : accessors(type).filter(m -> m.getName().endsWith("$offset")).toList()) {
                String field = offset.getName().substring(0, offset.getName().indexOf('$'));
                declared.put(name + "." + field, value(offset).toString());
                program.append("FIELD(").append(name).append(", ").append(field).append(");\n");
                count++;
            }
        }
        return count;
    }

    /** The struct classes beside a header's class, by their files. */
    private static List<Class<?>> siblings(Class<?> bindings) throws ReflectiveOperationException, IOException {
        Path classes = Path.of(bindings.getProtectionDomain().getCodeSource().getLocation().getPath());
        List<String> names = new ArrayList<>();
        if (Files.isDirectory(classes)) {
            try (Stream<Path> files = Files.list(classes.resolve(bindings.getPackageName().replace('.', '/')))) {
                files.forEach(file -> names.add(file.getFileName().toString()));
            }
        } else {
            try (JarFile jar = new JarFile(classes.toFile())) {
                String prefix = bindings.getPackageName().replace('.', '/') + "/";
                jar.stream()
                        .map(entry -> entry.getName())
                        .filter(name -> name.startsWith(prefix))
                        .forEach(name -> names.add(name.substring(prefix.length())));
            }
        }
        List<Class<?>> structs = new ArrayList<>();
        for (String name : names.stream().sorted().toList()) {
            if (!name.contains("$") && name.endsWith(".class") && !name.startsWith(bindings.getSimpleName())) {
                Class<?> type = Class.forName(bindings.getPackageName() + "." + name.replace(".class", ""));
                if (Stream.of(type.getMethods()).anyMatch(method -> method.getName().equals("layout"))) {
                    structs.add(type);
                }
            }
        }
        return structs;
    }

    private static int functions(Class<?> bindings, Map<String, String> declared, StringBuilder program) {
        List<Method> functions = Stream.of(bindings.getDeclaredMethods())
                .filter(method -> functionNames(bindings).contains(method.getName()))
                .toList();
        for (Method function : functions) {
            StringBuilder kinds = new StringBuilder(kind(function.getReturnType()));
            Stream.of(function.getParameterTypes()).forEach(type -> kinds.append(' ').append(kind(type)));
            declared.put(function.getName(), kinds.toString());
            program.append("FUNCTION(").append(function.getName()).append(");\n");
        }
        return functions.size();
    }

    /** The names that have a descriptor; asking for the descriptor itself would look for the function in a library. */
    private static Set<String> functionNames(Class<?> bindings) {
        return accessors(bindings)
                .map(Method::getName)
                .filter(name -> name.endsWith("$descriptor"))
                .map(name -> name.substring(0, name.indexOf('$')))
                .collect(Collectors.toSet());
    }

    private static String kind(Class<?> type) {
        if (type == MemorySegment.class) {
            return "p";
        }
        return switch (type.getName()) {
            case "byte" -> "i1";
            case "short" -> "i2";
            case "int" -> "i4";
            case "long" -> "i8";
            case "float" -> "f4";
            case "double" -> "f8";
            default -> throw new AssertionError(type);
        };
    }
}
