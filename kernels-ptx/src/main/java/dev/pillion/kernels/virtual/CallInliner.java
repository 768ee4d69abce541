package dev.pillion.kernels.virtual;

import dev.pillion.kernels.ptx.PtxException;
import dev.pillion.kernels.ptx.PtxFunction;
import dev.pillion.kernels.ptx.PtxInstruction;
import dev.pillion.kernels.ptx.PtxModule;
import dev.pillion.kernels.ptx.PtxOperand;
import dev.pillion.kernels.ptx.PtxRegister;
import dev.pillion.kernels.ptx.PtxVariable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Puts the bodies of called functions in the place of calls, with registers, labels and variables of their own for each
 * call. Parameters of calls are local memory, and a function's parameters are other names for them. Recursion is
 * refused.
 */
final class CallInliner {
    private static final int MAX_DEPTH = 16;

    private final PtxModule module;
    private final List<PtxRegister> registers = new ArrayList<>();
    private final List<PtxVariable> variables = new ArrayList<>();
    private final List<PtxInstruction> instructions = new ArrayList<>();
    private final Map<String, Integer> labels = new HashMap<>();
    private final Map<String, List<String>> branchTargets = new HashMap<>();
    private int calls;

    CallInliner(PtxModule module) {
        this.module = module;
    }

    PtxFunction inline(PtxFunction kernel) {
        if (kernel.instructions().stream().noneMatch(i -> i.opcode().equals("call"))) {
            return kernel;
        }
        append(kernel, "", Map.of(), 0);
        return new PtxFunction(kernel.name(), true, List.of(), kernel.parameters(), registers, variables, instructions,
                labels, branchTargets, kernel.maxThreads(), kernel.line());
    }

    /**
     * Appends a function's body.
     *
     * @param suffix what its names end in from now on
     * @param parameters the caller's names of its parameters
     */
    private void append(PtxFunction function, String suffix, Map<String, String> parameters, int depth) {
        if (depth > MAX_DEPTH) {
            throw new PtxException(function.line(), "calls of " + function.name() + " are nested too deeply");
        }
        Map<String, String> names = new HashMap<>(parameters);
        int firstRegister = registers.size();
        for (PtxRegister register : function.registers()) {
            registers.add(new PtxRegister(registers.size(), register.name(), register.type()));
        }
        for (PtxVariable v : function.variables()) {
            names.put(v.name(), v.name() + suffix);
            variables.add(new PtxVariable(v.space(), v.name() + suffix, v.type(), v.alignment(), v.bytes(),
                    v.initial(), v.line()));
        }
        function.labels().keySet().forEach(label -> names.put(label, label + suffix));
        function.branchTargets().forEach((table, targets) -> {
            names.put(table, table + suffix);
            branchTargets.put(table + suffix, targets.stream().map(names::get).toList());
        });
        Renaming renaming = new Renaming(firstRegister, names);
        String end = "end" + suffix;
        Map<Integer, List<String>> labelsAt = new HashMap<>();
        function.labels().forEach((label, at) ->
                labelsAt.computeIfAbsent(at, _ -> new ArrayList<>()).add(names.get(label)));
        for (int n = 0; n <= function.instructions().size(); n++) {
            labelsAt.getOrDefault(n, List.of()).forEach(label -> labels.put(label, instructions.size()));
            if (n < function.instructions().size()) {
                appendOne(renaming.apply(function.instructions().get(n)), depth, end);
            }
        }
        labels.put(end, instructions.size());
    }

    private void appendOne(PtxInstruction i, int depth, String end) {
        if (i.opcode().equals("call")) {
            call(i, depth);
        } else if (i.opcode().equals("ret") && depth > 0) {
            instructions.add(new PtxInstruction(i.line(), i.text(), i.guard(), i.guardNegated(), "bra", List.of(),
                    List.of(new PtxOperand.Symbol(end))));
        } else {
            instructions.add(i);
        }
    }

    private void call(PtxInstruction i, int depth) {
        String name = i.operand(1) instanceof PtxOperand.Symbol s ? s.name() : "";
        PtxFunction callee = module.function(name)
                .orElseThrow(() -> new PtxException(i.line(), "unknown function in " + i.text()));
        if (i.guard().isPresent()) {
            throw new PtxException(i.line(), "the virtual GPU does not know: " + i.text());
        }
        Map<String, String> parameters = new HashMap<>();
        bind(i, callee.results(), i.operand(0), parameters);
        bind(i, callee.parameters(), i.operand(2), parameters);
        append(callee, "@" + ++calls, parameters, depth + 1);
    }

    private static void bind(
            PtxInstruction i, List<PtxVariable> declared, PtxOperand given, Map<String, String> names) {
        List<PtxOperand> elements = ((PtxOperand.Group) given).elements();
        if (elements.size() != declared.size()) {
            throw new PtxException(i.line(), declared.size() + " parameters expected in " + i.text());
        }
        for (int n = 0; n < elements.size(); n++) {
            if (!(elements.get(n) instanceof PtxOperand.Symbol(String name))) {
                throw new PtxException(i.line(), "the virtual GPU does not know: " + i.text());
            }
            names.put(declared.get(n).name(), name);
        }
    }

    /** New names for what a body uses. */
    private final class Renaming {
        private final int firstRegister;
        private final Map<String, String> names;

        Renaming(int firstRegister, Map<String, String> names) {
            this.firstRegister = firstRegister;
            this.names = names;
        }

        PtxInstruction apply(PtxInstruction i) {
            Optional<PtxRegister> guard = i.guard().map(this::apply);
            return new PtxInstruction(i.line(), i.text(), guard, i.guardNegated(), i.opcode(), i.suffixes(),
                    i.operands().stream().map(this::apply).toList());
        }

        private PtxRegister apply(PtxRegister register) {
            return registers.get(firstRegister + register.index());
        }

        private PtxOperand apply(PtxOperand operand) {
            return switch (operand) {
                case PtxOperand.Register(PtxRegister register) -> new PtxOperand.Register(apply(register));
                case PtxOperand.Symbol(String name) -> new PtxOperand.Symbol(names.getOrDefault(name, name));
                case PtxOperand.Address(PtxOperand base, long offset) -> new PtxOperand.Address(apply(base), offset);
                case PtxOperand.Group(List<PtxOperand> elements) ->
                    new PtxOperand.Group(elements.stream().map(this::apply).toList());
                case PtxOperand.Pair(PtxOperand first, PtxOperand second) -> new PtxOperand.Pair(apply(first),
                        apply(second));
                case PtxOperand.Not(PtxOperand inner) -> new PtxOperand.Not(apply(inner));
                default -> operand;
            };
        }
    }
}
