package dev.pillion.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.kernels.KernelCatalogue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The shipped PTX was made of the CUDA sources as they are, and ptxas found registers for all of it. The texts are not
 * compared with a rebuild here, which takes nvcc: {@code scripts/build-ptx --check} does that.
 */
class PtxSourcesTest {
    private static final Path SOURCES = TestData.source("kernels-ptx/src/main/cuda");
    private static final Path REGISTERS = TestData.source("kernels-ptx/registers.tsv");
    private static final Pattern INCLUDE = Pattern.compile("^#include \"(.*)\"$", Pattern.MULTILINE);

    @Test
    void ptxIsAsNewAsItsSources() throws IOException {
        for (String[] module : table(SOURCES.resolve("modules.tsv"))) {
            String ptx = new String(KernelCatalogue.module(module[0]), StandardCharsets.US_ASCII);
            assertThat(ptx.lines().findFirst())
                    .as("first line of %s.ptx; if it is old, run scripts/build-ptx", module[0])
                    .contains("// sources " + digest(module[1], module.length < 3 ? "" : module[2]));
        }
    }

    @Test
    void everyEntryWasAssembledWithoutSpills() throws IOException {
        Map<String, Set<String>> architectures = new TreeMap<>();
        for (String[] row : table(REGISTERS)) {
            architectures.computeIfAbsent(row[0] + " " + row[1], key -> new TreeSet<>()).add(row[2]);
            assertThat(row[4]).as("bytes that %s spills on %s", row[1], row[2]).isEqualTo("0");
        }
        Map<String, Set<String>> expected = new TreeMap<>();
        for (String module : KernelCatalogue.modules()) {
            KernelCatalogue.entries(module).forEach(entry -> expected.put(module + " " + entry, Set.of("sm_80", "sm_90")));
        }
        assertThat(architectures).as("what registers.tsv lists").isEqualTo(expected);
    }

    private static List<String[]> table(Path file) throws IOException {
        return Files.readAllLines(file).stream()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.split("\t"))
                .toList();
    }

    /** As the script computes it: the defines, then each file by name, without comments and blank lines. */
    private static String digest(String source, String defines) throws IOException {
        Map<String, String> texts = new TreeMap<>();
        Deque<String> todo = new ArrayDeque<>(List.of(source));
        while (!todo.isEmpty()) {
            String file = todo.pop();
            if (texts.containsKey(file)) {
                continue;
            }
            String text = Files.readString(SOURCES.resolve(file));
            INCLUDE.matcher(text).results().forEach(found -> todo.push(found.group(1)));
            texts.put(file, withoutComments(text));
        }
        StringBuilder all = new StringBuilder(defines).append('\n');
        texts.forEach((file, text) -> all.append(file).append('\n').append(text));
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(all.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String withoutComments(String text) {
        return text.lines()
                .map(line -> line.replaceFirst("\\s*//.*", ""))
                .filter(line -> !line.isBlank())
                .map(line -> line + "\n")
                .collect(Collectors.joining());
    }
}
