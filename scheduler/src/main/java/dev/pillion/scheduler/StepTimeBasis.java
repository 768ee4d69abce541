package dev.pillion.scheduler;

/**
 * Cuts the work of a step into parts, each of which takes time in proportion to its size. What the proportions are is for
 * a {@link StepTimeModel} to learn; it starts from what the basis expects. Parts are computed for every step that is
 * planned, so implementations allocate nothing.
 */
public interface StepTimeBasis {
    /** Number of parts. */
    int PARTS = 4;

    /** An empty batch of the kind whose parts this knows. */
    BatchShape newBatch();

    /** Writes the size of each part to {@code sizes[PARTS]}, in units of the basis. */
    void parts(BatchShape batch, double[] sizes);

    /** Nanoseconds that a unit of each part is expected to take; 0 where nothing is known. */
    double[] expectedNanos();

    /** Size of each part in a typical step, so that numbers of all parts are of like magnitude. */
    double[] typicalSizes();

    /** What the expectation counts for, where one observed step counts 1. */
    double trust();
}
