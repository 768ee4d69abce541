package dev.pillion.kernels.virtual;

import dev.pillion.kernels.ptx.PtxInstruction;
import dev.pillion.kernels.ptx.PtxOperand;
import dev.pillion.kernels.ptx.PtxRegister;
import dev.pillion.kernels.ptx.PtxType;
import java.util.List;

/** Loads from any space, vectors included (PTX ISA, "ld", "ldu"). */
final class Load extends Instruction {
    private final Site site;
    private final MemoryOperand memory;
    private final PtxType type;
    private final int bytes;
    private final int total;
    private final boolean wide;
    private final int keep;
    private final int[] targets;

    private Load(Operands o, Space space) {
        PtxInstruction i = o.instruction();
        site = o.site();
        memory = MemoryOperand.of(o, 1, space);
        type = i.type(i.types() - 1);
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
        return new Load(o, Space.of(o.instruction()));
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
            int at = port.read(address, total, lane, site);
            byte[] data = port.data;
            for (int k = 0; k < targets.length; k++, at += bytes) {
                if (wide) {
                    warp.longs[targets[k]][lane] = longValue(data, at);
                } else {
                    warp.words[targets[k]][lane] = wordValue(data, at) & keep;
                }
            }
            if (counted && GenericSpace.isGlobal(address)) {
                traffic.addresses[n++] = address;
            }
        }
        if (n > 0) {
            traffic.countRead(n, total);
        }
    }

    private int wordValue(byte[] data, int at) {
        return switch (bytes) {
            case 1 -> type.signed() ? data[at] : data[at] & 255;
            case 2 -> type.signed() ? Bytes.getShort(data, at) : Bytes.getShort(data, at) & 0xffff;
            default -> Bytes.getInt(data, at);
        };
    }

    private long longValue(byte[] data, int at) {
        return switch (bytes) {
            case 8 -> Bytes.getLong(data, at);
            case 4 -> type.signed() ? Bytes.getInt(data, at) : Bytes.getInt(data, at) & 0xffff_ffffL;
            default -> wordValue(data, at);
        };
    }
}
