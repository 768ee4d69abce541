package dev.pillion.cli;

import dev.pillion.analysis.AttentionTime;
import dev.pillion.analysis.DeviceSpec;
import dev.pillion.analysis.MeasuredCeilings;
import dev.pillion.analysis.MeasuredCeilings.LinearRate;
import dev.pillion.analysis.StepTimes;
import dev.pillion.analysis.TimeCurve;
import dev.pillion.model.ModelFormatException;
import dev.pillion.model.json.Json;
import dev.pillion.scheduler.DeviceCeilings;
import dev.pillion.scheduler.Operation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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
record CeilingsFile(DeviceSpec device, Map<String, Object> details, Map<String, StepTimes> models) {
    private static final double GIGA = 1e9;
    private static final double TERA = 1e12;
    private static final double MICRO = 1e-6;
    private static final double GIBIBYTE = 1L << 30;

    /** Ceilings that were just measured. */
    static CeilingsFile of(DeviceSpec device, MeasuredCeilings measured, Map<String, StepTimes> models) {
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("copy_gbs", measured.copyBytesPerSecond() / GIGA);
        details.put("linear", measured.linear().stream().map(CeilingsFile::json).toList());
        return new CeilingsFile(device, details, models);
    }

    private static Map<String, Object> json(LinearRate rate) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("type", rate.type().name());
        json.put("read_gbs", rate.readBytesPerSecond() / GIGA);
        json.put("tflops", rate.flopsPerSecond() / TERA);
        return json;
    }

    /** Where the measured ceilings of a device are kept. */
    static Path place(CommandContext context, String deviceKey) {
        return context.folder("XDG_CONFIG_HOME", ".config").resolve("ceilings").resolve(deviceKey + ".json");
    }

    /** Reads a file. */
    static CeilingsFile read(Path file) {
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
            return new CeilingsFile(device, details, models(json.get("models"), file));
        } catch (IllegalArgumentException | ModelFormatException e) {
            throw new CliException(ExitCode.FAILURE, "cannot use the ceilings in " + file + ": " + e.getMessage(), e);
        }
    }

    private static Map<String, StepTimes> models(@Nullable Object value, Path file) {
        Map<String, StepTimes> models = new LinkedHashMap<>();
        if (value instanceof Map<?, ?> map) {
            Json.object(map).forEach((key, times) -> {
                if (!(times instanceof Map<?, ?> entry)) {
                    throw new IllegalArgumentException("models." + key + " is no object");
                }
                models.put(key, stepTimes(Json.object(entry), file));
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
                double[] rows = numbers(Json.object(curve), "rows");
                curves.put(
                        Operation.valueOf(name),
                        new TimeCurve(
                                Arrays.stream(rows).mapToInt(row -> (int) row).toArray(),
                                numbers(Json.object(curve), "seconds")));
            });
        }
        double[] a = numbers(json, "attention");
        if (a.length != 6) {
            throw new IllegalArgumentException("\"attention\" has " + a.length + " numbers instead of 6");
        }
        return new StepTimes(
                curves, new AttentionTime(a[0], a[1], a[2], a[3], a[4], a[5]), number(json, "step_seconds", file));
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

    /** The file's contents. */
    Map<String, Object> json() {
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
        json.put("step_seconds", times.stepSeconds());
        json.put("attention", new double[] {
            a.perStep(), a.perToken(), a.perFlop(), a.perByte(), a.perUncachedByte(), a.cacheBytes()
        });
        json.put("operations", operations);
        return json;
    }

    /** Puts the file in place, in one step. */
    void write(Path file) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        JsonOutput.line(new ResultWriter(bytes), json());
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Path fresh = file.resolveSibling(file.getFileName() + ".tmp");
            Files.write(fresh, bytes.toByteArray());
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }
}
