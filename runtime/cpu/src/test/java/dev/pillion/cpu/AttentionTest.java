package dev.pillion.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pillion.model.TensorType;
import dev.pillion.spi.AttentionSpec;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AttentionTest {
    private static final AttentionSpec GROUPED = spec(6, 2, 20, AttentionSpec.NO_WINDOW);
    private static final AttentionSpec WINDOWED = spec(4, 4, 16, 150);

    private static AttentionSpec spec(int heads, int kvHeads, int headDim, int window) {
        return new AttentionSpec(1, heads, kvHeads, headDim, (float) (1 / Math.sqrt(headDim)), window);
    }

    @ParameterizedTest
    @MethodSource("dev.pillion.cpu.KernelSets#all")
    void followsTheDefinition(Kernels kernels) {
        SplittableRandom random = Seed.random();
        for (int trial = 0; trial < 12; trial++) {
            int kvHeads = 1 + random.nextInt(3);
            int heads = kvHeads * (1 + random.nextInt(5));
            int headDim = new int[] {4, 8, 20, 32, 64, 80, 128, 132}[random.nextInt(8)];
            int window = random.nextInt(3) == 0 ? 1 + random.nextInt(200) : AttentionSpec.NO_WINDOW;
            int blockTokens = new int[] {1, 3, 8, 16, 32, 48, 256}[random.nextInt(7)];
            TensorType type = random.nextBoolean() ? TensorType.F32 : TensorType.F16;
            AttentionSpec spec = spec(heads, kvHeads, headDim, window);
            int length = 1 + random.nextInt(400);
            try (AttentionRun run = new AttentionRun(
                    kernels, 2, spec, type, blockTokens, 0, random.nextLong(), length)) {
                run.prefill(0, 1 + random.nextInt(200));
                for (int position = 0; position < length; position += 1 + random.nextInt(20)) {
                    for (int head = 0; head < heads; head++) {
                        double[] expected = run.reference(0, position, head);
                        for (int d = 0; d < headDim; d++) {
                            assertThat((double) run.out[0][(position * heads + head) * headDim + d])
                                    .as(Seed.message(spec + " " + type + ", block " + blockTokens + ", at " + position))
                                    .isCloseTo(expected[d], within(2e-5));
                        }
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dev.pillion.cpu.KernelSets#all")
    void givesTheSameBitsHoweverThePromptIsCut(Kernels kernels) {
        for (AttentionSpec spec : new AttentionSpec[] {GROUPED, WINDOWED}) {
            for (TensorType type : new TensorType[] {TensorType.F32, TensorType.F16}) {
                float[] whole = cut(kernels, 1, spec, type, 16, 500);
                int[][] threadsBlockChunk = {
                    {1, 16, 1}, {2, 16, 1}, {4, 5, 1}, {1, 5, 301}, {2, 64, 7}, {3, 16, 128}, {4, 64, 301}
                };
                for (int[] c : threadsBlockChunk) {
                    Bits.assertSame(
                            Seed.message(spec + " " + type + ", threads, block, chunk " + Arrays.toString(c)),
                            cut(kernels, c[0], spec, type, c[1], c[2]),
                            whole);
                }
            }
        }
    }

    private static float[] cut(
            Kernels kernels, int threads, AttentionSpec spec, TensorType type, int block, int chunk) {
        try (AttentionRun run = new AttentionRun(kernels, threads, spec, type, block, 0, Seed.VALUE, 500)) {
            // Single tokens all the way would take long: the beginning in one piece, then one by one.
            if (chunk == 1) {
                run.step().group(0).segment(0, 0, 450).run();
                for (int position = 450; position < 500; position++) {
                    run.step().group(0).segment(0, position, 1).run();
                }
                return run.out[0];
            }
            return run.prefill(0, chunk).out[0];
        }
    }

    @ParameterizedTest
    @MethodSource("dev.pillion.cpu.KernelSets#all")
    void givesTheSameBitsInAMixedBatch(Kernels kernels) {
        int[] lengths = {300, 129, 64, 400};
        for (int threads = 1; threads <= 3; threads++) {
            try (AttentionRun mixed = new AttentionRun(
                            kernels, threads, GROUPED, TensorType.F16, 16, 0, Seed.VALUE, lengths);
                    AttentionRun alone = new AttentionRun(
                            kernels, 1, GROUPED, TensorType.F16, 16, 0, Seed.VALUE, lengths)) {
                mixed.step().group(0).segment(3, 0, 200).group(0).segment(0, 0, 299).group(0).segment(1, 0, 128).run();
                mixed.step().group(0).segment(0, 299, 1).group(0).segment(1, 128, 1).group(0).segment(2, 0, 64)
                        .group(0).segment(3, 200, 200).run();
                for (int s = 0; s < lengths.length; s++) {
                    alone.prefill(s, 1000);
                    Bits.assertSame(Seed.message("sequence " + s), mixed.out[s], alone.out[s]);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dev.pillion.cpu.KernelSets#all")
    void givesTheSameBitsInAPrefixGroup(Kernels kernels) {
        int[] lengths = {300, 259, 290, 271};
        for (AttentionSpec spec : new AttentionSpec[] {GROUPED, WINDOWED}) {
            for (int sharedBlocks : new int[] {16, 9, 1}) {
                try (AttentionRun grouped = new AttentionRun(
                                kernels, 2, spec, TensorType.F32, 16, sharedBlocks, Seed.VALUE, lengths);
                        AttentionRun alone = new AttentionRun(
                                kernels, 1, spec, TensorType.F32, 16, sharedBlocks, Seed.VALUE, lengths)) {
                    int shared = 16 * sharedBlocks;
                    grouped.step().group(0).segment(0, 0, shared).run();
                    grouped.step().group(sharedBlocks);
                    for (int s = 0; s < lengths.length; s++) {
                        grouped.segment(s, shared, lengths[s] - 1 - shared);
                    }
                    grouped.run();
                    grouped.step().group(sharedBlocks);
                    for (int s = 0; s < lengths.length; s++) {
                        grouped.segment(s, lengths[s] - 1, 1);
                    }
                    grouped.run();
                    alone.prefill(0, 1000);
                    for (int s = 0; s < lengths.length; s++) {
                        alone.step().group(0).segment(s, shared, lengths[s] - shared).run();
                        int from = shared * spec.heads() * spec.headDim();
                        Bits.assertSame(
                                Seed.message(spec + ", " + sharedBlocks + " shared blocks, sequence " + s),
                                Arrays.copyOfRange(grouped.out[s], from, grouped.out[s].length),
                                Arrays.copyOfRange(alone.out[s], from, alone.out[s].length));
                    }
                }
            }
        }
    }

    /** Enough sharers for large items, on as many threads as make these whole, smaller, and cut into tiles. */
    @ParameterizedTest
    @MethodSource("dev.pillion.cpu.KernelSets#all")
    void givesTheSameBitsToManySharers(Kernels kernels) {
        AttentionSpec spec = spec(8, 1, 16, AttentionSpec.NO_WINDOW);
        int sharers = 33;
        int[] lengths = new int[sharers];
        Arrays.setAll(lengths, s -> 273 + s % 5);
        for (int threads = 1; threads <= 4; threads++) {
            try (AttentionRun grouped = new AttentionRun(
                            kernels, threads, spec, TensorType.F32, 16, 17, Seed.VALUE, lengths);
                    AttentionRun alone = new AttentionRun(
                            kernels, 1, spec, TensorType.F32, 16, 17, Seed.VALUE, lengths)) {
                grouped.step().group(0).segment(0, 0, 272).run();
                alone.step().group(0).segment(0, 0, 272).run();
                grouped.step().group(17);
                for (int s = 0; s < sharers; s++) {
                    grouped.segment(s, 272, lengths[s] - 272);
                }
                grouped.run();
                for (int s = 0; s < sharers; s++) {
                    alone.step().group(0).segment(s, 272, lengths[s] - 272).run();
                    Bits.assertSame(
                            Seed.message("sequence " + s + " on " + threads + " threads"), grouped.out[s], alone.out[s]);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dev.pillion.cpu.KernelSets#all")
    void keysThatAreNotNumbersShow(Kernels kernels) {
        int width = GROUPED.kvHeads() * GROUPED.headDim();
        for (int chunk : new int[] {1000, 299}) {
            try (AttentionRun run = new AttentionRun(kernels, 2, GROUPED, TensorType.F32, 16, 0, Seed.VALUE, 300)) {
                Arrays.fill(run.k[0], KvTile.TOKENS * width, 2 * KvTile.TOKENS * width, Float.NaN);
                run.prefill(0, chunk);
                int outWidth = GROUPED.heads() * GROUPED.headDim();
                assertThat(run.out[0][KvTile.TOKENS * outWidth - 1]).isFinite();
                for (int i = KvTile.TOKENS * outWidth; i < run.out[0].length; i++) {
                    assertThat(run.out[0][i]).isNaN();
                }
            }
        }
    }
}
