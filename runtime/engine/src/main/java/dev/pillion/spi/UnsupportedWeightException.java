package dev.pillion.spi;

import dev.pillion.model.Tensor;

/** A backend has no kernel for a weight's storage type. */
public final class UnsupportedWeightException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception.
     *
     * @param backend name of the backend
     * @param tensor the weight
     * @param supported the types it reads, for the remedy
     */
    public UnsupportedWeightException(String backend, Tensor tensor, String supported) {
        super("the " + backend + " backend cannot compute with " + tensor.type() + " (tensor " + tensor.name()
                + "); it reads " + supported + ". Use a file quantised to one of these");
    }
}
