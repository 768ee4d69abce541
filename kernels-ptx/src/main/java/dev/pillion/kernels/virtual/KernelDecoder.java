package dev.pillion.kernels.virtual;

import dev.pillion.kernels.driver.KernelSignature;
import dev.pillion.kernels.ptx.PtxException;
import dev.pillion.kernels.ptx.PtxFunction;
import dev.pillion.kernels.ptx.PtxInstruction;
import dev.pillion.kernels.ptx.PtxType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Turns a kernel's text into a {@link Program}. */
final class KernelDecoder {
    private final PtxFunction function;
    private final KernelSignature signature;
    private final Map<String, Symbol> symbols;
    private final Program.Layout layout;
    private final RegisterAllocation allocation;
    private final RegisterSlots slots;
    private final FlowGraph flow;
    private final BlockOrder order;
    private final int[] numbers;

    /**
     * Prepares.
     *
     * @param function the kernel
     * @param signature its parameters
     * @param symbols variables of the module
     * @param layout where the variables lie
     */
    KernelDecoder(PtxFunction function, KernelSignature signature, Map<String, Symbol> symbols, Program.Layout layout) {
        this.function = function;
        this.signature = signature;
        this.symbols = new HashMap<>(symbols);
        this.layout = layout;
        flow = new FlowGraph(function);
        order = new BlockOrder(flow.successors());
        List<Integer> blocks = order.order().stream().filter(block -> block < order.blocks()).toList();
        allocation = RegisterAllocation.of(function, new Liveness(function, flow, blocks));
        slots = new RegisterSlots(function.registers(), allocation);
        numbers = new int[order.order().stream().mapToInt(Integer::intValue).max().orElse(0) + 1];
        for (int i = 0; i < order.order().size(); i++) {
            numbers[order.order().get(i)] = i;
        }
    }

    Program decode() {
        List<BasicBlock> blocks = new ArrayList<>();
        for (int block : order.order()) {
            blocks.add(block >= order.blocks() ? new BasicBlock(new Instruction[0],
                    new BlockEnd.Jump(numbers[order.head(block)]))
                    : decode(block));
        }
        return new Program(signature, blocks.toArray(BasicBlock[]::new), slots, layout, granule(),
                function.maxThreads(),
                allocation.perThread());
    }

    private BasicBlock decode(int block) {
        List<Instruction> code = new ArrayList<>();
        int end = flow.end(block);
        PtxInstruction last = end > flow.start(block) ? function.instructions().get(end - 1) : null;
        boolean terminated = last != null && FlowGraph.endsBlock(last);
        for (int i = flow.start(block); i < (terminated ? end - 1 : end); i++) {
            code.add(instruction(function.instructions().get(i)));
        }
        return new BasicBlock(code.toArray(Instruction[]::new), terminated ? ending(last, block) : ending(block));
    }

    private BlockEnd ending(int block) {
        return block == flow.blocks() - 1 ? new BlockEnd.Exit() : new BlockEnd.Jump(next(block, block + 1));
    }

    private int next(int from, int to) {
        return numbers[order.target(from, to)];
    }

    private Operands operands(PtxInstruction i) {
        return new Operands(slots, symbols, i, new Site(function.name(), i.line(), i.text()));
    }

    private Instruction instruction(PtxInstruction i) {
        Operands operands = operands(i);
        Instruction decoded;
        try {
            decoded = InstructionDecoder.decode(operands);
        } catch (IllegalArgumentException e) {
            throw new PtxException(i.line(), e.getMessage() + " in " + i.text());
        }
        return i.guard().isPresent()
                ? new Guarded(decoded, slots.of(i.guard().get()), i.guardNegated()) : decoded;
    }

    private PredicateSource guard(PtxInstruction i) {
        return new PredicateSource(slots.of(i.guard().orElseThrow()), i.guardNegated() ? -1 : 0);
    }

    private BlockEnd ending(PtxInstruction i, int block) {
        boolean guarded = i.guard().isPresent();
        switch (i.opcode()) {
            case "bra" -> {
                int taken = next(block, flow.targets(i)[0]);
                return guarded ? new BlockEnd.Branch(guard(i), taken, next(block, block + 1))
                        : new BlockEnd.Jump(taken);
            }
            case "brx" -> {
                if (guarded) {
                    throw operands(i).unknown();
                }
                int[] targets = flow.targets(i);
                for (int t = 0; t < targets.length; t++) {
                    targets[t] = next(block, targets[t]);
                }
                Operands o = operands(i);
                return new BlockEnd.Indexed(o.word(0, PtxType.U32), targets, o.site());
            }
            case "ret", "exit" -> {
                return guarded ? new BlockEnd.ExitIf(guard(i), next(block, block + 1)) : new BlockEnd.Exit();
            }
            default -> {
                if (guarded) {
                    throw operands(i).unknown();
                }
                return new BlockEnd.Wait(BarrierDecoder.decode(operands(i)), next(block, block + 1));
            }
        }
    }

    /** The smallest access to shared memory, or to memory that may be. */
    private int granule() {
        int granule = 4;
        for (PtxInstruction i : function.instructions()) {
            boolean access = switch (i.opcode()) {
                case "ld", "st", "atom", "red" -> true;
                default -> false;
            };
            Space space = Space.of(i);
            if (access && (space == Space.SHARED || space == Space.GENERIC)) {
                granule = Math.min(granule, i.type(i.types() - 1).bytes());
            }
        }
        return granule;
    }

    /** Offset of the parameters among the symbols. */
    static Map<String, Symbol> parameters(PtxFunction function, KernelSignature signature) {
        Map<String, Symbol> symbols = new HashMap<>();
        for (int i = 0; i < signature.count(); i++) {
            symbols.put(function.parameters().get(i).name(), new Symbol("param", signature.offset(i)));
        }
        return symbols;
    }
}
