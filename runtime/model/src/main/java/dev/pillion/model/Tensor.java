package dev.pillion.model;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * A tensor as it lies in a model file: name, type, shape and the mapped bytes.
 *
 * @param name the name in the file
 * @param type element type
 * @param shape dimensions, outermost first; a linear layer's weight is {@code [outputs, inputs]}; empty for a scalar
 * @param data the bytes, row-major, exactly {@code type.bytesFor(elements())} long; read-only, valid until the
 *     {@link ModelFile} closes; in safetensors files it may begin at any byte, so it is read with unaligned layouts
 */
public record Tensor(String name, TensorType type, List<Long> shape, MemorySegment data) {
    /** Copies the shape. */
    public Tensor {
        shape = List.copyOf(shape);
    }

    /** Number of elements: the product of the dimensions. */
    public long elements() {
        long elements = 1;
        for (long dimension : shape) {
            elements = Math.multiplyExact(elements, dimension);
        }
        return elements;
    }

    /** Length of the innermost dimension; 1 for a scalar. */
    public long columns() {
        return shape.isEmpty() ? 1 : shape.getLast();
    }

    /** Product of all dimensions but the innermost. */
    public long rows() {
        return columns() == 0 ? 0 : elements() / columns();
    }
}
