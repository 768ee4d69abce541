package dev.pillion.spi;

/**
 * Work done since the backend opened. The numbers are exact and follow the cost model's definitions, which tests
 * compare them with. Written by the engine thread only.
 */
public final class OperationCounters {
    /**
     * Floating-point operations, a multiply-add counting two. A linear layer of {@code w} over {@code rows} rows counts
     * {@code 2 * w.rows * w.columns * rows}. Attention counts {@code 4 * heads * headDim} for every pair of a query
     * token and a position it sees, its own included and the window respected. Nothing else counts.
     */
    public long flops;

    /**
     * Bytes of weights read: {@code Weight.bytes()} of every weight, gain and bias an operation is given, once per
     * operation whatever the number of tokens. An embedding counts the bytes of the rows it gathers, one row per token.
     */
    public long weightBytes;

    /**
     * Bytes of keys and values read by attention: positions times {@code 2 * kvHeads * headDim} elements. A segment
     * reads the positions that any of its tokens sees. In a prefix group, positions in shared blocks are not read per
     * segment but once; in a layer with a window, which shows each segment its own part of them, they count per segment.
     */
    public long kvReadBytes;

    /** Bytes of keys and values written: {@code 2 * kvHeads * headDim} elements per token and layer. */
    public long kvWriteBytes;

    /**
     * Operations called, copies of blocks included; {@code begin}, {@code finish} and {@code download} do not count.
     */
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
