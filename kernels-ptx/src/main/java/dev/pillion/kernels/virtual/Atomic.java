package dev.pillion.kernels.virtual;

import dev.pillion.kernels.ptx.PtxInstruction;
import dev.pillion.kernels.ptx.PtxType;
import java.util.List;

/** Atomic updates of memory (PTX ISA, "atom", "red"). Lanes go one after the other, the lowest first. */
final class Atomic extends Instruction {
    private static final List<String> OPERATIONS = List.of("and", "or", "xor", "exch", "add", "inc", "dec", "min",
            "max", "cas");

    private final Site site;
    private final MemoryOperand memory;
    private final int bytes;
    private final boolean wide;
    private final int target;
    private final int value;
    private final int other;
    private final boolean compares;
    private final Update update;

    /** The new value from the old one, an operand and, in compare-and-swap, another; all zero-extended. */
    private interface Update {
        long apply(long old, long value, long other);
    }

    private Atomic(Operands o) {
        PtxInstruction i = o.instruction();
        boolean returns = i.opcode().equals("atom");
        int first = returns ? 1 : 0;
        PtxType type = i.type(0);
        site = o.site();
        memory = MemoryOperand.of(o, first, Space.of(i));
        bytes = type.bytes();
        wide = bytes == 8;
        if (bytes == 1 || bytes > 8 || o.elements(first + 1).size() > 1) {
            throw o.unknown();
        }
        target = !returns ? -1 : wide ? o.longTarget(0) : o.wordTarget(0);
        value = source(o, first + 1, type);
        compares = i.has("cas");
        other = compares ? source(o, first + 2, type) : value;
        update = update(o, type);
    }

    private int source(Operands o, int n, PtxType type) {
        return wide ? o.longWord(n) : o.word(n, type);
    }

    static Instruction decode(Operands o) {
        return new Atomic(o);
    }

    private static Update update(Operands o, PtxType type) {
        String operation = o.instruction().suffixes().stream().filter(OPERATIONS::contains).findFirst().orElseThrow(o::unknown);
        boolean signed = type.signed();
        return switch (operation) {
            case "and" -> (old, v, _) -> old & v;
            case "or" -> (old, v, _) -> old | v;
            case "xor" -> (old, v, _) -> old ^ v;
            case "exch" -> (_, v, _) -> v;
            case "cas" -> (old, v, w) -> old == v ? w : old;
            case "add" -> add(type);
            case "inc" -> (old, v, _) -> Long.compareUnsigned(old, v) >= 0 ? 0 : old + 1;
            case "dec" -> (old, v, _) -> old == 0 || Long.compareUnsigned(old, v) > 0 ? v : old - 1;
            case "min" -> (old, v, _) -> less(old, v, type, signed) ? old : v;
            default -> (old, v, _) -> less(old, v, type, signed) ? v : old;
        };
    }

    private static boolean less(long a, long b, PtxType type, boolean signed) {
        if (signed) {
            return type.bytes() == 4 ? (int) a < (int) b : a < b;
        }
        return Long.compareUnsigned(a, b) < 0;
    }

    private static Update add(PtxType type) {
        return switch (type) {
            case F32 -> (old, v, _) -> Float.floatToRawIntBits(Float.intBitsToFloat((int) old)
                    + Float.intBitsToFloat((int) v));
            case F64 -> (old, v, _) -> Double.doubleToRawLongBits(Double.longBitsToDouble(old)
                    + Double.longBitsToDouble(v));
            case F16, BF16 -> {
                HalfFormat format = HalfArithmetic.format(type);
                yield (old, v, _) -> format.of(format.value((int) old) + format.value((int) v));
            }
            case F16X2, BF16X2 -> {
                HalfFormat format = HalfArithmetic.format(type);
                yield (old, v, _) -> format.of(format.value((int) old & 0xffff) + format.value((int) v & 0xffff))
                        | (long) format.of(format.value((int) old >>> 16) + format.value((int) v >>> 16)) << 16;
            }
            default -> (old, v, _) -> old + v;
        };
    }

    @Override
    void run(Warp warp, int mask) {
        Port port = warp.port(memory.space());
        Traffic traffic = warp.traffic;
        int n = 0;
        for (int m = mask; m != 0; m &= m - 1) {
            int lane = Integer.numberOfTrailingZeros(m);
            long address = memory.address(warp, lane);
            long old;
            synchronized (port.lock(address)) {
                int at = port.update(address, bytes, lane, site);
                byte[] data = port.data;
                old = Bytes.get(data, at, bytes);
                Bytes.put(data, at, bytes, update.apply(old, get(warp, value, lane), get(warp, other, lane)));
            }
            if (target >= 0) {
                put(warp, lane, old);
            }
            if (memory.space() != Space.SHARED && GenericSpace.isGlobal(address)) {
                traffic.addresses[n++] = address;
            }
        }
        if (n > 0) {
            traffic.countRead(n, bytes);
            traffic.countWrite(n, bytes);
        }
    }

    private long get(Warp warp, int slot, int lane) {
        return wide ? warp.longs[slot][lane] : bytes == 4 ? warp.words[slot][lane] & 0xffff_ffffL
                : warp.words[slot][lane] & 0xffff;
    }

    private void put(Warp warp, int lane, long old) {
        if (wide) {
            warp.longs[target][lane] = old;
        } else {
            warp.words[target][lane] = (int) old;
        }
    }
}
