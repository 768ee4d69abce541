package dev.pillion.kernels.virtual;

/** Loads from shared memory. */
final class LoadShared extends Instruction {
    private final Load load;
    private final int total;

    LoadShared(Load load) {
        this.load = load;
        total = load.total();
    }

    @Override
    void run(Warp warp, int mask) {
        long[] addresses = warp.traffic.addresses;
        AddressVector.fill(addresses, load.memory(), warp);
        SharedPort port = warp.shared;
        for (int m = mask; m != 0; m &= m - 1) {
            int lane = Integer.numberOfTrailingZeros(m);
            int at = port.read(addresses[lane], total, lane, load.site());
            load.take(warp, lane, port.data, at);
        }
    }
}
