package dev.pillion.simulator.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;

class GpuDevicesTest {
    @Test
    void knownDevicesAreFoundInAnyCase() {
        assertThat(GpuDevices.named("H200").memoryBytes()).isEqualTo(141_000_000_000L);
        assertThat(GpuDevices.named("a100").flopsPerSecond(Arithmetic.FP8)).isEqualTo(312e12);
        assertThat(GpuDevices.named("h100").flopsPerSecond(Arithmetic.FP8)).isEqualTo(1978.9e12);
        assertThatThrownBy(() -> GpuDevices.named("v100"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"v100\"")
                .hasMessageContaining("a100");
    }

    @Test
    void aDescriptionStandsOnAKnownDevice() {
        GpuDevice slow = GpuDevice.described("slow.json", Map.of("name", "slow", "like", "h100", "bandwidth_gbs", 2000));
        assertThat(slow.name()).isEqualTo("slow");
        assertThat(slow.bytesPerSecond()).isEqualTo(2e12);
        assertThat(slow.bf16FlopsPerSecond()).isEqualTo(989.4e12);
        assertThat(slow.coefficients()).isEqualTo("h100");
    }

    @Test
    void propertiesDescribeADeviceWhole() {
        Properties properties = new Properties();
        List.of("memory_gib", "bandwidth_gbs", "tflops", "fp8_tflops", "multiprocessors", "cache_mib", "link_gbs",
                "network_gbs", "launch_us", "idle_watts", "peak_watts", "dollars_per_hour")
                .forEach(key -> properties.setProperty(key, " 8 "));
        Map<String, Object> fields = new HashMap<>();
        properties.stringPropertyNames().forEach(key -> fields.put(key, properties.getProperty(key)));
        GpuDevice device = GpuDevice.described("eight.properties", fields);
        assertThat(device.memoryBytes()).isEqualTo(8L << 30);
        assertThat(device.kernelGapSeconds()).isEqualTo(8e-6);
        assertThat(device.source()).isEqualTo("given in eight.properties");
        fields.remove("cache_mib");
        assertThatThrownBy(() -> GpuDevice.described("eight.properties", fields))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("eight.properties")
                .hasMessageContaining("cache_mib is missing");
    }

    @Test
    void whatCalibrateWritesFitsWithAKnownDeviceBehindIt() {
        Map<String, Object> calibration = Map.of(
                "name", "NVIDIA H200", "origin", "measured", "bandwidth_gbs", 4100.0, "tflops", 700.0, "launch_us", 2.5,
                "memory_gib", 139.0, "copy_gbs", 4100.0, "linear", List.of(), "models", Map.of());
        Map<String, Object> fields = new HashMap<>(calibration);
        fields.put("like", "h200");
        assertThat(GpuDevice.described("h200.json", fields).bf16FlopsPerSecond()).isEqualTo(700e12);
        assertThatThrownBy(() -> GpuDevice.described("h200.json", calibration)).hasMessageContaining("like = ");
    }

    @Test
    void whatADescriptionGetsWrongIsNamed() {
        assertThatThrownBy(() -> GpuDevice.described("x.json", Map.of("like", "h100", "bandwith_gbs", 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("unknown bandwith_gbs")
                .hasMessageContaining("bandwidth_gbs");
        assertThatThrownBy(() -> GpuDevice.described("x.json", Map.of("like", "h100", "tflops", "many")))
                .hasMessageContaining("tflops is \"many\"");
        assertThatThrownBy(() -> GpuDevice.described("x.json", Map.of("like", "h100", "tflops", -1)))
                .hasMessageContaining("above 0");
        assertThatThrownBy(() -> GpuDevice.described("x.json", Map.of("like", "h100", "coefficients", "h300")))
                .hasMessageContaining("no operator coefficients \"h300\"");
    }
}
