package dev.pillion.kernels.driver;

import java.util.List;

/**
 * Name and parameters of a kernel, as its PTX declares them.
 *
 * @param name the entry's name
 * @param sizes bytes of each parameter, which is also its alignment: 1, 2, 4 or 8
 */
public record KernelSignature(String name, List<Integer> sizes) {
    /** Copies the list. */
    public KernelSignature {
        sizes = List.copyOf(sizes);
    }

    /** Number of parameters. */
    public int count() {
        return sizes.size();
    }

    /** Bytes of parameter {@code index}. */
    public int size(int index) {
        return sizes.get(index);
    }

    /** Where parameter {@code index} lies in the argument block. */
    public int offset(int index) {
        int offset = 0;
        for (int i = 0; i <= index; i++) {
            int size = sizes.get(i);
            offset = (offset + size - 1) / size * size;
            if (i < index) {
                offset += size;
            }
        }
        return offset;
    }

    /** Bytes of the argument block. */
    public int bytes() {
        return sizes.isEmpty() ? 0 : offset(count() - 1) + size(count() - 1);
    }
}
