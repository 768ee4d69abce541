package dev.pillion.scheduler;

/**
 * What one kind of operation costs in one step, summed over all layers. Backends count the first four and must arrive
 * at the same numbers; see {@link CostModel}.
 *
 * @param operation which
 * @param flops floating-point operations, a multiply-add being two
 * @param weightBytes bytes of weights read, as stored
 * @param kvReadBytes bytes of keys and values read
 * @param kvWriteBytes bytes of keys and values written
 * @param activationBytes bytes of activations read and written; an estimate, which backends do not count
 * @param launches times the operation is started
 */
public record OperationCost(
        Operation operation,
        long flops,
        long weightBytes,
        long kvReadBytes,
        long kvWriteBytes,
        long activationBytes,
        int launches) {

    /** All bytes moved. */
    public long bytes() {
        return weightBytes + kvReadBytes + kvWriteBytes + activationBytes;
    }

    /** Operations per byte; infinite where no bytes move. */
    public double intensity() {
        return bytes() == 0 ? Double.POSITIVE_INFINITY : (double) flops / bytes();
    }

    /** Whether the device's arithmetic rather than its memory decides how long the operation takes. */
    public boolean isComputeBound(DeviceCeilings device) {
        return flops / device.flopsPerSecond() > bytes() / device.bytesPerSecond();
    }

    /** The least time the operation can take: the longer of arithmetic and memory, and its launches. */
    public double seconds(DeviceCeilings device) {
        double work = Math.max(flops / device.flopsPerSecond(), bytes() / device.bytesPerSecond());
        return work + launches * device.launchSeconds();
    }
}
