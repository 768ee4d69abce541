package dev.pillion;

/**
 * Hears how far a model's weights are on their way to the device while an engine opens. Called on the thread that opens the
 * engine; what it throws ends the opening.
 */
@FunctionalInterface
public interface LoadListener {
    /** Nobody listens. */
    LoadListener NONE = (bytes, totalBytes) -> {};

    /**
     * More weights are there: copied to a device that has memory of its own, else handed over where they are mapped, which
     * reads nothing yet.
     *
     * @param bytes there so far, as stored in the model's files
     * @param totalBytes of all weights; reached by the last call
     */
    void loaded(long bytes, long totalBytes);
}
