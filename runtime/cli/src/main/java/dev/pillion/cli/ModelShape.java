package dev.pillion.cli;

import dev.pillion.model.TensorType;
import dev.pillion.model.architecture.ModelDescription;
import dev.pillion.model.architecture.RopeDescription;
import dev.pillion.model.architecture.RopeScaling;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Shape of a Llama of random weights.
 *
 * @param name for the report
 * @param sizes what {@code KEYS} name
 */
record ModelShape(String name, Map<String, Integer> sizes) {
    static final String DEFAULT = "1.1b";

    private static final String FORM =
            "give 1.1b, or dim=2048,layers=22,heads=32,kv=4,ffn=5632,vocab=32000 (and context=4096)";
    private static final int LARGEST_SIZE = 1 << 24;
    private static final int CONTEXT = 4096;
    private static final Map<String, Integer> ONE_BILLION = Map.of(
            "dim", 2048, "layers", 22, "heads", 32, "kv", 4, "ffn", 5632, "vocab", 32000, "context", CONTEXT);

    /** Reads a shape; every size but the context must be given. */
    static ModelShape parse(String text) {
        if (text.equalsIgnoreCase(DEFAULT)) {
            return new ModelShape("llama 1.1B", ONE_BILLION);
        }
        Map<String, Integer> sizes = new LinkedHashMap<>();
        sizes.put("context", CONTEXT);
        for (String part : text.split(",")) {
            String[] pair = part.strip().split("=", 2);
            if (pair.length != 2 || !ONE_BILLION.containsKey(pair[0]) || !pair[1].matches("[0-9]{1,9}")) {
                throw wrong("\"" + part + "\" is no size");
            }
            sizes.put(pair[0], Integer.valueOf(pair[1]));
        }
        ONE_BILLION.keySet().stream().sorted().filter(key -> !sizes.containsKey(key)).findFirst().ifPresent(key -> {
            throw wrong(key + " is missing");
        });
        return new ModelShape("llama " + text, sizes);
    }

    /** Checks that the sizes make a model. */
    ModelShape {
        sizes = Map.copyOf(sizes);
        sizes.forEach((key, value) -> {
            if (value < 1 || value > LARGEST_SIZE) {
                throw wrong(key + " is " + value + ", not within 1 to " + LARGEST_SIZE);
            }
        });
        if (sizes.get("dim") % sizes.get("heads") != 0 || sizes.get("dim") / sizes.get("heads") % 2 != 0) {
            throw wrong("dim is not an even multiple of heads");
        }
        if (sizes.get("heads") % sizes.get("kv") != 0) {
            throw wrong("heads is not a multiple of kv");
        }
    }

    /** The model, in Llama's way: pairs of neighbours turn, base 10,000, epsilon 1e-5. */
    ModelDescription description(TensorType type) {
        int headDim = sizes.get("dim") / sizes.get("heads");
        return new ModelDescription(
                "llama",
                name + " " + type,
                sizes.get("layers"),
                sizes.get("dim"),
                sizes.get("heads"),
                sizes.get("kv"),
                headDim,
                sizes.get("ffn"),
                sizes.get("vocab"),
                sizes.get("context"),
                1e-5f,
                new RopeDescription(true, headDim, 10_000, new RopeScaling.None()),
                false,
                Collections.nCopies(sizes.get("layers"), ModelDescription.NO_WINDOW));
    }

    private static CliException wrong(String problem) {
        return new CliException(ExitCode.USAGE, "--shape: " + problem + "; " + FORM);
    }
}
