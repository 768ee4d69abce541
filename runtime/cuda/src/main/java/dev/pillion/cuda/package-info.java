/**
 * The CUDA backend: one flat room.
 *
 * <p>{@link dev.pillion.cuda.CudaBackendProvider} looks for a device, {@link dev.pillion.cuda.NativeGpuDriver} is the driver
 * interface over the vendor's libraries, and {@code LibrarySearch} finds their files. What a step calls goes through the
 * handles of {@code HotCalls}, which take plain {@code long}s and allocate nothing; everything else through the generated
 * bindings.
 *
 * <p>Nothing but the NVIDIA driver is required. cuBLASLt and NVML are used where they are found.
 */
@NullMarked
package dev.pillion.cuda;

import org.jspecify.annotations.NullMarked;
