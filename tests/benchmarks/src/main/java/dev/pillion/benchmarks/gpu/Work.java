package dev.pillion.benchmarks.gpu;

/**
 * What a launch cannot do without: each input read once, each output written once, and the arithmetic.
 *
 * @param bytesRead bytes of inputs
 * @param bytesWritten bytes of outputs
 * @param flops floating-point operations; a multiply-add is two
 */
record Work(long bytesRead, long bytesWritten, long flops) {
    /** Work that is bound by memory alone. */
    static Work bytes(long read, long written) {
        return new Work(read, written, 0);
    }

    /** Bytes both ways. */
    long bytes() {
        return bytesRead + bytesWritten;
    }
}
