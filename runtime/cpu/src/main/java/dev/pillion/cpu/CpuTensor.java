package dev.pillion.cpu;

import dev.pillion.spi.DeviceTensor;

/**
 * Activations on the Java heap. Rows lie {@link #stride} floats apart; the floats between the last column and the next
 * row are zero and stay zero, so that a dot product may run over whole vectors.
 */
final class CpuTensor implements DeviceTensor {
    /** Rows start at multiples of this: the lanes of the widest vectors there are. */
    static final int ROW_ALIGNMENT = 16;

    final float[] data;
    final int stride;
    private final int rowCapacity;
    private final int columns;

    CpuTensor(int rowCapacity, int columns) {
        if (rowCapacity < 1 || columns < 1) {
            throw new IllegalArgumentException("a tensor of " + rowCapacity + " x " + columns + " is empty");
        }
        long padded = paddedColumns(columns);
        if (padded * rowCapacity > Integer.MAX_VALUE - ROW_ALIGNMENT) {
            throw new IllegalArgumentException("activations of " + rowCapacity + " x " + columns
                    + " do not fit a Java array; use fewer tokens per step");
        }
        this.rowCapacity = rowCapacity;
        this.columns = columns;
        this.stride = (int) padded;
        this.data = new float[rowCapacity * stride];
    }

    static int paddedColumns(int columns) {
        return Math.ceilDiv(columns, ROW_ALIGNMENT) * ROW_ALIGNMENT;
    }

    /** Index in {@link #data} of the first element of a row. */
    int rowStart(int row) {
        return row * stride;
    }

    @Override
    public int rowCapacity() {
        return rowCapacity;
    }

    @Override
    public int columns() {
        return columns;
    }
}
