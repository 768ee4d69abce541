package dev.pillion.kernels.virtual;

import dev.pillion.kernels.driver.KernelSignature;
import dev.pillion.kernels.ptx.PtxFunction;
import dev.pillion.kernels.ptx.PtxModule;
import dev.pillion.kernels.ptx.PtxVariable;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Places the variables of a module and decodes its kernels. */
final class ModuleLoader {
    private static final int DYNAMIC_ALIGNMENT = 16;

    private final String name;
    private final PtxModule module;
    private final DeviceMemory memory;
    private final Map<String, Symbol> globals = new HashMap<>();
    private final List<PtxVariable> shared = new ArrayList<>();
    private final List<Allocation> allocations = new ArrayList<>();

    ModuleLoader(String name, PtxModule module, DeviceMemory memory) {
        this.name = name;
        this.module = module;
        this.memory = memory;
        for (PtxVariable variable : module.variables()) {
            if (variable.space().equals("shared")) {
                shared.add(variable);
            } else if (!variable.open()) {
                globals.put(variable.name(), new Symbol(variable.space(), place(variable)));
            }
        }
    }

    /** Device memory of the module's variables. */
    List<Allocation> allocations() {
        return allocations;
    }

    private long place(PtxVariable variable) {
        Allocation allocation = memory.allocate(variable.bytes(), "variable " + variable.name() + " of " + name);
        if (allocation == null) {
            throw CudaResult.OUT_OF_MEMORY.exception("variable " + variable.name() + " of module " + name);
        }
        allocations.add(allocation);
        memory.fill(allocation.address(), (byte) 0, variable.bytes());
        memory.write(allocation.address(), MemorySegment.ofArray(variable.initial()));
        return allocation.address();
    }

    /** Decodes all kernels, whether they will be launched or not. */
    List<Program> programs() {
        return module.entries().stream().map(this::decode).toList();
    }

    private Program decode(PtxFunction kernel) {
        PtxFunction function = new CallInliner(module).inline(kernel);
        KernelSignature signature = function.signature();
        Map<String, Symbol> symbols = new HashMap<>(globals);
        symbols.putAll(KernelDecoder.parameters(function, signature));
        Program.Layout layout = layout(function, symbols);
        return new KernelDecoder(function, signature, symbols, layout).decode();
    }

    private Program.Layout layout(PtxFunction function, Map<String, Symbol> symbols) {
        List<PtxVariable> sharedVariables = new ArrayList<>(shared);
        function.variables().stream().filter(v -> v.space().equals("shared")).forEach(sharedVariables::add);
        int sharedBytes = 0;
        int dynamicAlignment = DYNAMIC_ALIGNMENT;
        for (PtxVariable variable : sharedVariables) {
            if (variable.open()) {
                dynamicAlignment = Math.max(dynamicAlignment, variable.alignment());
            } else {
                sharedBytes = align(sharedBytes, variable.alignment());
                symbols.put(variable.name(), new Symbol("shared", sharedBytes));
                sharedBytes += Math.toIntExact(variable.bytes());
            }
        }
        int dynamic = align(sharedBytes, dynamicAlignment);
        sharedVariables.stream().filter(PtxVariable::open)
                .forEach(v -> symbols.put(v.name(), new Symbol("shared", dynamic)));
        int localBytes = 0;
        for (PtxVariable variable : function.variables()) {
            if (variable.space().equals("local") || variable.space().equals("param")) {
                localBytes = align(localBytes, variable.alignment());
                symbols.put(variable.name(), new Symbol("local", localBytes));
                localBytes += Math.toIntExact(variable.bytes());
            }
        }
        return new Program.Layout(sharedBytes, dynamic, align(localBytes, DYNAMIC_ALIGNMENT));
    }

    private static int align(int offset, int alignment) {
        return (offset + alignment - 1) / alignment * alignment;
    }
}
