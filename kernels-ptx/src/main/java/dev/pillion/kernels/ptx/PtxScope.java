package dev.pillion.kernels.ptx;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Names declared between a pair of braces. */
final class PtxScope {
    final @Nullable PtxScope outer;
    private final Map<String, PtxRegister> registers = new HashMap<>();
    private final Map<String, String> variables = new HashMap<>();

    PtxScope(@Nullable PtxScope outer) {
        this.outer = outer;
    }

    void declare(PtxRegister register) {
        registers.put(register.name(), register);
    }

    /** Declares a variable and the name, unique in the function, that stands for it. */
    void declare(String name, String unique) {
        variables.put(name, unique);
    }

    @Nullable
    PtxRegister register(String name) {
        for (PtxScope scope = this; scope != null; scope = scope.outer) {
            PtxRegister register = scope.registers.get(name);
            if (register != null) {
                return register;
            }
        }
        return null;
    }

    String variable(String name) {
        for (PtxScope scope = this; scope != null; scope = scope.outer) {
            String unique = scope.variables.get(name);
            if (unique != null) {
                return unique;
            }
        }
        return name;
    }
}
