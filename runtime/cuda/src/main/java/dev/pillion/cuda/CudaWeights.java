package dev.pillion.cuda;

import dev.pillion.model.Tensor;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** Loads weights, and compiles for each type of matrix the kernels that read it. */
final class CudaWeights implements AutoCloseable {
    private final CudaDevice device;
    private final RowKernels rows;
    private final LinearKernels linear;
    private @Nullable WeightUpload upload;
    private LongConsumer follower = bytes -> {};

    CudaWeights(CudaDevice device, RowKernels rows, LinearKernels linear) {
        this.device = device;
        this.rows = rows;
        this.linear = linear;
    }

    /** Tells somebody of bytes that arrive. */
    void follow(LongConsumer arrivedBytes) {
        follower = arrivedBytes;
    }

    /** Starts copying a weight to the device. */
    CudaWeight load(Tensor tensor) {
        return device.building("weight " + tensor.name(), () -> {
            if (upload == null) {
                upload = new WeightUpload(device.context(), device.memory(), device.kernels(), follower);
            }
            CudaWeight weight = upload.upload(tensor);
            if (!weight.vector()) {
                rows.reserve(weight);
                linear.reserve(weight);
            }
            return weight;
        });
    }

    /** Waits until the weights loaded so far are on the device. */
    void finish() {
        device.building("uploading weights", () -> {
            close();
            return true;
        });
    }

    @Override
    public void close() {
        WeightUpload ended = upload;
        upload = null;
        if (ended != null) {
            try (ended) {
                ended.finish();
            }
        }
    }
}
