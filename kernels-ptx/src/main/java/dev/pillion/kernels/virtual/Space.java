package dev.pillion.kernels.virtual;

import dev.pillion.kernels.ptx.PtxInstruction;

/** State spaces, constants being global memory. */
enum Space {
    /** Device memory. */
    GLOBAL,
    /** Memory of a block. */
    SHARED,
    /** Memory of a thread. */
    LOCAL,
    /** Arguments of the kernel. */
    PARAM,
    /** Any of them, by windows. */
    GENERIC;

    /** The space an instruction names. */
    static Space of(PtxInstruction i) {
        for (String suffix : i.suffixes()) {
            switch (suffix) {
                case "global", "const" -> {
                    return GLOBAL;
                }
                case "shared", "shared::cta" -> {
                    return SHARED;
                }
                case "local" -> {
                    return LOCAL;
                }
                case "param", "param::entry" -> {
                    return PARAM;
                }
                default -> { }
            }
        }
        return GENERIC;
    }
}
