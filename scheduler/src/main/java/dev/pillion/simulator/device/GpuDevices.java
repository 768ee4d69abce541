package dev.pillion.simulator.device;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Known devices. Memory, bandwidth, arithmetic, multiprocessors, links and board power are nominal figures of the makers' public
 * data sheets and architecture papers, named with each device; dense rates, half of what is printed with sparsity. Three kinds
 * of figures no sheet gives and are assumptions, to be replaced by a description of one's own:
 * <ul>
 * <li>idle watts, rounded from what such boards report at rest;
 * <li>the network: 200 Gbit/s for each A100 and 400 Gbit/s for each H100 and H200 of an eight-GPU server, as in the makers'
 *     reference servers; 100 Gbit/s for boards without NVLink switches;
 * <li>dollars per hour: the order of on-demand prices of public clouds in 2025, for one GPU of a full server.
 * </ul>
 */
public final class GpuDevices {
    /** From one kernel to the next inside a recorded graph; assumed alike everywhere. */
    private static final double GAP_SECONDS = 1e-6;

    private static final List<GpuDevice> KNOWN = List.of(
            device("a100", "NVIDIA A100 80GB SXM data sheet (2021)", "a100", 80, 2039, 312, 0, 108, 40, 300, 25, 60, 400, 1.8),
            device(
                    "a100-40g", "NVIDIA A100 40GB SXM data sheet (2020)", "a100",
                    40, 1555, 312, 0, 108, 40, 300, 25, 55, 400, 1.3),
            device("h100", "NVIDIA H100 SXM data sheet (2022)", "h100", 80, 3350, 989.4, 1978.9, 132, 50, 450, 50, 75, 700, 3.0),
            device("h200", "NVIDIA H200 SXM data sheet (2023)", "h100", 141, 4800, 989.4, 1978.9, 132, 50, 450, 50, 80, 700, 3.8),
            device(
                    "rtx4090", "NVIDIA Ada GPU architecture paper (2022), GeForce RTX 4090", "rtx4090",
                    24, 1008, 165.2, 330.3, 128, 72, 32, 12.5, 20, 450, 0.5),
            device(
                    "rtx-pro-6000", "NVIDIA RTX Blackwell PRO GPU architecture paper (2025), Workstation Edition", "rtx-pro-6000",
                    96, 1792, 503.8, 1007.6, 188, 128, 64, 12.5, 25, 600, 1.8),
            device("l4", "NVIDIA L4 data sheet (2023)", "rtx4090", 24, 300, 121, 242.5, 58, 48, 32, 12.5, 16, 72, 0.7),
            device("l40s", "NVIDIA L40S data sheet (2023)", "rtx4090", 48, 864, 362.05, 733, 142, 96, 32, 12.5, 35, 350, 1.2),
            device("a6000", "NVIDIA RTX A6000 data sheet (2020)", "a100", 48, 768, 154.8, 0, 84, 6, 56.25, 12.5, 22, 300, 0.8));

    private GpuDevices() {}

    private static GpuDevice device(
            String name, String source, String coefficients, int gigabytes, double gigabytesPerSecond, double tflops,
            double fp8Tflops, int multiprocessors, int cacheMebibytes, double linkGigabytes, double networkGigabytes,
            double idleWatts, double peakWatts, double dollarsPerHour) {
        return new GpuDevice(
                name, source, coefficients, gigabytes * 1_000_000_000L, gigabytesPerSecond * 1e9, tflops * 1e12, fp8Tflops * 1e12,
                multiprocessors, (long) cacheMebibytes << 20, linkGigabytes * 1e9, networkGigabytes * 1e9, GAP_SECONDS,
                idleWatts, peakWatts, dollarsPerHour);
    }

    /** A device by name, in any case; empty where none is known. */
    public static Optional<GpuDevice> find(String name) {
        String wanted = name.toLowerCase(Locale.ROOT);
        return KNOWN.stream().filter(device -> device.name().equals(wanted)).findFirst();
    }

    /**
     * A device by name, in any case.
     *
     * @throws IllegalArgumentException if none is known; it names those there are
     */
    public static GpuDevice named(String name) {
        return find(name).orElseThrow(() -> new IllegalArgumentException(
                "no device \"" + name + "\"; known are " + String.join(", ", names()) + ", or give a file that describes one"));
    }

    /** Names of the devices known. */
    public static List<String> names() {
        return KNOWN.stream().map(GpuDevice::name).toList();
    }
}
