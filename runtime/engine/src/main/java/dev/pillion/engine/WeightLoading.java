package dev.pillion.engine;

import dev.pillion.LoadListener;
import dev.pillion.model.Tensor;
import dev.pillion.spi.Backend;
import java.util.Locale;
import java.util.Map;

/**
 * Follows the weights on their way to the backend: tells a listener how far they are, and afterwards how long it took. A
 * device with memory of its own gets copies and says when they have arrived; any other reads the mapped file when it
 * computes, so that handing a weight over is all there is to it.
 */
final class WeightLoading {
    /** A table the description is read from; it goes to no backend. */
    static final String ROPE_FREQUENCIES = "rope_freqs.weight";

    private static final double NANOS_PER_MILLI = 1e6;
    private static final double NANOS_PER_SECOND = 1e9;

    private final boolean copies;
    private final LoadListener listener;
    private final long totalBytes;
    private final long start = System.nanoTime();
    private long thereBytes;
    private long nanos;

    /**
     * Begins to follow; before the first weight goes to the backend.
     *
     * @param tensors the model's, by GGUF name
     * @param listener hears of progress
     */
    WeightLoading(Backend backend, Map<String, Tensor> tensors, LoadListener listener) {
        this.copies = backend.profile().ownMemory();
        this.listener = listener;
        this.totalBytes = tensors.values().stream()
                .filter(tensor -> !tensor.name().equals(ROPE_FREQUENCIES))
                .mapToLong(tensor -> tensor.data().byteSize())
                .sum();
        backend.followLoading(this::arrived);
    }

    /** The backend has a weight, or is copying it. */
    void handedOver(Tensor tensor) {
        if (!copies) {
            arrived(tensor.data().byteSize());
        }
    }

    private void arrived(long bytes) {
        thereBytes += bytes;
        listener.loaded(thereBytes, totalBytes);
    }

    /** All weights are where the backend reads them. */
    void finished() {
        nanos = System.nanoTime() - start;
    }

    /** Bytes of all weights, as stored. */
    long totalBytes() {
        return totalBytes;
    }

    /** Bytes copied to the device; 0 where weights stay mapped. */
    long copiedBytes() {
        return copies ? thereBytes : 0;
    }

    /** From the first weight to the last, in nanoseconds. */
    long nanos() {
        return nanos;
    }

    /** What it took, for people. */
    @Override
    public String toString() {
        return copies
                ? String.format(
                        Locale.ROOT,
                        "weights copied in %.2f s (%.1f MiB, %.2f GB/s)",
                        nanos / NANOS_PER_SECOND,
                        thereBytes / (double) (1 << 20),
                        (double) thereBytes / Math.max(1, nanos))
                : String.format(Locale.ROOT, "weights mapped in %.1f ms, none read yet", nanos / NANOS_PER_MILLI);
    }
}
