package dev.pillion.kernels.virtual;

/** An instruction that has no effect here: fences, since a block runs on one thread, and hints. */
final class Nothing extends Instruction {
    static final Nothing INSTANCE = new Nothing();

    private Nothing() {}

    @Override
    void run(Warp warp, int mask) {}
}
