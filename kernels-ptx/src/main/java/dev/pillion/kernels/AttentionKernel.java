package dev.pillion.kernels;

/** The attention kernels, which differ in the query rows that a block takes. */
public enum AttentionKernel {
    /** Up to 16 rows on tensor cores; the warps of a block share out the positions: decodes. */
    TILE16(16),
    /** Up to 64 rows on tensor cores; each warp has 16 of them: prefill chunks, and prefixes that many share. */
    TILE64(64),
    /** Up to 16 rows without tensor cores: F32, and head lengths that the tiles do not come in. */
    ANY(16);

    private final int rows;

    AttentionKernel(int rows) {
        this.rows = rows;
    }

    /** Query rows, tokens times heads of a key/value head, that a block takes. */
    public int rows() {
        return rows;
    }
}
