package dev.pillion.kernels.virtual;

import dev.pillion.kernels.ptx.PtxInstruction;
import dev.pillion.kernels.ptx.PtxOperand;
import java.util.List;

/** Stores to any space, vectors included (PTX ISA, "st"). */
final class Store extends Instruction {
    private final Site site;
    private final MemoryOperand memory;
    private final int bytes;
    private final int total;
    private final boolean[] wide;
    private final int[] sources;

    private Store(Operands o) {
        PtxInstruction i = o.instruction();
        site = o.site();
        memory = MemoryOperand.of(o, 0, Space.of(i));
        bytes = i.type(i.types() - 1).bytes();
        List<PtxOperand> elements = o.elements(1);
        total = bytes * elements.size();
        wide = new boolean[elements.size()];
        sources = new int[elements.size()];
        for (int k = 0; k < sources.length; k++) {
            PtxOperand element = elements.get(k);
            wide[k] = o.isLong(element) || bytes == 8;
            sources[k] = wide[k] ? o.longWord(element) : o.word(element, i.type(i.types() - 1));
        }
        if (total > 16 || bytes > 8) {
            throw o.unknown();
        }
    }

    static Instruction decode(Operands o) {
        return new Store(o);
    }

    @Override
    void run(Warp warp, int mask) {
        Port port = warp.port(memory.space());
        boolean counted = memory.space() == Space.GLOBAL || memory.space() == Space.GENERIC;
        Traffic traffic = warp.traffic;
        int n = 0;
        for (int m = mask; m != 0; m &= m - 1) {
            int lane = Integer.numberOfTrailingZeros(m);
            long address = memory.address(warp, lane);
            int at = port.write(address, total, lane, site);
            byte[] data = port.data;
            if (port.overlap) {
                compare(warp, lane, data, at);
            }
            for (int k = 0; k < sources.length; k++, at += bytes) {
                Bytes.put(data, at, bytes, value(warp, lane, k));
            }
            if (counted && GenericSpace.isGlobal(address)) {
                traffic.addresses[n++] = address;
            }
        }
        if (n > 0) {
            traffic.countWrite(n, total);
        }
    }

    private long value(Warp warp, int lane, int k) {
        return wide[k] ? warp.longs[sources[k]][lane] : warp.words[sources[k]][lane];
    }

    /** Lanes that write the same bytes must write the same values. */
    private void compare(Warp warp, int lane, byte[] data, int at) {
        long unused = 64 - 8L * bytes;
        for (int k = 0; k < sources.length; k++) {
            if (Bytes.get(data, at + k * bytes, bytes) != value(warp, lane, k) << unused >>> unused) {
                throw warp.shared.memory().conflict(warp, lane, at, total, site);
            }
        }
    }
}
