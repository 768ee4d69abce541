package dev.pillion.benchmarks.gpu;

import java.util.List;

/**
 * A line of the table of kernels: one or a few launches that belong together, on one shape.
 *
 * @param name what is done
 * @param shape on what
 * @param kernels entries that are launched
 * @param compute type the arithmetic is in, whose rate is the ceiling: {@code f32}, {@code f16}, {@code bf16}
 * @param work what the launches cannot do without
 * @param order lines with a lower number are measured first
 * @param target share of its ceiling that is asked for; 0 for none
 * @param preparation brings operands to the device
 */
record KernelLine(
        String name,
        String shape,
        List<String> kernels,
        String compute,
        Work work,
        int order,
        double target,
        Preparation preparation) {
    /** What decides how fast a token comes: reading weights, and keys and values. */
    static final int DECODE = 0;
    /** What decides how fast a prompt is read. */
    static final int PREFILL = 1;
    /** What every step has besides. */
    static final int STEP = 2;
    /** Other shapes of the same. */
    static final int MORE = 3;
    /** Types and paths that few models take. */
    static final int RARE = 4;

    /** Brings operands to the device. */
    interface Preparation {
        /**
         * Prepares the line.
         *
         * @throws SkippedException if it cannot run here
         */
        Launches prepare(BenchmarkGpu gpu, LineMemory memory);
    }

    /** A line that is ready. */
    interface Launches {
        /** Puts the line's launches on the stream, with the operands of a turn. */
        void enqueue(int turn);

        /** Turns after which the same operands come again, besides those of the line's memory. */
        default int turns() {
            return 1;
        }

        /** Whether the launches may be recorded as a graph. */
        default boolean recordable() {
            return true;
        }

        /** What there is to say besides, such as how the work was cut. */
        default String note() {
            return "";
        }
    }

    /** Why a line has no value. */
    static final class SkippedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        SkippedException(String reason) {
            super(reason);
        }
    }

    /** Whether a word of the command line means this line. */
    boolean matches(String word) {
        return name.contains(word) || shape.contains(word) || kernels.stream().anyMatch(kernel -> kernel.contains(word));
    }
}
