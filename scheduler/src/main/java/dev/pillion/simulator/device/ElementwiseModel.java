package dev.pillion.simulator.device;

/**
 * How long an operation takes that computes little and moves bytes: norms, rotary embedding, activation, embedding, addition. A
 * kernel's fixed time, and its bytes, those that fit a share of the cache at one rate and those beyond at another, slower one.
 *
 * <p>Coefficients: kernel overhead in seconds; rate in the cache as a share of the memory's bandwidth, which may be above one;
 * rate beyond, likewise; sharpness of the transition from overhead to bytes, see {@link Roof}; share of the cache.
 */
record ElementwiseModel(
        double overheadSeconds, double cachedShare, double uncachedShare, double sharpness, double cacheShare) {
    static final int COEFFICIENTS = 5;

    static ElementwiseModel of(double[] coefficients) {
        OperatorCoefficients.requireCount("element-wise operation", coefficients, COEFFICIENTS);
        return new ElementwiseModel(coefficients[0], coefficients[1], coefficients[2], coefficients[3], coefficients[4]);
    }

    /** Seconds of one kernel that reads and writes so many bytes. */
    double seconds(GpuDevice device, double bytes) {
        double beyond = Math.max(0, bytes - cacheShare * device.cacheBytes());
        double moving = (bytes / cachedShare + beyond / uncachedShare) / device.bytesPerSecond();
        return Roof.of(overheadSeconds, moving, sharpness);
    }
}
