package dev.pillion.cpu;

import dev.pillion.spi.AttentionSpec;
import dev.pillion.spi.Rope;
import java.util.IdentityHashMap;
import java.util.Map;

/** Turns queries and keys in place, and writes keys and values to the cache. */
final class RopeOperation extends RowOperation {
    private final Map<Rope, RopeTable> tables = new IdentityHashMap<>();
    private CpuStep step;
    private RopeTable table;
    private AttentionSpec spec;
    private CpuTensor q;
    private CpuTensor k;
    private CpuTensor v;

    RopeOperation with(CpuStep step, Rope rope, AttentionSpec spec, CpuTensor q, CpuTensor k, CpuTensor v) {
        this.step = step;
        this.spec = spec;
        this.q = q;
        this.k = k;
        this.v = v;
        table = tables.get(rope);
        if (table == null) {
            table = new RopeTable(rope);
            tables.put(rope, table);
        }
        table.cover(step.largestPosition() + 1);
        return this;
    }

    @Override
    void row(int row, int slot) {
        int position = step.batch().positions[row];
        for (int head = 0; head < spec.heads(); head++) {
            table.turn(q.data, q.rowStart(row) + head * spec.headDim(), position);
        }
        int block = step.blockOf(row);
        int token = position % step.batch().blockTokens();
        for (int head = 0; head < spec.kvHeads(); head++) {
            int key = k.rowStart(row) + head * spec.headDim();
            int value = v.rowStart(row) + head * spec.headDim();
            table.turn(k.data, key, position);
            step.cache().write(block, spec.layer(), head, token, k.data, key, v.data, value);
        }
    }
}
