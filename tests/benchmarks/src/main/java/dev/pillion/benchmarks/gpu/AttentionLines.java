package dev.pillion.benchmarks.gpu;

import dev.pillion.benchmarks.gpu.KernelLine.Launches;
import dev.pillion.benchmarks.gpu.LineMemory.Ring;
import dev.pillion.kernels.AttentionGeometry;
import dev.pillion.kernels.driver.KernelLaunch;
import java.util.ArrayList;
import java.util.List;

/** Lines of attention: decodes, prompts and chunks, shared prefixes, and the merge by itself. */
final class AttentionLines {
    /** What of a copy's rate decodes are to reach once they are long and many. */
    private static final double DECODE_TARGET = 0.85;
    /**
     * What of the library's matrix rate a long prompt is to reach: FlashAttention-2, whose instructions these are, has 35 %
     * of an H100's data sheet, which is this share of the 80 % of it that matrices reach.
     */
    private static final double PROMPT_TARGET = 0.44;

    private static final int LONG_CONTEXT = 8192;
    private static final int MANY = 16;
    /** Keys and values of a layer that a line may take. */
    private static final long MOST_BYTES = 40L << 30;

    private static final AttentionGeometry LLAMA_8B = new AttentionGeometry("bf16", 32, 8, 128);
    private static final AttentionGeometry LLAMA_1B = new AttentionGeometry("bf16", 32, 8, 64);

    private AttentionLines() {}

    /** Lines at the sizes of Llama 3.1 8B and 3.2 1B, and one or two of each other kernel. */
    static List<KernelLine> full() {
        List<KernelLine> lines = new ArrayList<>();
        for (AttentionGeometry geometry : List.of(LLAMA_8B, LLAMA_1B)) {
            boolean large = geometry == LLAMA_8B;
            for (int context : new int[] {1024, 4096, 8192, 32768}) {
                for (int batch : new int[] {1, 8, 16, 64, 256}) {
                    boolean telling = large && (context == 1024 || context == LONG_CONTEXT) && batch != 8;
                    decode(lines, geometry, batch, context, telling ? KernelLine.DECODE : KernelLine.MORE);
                }
            }
            for (int tokens : new int[] {512, 1024, 2048, 4096, 8192}) {
                boolean telling = large && (tokens == 512 || tokens == LONG_CONTEXT);
                AttentionLoad prompt = new AttentionLoad(geometry, 1, tokens, tokens, 0);
                double target = tokens == LONG_CONTEXT && large ? PROMPT_TARGET : 0;
                lines.add(line("attention prompt", prompt, telling ? KernelLine.PREFILL : KernelLine.MORE, target));
            }
            lines.add(line("attention chunk", new AttentionLoad(geometry, 1, 8192, 512, 0), KernelLine.PREFILL, 0));
            lines.add(line("attention chunk", new AttentionLoad(geometry, 4, 2048, 512, 0), KernelLine.MORE, 0));
            for (int batch : new int[] {32, 256}) {
                AttentionLoad cascade = new AttentionLoad(geometry, batch, 8192 + 512, 1, 8192);
                lines.add(line("attention shared prefix", cascade, large ? KernelLine.STEP : KernelLine.MORE, 0));
            }
        }
        for (String compute : List.of("bf16", "f16", "f32")) {
            for (int headDim : new int[] {64, 80, 96, 112, 128, 256}) {
                AttentionGeometry geometry = new AttentionGeometry(compute, 32, 8, headDim);
                if (!isKernelOfItsOwn(compute, headDim) || geometry.equals(LLAMA_8B) || geometry.equals(LLAMA_1B)) {
                    continue;
                }
                lines.add(line("attention decode", new AttentionLoad(geometry, 32, 2048, 1, 0), KernelLine.RARE, 0));
                lines.add(line("attention prompt", new AttentionLoad(geometry, 1, 2048, 2048, 0), KernelLine.RARE, 0));
            }
            lines.add(merge(new AttentionGeometry(compute, 32, 8, 128), 64, 8, KernelLine.RARE));
        }
        return lines;
    }

    /** Each kernel once or twice, small enough for the virtual GPU. */
    static List<KernelLine> tiny() {
        List<KernelLine> lines = new ArrayList<>();
        for (String compute : List.of("bf16", "f16", "f32")) {
            for (int headDim : new int[] {64, 80, 96, 112, 128, 256}) {
                if (!isKernelOfItsOwn(compute, headDim)) {
                    continue;
                }
                boolean hot = compute.equals("bf16") && (headDim == 64 || headDim == 128);
                int order = hot ? KernelLine.DECODE : KernelLine.RARE;
                AttentionGeometry geometry = new AttentionGeometry(compute, 4, 1, headDim);
                lines.add(line("attention decode", new AttentionLoad(geometry, 2, hot ? 512 : 96, 1, 0), order, 0));
                lines.add(line("attention prompt", new AttentionLoad(geometry, 1, hot ? 48 : 20, hot ? 48 : 20, 0), order, 0));
            }
            lines.add(merge(new AttentionGeometry(compute, 4, 1, 128), 3, 4, KernelLine.RARE));
        }
        AttentionGeometry geometry = new AttentionGeometry("bf16", 4, 1, 128);
        lines.add(line("attention shared prefix", new AttentionLoad(geometry, 8, 144, 1, 128), KernelLine.STEP, 0));
        return lines;
    }

    /** Without tensor cores one head length is like any other. */
    private static boolean isKernelOfItsOwn(String compute, int headDim) {
        return !compute.equals("f32") || headDim == 128;
    }

    private static void decode(List<KernelLine> lines, AttentionGeometry geometry, int batch, int context, int order) {
        AttentionLoad load = new AttentionLoad(geometry, batch, context, 1, 0);
        if (load.work().bytes() <= MOST_BYTES) {
            double target = context >= LONG_CONTEXT && batch >= MANY ? DECODE_TARGET : 0;
            lines.add(line("attention decode", load, order, target));
        }
    }

    private static KernelLine line(String name, AttentionLoad load, int order, double target) {
        AttentionGeometry geometry = load.geometry();
        List<String> kernels = new ArrayList<>();
        // As AttentionPlanner chooses: one token is for the small kernel, the tokens of a prompt or prefix for the large.
        if (load.tokens() == 1) {
            kernels.add(geometry.entry(geometry.small()));
        }
        if (load.tokens() > 1 || load.shared() > 0) {
            kernels.add(geometry.entry(geometry.large()));
        }
        if (load.shared() > 0) {
            kernels.add(geometry.merge());
        }
        return new KernelLine(
                name + " " + geometry.compute(),
                load.describe(),
                List.copyOf(kernels),
                geometry.compute(),
                load.work(),
                order,
                target,
                (gpu, memory) -> new AttentionRun(load, gpu, memory));
    }

    /** Floor as at the head of {@code attention_merge.cu}, and the lists. */
    private static KernelLine merge(AttentionGeometry geometry, int tokens, int pieces, int order) {
        long rows = (long) tokens * geometry.heads();
        int elementBytes = geometry.compute().equals("f32") ? 4 : 2;
        long slots = rows * pieces;
        long lists = Integer.BYTES * ((long) tokens * pieces + tokens + 1);
        Work work = Work.bytes(slots * Float.BYTES * (geometry.headDim() + 1) + lists, rows * geometry.headDim() * elementBytes);
        return new KernelLine(
                geometry.merge(),
                tokens + " tokens of " + pieces + " pieces, " + geometry.heads() + " heads of " + geometry.headDim(),
                List.of(geometry.merge()),
                geometry.compute(),
                work,
                order,
                0,
                (gpu, memory) -> prepareMerge(geometry, tokens, pieces, slots, work, gpu, memory));
    }

    private static Launches prepareMerge(
            AttentionGeometry geometry, int tokens, int pieces, long slots, Work work, BenchmarkGpu gpu, LineMemory memory) {
        int[] start = new int[tokens + 1];
        int[] list = new int[tokens * pieces];
        for (int t = 0; t < tokens; t++) {
            start[t + 1] = (t + 1) * pieces;
        }
        for (int i = 0; i < list.length; i++) {
            list[i] = i;
        }
        Ring partialOut = memory.ring(slots * Float.BYTES * geometry.headDim(), Content.F32);
        Ring partialLse = memory.ring(slots * Float.BYTES, Content.F32);
        Ring out = memory.ring(work.bytesWritten());
        KernelLaunch launch =
                AttentionRun.merge(gpu, geometry, 0, 0, memory.ints(list), memory.ints(start), 0, tokens);
        return turn -> gpu.launch(launch.set(0, partialOut.at(turn)).set(1, partialLse.at(turn)).set(4, out.at(turn)));
    }
}
