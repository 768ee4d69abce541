package dev.pillion.benchmarks;

import dev.pillion.simulator.device.DecodeCost;
import dev.pillion.simulator.device.GpuDevice;
import dev.pillion.simulator.device.GpuDevices;
import dev.pillion.simulator.device.GpuInstance;
import dev.pillion.simulator.device.InstanceOptions;
import dev.pillion.simulator.device.ModelShapes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Draws what a decode costs alone and riding on a chunk, over the number of decodes: {@code DecodeCostCurve OUT.svg}. The
 * chunk and the decodes fill 1024 tokens, each decode attends to 1024.
 */
public final class DecodeCostCurve {
    private static final int[] DECODES = {1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256};

    private DecodeCostCurve() {}

    /** Draws. */
    public static void main(String[] args) throws IOException {
        GpuDevice pcie = GpuDevice.described(
                "NVIDIA A100 80GB PCIe data sheet",
                Map.of("name", "a100-pcie", "like", "a100", "bandwidth_gbs", 1935, "peak_watts", 300));
        List<SvgChart.Line> lines = new ArrayList<>();
        add(lines, "Yi 34B, 2 x A100", new GpuInstance(
                ModelShapes.named("yi-34b"), pcie, InstanceOptions.DEFAULT.parallel(2, 1)));
        add(lines, "Llama 3.1 8B, H200", new GpuInstance(
                ModelShapes.named("llama-3.1-8b"), GpuDevices.named("h200"), InstanceOptions.DEFAULT));
        lines.add(new SvgChart.Line("table 2, alone", new double[] {3.6, 4.4}, new double[] {17.0, 17.0}));
        lines.add(new SvgChart.Line("table 2, riding", new double[] {2.7, 3.3}, new double[] {0.21, 0.21}));
        SvgChart.lines(
                Path.of(args[0]), "Time per decode, ms: alone, and added to a step of 1024 tokens in all",
                new SvgChart.Axis("decodes in the step", true), new SvgChart.Axis("ms per decode", true), lines);
    }

    private static void add(List<SvgChart.Line> lines, String name, GpuInstance instance) {
        double[] decodes = new double[DECODES.length];
        double[] alone = new double[DECODES.length];
        double[] riding = new double[DECODES.length];
        for (int i = 0; i < DECODES.length; i++) {
            DecodeCost cost = DecodeCost.of(instance, 1024 - DECODES[i], DECODES[i], 1024);
            decodes[i] = DECODES[i];
            alone[i] = 1e3 * cost.perDecodeAlone();
            riding[i] = 1e3 * cost.perRidingDecode();
        }
        lines.add(new SvgChart.Line(name + ", alone", decodes, alone));
        lines.add(new SvgChart.Line(name + ", riding", decodes, riding));
    }
}
