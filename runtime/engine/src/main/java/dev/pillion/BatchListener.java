package dev.pillion;

/** Receives the outcomes of an offline run as they come, in any order, on the thread that called for the run. */
public interface BatchListener {
    /**
     * A request finished.
     *
     * @param index its place in the list of requests
     * @param result what it gave
     */
    void onResult(int index, GenerationResult result);

    /**
     * A request failed or was refused; the others go on.
     *
     * @param index its place in the list of requests
     * @param error why
     */
    void onError(int index, PillionException error);
}
