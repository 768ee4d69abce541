package dev.pillion.kernels.virtual;

import static dev.pillion.kernels.virtual.Lanes.COUNT;

/** Stores to device memory; where all lanes store bytes in a row, they are checked as one piece. */
final class StoreGlobal extends Instruction {
    private final Store store;
    private final int bytes;
    private final int total;

    StoreGlobal(Store store) {
        this.store = store;
        bytes = store.bytes();
        total = store.total();
    }

    @Override
    void run(Warp warp, int mask) {
        long[] addresses = warp.traffic.addresses;
        AddressVector.fill(addresses, store.memory(), warp);
        if (mask == ALL && AddressVector.isRow(addresses, total)) {
            int at = warp.global.writePiece(addresses[0], COUNT * total, total);
            if (at >= 0) {
                for (int k = 0; k < store.count(); k++) {
                    store.putRow(warp, k, warp.global.data, at + k * bytes, total);
                }
                warp.traffic.countWriteRow(addresses[0], COUNT * total);
                return;
            }
        }
        each(warp, mask, addresses);
    }

    private void each(Warp warp, int mask, long[] addresses) {
        GlobalPort port = warp.global;
        int n = 0;
        for (int m = mask; m != 0; m &= m - 1) {
            int lane = Integer.numberOfTrailingZeros(m);
            long address = addresses[lane];
            int at = port.write(address, total, lane, store.site());
            store.put(warp, lane, port.data, at);
            addresses[n++] = address;
        }
        warp.traffic.countWrite(n, total);
    }
}
