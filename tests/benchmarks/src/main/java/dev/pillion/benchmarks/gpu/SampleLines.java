package dev.pillion.benchmarks.gpu;

import dev.pillion.benchmarks.gpu.KernelLine.Launches;
import dev.pillion.benchmarks.gpu.LineMemory.Ring;
import dev.pillion.kernels.SampleAdjustments;
import dev.pillion.kernels.SampleGeometry;
import dev.pillion.kernels.SampleLogprobs;
import dev.pillion.kernels.SampleRow;
import dev.pillion.kernels.driver.KernelLaunch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Lines of the sampling kernels. The floor of those that look at all logits is one read of them; what they read again comes
 * from the level 2 cache, so their share of a copy's rate says how much that costs.
 */
final class SampleLines {
    private static final int VOCABULARY = 128_256;
    private static final int TINY_VOCABULARY = 4096;
    private static final int LOGPROBS = 20;
    /** Bytes of an adjustment that are looked at: all but its reserved word, or the token alone. */
    private static final int ADJUSTMENT_READ = SampleAdjustments.BYTES - 4;

    private static final int TOKEN_READ = 4;
    /** Bytes of a row's parameters that each kernel looks at. */
    private static final long MODE_READ = 4;

    private final int rows;
    private final int vocabulary;
    private final int adjustments;
    private final int order;
    private final List<KernelLine> lines = new ArrayList<>();

    private SampleLines(int rows, int vocabulary, int adjustments, int order) {
        this.rows = rows;
        this.vocabulary = vocabulary;
        this.adjustments = adjustments;
        this.order = order;
    }

    /** Lines at the vocabulary of Llama 3. */
    static List<KernelLine> full() {
        List<KernelLine> lines = new ArrayList<>();
        for (int rows : new int[] {1, 16, 64, 256}) {
            int order = rows == 1 || rows == 64 ? KernelLine.STEP : KernelLine.MORE;
            lines.addAll(new SampleLines(rows, VOCABULARY, 512, order).all());
        }
        return lines;
    }

    /** Each kernel, small enough for the virtual GPU. */
    static List<KernelLine> tiny() {
        return new SampleLines(2, TINY_VOCABULARY, 40, KernelLine.STEP).all();
    }

    private List<KernelLine> all() {
        long logits = 4L * rows * vocabulary;
        Work once = Work.bytes(logits + MODE_READ * rows, 8L * rows);
        add("greedy", "sample_greedy", "", once, this::prepareGreedy);
        draw("draw", once, row -> { });
        draw("draw top-k 50", once, row -> row.topK(50));
        draw("draw top-p 0.9", once, row -> row.topP(0.9));
        draw("draw top-k 50, top-p 0.9, min-p 0.05", once, row -> row.topK(50).topP(0.9).minP(0.05));
        draw("draw typical-p 0.9", once, row -> row.typicalP(0.9));
        long entries = (long) rows * adjustments;
        Work adjust = Work.bytes(entries * (ADJUSTMENT_READ + 4), 8 * entries);
        add("penalties", "sample_adjust", ", " + adjustments + " adjustments", adjust, (gpu, memory) ->
                prepareAdjust("sample_adjust", gpu, memory));
        Work restore = Work.bytes(entries * (TOKEN_READ + 4), 4 * entries);
        add("penalties taken back", "sample_restore", ", " + adjustments + " adjustments", restore, (gpu, memory) ->
                prepareAdjust("sample_restore", gpu, memory));
        Work report = Work.bytes(logits + (MODE_READ + 12L) * rows, (12L + 12 * LOGPROBS) * rows);
        add("log-probabilities", "sample_logprobs", ", the " + LOGPROBS + " highest", report, this::prepareLogprobs);
        return lines;
    }

    private void add(String name, String entry, String detail, Work work, KernelLine.Preparation preparation) {
        lines.add(new KernelLine(
                "sampling, " + name,
                rows + " x " + vocabulary + detail,
                List.of(entry),
                "f32",
                work,
                order,
                0,
                preparation));
    }

    /** The rows of a step, all alike but for their seeds. */
    private long rowsOnDevice(LineMemory memory, SampleRow.Mode mode, Consumer<SampleRow> parameters) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment segment = arena.allocate((long) SampleRow.BYTES * rows, 16);
            SampleRow row = new SampleRow(segment);
            for (int i = 0; i < rows; i++) {
                parameters.accept(row.begin(i, mode).random(i, i).adjustments(i * adjustments, adjustments));
            }
            return memory.segment(segment);
        }
    }

    private Ring logits(LineMemory memory) {
        return memory.ring(4L * rows * vocabulary, Content.LOGITS);
    }

    private Launches prepareGreedy(BenchmarkGpu gpu, LineMemory memory) {
        Ring logits = logits(memory);
        KernelLaunch launch = SampleGeometry.greedy(gpu.kernel("sample_greedy"), rows, vocabulary)
                .set(1, rowsOnDevice(memory, SampleRow.Mode.GREEDY, row -> { }))
                .set(2, memory.zeros((long) SampleGeometry.GREEDY_STATE_BYTES * rows))
                .set(3, memory.single(4L * rows))
                .set(4, memory.single(4L * rows))
                .set(5, vocabulary);
        return turn -> gpu.launch(launch.set(0, logits.at(turn)));
    }

    private void draw(String name, Work work, Consumer<SampleRow> parameters) {
        add(name, "sample_draw", "", work, (gpu, memory) -> {
            Ring logits = logits(memory);
            KernelLaunch launch = SampleGeometry.row(gpu.kernel("sample_draw"), rows)
                    .set(1, rowsOnDevice(memory, SampleRow.Mode.DRAW, row -> parameters.accept(row.temperature(0.8))))
                    .set(2, memory.single(4L * rows))
                    .set(3, memory.single(4L * rows))
                    .set(4, vocabulary);
            return turn -> gpu.launch(launch.set(0, logits.at(turn)));
        });
    }

    private Launches prepareAdjust(String entry, BenchmarkGpu gpu, LineMemory memory) {
        Ring logits = logits(memory);
        long list;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment segment = arena.allocate((long) SampleAdjustments.BYTES * rows * adjustments, 16);
            SampleAdjustments writer = new SampleAdjustments(segment);
            for (int i = 0; i < rows * adjustments; i++) {
                // Tokens all over the vocabulary, each once in a row.
                int token = (int) ((i % adjustments * 7919L + i / adjustments) % vocabulary);
                writer.put(i, token, 0, false, true, 1 + i % 3);
            }
            list = memory.segment(segment);
        }
        KernelLaunch launch = SampleGeometry.adjust(gpu.kernel(entry), rows)
                .set(1, rowsOnDevice(memory, SampleRow.Mode.GREEDY,
                        row -> row.repetitionPenalty(1.1).frequencyPenalty(0.1).presencePenalty(0.1)))
                .set(2, list)
                .set(3, memory.single(4L * rows * adjustments, Content.LOGITS))
                .set(4, vocabulary);
        return turn -> gpu.launch(launch.set(0, logits.at(turn)));
    }

    private Launches prepareLogprobs(BenchmarkGpu gpu, LineMemory memory) {
        Ring logits = logits(memory);
        KernelLaunch launch = SampleGeometry.row(gpu.kernel("sample_logprobs"), rows)
                .set(1, rowsOnDevice(memory, SampleRow.Mode.GREEDY, row -> row.logprobs(LOGPROBS)))
                .set(2, memory.zeros(4L * rows))
                .set(3, memory.zeros(4L * rows))
                .set(4, memory.single((long) SampleLogprobs.BYTES * rows))
                .set(5, vocabulary);
        return turn -> gpu.launch(launch.set(0, logits.at(turn)));
    }
}
