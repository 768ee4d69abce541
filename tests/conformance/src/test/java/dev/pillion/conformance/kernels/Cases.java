package dev.pillion.conformance.kernels;

import java.util.SplittableRandom;

/** Random inputs of the kernel tests; a failure says which seed and case to repeat. */
final class Cases {
    private static final long SEED = Long.getLong("pillion.test.seed", 20261121L);

    private Cases() {}

    /** A generator for one case; distinct cases get unrelated streams. */
    static SplittableRandom random(int caseNumber) {
        return new SplittableRandom(SEED * 1_000_003L + caseNumber);
    }

    /** What to print when a case fails. */
    static String describe(int caseNumber) {
        return "seed " + SEED + " (-Dpillion.test.seed), case " + caseNumber;
    }

    /** Normally distributed numbers. */
    static float[] normal(SplittableRandom random, int count, double deviation) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (random.nextGaussian() * deviation);
        }
        return values;
    }

    /** A number of columns: multiples of large and of small powers of two, odd ones, ones longer than a block reaches. */
    static int columns(SplittableRandom random) {
        return switch (random.nextInt(5)) {
            case 0 -> 1 + random.nextInt(40);
            case 1 -> 8 * (1 + random.nextInt(100));
            case 2 -> 1 + random.nextInt(1500);
            case 3 -> 256 * (1 + random.nextInt(12));
            default -> 2 + random.nextInt(3) * 2 + 1000 * random.nextInt(4);
        };
    }
}
