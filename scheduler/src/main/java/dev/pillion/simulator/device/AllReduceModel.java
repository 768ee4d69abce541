package dev.pillion.simulator.device;

/**
 * How long the ranks of one server take to add up a tensor: latency and bytes over a rate, for each of two protocols, the better
 * of which counts (alpha-beta model). Rates are shares of the link's.
 *
 * <p>Coefficients: latency in seconds and share of the link for small tensors; the same for large ones.
 */
record AllReduceModel(double smallSeconds, double smallShare, double largeSeconds, double largeShare) {
    static final int COEFFICIENTS = 4;

    static AllReduceModel of(double[] coefficients) {
        OperatorCoefficients.requireCount("all-reduce", coefficients, COEFFICIENTS);
        return new AllReduceModel(coefficients[0], coefficients[1], coefficients[2], coefficients[3]);
    }

    /** Seconds to add up a tensor of so many bytes. */
    double seconds(GpuDevice device, double bytes) {
        double link = device.linkBytesPerSecond();
        return Math.min(smallSeconds + bytes / (link * smallShare), largeSeconds + bytes / (link * largeShare));
    }
}
