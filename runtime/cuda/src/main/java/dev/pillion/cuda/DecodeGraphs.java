package dev.pillion.cuda;

import dev.pillion.kernels.driver.GpuContext;
import java.util.HashMap;
import java.util.Map;

/**
 * Steps of decodes as graphs, one per bucket. The first step of a bucket is recorded while the engine asks for its
 * operations; later ones only check that the engine asks for the same ones, and launch the graph at the end. What differs
 * between steps lies in device memory at fixed places.
 */
final class DecodeGraphs implements AutoCloseable {
    /** What becomes of the operations asked for. */
    enum Mode {
        /** They are put on the stream. */
        DIRECT,
        /** They are recorded. */
        RECORDING,
        /** They are compared with the recorded ones. */
        REPLAYING
    }

    private record Graph(long handle, long fold) {}

    private record Key(int bucket, long flavour) {}

    private final GpuContext context;
    private final long stream;
    private final Map<Key, Graph> graphs = new HashMap<>();
    private Mode mode = Mode.DIRECT;
    private Key key = new Key(0, 0);
    private boolean warm;

    DecodeGraphs(GpuContext context, long stream) {
        this.context = context;
        this.stream = stream;
    }

    /**
     * Begins a step. The very first one runs without a graph: kernels are compiled and small tables put on the device in
     * it, which cannot be recorded.
     *
     * @param bucket its size; 0 for a step that runs without a graph
     * @param flavour tells steps of one size apart that ask for different operations
     */
    void begin(int bucket, long flavour) {
        key = new Key(bucket, flavour);
        if (bucket == 0 || !warm) {
            mode = Mode.DIRECT;
        } else if (graphs.containsKey(key)) {
            mode = Mode.REPLAYING;
        } else {
            context.beginCapture(stream);
            mode = Mode.RECORDING;
        }
    }

    /** Whether operations are to be put on the stream, recorded or not. */
    boolean enqueues() {
        return mode != Mode.REPLAYING;
    }

    /**
     * Ends the step and starts its graph, if it has one.
     *
     * @param fold of the operations that were asked for
     */
    void end(long fold) {
        switch (mode) {
            case DIRECT -> warm = true;
            case RECORDING -> {
                mode = Mode.DIRECT;
                graphs.put(key, new Graph(context.endCapture(stream), fold));
                context.launchGraph(graphs.get(key).handle(), stream);
            }
            case REPLAYING -> {
                mode = Mode.DIRECT;
                Graph graph = graphs.get(key);
                if (graph.fold() != fold) {
                    throw new IllegalStateException("the step asks for other operations than the one the graph of "
                            + key.bucket() + " decodes was recorded from");
                }
                context.launchGraph(graph.handle(), stream);
            }
        }
    }

    /** Gives up a step half way. */
    void abandon() {
        if (mode == Mode.RECORDING) {
            mode = Mode.DIRECT;
            context.destroyGraph(context.endCapture(stream));
        }
        mode = Mode.DIRECT;
    }

    /** Graphs recorded so far. */
    int size() {
        return graphs.size();
    }

    @Override
    public void close() {
        graphs.values().forEach(graph -> context.destroyGraph(graph.handle()));
        graphs.clear();
    }
}
