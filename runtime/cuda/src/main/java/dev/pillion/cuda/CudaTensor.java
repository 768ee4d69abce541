package dev.pillion.cuda;

import dev.pillion.spi.DeviceTensor;

/**
 * Activations on the device, row-major without padding.
 *
 * @param address of the first row, 256-byte aligned
 * @param rowCapacity rows that fit
 * @param columns elements of a row
 * @param elementBytes bytes of an element
 */
record CudaTensor(long address, int rowCapacity, int columns, int elementBytes) implements DeviceTensor {
    /** Address of a row. */
    long row(int index) {
        return address + (long) index * columns * elementBytes;
    }

    /** Bytes of a row. */
    long rowBytes() {
        return (long) columns * elementBytes;
    }

    /** Checks what a kernel will read or write. */
    void require(String what, int rows, int wantedColumns) {
        if (rows > rowCapacity) {
            throw new IllegalArgumentException(what + " has room for " + rowCapacity + " rows, not for " + rows);
        }
        if (columns != wantedColumns) {
            throw new IllegalArgumentException(what + " has " + columns + " columns, not " + wantedColumns);
        }
    }
}
