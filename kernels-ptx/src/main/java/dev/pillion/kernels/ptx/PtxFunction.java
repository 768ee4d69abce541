package dev.pillion.kernels.ptx;

import dev.pillion.kernels.driver.KernelSignature;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A kernel or device function.
 *
 * @param name the name
 * @param entry whether it is a kernel
 * @param results result parameters of a device function
 * @param parameters parameters in order
 * @param registers registers by {@link PtxRegister#index}
 * @param variables shared, local and param variables declared in the body
 * @param instructions instructions in order
 * @param labels instruction number of each label
 * @param branchTargets labels that each table of an indexed branch lists
 * @param maxThreads limit of {@code .maxntid} as the product of its parts, or 0
 * @param line line of the declaration
 */
public record PtxFunction(
        String name,
        boolean entry,
        List<PtxVariable> results,
        List<PtxVariable> parameters,
        List<PtxRegister> registers,
        List<PtxVariable> variables,
        List<PtxInstruction> instructions,
        Map<String, Integer> labels,
        Map<String, List<String>> branchTargets,
        int maxThreads,
        int line) {
    /**
     * Name and parameters as a launch sees them.
     *
     * @throws PtxException if a parameter is a structure
     */
    public KernelSignature signature() {
        List<Integer> sizes = new ArrayList<>();
        for (PtxVariable parameter : parameters) {
            if (parameter.bytes() != parameter.type().bytes()) {
                throw new PtxException(parameter.line(), "parameter " + parameter.name() + " of " + name
                        + " is a structure; pass a pointer to it");
            }
            sizes.add(parameter.type().bytes());
        }
        return new KernelSignature(name, sizes);
    }
}
