package dev.pillion.kernels.driver;

/** The vendor's matrix multiplication: {@code out[m, n] = a[m, k] x b[n, k]^T}, row-major, accumulated in F32. */
public interface MatmulLibrary extends AutoCloseable {
    /** Element types it multiplies. */
    enum Type {
        /** 32 bits. */
        F32,
        /** IEEE half. */
        F16,
        /** bfloat16. */
        BF16
    }

    /**
     * Shape of a multiplication.
     *
     * @param m rows of {@code a} and {@code out}: tokens
     * @param n rows of {@code b}, columns of {@code out}: outputs of the layer
     * @param k columns of both inputs
     * @param input type of {@code a} and {@code b}
     * @param output type of {@code out}
     */
    record Shape(int m, int n, int k, Type input, Type output) {}

    /** Which library this is, for people: version and mapped file. */
    String description();

    /** Chooses an algorithm for a shape that needs at most so much workspace; the handle is valid until {@link #forget}. */
    long plan(Shape shape, long workspaceBytes);

    /** Puts a planned multiplication on a stream. */
    void run(long plan, long a, long b, long out, long workspace, long stream);

    /** Frees a plan. What was put on a stream with it may still run. */
    void forget(long plan);

    /** Frees the plans. Idempotent. */
    @Override
    void close();
}
