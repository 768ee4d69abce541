package dev.pillion.kernels.virtual;

import java.util.List;
import java.util.Map;

/**
 * A loaded module.
 *
 * @param name its name
 * @param kernels handles of the kernels by name
 * @param variables device memory of its variables
 */
record VirtualModule(String name, Map<String, Long> kernels, List<Allocation> variables) {}
