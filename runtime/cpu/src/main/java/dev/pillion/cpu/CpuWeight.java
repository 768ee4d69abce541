package dev.pillion.cpu;

import dev.pillion.model.Tensor;
import dev.pillion.model.TensorType;
import dev.pillion.model.quant.BlockDecoder;
import dev.pillion.spi.Weight;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** A weight used where it lies: the mapped bytes of the model file and how to decode them. */
final class CpuWeight implements Weight {
    final MemorySegment data;
    final long rowBytes;
    private final String name;
    private final TensorType type;
    private final int rows;
    private final int columns;
    private final BlockDecoder decoder;
    private float @Nullable [] vector;

    CpuWeight(Tensor tensor, MemorySegment data, BlockDecoder decoder) {
        this.name = tensor.name();
        this.type = tensor.type();
        if (tensor.rows() < 1 || tensor.rows() > Integer.MAX_VALUE || tensor.columns() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("tensor " + name + " of shape " + tensor.shape()
                    + " has no elements, or more rows or columns than a 32-bit integer can count");
        }
        this.rows = (int) tensor.rows();
        this.columns = (int) tensor.columns();
        this.rowBytes = type.bytesFor(columns);
        this.data = data;
        this.decoder = decoder;
        if (data.byteSize() != rowBytes * rows) {
            throw new IllegalArgumentException("tensor " + name + " of shape " + tensor.shape() + " and type " + type
                    + " has " + data.byteSize() + " bytes instead of " + rowBytes * rows);
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public TensorType type() {
        return type;
    }

    @Override
    public int rows() {
        return rows;
    }

    @Override
    public int columns() {
        return columns;
    }

    /** Decodes one row as the specification does. */
    void decodeRow(int row, float[] out, int outOffset) {
        decoder.decode(data, row * rowBytes, out, outOffset, columns);
    }

    /** The values of a weight that is one row (a gain, a bias), decoded on first use and kept: a few kilobytes. */
    float[] vector() {
        float[] values = vector;
        if (values == null) {
            values = new float[columns];
            decodeRow(0, values, 0);
            vector = values;
        }
        return values;
    }
}
