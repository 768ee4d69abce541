package dev.pillion.kernels.virtual;

import dev.pillion.kernels.ptx.PtxInstruction;
import dev.pillion.kernels.ptx.PtxOperand;
import java.util.List;

/**
 * Loads 8x8 matrices of 16-bit elements from shared memory (PTX ISA, "ldmatrix"): lane {@code 8 i + r} names row
 * {@code r} of matrix {@code i}; lane {@code l} gets elements {@code 2 (l % 4)} and the next of row {@code l / 4}, or
 * of
 * the column with {@code .trans}.
 */
final class MatrixLoad extends Instruction {
    private static final int ROW_BYTES = 16;

    private final Site site;
    private final MemoryOperand memory;
    private final int[] targets;
    private final boolean transposed;

    private MatrixLoad(Operands o) {
        PtxInstruction i = o.instruction();
        site = o.site();
        transposed = i.has("trans");
        List<PtxOperand> elements = o.elements(0);
        int matrices = i.has("x4") ? 4 : i.has("x2") ? 2 : 1;
        Space space = Space.of(i);
        if (!i.has("m8n8") || !i.has("b16") || elements.size() != matrices || space == Space.GLOBAL) {
            throw o.unknown();
        }
        memory = MemoryOperand.of(o, 1, space);
        targets = elements.stream().mapToInt(o::wordTarget).toArray();
    }

    static Instruction decode(Operands o) {
        return new MatrixLoad(o);
    }

    @Override
    void run(Warp warp, int mask) {
        MatrixMultiply.requireWhole(warp, mask, site);
        Port port = warp.port(memory.space());
        // All addresses first: the register they are in may also be a target.
        int[] rows = warp.wordScratch;
        for (int lane = 0; lane < 8 * targets.length; lane++) {
            rows[lane] = port.read(memory.address(warp, lane), ROW_BYTES, lane, site);
        }
        for (int i = 0; i < targets.length; i++) {
            spread(port.data, rows, 8 * i, warp.words[targets[i]]);
        }
    }

    private void spread(byte[] data, int[] rows, int first, int[] target) {
        for (int lane = 0; lane < Lanes.COUNT; lane++) {
            int row = lane >> 2;
            int pair = 2 * (lane & 3);
            target[lane] = transposed
                    ? Bytes.getShort(data, rows[first + pair] + 2 * row) & 0xffff
                            | Bytes.getShort(data, rows[first + pair + 1] + 2 * row) << 16
                    : Bytes.getInt(data, rows[first + row] + 2 * pair);
        }
    }
}
