package dev.pillion.kernels.virtual;

import dev.pillion.kernels.driver.GpuDeviceInfo;
import dev.pillion.kernels.ptx.PtxException;
import dev.pillion.kernels.ptx.PtxModule;
import dev.pillion.kernels.ptx.PtxParser;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The modules of a context and their kernels. */
final class LoadedModules {
    private final GpuDeviceInfo device;
    private final DeviceMemory memory;
    private final Handles<Module> modules = new Handles<>("module");
    private final Handles<VirtualFunction> functions = new Handles<>("function");

    LoadedModules(GpuDeviceInfo device, DeviceMemory memory) {
        this.device = device;
        this.memory = memory;
    }

    /**
     * A loaded module.
     *
     * @param name its name
     * @param kernels handles of the kernels by name
     * @param variables device memory of its variables
     */
    private record Module(String name, Map<String, Long> kernels, List<Allocation> variables) {}

    /** Reads and decodes a module; nothing is left of one that is refused. */
    long load(String call, String name, byte[] ptx) {
        try {
            PtxModule module = PtxParser.parse(ptx);
            requireTarget(call, module.target());
            return load(name, module);
        } catch (PtxException e) {
            throw CudaResult.INVALID_PTX.exception(call + ": " + e.getMessage());
        }
    }

    private long load(String name, PtxModule module) {
        ModuleLoader loader = new ModuleLoader(name, module, memory);
        try {
            Map<String, Long> kernels = new HashMap<>();
            for (Program program : loader.programs()) {
                kernels.put(program.name(), functions.add(new VirtualFunction(program)));
            }
            return modules.add(new Module(name, Map.copyOf(kernels), loader.allocations()));
        } catch (PtxException e) {
            loader.allocations().forEach(variable -> memory.free(variable.address()));
            throw e;
        }
    }

    private void requireTarget(String call, String target) {
        String digits = target.replaceAll("\\D", "");
        int capability = device.computeCapability();
        boolean exact = target.endsWith("a");
        if (digits.isEmpty() || Integer.parseInt(digits) > capability || exact
                && Integer.parseInt(digits) != capability) {
            throw CudaResult.NO_BINARY_FOR_GPU.exception(call + " for " + target + " on a device of compute capability "
                    + capability / 10 + "." + capability % 10);
        }
    }

    void unload(long module) {
        Module removed = modules.remove(module);
        removed.kernels().values().forEach(functions::remove);
        removed.variables().forEach(variable -> memory.free(variable.address()));
    }

    /** Handle of a kernel. */
    long find(long module, String name) {
        Module found = modules.get(module);
        Long function = found.kernels().get(name);
        if (function == null) {
            throw CudaResult.NOT_FOUND.exception("kernel " + name + " of module " + found.name());
        }
        return function;
    }

    VirtualFunction function(long handle) {
        return functions.get(handle);
    }
}
