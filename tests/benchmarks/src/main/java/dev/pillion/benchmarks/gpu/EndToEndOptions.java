package dev.pillion.benchmarks.gpu;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What {@link EndToEnd} is told.
 *
 * @param gpu what all measuring programs are told; {@code --only} names scenarios by a part of a row's name or shape
 * @param ceilings rows measured before, with the rates that bound others
 */
record EndToEndOptions(GpuOptions gpu, Optional<Path> ceilings) {
    private static final String CEILINGS = "--ceilings";

    /**
     * Reads the arguments of {@link GpuOptions}, and {@code --ceilings FILE}.
     *
     * @throws IllegalArgumentException if one is unknown, lacks its value or is missing; the message says which
     */
    static EndToEndOptions parse(String... args) {
        List<String> others = new ArrayList<>(List.of(args));
        int at = others.indexOf(CEILINGS);
        if (at < 0) {
            return new EndToEndOptions(GpuOptions.parse(args), Optional.empty());
        }
        if (at + 1 == others.size()) {
            throw new IllegalArgumentException(CEILINGS + " needs a file");
        }
        others.remove(at);
        Path file = Path.of(others.remove(at));
        return new EndToEndOptions(GpuOptions.parse(others.toArray(String[]::new)), Optional.of(file));
    }

    /** Whether the virtual GPU stands in for a device; shapes are tiny then. */
    boolean virtual() {
        return gpu.virtual();
    }

    /** Name of the engine's backend. */
    String backend() {
        return virtual() ? "virtual-gpu" : "cuda";
    }
}
