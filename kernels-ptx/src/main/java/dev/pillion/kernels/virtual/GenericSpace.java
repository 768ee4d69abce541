package dev.pillion.kernels.virtual;

/** Windows of the generic address space through which the other spaces are seen. All lie above device memory. */
final class GenericSpace {
    /** First address of shared memory. */
    static final long SHARED = 0x7f00_0000_0000L;

    /** First address of local memory. */
    static final long LOCAL = 0x7f01_0000_0000L;

    /** First address of the parameters. */
    static final long PARAM = 0x7f02_0000_0000L;

    private GenericSpace() {}

    static boolean isGlobal(long address) {
        return address < SHARED || address >= PARAM + 0x1_0000_0000L;
    }

    static boolean isShared(long address) {
        return address >= SHARED && address < LOCAL;
    }

    static boolean isLocal(long address) {
        return address >= LOCAL && address < PARAM;
    }
}
