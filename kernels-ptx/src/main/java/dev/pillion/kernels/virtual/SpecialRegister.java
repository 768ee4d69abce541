package dev.pillion.kernels.virtual;

import java.util.Arrays;
import java.util.Optional;

/** Special registers that hold still while a block runs (PTX ISA, "Special Registers"), by their slot. */
enum SpecialRegister {
    /** Thread in its block, x. */
    TID_X("%tid.x"),
    /** Thread in its block, y. */
    TID_Y("%tid.y"),
    /** Thread in its block, z. */
    TID_Z("%tid.z"),
    /** Threads of a block, x. */
    NTID_X("%ntid.x"),
    /** Threads of a block, y. */
    NTID_Y("%ntid.y"),
    /** Threads of a block, z. */
    NTID_Z("%ntid.z"),
    /** Block in the grid, x. */
    CTAID_X("%ctaid.x"),
    /** Block in the grid, y. */
    CTAID_Y("%ctaid.y"),
    /** Block in the grid, z. */
    CTAID_Z("%ctaid.z"),
    /** Blocks of the grid, x. */
    NCTAID_X("%nctaid.x"),
    /** Blocks of the grid, y. */
    NCTAID_Y("%nctaid.y"),
    /** Blocks of the grid, z. */
    NCTAID_Z("%nctaid.z"),
    /** Lane in its warp. */
    LANEID("%laneid"),
    /** Warp in its block. */
    WARPID("%warpid"),
    /** Warps of a block. */
    NWARPID("%nwarpid"),
    /** Multiprocessor of the block. */
    SMID("%smid"),
    /** Multiprocessors of the device. */
    NSMID("%nsmid"),
    /** The lane's own bit. */
    LANEMASK_EQ("%lanemask_eq"),
    /** Bits of lower lanes and the own. */
    LANEMASK_LE("%lanemask_le"),
    /** Bits of lower lanes. */
    LANEMASK_LT("%lanemask_lt"),
    /** Bits of higher lanes and the own. */
    LANEMASK_GE("%lanemask_ge"),
    /** Bits of higher lanes. */
    LANEMASK_GT("%lanemask_gt"),
    /** Dynamic shared memory in bytes. */
    DYNAMIC_SHARED("%dynamic_smem_size"),
    /** Shared memory in bytes. */
    TOTAL_SHARED("%total_smem_size");

    private static final SpecialRegister[] ALL = values();

    private final String ptxName;

    SpecialRegister(String ptxName) {
        this.ptxName = ptxName;
    }

    static Optional<SpecialRegister> named(String ptxName) {
        return Arrays.stream(ALL).filter(r -> r.ptxName.equals(ptxName)).findFirst();
    }

    static int count() {
        return ALL.length;
    }
}
