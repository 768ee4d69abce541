package dev.pillion.conformance.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.kernels.RowsGeometry;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code rope_kv}: queries and keys in place, keys and values in the pool, and nothing else there. */
class RopeKernelTest {
    private static final int LAYERS = 2;
    private static final int BLOCKS = 5;
    private static final int LAST_POSITION = (1 << 17) - 1;

    private static GpuUnderTest gpu;

    @BeforeAll
    static void open() {
        gpu = GpuUnderTest.open();
    }

    @AfterAll
    static void close() {
        gpu.close();
    }

    /** One step: shapes, positions, places in the pool, and the numbers. */
    private static final class Step {
        final Element element;
        final int heads;
        final int kvHeads;
        final int headDim;
        final int pairs;
        final boolean adjacent;
        final float magnitude;
        final int blockTokens;
        final int layer;
        final int[] positions;
        final int[] slots;
        final float[] frequencies;
        final float[] q;
        final float[] k;
        final float[] v;

        Step(Element element, int number, SplittableRandom random) {
            int[] headDims = {128, 64, 80, 32, 6, 96, 10, 256};
            this.element = element;
            kvHeads = 1 + random.nextInt(3);
            heads = kvHeads * (1 + random.nextInt(4));
            headDim = headDims[number % headDims.length];
            pairs = number % 3 == 2 ? Math.max(1, headDim / 4) : headDim / 2;
            adjacent = random.nextBoolean();
            magnitude = random.nextBoolean() ? 1 : 1.2f;
            blockTokens = random.nextBoolean() ? 8 : 16;
            layer = random.nextInt(LAYERS);
            int tokens = 1 + random.nextInt(6);
            positions = random.ints(tokens, 0, LAST_POSITION + 1).toArray();
            positions[0] = number == 0 ? LAST_POSITION : positions[0];
            slots = random.ints(0, BLOCKS * blockTokens).distinct().limit(tokens).toArray();
            for (int i = 1; i < tokens; i++) {
                slots[i] = random.nextInt(4) == 0 ? -1 : slots[i];
            }
            frequencies = new float[pairs];
            for (int i = 0; i < pairs; i++) {
                frequencies[i] = (float) Math.pow(number % 2 == 0 ? 1e4 : 5e5, -(double) i / pairs);
            }
            q = element.round(Cases.normal(random, tokens * heads * headDim, 1));
            k = element.round(Cases.normal(random, tokens * kvHeads * headDim, 1));
            v = element.round(Cases.normal(random, tokens * kvHeads * headDim, 1));
        }

        int planeElements() {
            return kvHeads * blockTokens * headDim;
        }

        int blockStride() {
            return 2 * LAYERS * planeElements();
        }

        /** Where in the pool an element of a key lies. */
        int place(int token, int head, int element) {
            int block = slots[token] / blockTokens;
            int within = slots[token] % blockTokens;
            return block * blockStride() + layer * 2 * planeElements() + (head * blockTokens + within) * headDim + element;
        }

        /** Turns the heads of every token that is not padding, in double, and rounded from f32 products. */
        void turn(float[] x, int headsOfToken, double[] exact, float[] baseline) {
            for (int i = 0; i < x.length; i++) {
                exact[i] = x[i];
                baseline[i] = x[i];
            }
            for (int head = 0; head < slots.length * headsOfToken; head++) {
                int token = head / headsOfToken;
                for (int i = 0; i < pairs && slots[token] >= 0; i++) {
                    int a = head * headDim + (adjacent ? 2 * i : i);
                    int b = a + (adjacent ? 1 : pairs);
                    double angle = (double) positions[token] * frequencies[i];
                    double cosine = StrictMath.cos(angle) * magnitude;
                    double sine = StrictMath.sin(angle) * magnitude;
                    exact[a] = x[a] * cosine - x[b] * sine;
                    exact[b] = x[a] * sine + x[b] * cosine;
                    baseline[a] = element.round(x[a] * (float) cosine - x[b] * (float) sine);
                    baseline[b] = element.round(x[a] * (float) sine + x[b] * (float) cosine);
                }
            }
        }

        @Override
        public String toString() {
            return element + ", " + heads + "/" + kvHeads + " heads of " + headDim + ", " + pairs + " pairs"
                    + (adjacent ? " adjacent" : "") + ", positions " + Arrays.toString(positions) + ", slots "
                    + Arrays.toString(slots);
        }
    }

    @ParameterizedTest
    @EnumSource
    void turnsAndWrites(Element element) {
        for (int number = 0; number < 16; number++) {
            SplittableRandom random = Cases.random(number);
            Step step = new Step(element, number, random);
            float[] pool = element.round(Cases.normal(random, BLOCKS * step.blockStride(), 1));
            try (KernelRun run = new KernelRun(gpu)) {
                KernelRun.Output q = run.inOut(element.encode(step.q));
                KernelRun.Output k = run.inOut(element.encode(step.k));
                KernelRun.Output poolOut = run.inOut(element.encode(pool));
                int tokens = step.slots.length;
                run.launch("rows_" + element.suffix(), "rope_kv_" + element.suffix(),
                        launch -> new RowsGeometry(element.bytes).ropeKv(launch, tokens, step.pairs),
                        q, k, run.input(element.encode(step.v)), run.input(step.frequencies), step.magnitude,
                        step.pairs, step.adjacent ? 1 : 0, run.input(step.positions), run.input(step.slots), poolOut,
                        (long) step.blockStride(), (long) step.layer * 2 * step.planeElements(), step.blockTokens,
                        tokens, step.heads, step.kvHeads, step.headDim);
                String what = step + ", " + Cases.describe(number);
                checkTurned("q of " + what, step, step.q, step.heads, run.read(q, element));
                float[] turnedKeys = run.read(k, element);
                checkTurned("k of " + what, step, step.k, step.kvHeads, turnedKeys);
                assertThat(run.read(poolOut, element)).as("pool of %s", what)
                        .isEqualTo(written(step, pool, turnedKeys));
            }
        }
    }

    private static void checkTurned(String what, Step step, float[] x, int heads, float[] actual) {
        double[] exact = new double[x.length];
        float[] baseline = new float[x.length];
        step.turn(x, heads, exact, baseline);
        Tolerance.check(what, actual, baseline, exact);
    }

    /** The pool after the step's keys and values were put into it. */
    private static float[] written(Step step, float[] pool, float[] keys) {
        float[] expected = pool.clone();
        for (int token = 0; token < step.slots.length; token++) {
            for (int i = 0; i < step.kvHeads * step.headDim && step.slots[token] >= 0; i++) {
                int place = step.place(token, i / step.headDim, i % step.headDim);
                expected[place] = keys[token * step.kvHeads * step.headDim + i];
                expected[place + step.planeElements()] = step.v[token * step.kvHeads * step.headDim + i];
            }
        }
        return expected;
    }
}
