package dev.pillion.kernels;

import dev.pillion.kernels.driver.KernelSignature;
import dev.pillion.kernels.ptx.PtxFunction;
import dev.pillion.kernels.ptx.PtxParser;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The kernels that are shipped: the PTX modules that {@code modules.tsv} lists, and the entries that their texts
 * declare. Thread-safe.
 */
public final class KernelCatalogue {
    private static final String FOLDER = "ptx/";
    private static final Pattern ENTRY = Pattern.compile("^\\.visible \\.entry ([A-Za-z0-9_$]+)", Pattern.MULTILINE);
    private static final Map<String, List<String>> ENTRIES = new TreeMap<>();
    private static final Map<String, String> MODULES = new TreeMap<>();
    private static final Map<String, Map<String, KernelSignature>> SIGNATURES = new ConcurrentHashMap<>();

    static {
        read("modules.tsv").map(KernelCatalogue::text).orElse("").lines()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .forEach(line -> addModule(line.substring(0, (line + "\t").indexOf('\t'))));
    }

    private KernelCatalogue() {}

    /** A module whose text is missing is left out: it is then that whoever wants it hears of it. */
    private static void addModule(String module) {
        read(module + ".ptx").ifPresent(ptx -> {
            List<String> entries = ENTRY.matcher(text(ptx)).results().map(found -> found.group(1)).toList();
            ENTRIES.put(module, entries);
            entries.forEach(entry -> MODULES.put(entry, module));
        });
    }

    private static String text(byte[] ascii) {
        return new String(ascii, StandardCharsets.US_ASCII);
    }

    private static Optional<byte[]> read(String name) {
        try (InputStream resource = KernelCatalogue.class.getResourceAsStream(FOLDER + name)) {
            return resource == null ? Optional.empty() : Optional.of(resource.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Names of the modules, sorted. */
    public static List<String> modules() {
        return List.copyOf(ENTRIES.keySet());
    }

    /** Whether there is a module. */
    public static boolean hasModule(String name) {
        return ENTRIES.containsKey(name);
    }

    /** Names of the entries of a module, in the order of its text. */
    public static List<String> entries(String module) {
        List<String> entries = ENTRIES.get(module);
        if (entries == null) {
            throw new NoSuchElementException("no kernel module " + module + "; there are " + ENTRIES.keySet());
        }
        return entries;
    }

    /** Text of a module. */
    public static byte[] module(String name) {
        entries(name);
        return read(name + ".ptx").orElseThrow();
    }

    /** Name of the module that has an entry. */
    public static String moduleOf(String entry) {
        String module = MODULES.get(entry);
        if (module == null) {
            throw new NoSuchElementException("no kernel " + entry);
        }
        return module;
    }

    /** Whether there is an entry. */
    public static boolean hasEntry(String entry) {
        return MODULES.containsKey(entry);
    }

    /** Name and parameters of an entry. */
    public static KernelSignature signature(String entry) {
        KernelSignature signature = SIGNATURES.computeIfAbsent(moduleOf(entry), KernelCatalogue::parse).get(entry);
        if (signature == null) {
            throw new NoSuchElementException("kernel " + entry + " has no readable declaration");
        }
        return signature;
    }

    private static Map<String, KernelSignature> parse(String module) {
        return PtxParser.parse(module(module)).entries().stream()
                .collect(Collectors.toMap(PtxFunction::name, PtxFunction::signature));
    }
}
