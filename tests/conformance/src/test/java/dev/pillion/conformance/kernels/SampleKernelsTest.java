package dev.pillion.conformance.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pillion.kernels.SampleStatus;
import dev.pillion.sampling.SamplingParams;
import dev.pillion.sampling.StopConditions;
import dev.pillion.sampling.TokenLogprobs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The sampling kernels against the host's sampler: same logits, same parameters, same seed, same token. */
class SampleKernelsTest {
    /** Draws closer to another answer than this are not compared, but counted. */
    private static final double MARGIN = 1e-6;

    private static final double LOGPROB_ERROR = 1e-6;

    private static GpuUnderTest gpu;

    @BeforeAll
    static void open() {
        gpu = GpuUnderTest.open();
    }

    @AfterAll
    static void close() {
        gpu.close();
    }

    private static List<SampledRow> rows(SplittableRandom random, int vocabulary, int count, boolean greedy) {
        List<SampledRow> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            rows.add(SampledRow.random(random, vocabulary, greedy));
        }
        return rows;
    }

    @Test
    void adjustsAsTheHostDoes() {
        SplittableRandom random = Cases.random(1);
        List<SampledRow> rows = rows(random, 333, 40, true);
        float[] adjusted = new SampleRun(gpu, rows).adjusted;
        for (int i = 0; i < rows.size(); i++) {
            assertThat(Arrays.copyOfRange(adjusted, i * 333, (i + 1) * 333))
                    .as("row %d: %s, %s", i, rows.get(i), Cases.describe(1)).isEqualTo(rows.get(i).adjusted());
        }
    }

    @Test
    void greedyTakesTheHostsToken() {
        int[] vocabularies = {1, 31, 1000, 1003, 20_000, 8192};
        for (int number = 0; number < vocabularies.length; number++) {
            SplittableRandom random = Cases.random(100 + number);
            List<SampledRow> rows = rows(random, vocabularies[number], 6, true);
            rows.removeIf(row -> isRuledOut(row.adjusted()));
            if (rows.isEmpty()) {
                continue;
            }
            SampleRun run = new SampleRun(gpu, rows);
            for (int i = 0; i < rows.size(); i++) {
                String what = "row " + i + ": " + rows.get(i) + ", " + Cases.describe(100 + number);
                assertThat(run.status(i)).as(what).isEqualTo(SampleStatus.CHOSEN);
                assertThat(run.tokens[i]).as(what).isEqualTo(rows.get(i).hostToken());
            }
        }
    }

    @Test
    void drawsTheHostsToken() {
        int[] vocabularies = {1, 2, 17, 100, 128, 700, 1001, 2048, 4100, 100, 100, 100, 700};
        Agreement agreement = new Agreement();
        for (int number = 0; number < vocabularies.length; number++) {
            SplittableRandom random = Cases.random(200 + number);
            agreement.check(rows(random, vocabularies[number], 12, false), Cases.describe(200 + number));
        }
        agreement.requireMostCompared();
    }

    /** Nearly flat distributions, in which every token that is missing or out of order changes the draw. */
    @Test
    void drawsTheHostsTokenAmongManyLikelyOnes() {
        SplittableRandom random = Cases.random(250);
        Agreement agreement = new Agreement();
        List<SampledRow> rows = new ArrayList<>();
        for (int topK : new int[] {2, 40, 300, 512, 513, 1500, 0}) {
            for (int i = 0; i < 3; i++) {
                SamplingParams params = SamplingParams.builder().seed(random.nextLong()).topK(topK).build();
                rows.add(new SampledRow(params, StopConditions.defaults(), new int[0], new int[i],
                        Cases.normal(random, 3000, 0.2)));
            }
        }
        agreement.check(rows, Cases.describe(250));
        agreement.requireMostCompared();
    }

    /** Compares draws and counts those that are too close to another answer. */
    private static final class Agreement {
        private int compared;
        private int excluded;

        void check(List<SampledRow> all, String seed) {
            List<SampledRow> rows = all.stream().filter(row -> !isRuledOut(row.adjusted())).toList();
            if (rows.isEmpty()) {
                return;
            }
            SampleRun run = new SampleRun(gpu, rows);
            for (int i = 0; i < rows.size(); i++) {
                SampledRow row = rows.get(i);
                String what = "row " + i + ": " + row + ", " + seed;
                assertThat(run.status(i)).as(what).isEqualTo(SampleStatus.CHOSEN);
                DrawMargin margin = DrawMargin.of(row.params, row.generated.length, row.adjusted());
                if (margin.margin() < MARGIN) {
                    excluded++;
                } else {
                    compared++;
                    assertThat(margin.token()).as("reference, %s", what).isEqualTo(row.hostToken());
                    assertThat(run.tokens[i]).as(what).isEqualTo(row.hostToken());
                }
            }
        }

        void requireMostCompared() {
            System.out.println("draws compared: " + compared + ", too close to another answer: " + excluded);
            assertThat(excluded).isLessThanOrEqualTo(compared / 10);
        }
    }

    @Test
    void givesTheHostsLogprobs() {
        int[] vocabularies = {1, 100, 1001, 5000};
        for (int number = 0; number < vocabularies.length; number++) {
            SplittableRandom random = Cases.random(300 + number);
            List<SampledRow> rows = rows(random, vocabularies[number], 10, random.nextBoolean());
            rows.removeIf(row -> isRuledOut(row.adjusted()));
            if (rows.isEmpty()) {
                continue;
            }
            SampleRun run = new SampleRun(gpu, rows);
            for (int i = 0; i < rows.size(); i++) {
                SampledRow row = rows.get(i);
                if (row.params.logprobs().isEmpty()) {
                    continue;
                }
                String what = "row " + i + ": " + row + ", " + Cases.describe(300 + number);
                TokenLogprobs expected = row.sampler().logprobs(row.logits, 0, run.tokens[i]).orElseThrow();
                assertClose(what, run.logprobs.chosen(i), expected.chosen().logprob());
                assertThat(run.logprobs.count(i)).as(what).isEqualTo(expected.top().size());
                for (int j = 0; j < expected.top().size(); j++) {
                    assertThat(run.logprobs.token(i, j)).as(what).isEqualTo(expected.top().get(j).token());
                    assertClose(what, run.logprobs.logprob(i, j), expected.top().get(j).logprob());
                }
            }
        }
    }

    private static void assertClose(String what, double actual, double expected) {
        if (Double.isInfinite(expected)) {
            assertThat(actual).as(what).isEqualTo(expected);
        } else {
            assertThat(actual).as(what).isCloseTo(expected, within(LOGPROB_ERROR));
        }
    }

    @Test
    void reportsRowsThatCannotBeSampled() {
        for (boolean greedy : new boolean[] {true, false}) {
            SamplingParams.Builder builder = SamplingParams.builder().seed(5).logprobs(2).ban(2);
            SamplingParams params = greedy ? builder.greedy().build() : builder.build();
            int vocabulary = 999;
            float[] fine = new float[vocabulary];
            float[] nan = new float[vocabulary];
            float[] laterNan = new float[vocabulary];
            float[] bannedNan = new float[vocabulary];
            float[] none = new float[vocabulary];
            nan[700] = Float.NaN;
            nan[41] = Float.intBitsToFloat(0xFFC00001);
            laterNan[998] = Float.NaN;
            laterNan[0] = Float.POSITIVE_INFINITY;
            bannedNan[2] = Float.NaN;
            Arrays.fill(none, Float.NEGATIVE_INFINITY);
            none[2] = 1;
            List<SampledRow> rows = new ArrayList<>();
            for (float[] logits : List.of(fine, nan, laterNan, bannedNan, none)) {
                rows.add(new SampledRow(params, StopConditions.defaults(), new int[0], new int[0], logits));
            }
            SampleRun run = new SampleRun(gpu, rows);
            assertThat(run.status).as("greedy %s", greedy).containsExactly(0, 1, 1, 1, 2);
            assertThat(Arrays.copyOfRange(run.tokens, 1, 5)).as("greedy %s", greedy).containsExactly(41, 998, 2, -1);
        }
    }

    /** Whether nothing can be drawn, or a NaN has come of infinities: the host refuses such rows, see above. */
    private static boolean isRuledOut(float[] adjusted) {
        boolean none = true;
        for (float logit : adjusted) {
            if (Float.isNaN(logit)) {
                return true;
            }
            none &= logit == Float.NEGATIVE_INFINITY;
        }
        return none;
    }
}
