package dev.pillion.kernels.virtual;

import dev.pillion.kernels.ptx.PtxFunction;
import dev.pillion.kernels.ptx.PtxInstruction;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * From where to where each register holds a value that is still read, as an interval of positions in the
 * order of the blocks; holes are not looked for. What holds for one thread holds for a warp, since lanes do not share
 * the places of a register.
 */
final class Liveness {
    private final PtxFunction function;
    private final FlowGraph flow;
    private final int[] first;
    private final int[] last;

    /**
     * Computes intervals.
     *
     * @param function the kernel
     * @param flow its blocks
     * @param order the order in which the blocks' instructions are numbered
     */
    Liveness(PtxFunction function, FlowGraph flow, List<Integer> order) {
        this.function = function;
        this.flow = flow;
        first = new int[function.registers().size()];
        last = new int[function.registers().size()];
        Arrays.fill(first, Integer.MAX_VALUE);
        Arrays.fill(last, -1);
        number(order, liveAtStart(order));
    }

    /** Position of the first write, or {@link Integer#MAX_VALUE} for a register that is not used. */
    int first(int register) {
        return first[register];
    }

    /** Position of the last read or write, or -1. */
    int last(int register) {
        return last[register];
    }

    /** Registers that are read at or after the start of each block before they are written. */
    private BitSet[] liveAtStart(List<Integer> order) {
        int[][] successors = flow.successors();
        BitSet[] live = new BitSet[flow.blocks()];
        Arrays.setAll(live, _ -> new BitSet());
        boolean changed = true;
        while (changed) {
            changed = false;
            for (int n = order.size() - 1; n >= 0; n--) {
                int block = order.get(n);
                BitSet now = liveAtEnd(block, successors, live);
                for (int i = flow.end(block) - 1; i >= flow.start(block); i--) {
                    RegisterUse.writes(instruction(i), now::clear);
                    RegisterUse.reads(instruction(i), now::set);
                }
                if (!now.equals(live[block])) {
                    live[block] = now;
                    changed = true;
                }
            }
        }
        return live;
    }

    private static BitSet liveAtEnd(int block, int[][] successors, BitSet[] live) {
        BitSet now = new BitSet();
        for (int successor : successors[block]) {
            now.or(live[successor]);
        }
        return now;
    }

    private PtxInstruction instruction(int i) {
        return function.instructions().get(i);
    }

    private void number(List<Integer> order, BitSet[] live) {
        int[][] successors = flow.successors();
        int position = 0;
        for (int block : order) {
            int start = position;
            live[block].stream().forEach(r -> extend(r, start));
            for (int i = flow.start(block); i < flow.end(block); i++) {
                // Reads come before writes; writes of one instruction are at one time, even if nobody reads the result.
                int read = position + 1;
                int write = position + 2;
                RegisterUse.reads(instruction(i), r -> extend(r, read));
                RegisterUse.writes(instruction(i), r -> extend(r, write));
                position += 2;
            }
            int end = ++position;
            liveAtEnd(block, successors, live).stream().forEach(r -> extend(r, end));
        }
    }

    private void extend(int register, int position) {
        first[register] = Math.min(first[register], position);
        last[register] = Math.max(last[register], position);
    }
}
