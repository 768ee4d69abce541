package dev.pillion.analysis;

import dev.pillion.scheduler.DeviceCeilings;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a device can do at best, and how much memory it has.
 *
 * @param name of the device
 * @param origin where the numbers come from: a maker's data sheet, a measurement, a user
 * @param ceilings bandwidth, arithmetic and launch time
 * @param memoryBytes memory for weights, KV cache and activations, where it is known
 */
public record DeviceSpec(String name, String origin, DeviceCeilings ceilings, OptionalLong memoryBytes) {
    private static final String PUBLISHED = "published peak, not measured: ";

    /** Checks the memory. */
    public DeviceSpec {
        if (memoryBytes.orElse(1) < 1) {
            throw new IllegalArgumentException(name + " has " + memoryBytes.getAsLong() + " bytes of memory");
        }
    }

    /**
     * Devices whose makers publish peak rates: dense FP16/BF16 tensor arithmetic of the GPUs, FP32 of the CPU. Launch
     * times are published for none of them and stand as zero.
     */
    private static final List<DeviceSpec> KNOWN = List.of(
            published("a100-80g", "NVIDIA A100 80GB SXM data sheet", 2039, 312, 80),
            published("h100-sxm", "NVIDIA H100 SXM data sheet", 3350, 989.4, 80),
            published("h200-sxm", "NVIDIA H200 SXM data sheet", 4800, 989.4, 141),
            published("b200", "NVIDIA HGX B200 data sheet, one of eight GPUs", 8000, 2250, 180),
            // 96 cores at 2.4 GHz, two 256-bit fused multiply-adds a cycle; 12 channels of DDR5-4800, 64 GB modules.
            published("cpu", "AMD EPYC 9654, one socket at base clock", 460.8, 7.37, 768));

    private static DeviceSpec published(String name, String source, double gigabytesPerSecond, double tflops, int gb) {
        return new DeviceSpec(
                name,
                PUBLISHED + source,
                new DeviceCeilings(gigabytesPerSecond * 1e9, tflops * 1e12, 0),
                OptionalLong.of(gb * 1_000_000_000L));
    }

    /** A device by name, in any case. */
    public static Optional<DeviceSpec> published(String name) {
        String wanted = name.toLowerCase(Locale.ROOT);
        return KNOWN.stream().filter(device -> device.name().equals(wanted)).findFirst();
    }

    /** Names of the devices known. */
    public static List<String> publishedNames() {
        return KNOWN.stream().map(DeviceSpec::name).toList();
    }
}
