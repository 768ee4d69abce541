package dev.pillion.model;

import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Feeds damaged files to a reader. The only outcomes allowed are a file that can be used and a
 * {@link ModelFormatException}, and neither may take much heap.
 *
 * @param seeds good files
 * @param tokens see {@link Mutator}
 * @param repair makes a damaged file plausible again, so that the damage is met deeper in the reader
 * @param reader reads bytes
 * @param user touches what was read
 */
public record ReaderFuzz<T>(
        List<Mutator.Seed> seeds,
        List<String> tokens,
        Function<SplittableRandom, UnaryOperator<byte[]>> repair,
        Function<byte[], T> reader,
        Function<T, Map<String, Tensor>> user) {
    /** Named in the faults of the readers under test. */
    public static final Path FILE = Path.of("mutant");

    private static final long SEED = Long.getLong("pillion.test.seed", 20261121);

    /**
     * What happened.
     *
     * @param read damaged files that can still be used
     * @param refusals how many were refused at each place in the reader's source
     * @param mostAllocatedBytes the most heap that one file took
     */
    public record Outcome(int read, Map<String, Integer> refusals, long mostAllocatedBytes) {}

    /** Tries so many mutations; each depends on the seed and its number alone. */
    public Outcome run(int mutations) {
        int read = 0;
        Map<String, Integer> refusals = new TreeMap<>();
        long mostAllocated = 0;
        for (int number = 0; number < mutations; number++) {
            SplittableRandom random = new SplittableRandom(SEED * 1_000_003 + number);
            byte[] mutant = repair.apply(random).apply(new Mutator(random, seeds, tokens).next());
            long allocatedBefore = AllocatedBytes.ofCurrentThread();
            try {
                read += tryOne(mutant, refusals) ? 1 : 0;
            } catch (Throwable unexpected) {
                throw new AssertionError("seed " + SEED + ", mutation " + number
                        + ": repeat with -Dpillion.test.seed=" + SEED, unexpected);
            }
            mostAllocated = Math.max(mostAllocated, AllocatedBytes.ofCurrentThread() - allocatedBefore);
        }
        return new Outcome(read, refusals, mostAllocated);
    }

    private boolean tryOne(byte[] mutant, Map<String, Integer> refusals) {
        T model;
        try {
            model = reader.apply(mutant);
        } catch (ModelFormatException fault) {
            check(fault.file().equals(FILE), "names another file: " + fault.getMessage());
            check(fault.offset() >= ModelFormatException.NO_OFFSET && fault.offset() <= mutant.length,
                    "names a place outside the file: " + fault.getMessage());
            refusals.merge(place(fault), 1, Integer::sum);
            return false;
        }
        user.apply(model).forEach((name, tensor) -> touch(tensor));
        return true;
    }

    private static String place(ModelFormatException fault) {
        return Stream.of(fault.getStackTrace())
                .filter(frame -> !frame.getMethodName().equals("fault"))
                .map(frame -> frame.getFileName() + ":" + frame.getLineNumber())
                .findFirst().orElse("unknown");
    }

    private static void touch(Tensor tensor) {
        long size = tensor.data().byteSize();
        check(size == tensor.type().bytesFor(tensor.elements()), "size of " + tensor);
        check(tensor.rows() * tensor.columns() == tensor.elements(), "rows of " + tensor);
        if (size > 0) {
            tensor.data().get(ValueLayout.JAVA_BYTE, 0);
            tensor.data().get(ValueLayout.JAVA_BYTE, size - 1);
        }
    }

    private static void check(boolean condition, String problem) {
        if (!condition) {
            throw new IllegalStateException(problem);
        }
    }
}
