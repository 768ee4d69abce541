package dev.pillion.cpu;

import dev.pillion.model.TensorType;
import dev.pillion.spi.KvPool;
import dev.pillion.spi.KvLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * KV blocks outside the Java heap, {@code [layer][kvHead][key|value][plane]}. A plane holds one head's keys or values
 * of the block's tokens; both, which are read together, lie side by side. Values are {@code [token][headDim]}. Keys are
 * interleaved: groups of {@link #keyLanes} tokens, each {@code [headDim][keyLanes]}, so that one vector holds the same
 * element of as many tokens and a score needs no sum across lanes.
 */
final class CpuKvPool implements KvPool {
    private static final int ALIGNMENT = 64;

    final MemorySegment data;
    final int keyLanes;
    private final KvLayout layout;
    private final int blocks;
    private final Tier tier;
    private final int elementBytes;
    private final long planeBytes;

    CpuKvPool(Arena arena, KvLayout layout, int blocks, Tier tier, int lanes) {
        if (layout.type() != TensorType.F32 && layout.type() != TensorType.F16) {
            throw new IllegalArgumentException("the cpu backend keeps keys and values as F32 or F16, not "
                    + layout.type());
        }
        this.layout = layout;
        this.blocks = blocks;
        this.tier = tier;
        this.keyLanes = layout.blockTokens() % lanes == 0 ? lanes : 1;
        this.elementBytes = layout.type().blockBytes();
        this.planeBytes = (long) layout.blockTokens() * layout.headDim() * elementBytes;
        this.data = arena.allocate(Math.multiplyExact(layout.bytesPerBlock(), (long) blocks), ALIGNMENT);
    }

    @Override
    public KvLayout layout() {
        return layout;
    }

    @Override
    public int blocks() {
        return blocks;
    }

    @Override
    public Tier tier() {
        return tier;
    }

    boolean isHalf() {
        return layout.type() == TensorType.F16;
    }

    int elementBytes() {
        return elementBytes;
    }

    /** Bytes of one token's keys and values in one layer. */
    long layerBytesPerToken() {
        return 2L * layout.kvHeads() * layout.headDim() * elementBytes;
    }

    /** Byte offset of a plane of keys; the values' is {@link #valuePlane}. */
    long keyPlane(int block, int layer, int kvHead) {
        return block * layout.bytesPerBlock() + 2L * (layer * layout.kvHeads() + kvHead) * planeBytes;
    }

    /** Byte offset of a plane of values. */
    long valuePlane(int block, int layer, int kvHead) {
        return keyPlane(block, layer, kvHead) + planeBytes;
    }

    /** Index within a key plane of element zero of a token; the next elements follow {@link #keyLanes} apart. */
    int keyIndex(int token) {
        return token / keyLanes * keyLanes * layout.headDim() + token % keyLanes;
    }

    /** Writes one head's key and value of the token at place {@code token} of a block. */
    void write(
            int block, int layer, int kvHead, int token, float[] keys, int keyStart, float[] values, int valueStart) {
        int headDim = layout.headDim();
        store(keyPlane(block, layer, kvHead), keyIndex(token), keyLanes, keys, keyStart, headDim);
        store(valuePlane(block, layer, kvHead), token * headDim, 1, values, valueStart, headDim);
    }

    private void store(long plane, int index, int step, float[] from, int start, int count) {
        if (isHalf()) {
            for (int i = 0; i < count; i++) {
                data.set(ValueLayout.JAVA_SHORT, plane + 2L * (index + i * step),
                        Float.floatToFloat16(from[start + i]));
            }
        } else {
            for (int i = 0; i < count; i++) {
                data.set(ValueLayout.JAVA_FLOAT, plane + 4L * (index + i * step), from[start + i]);
            }
        }
    }
}
