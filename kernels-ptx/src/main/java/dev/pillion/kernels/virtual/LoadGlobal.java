package dev.pillion.kernels.virtual;

import static dev.pillion.kernels.virtual.Lanes.COUNT;

/**
 * Loads from device memory. Where all lanes load the same bytes or, as is the aim of most kernels, bytes in a row, they
 * are checked as one piece.
 */
final class LoadGlobal extends Instruction {
    private final Load load;
    private final int bytes;
    private final int total;

    LoadGlobal(Load load) {
        this.load = load;
        bytes = load.bytes();
        total = load.total();
    }

    @Override
    void run(Warp warp, int mask) {
        long[] addresses = warp.traffic.addresses;
        AddressVector.fill(addresses, load.memory(), warp);
        if (mask == ALL) {
            if (AddressVector.isRow(addresses, total) && row(warp, addresses[0], total, COUNT * total)) {
                return;
            }
            if (AddressVector.isRow(addresses, 0) && row(warp, addresses[0], 0, total)) {
                return;
            }
        }
        each(warp, mask, addresses);
    }

    /** Loads if all is well; if not, the loads one by one find out what is wrong. */
    private boolean row(Warp warp, long first, int step, int length) {
        int at = warp.global.readPiece(first, length, total);
        if (at < 0) {
            return false;
        }
        byte[] data = warp.global.data;
        for (int k = 0; k < load.count(); k++) {
            load.takeRow(warp, k, data, at + k * bytes, step);
        }
        warp.traffic.countReadRow(first, length);
        return true;
    }

    private void each(Warp warp, int mask, long[] addresses) {
        GlobalPort port = warp.global;
        int n = 0;
        for (int m = mask; m != 0; m &= m - 1) {
            int lane = Integer.numberOfTrailingZeros(m);
            long address = addresses[lane];
            int at = port.read(address, total, lane, load.site());
            load.take(warp, lane, port.data, at);
            // Never ahead of the lane, so that no address is lost that is still to come.
            addresses[n++] = address;
        }
        warp.traffic.countRead(n, total);
    }
}
