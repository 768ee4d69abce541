package dev.pillion.cpu;

import dev.pillion.spi.AttentionSpec;
import dev.pillion.spi.KvLayout;
import dev.pillion.spi.StepBatch;

/** Checks of what an operation is given, so that a wrong call fails with the shapes and not inside a kernel. */
final class Shapes {
    private Shapes() {}

    static void columns(String what, CpuTensor tensor, int columns) {
        if (tensor.columns() != columns) {
            throw new IllegalArgumentException(what + " has " + tensor.columns() + " columns, needs " + columns);
        }
    }

    static void rows(String what, CpuTensor tensor, int rows) {
        if (rows < 0 || rows > tensor.rowCapacity()) {
            throw new IllegalArgumentException(what + " has room for " + tensor.rowCapacity() + " rows, not " + rows);
        }
    }

    static void same(String what, CpuTensor tensor, CpuTensor other, int rows) {
        columns(what, tensor, other.columns());
        rows(what, tensor, rows);
        rows(what, other, rows);
    }

    static void vector(String what, CpuWeight weight, int length) {
        if (weight.rows() != 1 || weight.columns() != length) {
            throw new IllegalArgumentException(what + " " + weight.name() + " is " + weight.rows() + " x "
                    + weight.columns() + ", not a vector of " + length);
        }
    }

    static void tokens(StepBatch batch, CpuWeight table) {
        for (int t = 0; t < batch.tokenCount(); t++) {
            if (batch.tokens[t] < 0 || batch.tokens[t] >= table.rows()) {
                throw new IllegalArgumentException("token " + batch.tokens[t] + " is not in the table "
                        + table.name() + " of " + table.rows() + " entries");
            }
        }
    }

    static void attention(AttentionSpec spec, KvLayout layout) {
        if (spec.kvHeads() != layout.kvHeads() || spec.headDim() != layout.headDim() || spec.layer() < 0
                || spec.layer() >= layout.layers() || spec.kvHeads() < 1 || spec.heads() % spec.kvHeads() != 0
                || spec.windowTokens() < 1) {
            throw new IllegalArgumentException(spec + " does not fit a cache of " + layout);
        }
    }
}
