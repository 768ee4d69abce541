package dev.pillion.cuda;

import dev.pillion.bindings.cuda.CudaDriver;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The executable graphs of a context and the recordings under way. A recording is bound to its thread: other engines of
 * the process may allocate and wait meanwhile without ending it.
 */
final class Graphs {
    private final Handles graphs =
            new Handles("graph", graph -> CudaDriver.cuGraphExecDestroy(MemorySegment.ofAddress(graph)));
    private final Set<Long> recording = new LinkedHashSet<>();

    /** Starts to record a stream. */
    void begin(long stream) {
        CudaResult.check(
                CudaDriver.cuStreamBeginCapture_v2(
                        MemorySegment.ofAddress(stream), CudaDriver.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL()),
                "starting to record a graph");
        recording.add(stream);
    }

    /** Ends the recording; the recorded graph itself is dropped once it is executable. */
    long end(long stream) {
        recording.remove(stream);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
            CudaResult.check(
                    CudaDriver.cuStreamEndCapture(MemorySegment.ofAddress(stream), out), "ending the recording of a graph");
            MemorySegment recorded = out.get(ValueLayout.ADDRESS, 0);
            try {
                CudaResult.check(
                        CudaDriver.cuGraphInstantiateWithFlags(out, recorded, 0), "making a recorded graph executable");
            } finally {
                CudaDriver.cuGraphDestroy(recorded);
            }
            return graphs.opened(out.get(ValueLayout.JAVA_LONG, 0));
        }
    }

    /** Destroys an executable graph; returns the driver's result. */
    int destroy(long graph) {
        return graphs.destroy(graph);
    }

    /** Gives up the recording of a stream, if there is one. */
    void abandon(long stream) {
        if (!recording.remove(stream)) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
            CudaDriver.cuStreamEndCapture(MemorySegment.ofAddress(stream), out);
            if (out.get(ValueLayout.JAVA_LONG, 0) != 0) {
                CudaDriver.cuGraphDestroy(out.get(ValueLayout.ADDRESS, 0));
            }
        }
    }

    /** Gives up all recordings. */
    void abandonAll() {
        List.copyOf(recording).forEach(this::abandon);
    }

    /** Destroys all graphs. */
    void destroyAll() {
        graphs.destroyAll();
    }
}
