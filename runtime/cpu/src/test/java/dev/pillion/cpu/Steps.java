package dev.pillion.cpu;

import dev.pillion.model.TensorType;
import dev.pillion.spi.Backend;
import dev.pillion.spi.DeviceTensor;
import dev.pillion.spi.KvPool;
import dev.pillion.spi.KvLayout;
import dev.pillion.spi.StepBatch;

/** Steps for tests that need only a number of tokens, and access to the insides of tensors. */
final class Steps {
    private Steps() {}

    /** Begins a step of one sequence with these tokens. */
    static StepBatch begin(Backend backend, int... tokens) {
        int length = Math.max(1, tokens.length);
        StepBatch batch = new StepBatch(length, 1, length, 1);
        KvPool cache = backend.allocateKvPool(new KvLayout(1, 1, 1, 1, TensorType.F32), length, KvPool.Tier.DEVICE);
        int[] table = new int[length];
        for (int i = 0; i < length; i++) {
            table[i] = i;
        }
        batch.beginGroup(0);
        batch.addSegment(tokens, 0, tokens.length, table, length);
        backend.begin(batch, cache);
        return batch;
    }

    static DeviceTensor tensor(Backend backend, int rows, int columns, float[] values) {
        CpuTensor tensor = (CpuTensor) backend.allocate(rows, columns);
        for (int row = 0; row < rows; row++) {
            System.arraycopy(values, row * columns, tensor.data, tensor.rowStart(row), columns);
        }
        return tensor;
    }

    static float[] row(Backend backend, DeviceTensor tensor, int row) {
        float[] values = new float[tensor.columns()];
        backend.download(tensor, row, values, 0);
        return values;
    }

    static float[] rows(Backend backend, DeviceTensor tensor, int rows) {
        float[] values = new float[rows * tensor.columns()];
        for (int row = 0; row < rows; row++) {
            backend.download(tensor, row, values, row * tensor.columns());
        }
        return values;
    }
}
