package dev.pillion.analysis;

import dev.pillion.model.TensorType;
import dev.pillion.scheduler.DeviceCeilings;
import java.util.List;

/**
 * What a backend was measured to do at best.
 *
 * @param copyBytesPerSecond copying KV blocks, bytes read and bytes written both counted
 * @param linear rates of the linear operation, one per weight type
 * @param launchSeconds time of an operation that does next to nothing
 */
public record MeasuredCeilings(double copyBytesPerSecond, List<LinearRate> linear, double launchSeconds) {
    /**
     * Rates of the linear operation with one type of weights.
     *
     * @param type of the weights
     * @param readBytesPerSecond stored bytes of weights per second with one row of activations, as in a lone decode
     * @param flopsPerSecond with many rows of activations, as in a prefill
     */
    public record LinearRate(TensorType type, double readBytesPerSecond, double flopsPerSecond) {}

    /** Copies the list. */
    public MeasuredCeilings {
        linear = List.copyOf(linear);
        if (linear.isEmpty()) {
            throw new IllegalArgumentException("ceilings need at least one rate of the linear operation");
        }
    }

    /** The roof: the best of what was measured. */
    public DeviceCeilings ceilings() {
        double bytes = copyBytesPerSecond;
        double flops = 0;
        for (LinearRate rate : linear) {
            bytes = Math.max(bytes, rate.readBytesPerSecond());
            flops = Math.max(flops, rate.flopsPerSecond());
        }
        return new DeviceCeilings(bytes, flops, launchSeconds);
    }
}
