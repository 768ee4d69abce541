package dev.pillion.kernels.virtual;

import static dev.pillion.kernels.virtual.Lanes.COUNT;

import dev.pillion.kernels.ptx.PtxInstruction;
import dev.pillion.kernels.ptx.PtxOperand;
import dev.pillion.kernels.ptx.PtxType;
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
        PtxType type = i.type(i.types() - 1);
        site = o.site();
        memory = MemoryOperand.of(o, 0, Space.of(i));
        bytes = type.bytes();
        List<PtxOperand> elements = o.elements(1);
        total = bytes * elements.size();
        wide = new boolean[elements.size()];
        sources = new int[elements.size()];
        for (int k = 0; k < sources.length; k++) {
            PtxOperand element = elements.get(k);
            wide[k] = o.isLong(element) || bytes == 8;
            sources[k] = wide[k] ? o.longWord(element) : o.word(element, type);
        }
        if (total > 16 || bytes > 8) {
            throw o.unknown();
        }
    }

    static Instruction decode(Operands o) {
        Store store = new Store(o);
        return store.memory.space() == Space.GLOBAL ? new StoreGlobal(store) : store;
    }

    Site site() {
        return site;
    }

    MemoryOperand memory() {
        return memory;
    }

    /** Bytes of an element. */
    int bytes() {
        return bytes;
    }

    /** Bytes of all elements. */
    int total() {
        return total;
    }

    /** Number of elements. */
    int count() {
        return sources.length;
    }

    @Override
    void run(Warp warp, int mask) {
        Port port = warp.port(memory.space());
        Traffic traffic = warp.traffic;
        int n = 0;
        for (int m = mask; m != 0; m &= m - 1) {
            int lane = Integer.numberOfTrailingZeros(m);
            long address = memory.address(warp, lane);
            int at = port.write(address, total, lane, site);
            if (port.overlap) {
                compare(warp, lane, port.data, at);
            }
            put(warp, lane, port.data, at);
            if (memory.space() == Space.GENERIC && GenericSpace.isGlobal(address)) {
                traffic.addresses[n++] = address;
            }
        }
        if (n > 0) {
            traffic.countWrite(n, total);
        }
    }

    /** Puts all elements of one lane. */
    void put(Warp warp, int lane, byte[] data, int at) {
        for (int k = 0; k < sources.length; k++) {
            if (wide[k]) {
                Bytes.put(data, at + k * bytes, bytes, warp.longs[sources[k]][lane]);
            } else {
                putWord(data, at + k * bytes, warp.words[sources[k]][lane]);
            }
        }
    }

    /** Puts one element of all lanes, which lie so many bytes apart. */
    void putRow(Warp warp, int k, byte[] data, int first, int step) {
        if (wide[k]) {
            long[] source = warp.longs[sources[k]];
            for (int i = 0; i < COUNT; i++) {
                Bytes.put(data, first + i * step, bytes, source[i]);
            }
        } else {
            int[] source = warp.words[sources[k]];
            for (int i = 0; i < COUNT; i++) {
                putWord(data, first + i * step, source[i]);
            }
        }
    }

    private void putWord(byte[] data, int at, int value) {
        switch (bytes) {
            case 1 -> data[at] = (byte) value;
            case 2 -> Bytes.putShort(data, at, value);
            default -> Bytes.putInt(data, at, value);
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
