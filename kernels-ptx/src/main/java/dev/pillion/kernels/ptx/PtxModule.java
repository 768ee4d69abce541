package dev.pillion.kernels.ptx;

import java.util.List;
import java.util.Optional;

/**
 * A module.
 *
 * @param version ISA version, such as {@code 7.0}
 * @param target architecture, such as {@code sm_80}
 * @param variables variables of the module
 * @param functions kernels and device functions
 */
public record PtxModule(String version, String target, List<PtxVariable> variables, List<PtxFunction> functions) {
    /** The function of a name. */
    public Optional<PtxFunction> function(String name) {
        return functions.stream().filter(f -> f.name().equals(name)).findFirst();
    }

    /** The kernels. */
    public List<PtxFunction> entries() {
        return functions.stream().filter(PtxFunction::entry).toList();
    }
}
