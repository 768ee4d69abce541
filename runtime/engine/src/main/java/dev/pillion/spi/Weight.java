package dev.pillion.spi;

import dev.pillion.model.TensorType;

/** A model tensor as a backend holds it, packed as in the file. Valid until the backend that made it closes. */
public interface Weight {
    /** The tensor's name in the model. */
    String name();

    /** Storage type of the elements. */
    TensorType type();

    /** Outputs of a linear layer, entries of an embedding table; 1 for a vector. */
    int rows();

    /** Inputs of a linear layer, width of an embedding; the length of a vector. */
    int columns();

    /** Bytes read when the whole weight is used once. */
    default long bytes() {
        return type().bytesFor((long) rows() * columns());
    }
}
