package dev.pillion.conformance.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pillion.conformance.kernels.AttentionScenario.Segment;
import dev.pillion.kernels.AttentionGeometry;
import dev.pillion.kernels.AttentionKernel;
import dev.pillion.kernels.AttentionPlanner;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The attention kernels against attention by definition. The tolerance is FlashAttention's: an error of at most twice
 * that of plain code in the same precision, and 1e-5.
 */
class AttentionKernelsTest {
    private static final int FINAL = -1;

    private static GpuUnderTest gpu;

    @BeforeAll
    static void open() {
        gpu = GpuUnderTest.open();
    }

    @AfterAll
    static void close() {
        gpu.close();
    }

    @ParameterizedTest
    @CsvSource({
        "bf16, 64", "bf16, 80", "bf16, 96", "bf16, 128", "bf16, 256",
        "f16, 64", "f16, 80", "f16, 96", "f16, 128", "f16, 256",
        "f32, 8", "f32, 48", "f32, 128", "f32, 250", "bf16, 48", "f16, 72"
    })
    void randomStepsAreAttendedTo(String compute, int headDim) {
        for (int i = 0; i < 3; i++) {
            int number = (compute.hashCode() * 31 + headDim) * 31 + i;
            SplittableRandom random = Cases.random(number);
            AttentionScenario scenario = randomScenario(compute, headDim, random);
            requirePlanned(scenario, 1 + random.nextInt(60), Cases.describe(number) + ": " + scenario);
        }
    }

    private static AttentionScenario randomScenario(String compute, int headDim, SplittableRandom random) {
        int[] ratios = {1, 2, 3, 4, 5, 6, 7, 8, 16};
        int kvHeads = 1 + random.nextInt(2);
        AttentionGeometry geometry =
                new AttentionGeometry(compute, kvHeads * ratios[random.nextInt(ratios.length)], kvHeads, headDim);
        int blockTokens = 8 << random.nextInt(3);
        Segment[][] groups = new Segment[1 + random.nextInt(3)][];
        int[] shared = new int[groups.length];
        for (int g = 0; g < groups.length; g++) {
            groups[g] = new Segment[random.nextInt(3) == 0 ? 2 + random.nextInt(3) : 1];
            shared[g] = groups[g].length > 1 ? 1 + random.nextInt(160 / blockTokens) : 0;
            for (int s = 0; s < groups[g].length; s++) {
                int length = random.nextInt(3) > 0 ? 1 : 1 + random.nextInt(random.nextBoolean() ? 6 : 40);
                groups[g][s] = new Segment(shared[g] * blockTokens + random.nextInt(200), length);
            }
        }
        int window = random.nextInt(3) == 0 ? 1 + random.nextInt(200) : AttentionScenario.NO_WINDOW;
        float softCap = random.nextInt(3) == 0 ? 2 : 0;
        return new AttentionScenario(geometry, blockTokens, window, softCap, random.nextLong(), shared, groups);
    }

    private static void requirePlanned(AttentionScenario scenario, int blocks, String what) {
        AttentionPlanner planner = new AttentionPlanner(scenario.geometry,
                new AttentionPlanner.Limits(scenario.tokens, 64, 64, 512), blocks, blocks);
        planner.plan(scenario.batch, scenario.groups, scenario.window);
        try (AttentionOnGpu run = new AttentionOnGpu(gpu, scenario, 512)) {
            run.run(planner);
            requireOut(scenario, run.out(), what);
        }
    }

    private static void requireOut(AttentionScenario scenario, float[] out, String what) {
        int heads = scenario.geometry.heads();
        int headDim = scenario.geometry.headDim();
        float[] baseline = new float[out.length];
        double[] exact = new double[out.length];
        for (int t = 0; t < scenario.tokens; t++) {
            for (int h = 0; h < heads; h++) {
                int from = scenario.firstVisible(t);
                int to = scenario.position(t) + 1;
                int at = (t * heads + h) * headDim;
                System.arraycopy(scenario.baseline(t, h, from, to), 0, baseline, at, headDim);
                System.arraycopy(scenario.reference(t, h, from, to), 0, exact, at, headDim);
            }
        }
        Tolerance.check(what, out, baseline, exact);
    }

    private static AttentionScenario oneSequence(String compute, int headDim, int window, int start, int length) {
        return new AttentionScenario(new AttentionGeometry(compute, 4, 2, headDim), 16, window, 0, start, new int[] {0},
                new Segment[] {new Segment(start, length)});
    }

    private static int[] item(int first, int count, int kvStart, int kvEnd, int partial, int window) {
        return new int[] {first, count, 0, kvStart, kvEnd, partial, window, 0};
    }

    @ParameterizedTest
    @CsvSource({"TILE16, bf16, 64", "TILE64, bf16, 64", "TILE64, f16, 256", "ANY, f32, 20"})
    void partialResultsAreOfTheItemsPositionsAlone(AttentionKernel kernel, String compute, int headDim) {
        int window = 90;
        AttentionScenario scenario = oneSequence(compute, headDim, window, 150, 4);
        int[][] ranges = {{0, 64}, {0, 70}, {61, 64}, {64, 150}, {100, 154}, {151, 153}, {153, 154}, {37, 37}};
        int[] items = Arrays.stream(ranges)
                .map(range -> item(0, 4, range[0], range[1], 4 * Arrays.asList(ranges).indexOf(range), window))
                .flatMapToInt(Arrays::stream)
                .toArray();
        try (AttentionOnGpu run = new AttentionOnGpu(gpu, scenario, 4 * ranges.length)) {
            run.attend(kernel, items);
            float[] out = run.partialOut();
            float[] lse = run.partialLse();
            for (int i = 0; i < ranges.length; i++) {
                for (int t = 0; t < 4; t++) {
                    int from = Math.max(ranges[i][0], scenario.firstVisible(t));
                    int to = Math.min(ranges[i][1], scenario.position(t) + 1);
                    requirePartial(scenario, t, from, to, 4 * i + t, out, lse);
                }
            }
        }
    }

    private static void requirePartial(
            AttentionScenario scenario, int token, int from, int to, int slot, float[] out, float[] lse) {
        int headDim = scenario.geometry.headDim();
        for (int h = 0; h < 4; h++) {
            double[] reference = scenario.reference(token, h, from, to);
            String what = "token " + token + ", head " + h + ", positions " + from + " to " + to;
            for (int d = 0; d < headDim; d++) {
                assertThat((double) out[(slot * 4 + h) * headDim + d]).as(what).isCloseTo(reference[d], within(2e-2));
            }
            if (from >= to) {
                assertThat(lse[slot * 4 + h]).as(what).isEqualTo(Float.NEGATIVE_INFINITY);
            } else {
                assertThat((double) lse[slot * 4 + h]).as(what).isCloseTo(reference[headDim], within(1e-4));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"TILE16, bf16, 64", "TILE64, bf16, 64", "ANY, f32, 20"})
    void itemsWithoutTokensWriteNothingAndEmptyOnesZeros(AttentionKernel kernel, String compute, int headDim) {
        AttentionScenario scenario = oneSequence(compute, headDim, AttentionScenario.NO_WINDOW, 20, 2);
        try (AttentionOnGpu run = new AttentionOnGpu(gpu, scenario, 1)) {
            float[] before = run.out();
            run.attend(kernel, item(0, 0, 0, 22, FINAL, AttentionScenario.NO_WINDOW));
            assertThat(run.out()).isEqualTo(before);
            run.attend(kernel, item(1, 1, 5, 5, FINAL, AttentionScenario.NO_WINDOW));
            float[] after = run.out();
            int row = 4 * headDim;
            assertThat(Arrays.copyOf(after, row)).isEqualTo(Arrays.copyOf(before, row));
            assertThat(Arrays.copyOfRange(after, row, 2 * row)).containsOnly(0f);
        }
    }

    @Test
    void mergingTwoEmptyResultsGivesZerosAndTokensWithoutPartialsStay() {
        AttentionScenario scenario = oneSequence("f32", 20, AttentionScenario.NO_WINDOW, 20, 2);
        try (AttentionOnGpu run = new AttentionOnGpu(gpu, scenario, 2)) {
            float[] before = run.out();
            run.attend(AttentionKernel.ANY, item(1, 1, 5, 5, 0, AttentionScenario.NO_WINDOW));
            run.attend(AttentionKernel.ANY, item(1, 1, 6, 6, 1, AttentionScenario.NO_WINDOW));
            run.merge(new int[] {0, 0, 2}, new int[] {0, 1});
            float[] after = run.out();
            assertThat(Arrays.copyOf(after, 80)).isEqualTo(Arrays.copyOf(before, 80));
            assertThat(Arrays.copyOfRange(after, 80, 160)).containsOnly(0f);
        }
    }

    /** Long enough that every warp fills each of its two places for tiles several times, uncut. */
    @ParameterizedTest
    @CsvSource({"bf16, 64", "f16, 80", "bf16, 128", "f16, 256", "f32, 20"})
    void longContextsAreAttendedTo(String compute, int headDim) {
        AttentionScenario scenario = new AttentionScenario(new AttentionGeometry(compute, 4, 2, headDim), 16,
                AttentionScenario.NO_WINDOW, 0, headDim, new int[] {0, 0}, new Segment[] {new Segment(777, 1)},
                new Segment[] {new Segment(300, 40)});
        requirePlanned(scenario, 1, scenario.toString());
    }

    @Test
    void queryHeadsOfOneKeyValueHeadBeyondATileAreSplit() {
        for (int heads : new int[] {20, 40, 71}) {
            AttentionScenario scenario = new AttentionScenario(new AttentionGeometry("bf16", heads, 1, 64), 16,
                    AttentionScenario.NO_WINDOW, 0, heads, new int[] {0, 0}, new Segment[] {new Segment(100, 1)},
                    new Segment[] {new Segment(30, 3)});
            requirePlanned(scenario, 1, heads + " heads");
        }
    }

    /**
     * Everything but the head length is the same in two launches, and with it all that is read besides queries, keys
     * and values; the tiles are as long for 80 and 96 elements. So the difference of what they read is known to the
     * byte.
     */
    @ParameterizedTest
    @CsvSource({"TILE16, 4", "TILE64, 1"})
    void keysAndValuesAreReadOnce(AttentionKernel kernel, int queryReads) {
        assumeTrue(GpuUnderTest.isVirtual(), "a real device does not count bytes");
        int window = 128;
        int from = 300 - window + 1;
        int tokens = kernel == AttentionKernel.TILE16 ? 3 : 25;
        long[] read = new long[2];
        for (int i = 0; i < 2; i++) {
            AttentionScenario scenario = oneSequence("bf16", 80 + 16 * i, window, 300, tokens);
            try (AttentionOnGpu run = new AttentionOnGpu(gpu, scenario, 1)) {
                run.attend(kernel, item(0, tokens, 0, 1000, FINAL, window));
                run.out();
                read[i] = gpu.launches().getLast().bytesRead();
            }
        }
        long keysAndValues = 2L * (300 + tokens - from) * 2;
        long queries = (long) queryReads * tokens * 4;
        assertThat(read[1] - read[0]).isEqualTo(16 * 2 * (keysAndValues + queries));
    }

    /** As {@link #keysAndValuesAreReadOnce}, with f32 and f16 instead of two lengths. */
    @Test
    void aSharedPrefixIsReadOnceForItsGroup() {
        assumeTrue(GpuUnderTest.isVirtual(), "a real device does not count bytes");
        Segment[] sharers = {new Segment(130, 1), new Segment(170, 1), new Segment(128, 1), new Segment(150, 2)};
        long[] read = new long[2];
        for (int i = 0; i < 2; i++) {
            AttentionGeometry geometry = new AttentionGeometry(i == 0 ? "f16" : "f32", 4, 2, 40);
            AttentionScenario scenario = new AttentionScenario(
                    geometry, 16, AttentionScenario.NO_WINDOW, 0, 5, new int[] {8}, sharers);
            AttentionPlanner planner = new AttentionPlanner(scenario.geometry,
                    new AttentionPlanner.Limits(5, 16, 16, 64), 1, 1);
            planner.plan(scenario.batch, 1, AttentionScenario.NO_WINDOW);
            try (AttentionOnGpu run = new AttentionOnGpu(gpu, scenario, 64)) {
                run.attend(scenario.geometry.small(), planner.small().ints());
                run.out();
                read[i] = gpu.launches().getLast().bytesRead();
            }
        }
        long positions = 128 + 3 + 43 + 1 + 24;
        long elements = 2 * positions * 2 * 40 + 2 * 5 * 4 * 40;
        assertThat(read[1] - read[0]).isEqualTo(2 * elements);
    }
}
