package dev.pillion.cuda;

import dev.pillion.kernels.driver.MatmulLibrary;
import dev.pillion.model.TensorType;
import java.util.Locale;

/** Element type of activations, keys and values. Sums are F32 whatever the type. */
enum ComputeType {
    F32(TensorType.F32, 4, MatmulLibrary.Type.F32),
    F16(TensorType.F16, 2, MatmulLibrary.Type.F16),
    BF16(TensorType.BF16, 2, MatmulLibrary.Type.BF16);

    private final TensorType tensorType;
    private final int bytes;
    private final MatmulLibrary.Type matmulType;

    ComputeType(TensorType tensorType, int bytes, MatmulLibrary.Type matmulType) {
        this.tensorType = tensorType;
        this.bytes = bytes;
        this.matmulType = matmulType;
    }

    /** The same type as model files name it. */
    TensorType tensorType() {
        return tensorType;
    }

    /** Bytes of an element. */
    int bytes() {
        return bytes;
    }

    /** The same type as the matrix library names it. */
    MatmulLibrary.Type matmulType() {
        return matmulType;
    }

    /** Last part of kernels' names. */
    String suffix() {
        return name().toLowerCase(Locale.ROOT);
    }
}
