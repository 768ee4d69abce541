package dev.pillion.spi;

/**
 * Work done since the backend opened. The numbers are exact and follow the cost model's definitions, which tests compare
 * them with. Written by the engine thread only.
 */
public final class OperationCounters {
    /** Floating-point operations, a multiply-add counting two. */
    public long flops;
    /** Bytes of weights read: a weight used by an operation counts once, whatever the number of tokens. */
    public long weightBytes;
    /** Bytes of keys and values read by attention. */
    public long kvReadBytes;
    /** Bytes of keys and values written. */
    public long kvWriteBytes;
    /** Operations enqueued. */
    public long operations;

    /** Sets every counter to zero. */
    public void reset() {
        flops = 0;
        weightBytes = 0;
        kvReadBytes = 0;
        kvWriteBytes = 0;
        operations = 0;
    }
}
