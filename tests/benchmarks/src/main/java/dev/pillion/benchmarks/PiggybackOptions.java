package dev.pillion.benchmarks;

import dev.pillion.model.TensorType;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What {@link PiggybackCost} measures.
 *
 * @param repetitions of every composition
 * @param types of the weights
 * @param shape of the model, see {@link Shapes#named}
 * @param batches numbers of decodes, ascending, a lone one among them: what the others are shares of
 * @param chunks tokens of prompt chunks
 * @param context tokens each decode attends to
 * @param csv file for the numbers, for plots
 */
record PiggybackOptions(
        int repetitions,
        List<TensorType> types,
        String shape,
        int[] batches,
        int[] chunks,
        int context,
        Optional<Path> csv) {

    /**
     * Reads {@code REPETITIONS TYPES} and then, in any order, {@code --shape NAME}, {@code --batches N,N},
     * {@code --chunks N,N}, {@code --context N} and {@code --csv FILE}.
     */
    static PiggybackOptions parse(String[] args) {
        String shape = "beyond-caches";
        int[] batches = {1, 4, 8, 16, 32};
        int[] chunks = {64, 128, 256, 512};
        int context = 512;
        Optional<Path> csv = Optional.empty();
        for (int i = 2; i + 1 < args.length; i += 2) {
            String value = args[i + 1];
            switch (args[i]) {
                case "--shape" -> shape = value;
                case "--batches" -> batches = numbers(value + ",1");
                case "--chunks" -> chunks = numbers(value);
                case "--context" -> context = Integer.parseInt(value);
                case "--csv" -> csv = Optional.of(Path.of(value));
                default -> throw new IllegalArgumentException("unknown option " + args[i]);
            }
        }
        if (args.length < 2 || args.length % 2 != 0) {
            throw new IllegalArgumentException("give REPETITIONS TYPES [--shape NAME] [--batches N,N] [--chunks N,N] "
                    + "[--context N] [--csv FILE]");
        }
        List<TensorType> types = Arrays.stream(args[1].split(",")).map(TensorType::valueOf).toList();
        return new PiggybackOptions(Integer.parseInt(args[0]), types, shape, batches, chunks, context, csv);
    }

    private static int[] numbers(String list) {
        return Arrays.stream(list.split(",")).mapToInt(Integer::parseInt).sorted().distinct().toArray();
    }

    int mostDecodes() {
        return batches[batches.length - 1];
    }

    int longestChunk() {
        return chunks[chunks.length - 1];
    }
}
