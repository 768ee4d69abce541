package dev.pillion.benchmarks.gpu;

import dev.pillion.benchmarks.gpu.LineMemory.Ring;
import dev.pillion.kernels.LinearShape;
import dev.pillion.kernels.LinearWeight;
import dev.pillion.kernels.RowsGeometry;
import dev.pillion.kernels.driver.KernelLaunch;
import java.util.ArrayList;
import java.util.List;

/** Lines of the block moves: copies of KV blocks, and the splitting of packed weights when a model is loaded. */
final class BlockLines {
    /** A block of 16 tokens over all 32 layers of Llama 3.1 8B in two bytes. */
    private static final long LLAMA_8B_BLOCK_BYTES = 32L * 2 * 8 * 128 * 16 * 2;

    private BlockLines() {}

    /** Lines at the sizes of Llama 3.1 8B. */
    static List<KernelLine> full() {
        List<KernelLine> lines = new ArrayList<>();
        LinearShape matrix = LinearShape.LLAMA_8B.get(2);
        for (int pairs : new int[] {1, 16, 128}) {
            lines.add(copy(pairs, LLAMA_8B_BLOCK_BYTES, KernelLine.STEP));
        }
        split(lines, (long) matrix.outputs() * matrix.columns(), KernelLine.MORE);
        return lines;
    }

    /** Each kernel, small enough for the virtual GPU. */
    static List<KernelLine> tiny() {
        List<KernelLine> lines = new ArrayList<>();
        lines.add(copy(3, 4096, KernelLine.STEP));
        split(lines, 64 << 8, KernelLine.MORE);
        return lines;
    }

    private static KernelLine copy(int pairs, long blockBytes, int order) {
        Work work = Work.bytes(pairs * (blockBytes + 2 * Integer.BYTES), pairs * blockBytes);
        return new KernelLine(
                "copy_blocks", pairs + " blocks of " + blockBytes + " bytes", List.of("copy_blocks"), "f32", work, order, 0,
                (gpu, memory) -> {
                    Ring from = memory.ring(pairs * blockBytes, Content.F32);
                    Ring to = memory.ring(pairs * blockBytes);
                    int[] list = new int[2 * pairs];
                    for (int i = 0; i < pairs; i++) {
                        list[2 * i] = pairs - 1 - i;
                        list[2 * i + 1] = i;
                    }
                    KernelLaunch launch = RowsGeometry.copyBlocks(gpu.kernel("copy_blocks"), pairs, blockBytes)
                            .set(2, memory.ints(list))
                            .set(3, pairs)
                            .set(4, blockBytes);
                    return turn -> gpu.launch(launch.set(0, from.at(turn)).set(1, to.at(turn)));
                });
    }

    private static void split(List<KernelLine> lines, long elements, int order) {
        for (LinearWeight weight : List.of(LinearWeight.Q8_0, LinearWeight.Q4_0, LinearWeight.Q6_K)) {
            long blocks = elements / weight.blockElements();
            int blockBytes = Math.toIntExact(weight.bytes(1, weight.blockElements()));
            int scaleBytes = Math.toIntExact(weight.scaleBytes(1, weight.blockElements()));
            int mainBytes = blockBytes - scaleBytes;
            int scaleOffset = weight == LinearWeight.Q6_K ? mainBytes : 0;
            Work work = Work.bytes(blocks * blockBytes, blocks * blockBytes);
            lines.add(new KernelLine(
                    "split_blocks", blocks + " blocks of " + weight.suffix(), List.of("split_blocks"), "f32", work, order, 0,
                    (gpu, memory) -> {
                        Ring raw = memory.ring(blocks * blockBytes, Content.packed(weight, scaleOffset));
                        Ring main = memory.ring(blocks * mainBytes);
                        Ring scales = memory.ring(blocks * scaleBytes);
                        KernelLaunch launch = RowsGeometry.splitBlocks(gpu.kernel("split_blocks"), blocks, mainBytes)
                                .set(3, blocks)
                                .set(4, blockBytes)
                                .set(5, scaleOffset)
                                .set(6, mainBytes);
                        return turn -> gpu.launch(
                                launch.set(0, raw.at(turn)).set(1, main.at(turn)).set(2, scales.at(turn)));
                    }));
        }
    }
}
