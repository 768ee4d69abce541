package dev.pillion.analysis;

import dev.pillion.PillionException;
import dev.pillion.analysis.MeasuredCeilings.LinearRate;
import dev.pillion.model.ModelFormatException;
import dev.pillion.model.json.Json;
import dev.pillion.scheduler.DeviceCeilings;
import dev.pillion.scheduler.Operation;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A device's ceilings in a JSON file, as {@code pillion calibrate} writes and anyone may: see {@code docs/cli.md}. What
 * {@code pillion analyze} needs are bandwidth and arithmetic; the rest may be left out.
 *
 * @param device the device
 * @param details what the ceilings were derived from, kept as it is in the file
 * @param models step times by {@link CalibrationKeys#model}
 */
public record CalibrationFile(DeviceSpec device, Map<String, Object> details, Map<String, StepTimes> models) {
    private static final double GIGA = 1e9;
    private static final double TERA = 1e12;
    private static final double MICRO = 1e-6;
    private static final double GIBIBYTE = 1L << 30;

    /** Ceilings that were just measured. */
    public static CalibrationFile of(DeviceSpec device, MeasuredCeilings measured, Map<String, StepTimes> models) {
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("copy_gbs", measured.copyBytesPerSecond() / GIGA);
        details.put("linear", measured.linear().stream().map(CalibrationFile::json).toList());
        return new CalibrationFile(device, details, models);
    }

    private static Map<String, Object> json(LinearRate rate) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("type", rate.type().name());
        json.put("read_gbs", rate.readBytesPerSecond() / GIGA);
        json.put("tflops", rate.flopsPerSecond() / TERA);
        return json;
    }

    /**
     * The folder {@code pillion calibrate} keeps its files in unless told otherwise, by the XDG base directory rules:
     * {@code $XDG_CONFIG_HOME/pillion/ceilings}, by default below {@code ~/.config}.
     */
    public static Path standardFolder() {
        String base = System.getenv("XDG_CONFIG_HOME");
        Path config = base == null || base.isEmpty() ? Path.of(System.getProperty("user.home"), ".config") : Path.of(base);
        return config.resolve("pillion").resolve("ceilings");
    }

    /** Where in a folder the file of a device is. */
    public static Path place(Path folder, String deviceKey) {
        return folder.resolve(deviceKey + ".json");
    }

    /**
     * Reads a file.
     *
     * @throws PillionException with code {@code BAD_REQUEST} if it is not one
     */
    public static CalibrationFile read(Path file) {
        try {
            Map<String, @Nullable Object> json = Json.parseObject(file);
            DeviceCeilings ceilings = new DeviceCeilings(
                    number(json, "bandwidth_gbs", file) * GIGA,
                    number(json, "tflops", file) * TERA,
                    json.get("launch_us") == null ? 0 : number(json, "launch_us", file) * MICRO);
            OptionalLong memory = json.get("memory_gib") == null
                    ? OptionalLong.empty()
                    : OptionalLong.of((long) (number(json, "memory_gib", file) * GIBIBYTE));
            DeviceSpec device = new DeviceSpec(
                    text(json, "name").orElse(String.valueOf(file.getFileName())),
                    text(json, "origin").orElse("given in " + file),
                    ceilings,
                    memory);
            Map<String, Object> details = new LinkedHashMap<>();
            for (String key : List.of("copy_gbs", "linear")) {
                Optional.ofNullable(json.get(key)).ifPresent(value -> details.put(key, value));
            }
            return new CalibrationFile(device, details, models(json.get("models"), file));
        } catch (IllegalArgumentException | ModelFormatException e) {
            throw new PillionException(
                    PillionException.Code.BAD_REQUEST,
                    "cannot use the ceilings in " + file + ": " + e.getMessage() + "; mend it, or delete it and run pillion calibrate",
                    e);
        }
    }

    private static Map<String, StepTimes> models(@Nullable Object value, Path file) {
        Map<String, StepTimes> models = new LinkedHashMap<>();
        if (value instanceof Map<?, ?> map) {
            Json.object(map).forEach((key, times) -> {
                if (!(times instanceof Map<?, ?> entry)) {
                    throw new IllegalArgumentException("models." + key + " is no object");
                }
                // An array is what an earlier form of the model had; its numbers say nothing to this one.
                if (!(entry.get("attention") instanceof List<?>)) {
                    models.put(key, stepTimes(Json.object(entry), file));
                }
            });
        }
        return models;
    }

    private static StepTimes stepTimes(Map<String, @Nullable Object> json, Path file) {
        Map<Operation, TimeCurve> curves = new EnumMap<>(Operation.class);
        if (json.get("operations") instanceof Map<?, ?> operations) {
            Json.object(operations).forEach((name, points) -> {
                if (!(points instanceof Map<?, ?> curve)) {
                    throw new IllegalArgumentException("operations." + name + " is no object");
                }
                curves.put(Operation.valueOf(name), curve(Json.object(curve), "rows", "seconds"));
            });
        }
        if (!(json.get("attention") instanceof Map<?, ?> attention)) {
            throw new IllegalArgumentException("\"attention\" is missing or no object");
        }
        Map<String, @Nullable Object> a = Json.object(attention);
        return new StepTimes(
                curves,
                new AttentionTime(
                        number(a, "step_seconds", file),
                        curve(a, "lengths", "segment_seconds"),
                        curve(a, "lengths", "context_seconds"),
                        numbers(a, "cache_bytes"),
                        numbers(a, "byte_seconds")),
                number(json, "step_seconds", file));
    }

    private static TimeCurve curve(Map<String, @Nullable Object> json, String rows, String seconds) {
        int[] counts = Arrays.stream(numbers(json, rows)).mapToInt(row -> (int) row).toArray();
        return new TimeCurve(counts, numbers(json, seconds));
    }

    private static Optional<String> text(Map<String, @Nullable Object> json, String key) {
        return json.get(key) instanceof String text ? Optional.of(text) : Optional.empty();
    }

    private static double number(Map<String, @Nullable Object> json, String key, Path file) {
        if (json.get(key) instanceof Number number) {
            return number.doubleValue();
        }
        throw new IllegalArgumentException("\"" + key + "\" is missing or no number in " + file);
    }

    private static double[] numbers(Map<String, @Nullable Object> json, String key) {
        if (json.get(key) instanceof List<?> list && list.stream().allMatch(Number.class::isInstance)) {
            return list.stream().mapToDouble(number -> ((Number) number).doubleValue()).toArray();
        }
        throw new IllegalArgumentException("\"" + key + "\" is missing or no array of numbers");
    }

    /** The file's contents, to be written as JSON. */
    public Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", device.name());
        json.put("origin", device.origin());
        json.put("bandwidth_gbs", device.ceilings().bytesPerSecond() / GIGA);
        json.put("tflops", device.ceilings().flopsPerSecond() / TERA);
        json.put("launch_us", device.ceilings().launchSeconds() / MICRO);
        device.memoryBytes().ifPresent(bytes -> json.put("memory_gib", bytes / GIBIBYTE));
        json.putAll(details);
        Map<String, Object> times = new LinkedHashMap<>();
        models.forEach((key, value) -> times.put(key, json(value)));
        json.put("models", times);
        return json;
    }

    private static Map<String, Object> json(StepTimes times) {
        Map<String, Object> operations = new LinkedHashMap<>();
        times.curves().forEach((operation, curve) -> {
            Map<String, Object> points = new LinkedHashMap<>();
            points.put("rows", curve.rows());
            points.put("seconds", curve.seconds());
            operations.put(operation.name(), points);
        });
        Map<String, Object> json = new LinkedHashMap<>();
        AttentionTime a = times.attention();
        Map<String, Object> attention = new LinkedHashMap<>();
        attention.put("step_seconds", a.perStep());
        attention.put("lengths", a.perSegment().rows());
        attention.put("segment_seconds", a.perSegment().seconds());
        attention.put("context_seconds", a.perContext().seconds());
        attention.put("cache_bytes", a.cacheBytes());
        attention.put("byte_seconds", a.perByteBeyond());
        json.put("step_seconds", times.stepSeconds());
        json.put("attention", attention);
        json.put("operations", operations);
        return json;
    }
}
