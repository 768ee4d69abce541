package dev.pillion.cuda;

import dev.pillion.bindings.cuda.CudaDriver;
import dev.pillion.kernels.driver.GpuDeviceInfo;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Asks the driver what a device is, attribute by attribute: property structs change their layout between versions. */
final class DeviceProperties {
    private static final int LONGEST_NAME = 256;
    private static final int UUID_BYTES = 16;

    private final int ordinal;
    private final int device;
    private final Arena arena;
    private final MemorySegment out;

    private DeviceProperties(int ordinal, int device, Arena arena) {
        this.ordinal = ordinal;
        this.device = device;
        this.arena = arena;
        this.out = arena.allocate(8, 8);
    }

    /** The device's handle in the driver. */
    static int handle(int ordinal) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(ValueLayout.JAVA_INT);
            CudaResult.check(CudaDriver.cuDeviceGet(out, ordinal), "looking up device " + ordinal);
            return out.get(ValueLayout.JAVA_INT, 0);
        }
    }

    /** Reads everything. */
    static GpuDeviceInfo read(int ordinal) {
        try (Arena arena = Arena.ofConfined()) {
            return new DeviceProperties(ordinal, handle(ordinal), arena).info();
        }
    }

    private GpuDeviceInfo info() {
        return new GpuDeviceInfo(
                ordinal,
                name(),
                uuid(),
                attribute(CudaDriver.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR()),
                attribute(CudaDriver.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR()),
                attribute(CudaDriver.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT()),
                totalMemory(),
                attribute(CudaDriver.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN()),
                attribute(CudaDriver.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR()),
                attribute(CudaDriver.CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR()),
                attribute(CudaDriver.CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE()));
    }

    private int attribute(int attribute) {
        check(CudaDriver.cuDeviceGetAttribute(out, attribute, device), "attribute " + attribute);
        return out.get(ValueLayout.JAVA_INT, 0);
    }

    private long totalMemory() {
        check(CudaDriver.cuDeviceTotalMem_v2(out, device), "memory");
        return out.get(ValueLayout.JAVA_LONG, 0);
    }

    private String name() {
        MemorySegment name = arena.allocate(LONGEST_NAME);
        check(CudaDriver.cuDeviceGetName(name, LONGEST_NAME, device), "name");
        return name.getString(0, StandardCharsets.UTF_8);
    }

    private String uuid() {
        MemorySegment bytes = arena.allocate(UUID_BYTES);
        check(CudaDriver.cuDeviceGetUuid_v2(bytes, device), "UUID");
        String hex = HexFormat.of().formatHex(bytes.toArray(ValueLayout.JAVA_BYTE));
        return "GPU-" + hex.substring(0, 8) + "-" + hex.substring(8, 12) + "-" + hex.substring(12, 16) + "-"
                + hex.substring(16, 20) + "-" + hex.substring(20);
    }

    private void check(int result, String what) {
        if (result != CudaDriver.CUDA_SUCCESS()) {
            throw CudaResult.failure(result, "reading the " + what + " of device " + ordinal);
        }
    }
}
