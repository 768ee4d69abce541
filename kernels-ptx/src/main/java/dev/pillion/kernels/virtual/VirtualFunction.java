package dev.pillion.kernels.virtual;

/** A kernel of a loaded module and what launches of it may ask for. */
final class VirtualFunction {
    /** Dynamic shared memory that needs no asking. */
    private static final int DEFAULT_SHARED = 48 << 10;

    private final Program program;
    private int allowedShared = DEFAULT_SHARED;

    VirtualFunction(Program program) {
        this.program = program;
    }

    Program program() {
        return program;
    }

    int allowedShared() {
        return Math.max(0, allowedShared - (allowedShared == DEFAULT_SHARED ? program.sharedBytes() : 0));
    }

    void allowShared(int bytes) {
        allowedShared = Math.max(DEFAULT_SHARED, bytes);
    }
}
