package dev.pillion.kernels.virtual;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The recordings under way in a context. As with the real driver's thread-local mode, the thread that records may meanwhile do
 * nothing that could wait for the device or make it wait: such a call is refused and spoils the recording.
 */
final class Captures {
    private final List<Capture> active = new CopyOnWriteArrayList<>();

    /** Begins to record a stream. */
    void begin(VirtualStream stream) {
        if (stream.capture() != null) {
            throw CudaResult.STREAM_CAPTURE_UNSUPPORTED.exception("beginning a capture");
        }
        active.add(new Capture(stream));
    }

    /** Ends a recording; one that was spoilt gives nothing. */
    List<Runnable> end(VirtualStream stream) {
        Capture capture = stream.capture();
        if (capture == null || capture.origin() != stream) {
            throw CudaResult.INVALID_VALUE.exception("ending a capture that was not begun on this stream");
        }
        active.remove(capture);
        List<Runnable> work = capture.end();
        if (capture.isSpoilt()) {
            throw CudaResult.STREAM_CAPTURE_INVALIDATED.exception("ending a capture that a call spoilt: "
                    + capture.spoiltBy());
        }
        return work;
    }

    /** Refuses a call that could wait for the device, if this thread records. */
    void refuse(String call) {
        for (Capture capture : active) {
            if (capture.isOfThisThread()) {
                throw refused(capture, call);
            }
        }
    }

    /** Refuses a call about a stream that is being recorded. */
    void refuse(String call, VirtualStream stream) {
        Capture capture = stream.capture();
        if (capture != null) {
            throw refused(capture, call);
        }
    }

    private static RuntimeException refused(Capture capture, String call) {
        capture.spoil(call);
        return CudaResult.STREAM_CAPTURE_UNSUPPORTED.exception(call + " while a graph is recorded");
    }

    /** Before work is put on a stream: what is recorded must not be spoilt. */
    static void requireSound(String call, VirtualStream stream) {
        Capture capture = stream.capture();
        if (capture != null && capture.isSpoilt()) {
            throw CudaResult.STREAM_CAPTURE_INVALIDATED.exception(call + " after " + capture.spoiltBy());
        }
    }
}
