package dev.pillion.engine;

import dev.pillion.spi.KvLayout;
import dev.pillion.spi.KvPool;
import java.util.Arrays;

/** KV blocks that hold, for keys and values, which token at which position after which tokens wrote each slot. */
final class FakeKvPool implements KvPool {
    private static final int GARBAGE = -1;

    private final KvLayout layout;
    private final int blocks;
    private final Tier tier;
    private final int[] tokens;
    private final int[] positions;
    private final long[] prefixes;

    FakeKvPool(KvLayout layout, int blocks, Tier tier) {
        this.layout = layout;
        this.blocks = blocks;
        this.tier = tier;
        int slots = blocks * layout.blockTokens();
        tokens = new int[slots];
        positions = new int[slots];
        prefixes = new long[slots];
        Arrays.fill(positions, GARBAGE);
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

    int slot(int block, int position) {
        return block * layout.blockTokens() + position % layout.blockTokens();
    }

    void write(int slot, int token, int position, long prefix) {
        tokens[slot] = token;
        positions[slot] = position;
        prefixes[slot] = prefix;
    }

    /** What a write leaves that did not come through. */
    void garble(int slot) {
        write(slot, GARBAGE, GARBAGE, GARBAGE);
    }

    void garbleBlock(int block) {
        for (int i = 0; i < layout.blockTokens(); i++) {
            garble(block * layout.blockTokens() + i);
        }
    }

    void copyFrom(FakeKvPool source, int fromBlock, int toBlock) {
        int length = layout.blockTokens();
        System.arraycopy(source.tokens, fromBlock * length, tokens, toBlock * length, length);
        System.arraycopy(source.positions, fromBlock * length, positions, toBlock * length, length);
        System.arraycopy(source.prefixes, fromBlock * length, prefixes, toBlock * length, length);
    }

    int token(int slot) {
        return tokens[slot];
    }

    int position(int slot) {
        return positions[slot];
    }

    long prefix(int slot) {
        return prefixes[slot];
    }
}
