package dev.pillion.benchmarks.gpu;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** All lines of the table of kernels. */
final class KernelLines {
    private KernelLines() {}

    /** Lines at the sizes of models, what matters most first. */
    static List<KernelLine> full() {
        List<KernelLine> lines = new ArrayList<>();
        lines.addAll(LinearLines.full());
        lines.addAll(AttentionLines.full());
        lines.addAll(RowLines.full());
        lines.addAll(SampleLines.full());
        lines.addAll(BlockLines.full());
        return ordered(lines);
    }

    /** Lines that the virtual GPU runs in a moment, each kernel among them. */
    static List<KernelLine> tiny() {
        List<KernelLine> lines = new ArrayList<>();
        lines.addAll(LinearLines.tiny());
        lines.addAll(AttentionLines.tiny());
        lines.addAll(RowLines.tiny());
        lines.addAll(SampleLines.tiny());
        lines.addAll(BlockLines.tiny());
        return ordered(lines);
    }

    private static List<KernelLine> ordered(List<KernelLine> lines) {
        lines.sort(Comparator.comparingInt(KernelLine::order));
        return List.copyOf(lines);
    }
}
