package dev.pillion.cuda;

import dev.pillion.kernels.driver.GpuContext;
import dev.pillion.kernels.driver.GpuException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Steps of decodes as graphs, one per size and set of launches. The first step of a size runs without: what a library loads
 * when it is used first must not be loaded while a graph is recorded. The next one is recorded while the engine asks for its
 * operations; later ones only check that the engine asks for the same ones, and launch the graph at the end. What differs
 * between steps lies in device memory at fixed places.
 */
final class DecodeGraphs implements AutoCloseable {
    /** A graph takes memory of the driver's; the one not used for longest makes room. */
    private static final int MOST_GRAPHS = 256;

    /** What becomes of the operations asked for. */
    enum Mode {
        /** They are put on the stream. */
        DIRECT,
        /** They are recorded. */
        RECORDING,
        /** They are compared with the recorded ones. */
        REPLAYING
    }

    private record Graph(int bucket, long flavour, long handle, long fold) {}

    private final GpuContext context;
    private final long stream;
    /** The graph used last comes last. */
    private final List<Graph> graphs = new ArrayList<>();

    private final BitSet ranDirectly = new BitSet();
    private Mode mode = Mode.DIRECT;
    private int bucket;
    private long flavour;

    DecodeGraphs(GpuContext context, long stream) {
        this.context = context;
        this.stream = stream;
    }

    /**
     * Begins a step.
     *
     * @param stepBucket its size; 0 for a step that runs without a graph
     * @param stepFlavour tells steps of one size apart that ask for different operations
     */
    void begin(int stepBucket, long stepFlavour) {
        bucket = stepBucket;
        flavour = stepFlavour;
        if (bucket == 0 || !ranDirectly.get(bucket)) {
            mode = Mode.DIRECT;
        } else if (find() != null) {
            mode = Mode.REPLAYING;
        } else {
            context.beginCapture(stream);
            mode = Mode.RECORDING;
        }
    }

    /** The graph of this step, moved to the end. */
    private @Nullable Graph find() {
        for (int i = graphs.size() - 1; i >= 0; i--) {
            Graph graph = graphs.get(i);
            if (graph.bucket == bucket && graph.flavour == flavour) {
                for (int behind = i; behind < graphs.size() - 1; behind++) {
                    graphs.set(behind, graphs.get(behind + 1));
                }
                graphs.set(graphs.size() - 1, graph);
                return graph;
            }
        }
        return null;
    }

    /** Whether operations are put on the stream and neither recorded nor compared. */
    boolean isDirect() {
        return mode == Mode.DIRECT;
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
        Mode ended = mode;
        mode = Mode.DIRECT;
        switch (ended) {
            case DIRECT -> ranDirectly.set(bucket);
            case RECORDING -> {
                add(new Graph(bucket, flavour, context.endCapture(stream), fold));
                context.launchGraph(graphs.getLast().handle, stream);
            }
            case REPLAYING -> {
                Graph graph = graphs.getLast();
                if (graph.fold != fold) {
                    throw new IllegalStateException("the step asks for other operations than the one the graph of "
                            + bucket + " decodes was recorded from");
                }
                context.launchGraph(graph.handle, stream);
            }
        }
    }

    private void add(Graph graph) {
        if (graphs.size() == MOST_GRAPHS) {
            context.destroyGraph(graphs.removeFirst().handle);
        }
        graphs.add(graph);
    }

    /** Gives up a step half way. */
    void abandon() {
        Mode given = mode;
        mode = Mode.DIRECT;
        if (given == Mode.RECORDING) {
            try {
                context.destroyGraph(context.endCapture(stream));
            } catch (GpuException e) {
                // What made the step fail may have spoilt the recording; the stream is out of it all the same.
                if (e.sticky()) {
                    throw e;
                }
            }
        }
    }

    /** Graphs recorded so far. */
    int size() {
        return graphs.size();
    }

    @Override
    public void close() {
        graphs.forEach(graph -> context.destroyGraph(graph.handle));
        graphs.clear();
    }
}
