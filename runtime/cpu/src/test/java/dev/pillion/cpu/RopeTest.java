package dev.pillion.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pillion.model.TensorType;
import dev.pillion.spi.AttentionSpec;
import dev.pillion.spi.DeviceTensor;
import dev.pillion.spi.KvPool;
import dev.pillion.spi.KvLayout;
import dev.pillion.spi.Rope;
import dev.pillion.spi.StepBatch;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RopeTest {
    private static final int HEAD_DIM = 12;
    private static final int PAIRS = 4;

    @ParameterizedTest
    @EnumSource(Rope.Pairing.class)
    void turnsQueriesAndKeysByTheirPositions(Rope.Pairing pairing) {
        SplittableRandom random = Seed.random();
        float[] frequencies = {1, 0.3f, 0.01f, 0.0001f};
        Rope rope = new Rope(pairing, frequencies, 1.5f);
        AttentionSpec spec = new AttentionSpec(0, 2, 1, HEAD_DIM, 1, AttentionSpec.NO_WINDOW);
        int[] starts = {0, 3, 1000};
        int tokens = 2;
        try (CpuBackend backend = new CpuBackend(KernelSets.CHOSEN, 2)) {
            KvPool cache = backend.allocateKvPool(
                    new KvLayout(1, 1, HEAD_DIM, 16, TensorType.F32), 64, KvPool.Tier.DEVICE);
            int[] table = new int[64];
            for (int i = 0; i < table.length; i++) {
                table[i] = i;
            }
            StepBatch batch = new StepBatch(tokens, 1, 64, 16);
            for (int start : starts) {
                float[] q = RandomTensors.floats(tokens * 2 * HEAD_DIM, random);
                float[] k = RandomTensors.floats(tokens * HEAD_DIM, random);
                DeviceTensor deviceQ = Steps.tensor(backend, tokens, 2 * HEAD_DIM, q);
                DeviceTensor deviceK = Steps.tensor(backend, tokens, HEAD_DIM, k);
                DeviceTensor deviceV = Steps.tensor(backend, tokens, HEAD_DIM, k);
                batch.clear();
                batch.beginGroup(0);
                batch.addSegment(new int[start + tokens], start, tokens, table, table.length);
                backend.begin(batch, cache);
                backend.ropeAndWriteKv(deviceQ, deviceK, deviceV, rope, spec);
                backend.finish();
                for (int t = 0; t < tokens; t++) {
                    assertTurned(rope, start + t, q, t * 2 * HEAD_DIM, Steps.row(backend, deviceQ, t), 0);
                    assertTurned(rope, start + t, q, (2 * t + 1) * HEAD_DIM, Steps.row(backend, deviceQ, t), HEAD_DIM);
                    assertTurned(rope, start + t, k, t * HEAD_DIM, Steps.row(backend, deviceK, t), 0);
                }
            }
        }
    }

    private static void assertTurned(Rope rope, int position, float[] from, int start, float[] to, int toStart) {
        boolean halves = rope.pairing() == Rope.Pairing.HALVES;
        for (int i = 0; i < PAIRS; i++) {
            int a = halves ? i : 2 * i;
            int b = halves ? i + PAIRS : 2 * i + 1;
            double angle = (double) position * rope.inverseFrequency(i);
            double c = Math.cos(angle) * rope.magnitude();
            double s = Math.sin(angle) * rope.magnitude();
            String what = Seed.message(rope.pairing() + ", position " + position + ", pair " + i);
            double turnedA = from[start + a] * c - from[start + b] * s;
            double turnedB = from[start + a] * s + from[start + b] * c;
            assertThat((double) to[toStart + a]).as(what).isCloseTo(turnedA, within(1e-6));
            assertThat((double) to[toStart + b]).as(what).isCloseTo(turnedB, within(1e-6));
        }
        for (int i = 2 * PAIRS; i < HEAD_DIM; i++) {
            assertThat(to[toStart + i]).as("beyond the rotation").isEqualTo(from[start + i]);
        }
    }
}
