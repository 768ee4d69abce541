package dev.pillion.kernels.virtual;

import dev.pillion.kernels.ptx.PtxException;
import dev.pillion.kernels.ptx.PtxFunction;
import dev.pillion.kernels.ptx.PtxInstruction;
import dev.pillion.kernels.ptx.PtxOperand;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** Control flow of a kernel: its instructions cut into basic blocks. */
final class FlowGraph {
    private final PtxFunction function;
    private final List<PtxInstruction> instructions;
    private final int[] starts;
    private final int[] blockOf;

    FlowGraph(PtxFunction function) {
        this.function = function;
        instructions = function.instructions();
        BitSet leaders = new BitSet();
        leaders.set(0);
        function.labels().values().forEach(leaders::set);
        for (int i = 0; i < instructions.size(); i++) {
            if (endsBlock(instructions.get(i))) {
                leaders.set(i + 1);
            }
        }
        // The end of the text counts as a block, so that a kernel may run off it.
        leaders.set(instructions.size());
        starts = leaders.stream().toArray();
        blockOf = new int[instructions.size() + 1];
        for (int b = 0, i = 0; i <= instructions.size(); i++) {
            if (b + 1 < starts.length && starts[b + 1] == i) {
                b++;
            }
            blockOf[i] = b;
        }
    }

    static boolean endsBlock(PtxInstruction i) {
        return switch (i.opcode()) {
            case "bra", "brx", "ret", "exit" -> true;
            case "bar", "barrier" -> !i.has("warp");
            default -> false;
        };
    }

    int blocks() {
        return starts.length;
    }

    int start(int block) {
        return starts[block];
    }

    int end(int block) {
        return block + 1 < starts.length ? starts[block + 1] : instructions.size();
    }

    /** The blocks that a branch leads to, by its label or table. */
    int[] targets(PtxInstruction i) {
        if (i.opcode().equals("bra")) {
            return new int[] {labelled(i, i.operand(0))};
        }
        String table = i.operand(1) instanceof PtxOperand.Symbol s ? s.name() : "";
        List<String> labels = function.branchTargets().get(table);
        if (labels == null) {
            throw new PtxException(i.line(), "unknown branch table in " + i.text());
        }
        return labels.stream().mapToInt(l -> labelled(i, new PtxOperand.Symbol(l))).toArray();
    }

    private int labelled(PtxInstruction i, PtxOperand operand) {
        Integer at = operand instanceof PtxOperand.Symbol s ? function.labels().get(s.name()) : null;
        if (at == null) {
            throw new PtxException(i.line(), "unknown label in " + i.text());
        }
        return blockOf[at];
    }

    /** Successors of each block. */
    int[][] successors() {
        int[][] successors = new int[blocks()][];
        for (int b = 0; b < blocks(); b++) {
            successors[b] = successors(b).stream().mapToInt(Integer::intValue).distinct().toArray();
        }
        return successors;
    }

    private List<Integer> successors(int block) {
        List<Integer> next = new ArrayList<>();
        if (block == blocks() - 1) {
            return next;
        }
        PtxInstruction last = instructions.get(end(block) - 1);
        boolean guarded = last.guard().isPresent();
        switch (last.opcode()) {
            case "bra", "brx" -> {
                for (int target : targets(last)) {
                    next.add(target);
                }
                if (guarded) {
                    next.add(block + 1);
                }
            }
            case "ret", "exit" -> {
                if (guarded) {
                    next.add(block + 1);
                }
            }
            default -> next.add(block + 1);
        }
        return next;
    }
}
