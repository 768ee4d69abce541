package dev.pillion.cuda;

import dev.pillion.kernels.KernelCatalogue;
import dev.pillion.kernels.driver.GpuContext;
import dev.pillion.kernels.driver.KernelLaunch;
import java.lang.foreign.Arena;
import java.util.HashMap;
import java.util.Map;

/**
 * Kernels looked up so far, each with arguments of its own. A module is compiled by the driver when its first kernel is
 * asked for: only what a model needs costs start-up time.
 */
final class KernelCache {
    private final GpuContext context;
    private final Arena arena = Arena.ofShared();
    private final Map<String, Long> modules = new HashMap<>();
    private final Map<String, KernelLaunch> launches = new HashMap<>();

    KernelCache(GpuContext context) {
        this.context = context;
    }

    /** A kernel with arguments to fill; the same object each time. */
    KernelLaunch launch(String module, String entry) {
        KernelLaunch known = launches.get(entry);
        if (known != null) {
            return known;
        }
        long loaded = modules.computeIfAbsent(
                module, name -> context.loadModule(name, KernelCatalogue.module(name)));
        KernelLaunch launch =
                new KernelLaunch(context.function(loaded, entry), KernelCatalogue.signature(entry), arena);
        launches.put(entry, launch);
        return launch;
    }

    /** Unloads the modules. */
    void unload() {
        modules.values().forEach(context::unloadModule);
        modules.clear();
    }

    /** Frees the arguments. Nothing is launched any more; modules not unloaded go with the context. Idempotent. */
    void release() {
        launches.clear();
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
