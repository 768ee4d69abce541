package dev.pillion.kernels.virtual;

import static dev.pillion.kernels.virtual.Lanes.COUNT;

import dev.pillion.kernels.ptx.PtxInstruction;
import dev.pillion.kernels.ptx.PtxOperand;
import dev.pillion.kernels.ptx.PtxRegister;
import dev.pillion.kernels.ptx.PtxType;
import java.util.List;

/** Loads from any space, vectors included (PTX ISA, "ld", "ldu"). */
final class Load extends Instruction {
    private final Site site;
    private final MemoryOperand memory;
    private final boolean signed;
    private final int bytes;
    private final int total;
    private final boolean wide;
    private final int keep;
    private final int[] targets;

    private Load(Operands o, Space space) {
        PtxInstruction i = o.instruction();
        site = o.site();
        memory = MemoryOperand.of(o, 1, space);
        PtxType type = i.type(i.types() - 1);
        signed = type.signed();
        bytes = type.bytes();
        List<PtxOperand> elements = o.elements(0);
        total = bytes * elements.size();
        wide = elements.stream().anyMatch(o::isLong);
        PtxRegister first = elements.stream().map(o::register).filter(r -> r != null).findFirst().orElse(null);
        keep = first != null && first.type().bytes() == 2 ? 0xffff : -1;
        targets = elements.stream().mapToInt(e -> wide ? o.longTarget(e) : o.wordTarget(e)).toArray();
        if (total > 16 || bytes > 8) {
            throw o.unknown();
        }
    }

    static Instruction decode(Operands o) {
        Load load = new Load(o, Space.of(o.instruction()));
        return switch (load.memory.space()) {
            case GLOBAL -> new LoadGlobal(load);
            case SHARED -> new LoadShared(load);
            case PARAM -> new LoadParameter(load);
            default -> load;
        };
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
        return targets.length;
    }

    boolean isWide() {
        return wide;
    }

    int target(int k) {
        return targets[k];
    }

    @Override
    void run(Warp warp, int mask) {
        Port port = warp.port(memory.space());
        Traffic traffic = warp.traffic;
        int n = 0;
        for (int m = mask; m != 0; m &= m - 1) {
            int lane = Integer.numberOfTrailingZeros(m);
            long address = memory.address(warp, lane);
            int at = port.read(address, total, lane, site);
            take(warp, lane, port.data, at);
            if (memory.space() == Space.GENERIC && GenericSpace.isGlobal(address)) {
                traffic.addresses[n++] = address;
            }
        }
        if (n > 0) {
            traffic.countRead(n, total);
        }
    }

    /** Takes all elements of one lane. */
    void take(Warp warp, int lane, byte[] data, int at) {
        if (!wide && bytes == 4) {
            for (int k = 0; k < targets.length; k++) {
                warp.words[targets[k]][lane] = Bytes.getInt(data, at + 4 * k);
            }
            return;
        }
        for (int k = 0; k < targets.length; k++) {
            if (wide) {
                warp.longs[targets[k]][lane] = longValue(data, at + k * bytes);
            } else {
                warp.words[targets[k]][lane] = wordValue(data, at + k * bytes) & keep;
            }
        }
    }

    /** Takes one element of all lanes, which lie so many bytes apart. */
    void takeRow(Warp warp, int k, byte[] data, int first, int step) {
        if (wide) {
            long[] target = warp.longs[targets[k]];
            for (int i = 0; i < COUNT; i++) {
                target[i] = longValue(data, first + i * step);
            }
            return;
        }
        int[] target = warp.words[targets[k]];
        if (bytes == 4) {
            for (int i = 0; i < COUNT; i++) {
                target[i] = Bytes.getInt(data, first + i * step);
            }
        } else {
            for (int i = 0; i < COUNT; i++) {
                target[i] = wordValue(data, first + i * step) & keep;
            }
        }
    }

    private int wordValue(byte[] data, int at) {
        return switch (bytes) {
            case 1 -> signed ? data[at] : data[at] & 255;
            case 2 -> signed ? Bytes.getShort(data, at) : Bytes.getShort(data, at) & 0xffff;
            default -> Bytes.getInt(data, at);
        };
    }

    private long longValue(byte[] data, int at) {
        return switch (bytes) {
            case 8 -> Bytes.getLong(data, at);
            case 4 -> signed ? Bytes.getInt(data, at) : Bytes.getInt(data, at) & 0xffff_ffffL;
            default -> wordValue(data, at);
        };
    }
}
