package dev.pillion.kernels.virtual;

import org.jspecify.annotations.Nullable;

/** Words for what went wrong: what, in which kernel, at which line, in which block and thread, at which address. */
final class Reports {
    private Reports() {}

    static KernelFault memory(
            CudaResult result, Check check, String what, Warp warp, int lane, Site site, long address, String where) {
        return new KernelFault(result, check, what + " at 0x" + Long.toHexString(address) + " in " + where + "; "
                + at(site) + "; " + warp.block.name() + ", " + warp.thread(lane));
    }

    static KernelFault warp(CudaResult result, @Nullable Check check, String what, Warp warp, int lanes, Site site) {
        return new KernelFault(result, check, what + "; " + at(site) + "; " + warp.block.name() + ", "
                + warp.threads(lanes));
    }

    private static String at(Site site) {
        return "kernel " + site.kernel() + ", PTX line " + site.line() + ": " + site.text();
    }
}
