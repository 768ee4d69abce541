package dev.pillion.kernels.virtual;

/**
 * A kernel that runs on a grid.
 *
 * @param program the kernel
 * @param grid blocks along x, y, z
 * @param block threads of a block along x, y, z
 * @param dynamicBytes dynamic shared memory of a block
 * @param arguments the arguments' bytes
 * @param memory device memory
 * @param checks checks that are on
 * @param multiprocessors multiprocessors of the device
 * @param instructionLimit instructions of a warp in one block after which the launch is given up
 * @param state tells whether the context was closed meanwhile
 */
record Launch(
        Program program,
        Size grid,
        Size block,
        int dynamicBytes,
        byte[] arguments,
        DeviceMemory memory,
        Checks checks,
        int multiprocessors,
        long instructionLimit,
        ContextState state) {
    /**
     * Three numbers.
     *
     * @param x along x
     * @param y along y
     * @param z along z
     */
    record Size(int x, int y, int z) {
        long product() {
            return (long) x * y * z;
        }

        @Override
        public String toString() {
            return "(" + x + ", " + y + ", " + z + ")";
        }
    }
}
