package dev.pillion.simulator.device;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;

/**
 * A GPU by its nominal figures. Rates are those of a data sheet, without sparsity; what share of them an operation gets is for
 * {@link OperatorCoefficients} to say.
 *
 * @param name for people
 * @param source where the figures come from
 * @param coefficients name of the fitted coefficients its operations follow, one of {@link OperatorCoefficients#names}
 * @param memoryBytes device memory
 * @param bytesPerSecond memory bandwidth
 * @param bf16FlopsPerSecond dense BF16 products summed in F32
 * @param fp8FlopsPerSecond dense FP8 products summed in F32; 0 where the device has none
 * @param multiprocessors streaming multiprocessors
 * @param cacheBytes level-2 cache
 * @param linkBytesPerSecond to another GPU of the same server, one direction
 * @param networkBytesPerSecond to another server, one direction, each GPU for itself
 * @param kernelGapSeconds from the end of a kernel to the start of the next, as within a recorded graph
 * @param idleWatts drawn while nothing runs
 * @param peakWatts drawn at full load: the board's limit
 * @param dollarsPerHour price of one GPU
 */
public record GpuDevice(
        String name,
        String source,
        String coefficients,
        long memoryBytes,
        double bytesPerSecond,
        double bf16FlopsPerSecond,
        double fp8FlopsPerSecond,
        int multiprocessors,
        long cacheBytes,
        double linkBytesPerSecond,
        double networkBytesPerSecond,
        double kernelGapSeconds,
        double idleWatts,
        double peakWatts,
        double dollarsPerHour) {
    private static final double GIGA = 1e9;
    private static final double TERA = 1e12;
    private static final double MICRO = 1e-6;
    private static final double GIBIBYTE = 1L << 30;
    private static final double MEBIBYTE = 1L << 20;

    /** Numbers of a description, by the names they have there, in the units of those names. */
    private static final Map<String, ToDoubleFunction<GpuDevice>> NUMBERS = new LinkedHashMap<>();

    static {
        NUMBERS.put("memory_gib", device -> device.memoryBytes / GIBIBYTE);
        NUMBERS.put("bandwidth_gbs", device -> device.bytesPerSecond / GIGA);
        NUMBERS.put("tflops", device -> device.bf16FlopsPerSecond / TERA);
        NUMBERS.put("fp8_tflops", device -> device.fp8FlopsPerSecond / TERA);
        NUMBERS.put("multiprocessors", GpuDevice::multiprocessors);
        NUMBERS.put("cache_mib", device -> device.cacheBytes / MEBIBYTE);
        NUMBERS.put("link_gbs", device -> device.linkBytesPerSecond / GIGA);
        NUMBERS.put("network_gbs", device -> device.networkBytesPerSecond / GIGA);
        NUMBERS.put("launch_us", device -> device.kernelGapSeconds / MICRO);
        NUMBERS.put("idle_watts", GpuDevice::idleWatts);
        NUMBERS.put("peak_watts", GpuDevice::peakWatts);
        NUMBERS.put("dollars_per_hour", GpuDevice::dollarsPerHour);
    }

    /** Checks that figures are positive, prices, FP8 rates and gaps at least not negative. */
    public GpuDevice {
        boolean positive = memoryBytes > 0 && bytesPerSecond > 0 && bf16FlopsPerSecond > 0 && multiprocessors > 0
                && cacheBytes > 0 && linkBytesPerSecond > 0 && networkBytesPerSecond > 0;
        boolean atLeastZero = fp8FlopsPerSecond >= 0 && kernelGapSeconds >= 0 && idleWatts >= 0 && dollarsPerHour >= 0;
        if (!positive || !atLeastZero || !(peakWatts >= idleWatts)) {
            throw new IllegalArgumentException("device " + name + ": memory, rates, multiprocessors, cache and links must be"
                    + " above 0, FP8 rate, launch time, watts and price at least 0, and peak watts at least idle watts");
        }
        OperatorCoefficients.named(coefficients);
    }

    /** Rate of dense products in an arithmetic; FP8 falls back to BF16 where the device has none. */
    public double flopsPerSecond(Arithmetic arithmetic) {
        return arithmetic == Arithmetic.FP8 && fp8FlopsPerSecond > 0 ? fp8FlopsPerSecond : bf16FlopsPerSecond;
    }

    /**
     * A device from a description: a parsed JSON object or properties. {@code like} names a known device whose figures stand
     * for what is left out; without it every figure must be there. Keys: {@code name}, {@code origin}, {@code like},
     * {@code coefficients}, {@code memory_gib}, {@code bandwidth_gbs}, {@code tflops}, {@code fp8_tflops},
     * {@code multiprocessors}, {@code cache_mib}, {@code link_gbs}, {@code network_gbs}, {@code launch_us},
     * {@code idle_watts}, {@code peak_watts}, {@code dollars_per_hour}. Of what {@code pillion calibrate} writes,
     * {@code copy_gbs}, {@code linear} and {@code models} are passed over: they describe the backend's own kernels.
     *
     * @param source the file, for messages
     * @param fields the description's keys and values
     * @throws IllegalArgumentException if a key is unknown or missing, or a value is no number or out of range
     */
    public static GpuDevice described(String source, Map<String, ?> fields) {
        TreeSet<String> unknown = new TreeSet<>(fields.keySet());
        unknown.removeAll(NUMBERS.keySet());
        unknown.removeAll(Set.of("name", "origin", "like", "coefficients", "copy_gbs", "linear", "models"));
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException("device in " + source + ": unknown " + String.join(", ", unknown)
                    + "; known are name, origin, like, coefficients, " + String.join(", ", NUMBERS.keySet()));
        }
        GpuDevice like = fields.containsKey("like") ? GpuDevices.named(text(fields, "like", "")) : null;
        Map<String, Double> v = new LinkedHashMap<>();
        NUMBERS.forEach((key, figure) -> {
            if (fields.containsKey(key)) {
                v.put(key, number(source, key, fields.get(key)));
            } else if (like != null) {
                v.put(key, figure.applyAsDouble(like));
            } else {
                throw new IllegalArgumentException("device in " + source + ": " + key + " is missing; give it, or a known device"
                        + " to take it from: like = " + String.join(", ", GpuDevices.names()));
            }
        });
        return new GpuDevice(
                text(fields, "name", source),
                text(fields, "origin", "given in " + source),
                text(fields, "coefficients", like == null ? OperatorCoefficients.DEFAULT : like.coefficients),
                Math.round(v.get("memory_gib") * GIBIBYTE),
                v.get("bandwidth_gbs") * GIGA,
                v.get("tflops") * TERA,
                v.get("fp8_tflops") * TERA,
                (int) Math.round(v.get("multiprocessors")),
                Math.round(v.get("cache_mib") * MEBIBYTE),
                v.get("link_gbs") * GIGA,
                v.get("network_gbs") * GIGA,
                v.get("launch_us") * MICRO,
                v.get("idle_watts"),
                v.get("peak_watts"),
                v.get("dollars_per_hour"));
    }

    private static String text(Map<String, ?> fields, String key, String absent) {
        Object value = fields.get(key);
        return value == null ? absent : value.toString();
    }

    private static double number(String source, String key, Object value) {
        try {
            double number =
                    value instanceof Number given ? given.doubleValue() : Double.parseDouble(String.valueOf(value).strip());
            if (Double.isFinite(number)) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Said below, with the key.
        }
        throw new IllegalArgumentException("device in " + source + ": " + key + " is \"" + value + "\", no number");
    }
}
