package dev.pillion.simulator.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DecodeCostTest {
    /** Of the published table: two PCIe boards joined by a bridge, lower in bandwidth and power than the SXM modules. */
    private static final GpuDevice A100_PCIE = GpuDevice.described(
            "NVIDIA A100 80GB PCIe data sheet",
            Map.of("name", "a100-pcie", "like", "a100", "bandwidth_gbs", 1935, "peak_watts", 300));

    private static GpuInstance yi() {
        return new GpuInstance(ModelShapes.named("yi-34b"), A100_PCIE, InstanceOptions.DEFAULT.parallel(2, 1));
    }

    private static GpuInstance llama() {
        return new GpuInstance(ModelShapes.named("llama-13b"), GpuDevices.named("a6000"), InstanceOptions.DEFAULT);
    }

    @Test
    void ridingIsAnOrderOfMagnitudeCheaperThanDecodingAlone() {
        assertThat(DecodeCost.of(yi(), 1021, 3, 1024).advantage()).isGreaterThan(10);
        assertThat(DecodeCost.of(llama(), 253, 3, 1024).advantage()).isGreaterThan(5);
    }

    @Test
    void theMoreDecodesTheSmallerTheAdvantage() {
        double few = DecodeCost.of(llama(), 512, 4, 512).perDecodeAlone();
        double many = DecodeCost.of(llama(), 512, 64, 512).perDecodeAlone();
        assertThat(many).isLessThan(few / 4);
    }

    @Test
    void noStepIsNoCost() {
        assertThatThrownBy(() -> DecodeCost.of(llama(), 0, 1, 1)).isInstanceOf(IllegalArgumentException.class);
    }

    /** Prints the table of docs/performance/simulation.md. */
    public static void main(String[] args) {
        System.out.println("| model, device | step | chunk alone | with decodes | decodes alone | a decode, riding | alone |");
        System.out.println("|---|---|---:|---:|---:|---:|---:|");
        print("Yi 34B, 2 x A100 PCIe", yi(), 1021, 3, 1024);
        print("Yi 34B, 2 x A100 PCIe", yi(), 1020, 4, 1024);
        for (int[] step : new int[][] {{253, 3}, {509, 3}, {248, 8}, {504, 8}, {480, 32}, {960, 64}}) {
            print("LLaMA 13B, A6000", llama(), step[0], step[1], 1024);
        }
        GpuInstance h200 = new GpuInstance(ModelShapes.named("llama-3.1-8b"), GpuDevices.named("h200"), InstanceOptions.DEFAULT);
        for (int[] step : new int[][] {{504, 8}, {448, 64}, {1984, 64}, {1792, 256}}) {
            print("Llama 3.1 8B, H200", h200, step[0], step[1], 1024);
        }
    }

    private static void print(String title, GpuInstance instance, int chunk, int decodes, int context) {
        DecodeCost cost = DecodeCost.of(instance, chunk, decodes, context);
        System.out.printf(
                Locale.ROOT, "| %s | %d + %d | %.1f ms | %.1f ms | %.1f ms | %.3f ms | %.2f ms |%n",
                title, chunk, decodes, 1e3 * cost.chunkSeconds(), 1e3 * cost.ridingSeconds(), 1e3 * cost.decodesSeconds(),
                1e3 * cost.perRidingDecode(), 1e3 * cost.perDecodeAlone());
    }
}
