package dev.pillion.benchmarks.gpu;

import dev.pillion.benchmarks.gpu.KernelLine.Preparation;
import dev.pillion.benchmarks.gpu.LineMemory.Ring;
import dev.pillion.kernels.LinearWeight;
import dev.pillion.kernels.RowsGeometry;
import dev.pillion.kernels.driver.KernelLaunch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Lines of the kernels on rows of activations, bound by memory all of them. The bytes are the floors at the heads of
 * {@code norm.cu}, {@code rope.cu}, {@code activation.cu}, {@code add.cu}, {@code gather.cu}, {@code widen.cu},
 * {@code embed.cu} and {@code dequantize.cu}, with the vectors that all rows share and the index lists added.
 */
final class RowLines {
    private static final float EPSILON = 1e-5f;

    private final String compute;
    private final Sizes sizes;
    private final int order;
    private final int bytes;
    private final Content content;
    private final RowsGeometry geometry;
    private final List<KernelLine> lines = new ArrayList<>();

    /**
     * Widths of a model and the rows of a step.
     *
     * @param name the model
     * @param rows rows of activations
     * @param hidden columns of a row
     * @param ffn columns of a gate
     * @param heads query heads
     * @param kvHeads key/value heads
     * @param headDim elements of a head
     * @param vocabulary rows of the embedding
     */
    record Sizes(String name, int rows, int hidden, int ffn, int heads, int kvHeads, int headDim, int vocabulary) {
        static Sizes llama8b(int rows) {
            return new Sizes("8B", rows, 4096, 14336, 32, 8, 128, 128_256);
        }

        static Sizes llama1b(int rows) {
            return new Sizes("1B", rows, 2048, 8192, 32, 8, 64, 128_256);
        }

        static final Sizes TINY = new Sizes("tiny", 6, 512, 768, 4, 2, 64, 40);
    }

    private RowLines(String compute, Sizes sizes, int order) {
        this.compute = compute;
        this.sizes = sizes;
        this.order = order;
        bytes = compute.equals("f32") ? 4 : 2;
        content = Content.activations(compute);
        geometry = new RowsGeometry(bytes);
    }

    /** Lines at the sizes of Llama 3.1 8B and 3.2 1B. */
    static List<KernelLine> full() {
        List<KernelLine> lines = new ArrayList<>();
        for (int rows : new int[] {1, 64, 2048}) {
            lines.addAll(new RowLines("bf16", Sizes.llama8b(rows), rows == 1 ? KernelLine.MORE : KernelLine.STEP).all());
        }
        lines.addAll(new RowLines("bf16", Sizes.llama1b(2048), KernelLine.MORE).all());
        lines.addAll(new RowLines("f16", Sizes.llama8b(2048), KernelLine.RARE).all());
        lines.addAll(new RowLines("f32", Sizes.llama8b(2048), KernelLine.RARE).all());
        return lines;
    }

    /** Each kernel once, small enough for the virtual GPU. */
    static List<KernelLine> tiny() {
        List<KernelLine> lines = new ArrayList<>();
        for (String compute : List.of("bf16", "f16", "f32")) {
            lines.addAll(new RowLines(compute, Sizes.TINY, compute.equals("bf16") ? KernelLine.STEP : KernelLine.RARE).all());
        }
        return lines;
    }

    private List<KernelLine> all() {
        norms();
        headNorm();
        ropeKv();
        elementwise();
        rowMoves();
        for (LinearWeight weight : LinearWeight.values()) {
            embed(weight);
            dequantize(weight);
        }
        return lines;
    }

    private void add(String operation, String shape, Work work, Preparation preparation) {
        String entry = operation + "_" + compute;
        lines.add(new KernelLine(
                entry, sizes.name + ", " + shape, List.of(entry), compute, work, order, 0, preparation));
    }

    private long rowBytes(int columns) {
        return (long) sizes.rows * columns * bytes;
    }

    private String rows(int columns) {
        return sizes.rows + " x " + columns;
    }

    private void norms() {
        int columns = sizes.hidden;
        long all = rowBytes(columns);
        long vector = 4L * columns;
        add("rms_norm", rows(columns), Work.bytes(all + vector, all), (gpu, memory) -> {
            Ring x = memory.ring(all, content);
            Ring out = memory.ring(all);
            KernelLaunch launch = geometry.norm(gpu.kernel("rms_norm_" + compute), sizes.rows, columns)
                    .set(1, memory.single(vector, Content.F32))
                    .set(2, EPSILON)
                    .set(4, sizes.rows)
                    .set(5, columns);
            return turn -> gpu.launch(launch.set(0, x.at(turn)).set(3, out.at(turn)));
        });
        add("add_rms_norm", rows(columns), Work.bytes(2 * all + vector, 2 * all), (gpu, memory) -> {
            Ring residual = memory.ring(all, content);
            Ring delta = memory.ring(all, content);
            Ring out = memory.ring(all);
            KernelLaunch launch = geometry.norm(gpu.kernel("add_rms_norm_" + compute), sizes.rows, columns)
                    .set(2, memory.single(vector, Content.F32))
                    .set(3, EPSILON)
                    .set(5, sizes.rows)
                    .set(6, columns);
            return turn ->
                    gpu.launch(launch.set(0, residual.at(turn)).set(1, delta.at(turn)).set(4, out.at(turn)));
        });
        add("layer_norm", rows(columns), Work.bytes(all + 2 * vector, all), (gpu, memory) -> {
            Ring x = memory.ring(all, content);
            Ring out = memory.ring(all);
            KernelLaunch launch = geometry.norm(gpu.kernel("layer_norm_" + compute), sizes.rows, columns)
                    .set(1, memory.single(vector, Content.F32))
                    .set(2, memory.single(vector, Content.F32))
                    .set(3, EPSILON)
                    .set(5, sizes.rows)
                    .set(6, columns);
            return turn -> gpu.launch(launch.set(0, x.at(turn)).set(4, out.at(turn)));
        });
    }

    private void headNorm() {
        long all = rowBytes(sizes.heads * sizes.headDim);
        long gain = 4L * sizes.headDim;
        add("head_norm", sizes.rows + " x " + sizes.heads + " heads of " + sizes.headDim, Work.bytes(all + gain, all),
                (gpu, memory) -> {
                    Ring x = memory.ring(all, content);
                    KernelLaunch launch = geometry.headNorm(gpu.kernel("head_norm_" + compute), sizes.rows, sizes.heads)
                            .set(1, memory.single(gain, Content.F32))
                            .set(2, EPSILON)
                            .set(3, sizes.rows)
                            .set(4, sizes.heads)
                            .set(5, sizes.headDim);
                    return turn -> gpu.launch(launch.set(0, x.at(turn)));
                });
    }

    private void ropeKv() {
        int pairs = sizes.headDim / 2;
        int blockTokens = AttentionLoad.BLOCK_TOKENS;
        int blocks = Math.ceilDiv(sizes.rows, blockTokens);
        long queries = rowBytes(sizes.heads * sizes.headDim);
        long keys = rowBytes(sizes.kvHeads * sizes.headDim);
        long poolBytes = 2L * blocks * blockTokens * sizes.kvHeads * sizes.headDim * bytes;
        long lists = 8L * sizes.rows + 4L * pairs;
        Work work = Work.bytes(queries + 2 * keys + lists, queries + 3 * keys);
        add("rope_kv", sizes.rows + " tokens, heads " + sizes.heads + " and " + sizes.kvHeads + " of " + sizes.headDim, work,
                (gpu, memory) -> {
                    Ring q = memory.ring(queries, content);
                    Ring k = memory.ring(keys, content);
                    Ring v = memory.ring(keys, content);
                    Ring pool = memory.ring(poolBytes);
                    int[] places = new int[sizes.rows];
                    for (int i = 0; i < places.length; i++) {
                        places[i] = i;
                    }
                    long list = memory.ints(places);
                    KernelLaunch launch = geometry.ropeKv(gpu.kernel("rope_kv_" + compute), sizes.rows, pairs)
                            .set(3, memory.single(4L * pairs, Content.F32))
                            .set(4, 1f)
                            .set(5, pairs)
                            .set(6, 1)
                            .set(7, list)
                            .set(8, list)
                            .set(10, 2L * blockTokens * sizes.kvHeads * sizes.headDim)
                            .set(11, 0L)
                            .set(12, blockTokens)
                            .set(13, sizes.rows)
                            .set(14, sizes.heads)
                            .set(15, sizes.kvHeads)
                            .set(16, sizes.headDim);
                    return turn -> gpu.launch(launch.set(0, q.at(turn))
                            .set(1, k.at(turn))
                            .set(2, v.at(turn))
                            .set(9, pool.at(turn)));
                });
    }

    private void elementwise() {
        long wide = rowBytes(sizes.ffn);
        long count = (long) sizes.rows * sizes.ffn;
        for (String operation : List.of("gated_silu", "gated_gelu")) {
            add(operation, rows(sizes.ffn), Work.bytes(2 * wide, wide), (gpu, memory) -> {
                Ring gate = memory.ring(wide, content);
                Ring up = memory.ring(wide, content);
                Ring out = memory.ring(wide);
                KernelLaunch launch = geometry.flat(gpu.kernel(operation + "_" + compute), count).set(3, count);
                return turn ->
                        gpu.launch(launch.set(0, gate.at(turn)).set(1, up.at(turn)).set(2, out.at(turn)));
            });
        }
        long all = rowBytes(sizes.hidden);
        long elements = (long) sizes.rows * sizes.hidden;
        add("add", rows(sizes.hidden), Work.bytes(2 * all, all), (gpu, memory) -> {
            Ring residual = memory.ring(all, content);
            Ring delta = memory.ring(all, content);
            KernelLaunch launch = geometry.flat(gpu.kernel("add_" + compute), elements).set(2, elements);
            return turn -> gpu.launch(launch.set(0, residual.at(turn)).set(1, delta.at(turn)));
        });
        long vector = 4L * sizes.hidden;
        add("add_bias", rows(sizes.hidden), Work.bytes(all + vector, all), (gpu, memory) -> {
            Ring x = memory.ring(all, content);
            KernelLaunch launch = geometry.addBias(gpu.kernel("add_bias_" + compute), sizes.rows, sizes.hidden)
                    .set(1, memory.single(vector, Content.F32))
                    .set(2, sizes.rows)
                    .set(3, sizes.hidden);
            return turn -> gpu.launch(launch.set(0, x.at(turn)));
        });
        add("to_f32", rows(sizes.hidden), Work.bytes(all, 4 * elements), (gpu, memory) -> {
            Ring in = memory.ring(all, content);
            Ring out = memory.ring(4 * elements);
            KernelLaunch launch = geometry.flat(gpu.kernel("to_f32_" + compute), elements).set(2, elements);
            return turn -> gpu.launch(launch.set(0, in.at(turn)).set(1, out.at(turn)));
        });
    }

    private void rowMoves() {
        long all = rowBytes(sizes.hidden);
        for (String operation : List.of("gather_rows", "scatter_rows")) {
            add(operation, rows(sizes.hidden), Work.bytes(all + 4L * sizes.rows, all), (gpu, memory) -> {
                Ring in = memory.ring(all, content);
                Ring out = memory.ring(all);
                KernelLaunch launch = geometry.rows(gpu.kernel(operation + "_" + compute), sizes.rows)
                        .set(1, memory.ints(shuffled(sizes.rows)))
                        .set(3, sizes.rows)
                        .set(4, sizes.hidden);
                return turn -> gpu.launch(launch.set(0, in.at(turn)).set(2, out.at(turn)));
            });
        }
    }

    private static int[] shuffled(int count) {
        SplittableRandom random = new SplittableRandom(count);
        int[] order = new int[count];
        for (int i = 0; i < count; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }

    /** Rows of the table that tokens name, each at most once: a table is larger than any cache. */
    private void embed(LinearWeight weight) {
        int columns = sizes.hidden;
        long scaleBytes = weight.scaleBytes(sizes.vocabulary, columns);
        long mainBytes = weight.bytes(sizes.vocabulary, columns) - scaleBytes;
        Work work = Work.bytes(weight.bytes(sizes.rows, columns) + 4L * sizes.rows, rowBytes(columns));
        add("embed_" + weight.suffix(), sizes.rows + " of " + sizes.vocabulary + " x " + columns, work, (gpu, memory) -> {
            Ring out = memory.ring(rowBytes(columns));
            int[] all = shuffled(sizes.vocabulary);
            int lists = Math.clamp(sizes.vocabulary / sizes.rows, 1, gpu.isVirtual() ? 1 : 64);
            long tokens = memory.ints(Arrays.copyOf(all, lists * sizes.rows));
            KernelLaunch launch = geometry.rows(gpu.kernel("embed_" + weight.suffix() + "_" + compute), sizes.rows)
                    .set(0, memory.single(mainBytes, Content.main(weight)))
                    .set(1, scaleBytes == 0 ? 0L : memory.single(scaleBytes, Content.SCALES))
                    .set(4, sizes.rows)
                    .set(5, columns)
                    .set(6, sizes.vocabulary);
            return turn -> gpu.launch(launch.set(2, tokens + 4L * (turn % lists) * sizes.rows).set(3, out.at(turn)));
        });
    }

    /** A matrix of the attention's output, whatever the rows of the step. */
    private void dequantize(LinearWeight weight) {
        if (sizes.rows != 2048 && sizes.rows != Sizes.TINY.rows) {
            return;
        }
        int outputs = sizes.hidden;
        int columns = sizes.hidden;
        long scaleBytes = weight.scaleBytes(outputs, columns);
        long mainBytes = weight.bytes(outputs, columns) - scaleBytes;
        long wide = (long) outputs * columns * bytes;
        Work work = Work.bytes(mainBytes + scaleBytes, wide);
        add("dequantize_" + weight.suffix(), outputs + " x " + columns, work, (gpu, memory) -> {
            Ring main = memory.ring(mainBytes, Content.main(weight));
            Ring scales = scaleBytes == 0 ? Ring.NONE : memory.ring(scaleBytes, Content.SCALES);
            Ring out = memory.ring(wide);
            KernelLaunch launch = geometry.dequantize(
                            gpu.kernel("dequantize_" + weight.suffix() + "_" + compute), outputs, columns)
                    .set(3, (long) outputs)
                    .set(4, columns);
            return turn ->
                    gpu.launch(launch.set(0, main.at(turn)).set(1, scales.at(turn)).set(2, out.at(turn)));
        });
    }
}
