package dev.pillion.kernels.virtual;

import java.util.Arrays;

/** The 16 barriers of a block. */
final class Barriers {
    private static final int COUNT = 16;

    private final ThreadBlock block;
    private final Warp[] warps;
    private final Barrier[] barriers = new Barrier[COUNT];

    Barriers(ThreadBlock block, Warp[] warps) {
        this.block = block;
        this.warps = warps;
        for (int i = 0; i < COUNT; i++) {
            barriers[i] = new Barrier(warps.length);
        }
    }

    /** One barrier. */
    private static final class Barrier {
        /** What those who arrived knew of each warp's clock. */
        final int[] known;
        final boolean[] waits;
        int arrived;
        int waiting;
        int threads;
        int holding;

        Barrier(int warps) {
            known = new int[warps];
            waits = new boolean[warps];
        }

        void reset() {
            Arrays.fill(known, 0);
            Arrays.fill(waits, false);
            arrived = 0;
            waiting = 0;
            threads = 0;
            holding = 0;
        }
    }

    void reset() {
        for (Barrier barrier : barriers) {
            barrier.reset();
        }
    }

    /** A warp has come to the barrier that it says it waits at. */
    void arrive(Warp warp) {
        BarrierCall call = warp.waiting();
        int lane = Integer.numberOfTrailingZeros(warp.active());
        int number = warp.words[call.number()][lane];
        if (number < 0 || number >= COUNT) {
            throw Reports.warp(CudaResult.LAUNCH_FAILED, null, "barrier number " + number, warp, warp.active(),
                    call.site());
        }
        Barrier barrier = barriers[number];
        int[] clocks = block.clocks()[warp.index];
        clocks[warp.index]++;
        for (int i = 0; i < clocks.length; i++) {
            barrier.known[i] = Math.max(barrier.known[i], clocks[i]);
        }
        barrier.arrived++;
        barrier.threads += Lanes.COUNT;
        if (call.reduction() != BarrierCall.Reduction.NONE) {
            barrier.holding += Integer.bitCount(call.predicate().lanes(warp) & warp.active());
        }
        if (call.arriveOnly()) {
            warp.release();
        } else {
            barrier.waits[warp.index] = true;
            barrier.waiting++;
        }
        if (complete(barrier, call, warp, lane)) {
            open(barrier);
        }
    }

    private boolean complete(Barrier barrier, BarrierCall call, Warp warp, int lane) {
        return call.threads() < 0 ? barrier.arrived == warps.length
                : barrier.threads >= warp.words[call.threads()][lane];
    }

    private void open(Barrier barrier) {
        if (barrier.waiting == warps.length) {
            block.shared().nextInterval();
        }
        int threads = Math.min(barrier.threads, (int) block.launch().block().product());
        for (Warp warp : warps) {
            if (barrier.waits[warp.index]) {
                int[] clocks = block.clocks()[warp.index];
                for (int i = 0; i < clocks.length; i++) {
                    clocks[i] = Math.max(clocks[i], barrier.known[i]);
                }
                reduce(barrier, warp, threads);
                warp.release();
            }
        }
        barrier.reset();
    }

    private static void reduce(Barrier barrier, Warp warp, int threads) {
        BarrierCall call = warp.waiting();
        switch (call.reduction()) {
            case NONE -> { }
            case POPC -> {
                for (int m = warp.active(); m != 0; m &= m - 1) {
                    warp.words[call.target()][Integer.numberOfTrailingZeros(m)] = barrier.holding;
                }
            }
            case AND, OR -> {
                boolean holds = call.reduction() == BarrierCall.Reduction.AND ? barrier.holding == threads
                        : barrier.holding > 0;
                PredicateTarget.plain(call.target()).set(warp, warp.active(), holds ? -1 : 0);
            }
        }
    }

    /**
     * Opens a barrier at which all warps wait that have not exited, where nobody minds that some have.
     *
     * @return whether one opened
     */
    boolean openIfAllWait() {
        if (block.launch().checks().barriers()) {
            return false;
        }
        int left = 0;
        for (Warp warp : warps) {
            if (!warp.done() && warp.waiting() == null) {
                return false;
            }
            left += warp.done() ? 0 : 1;
        }
        for (Barrier barrier : barriers) {
            if (left > 0 && barrier.waiting == left) {
                open(barrier);
                return true;
            }
        }
        return false;
    }

    /** Nothing moves any more: throws unless that is because all is done. */
    void requireAllDone() {
        Warp stuck = null;
        int exited = 0;
        int elsewhere = 0;
        for (Warp warp : warps) {
            if (warp.done()) {
                exited++;
            } else if (stuck == null) {
                stuck = warp;
            } else if (warp.waiting().site() != stuck.waiting().site()) {
                elsewhere++;
            }
        }
        if (stuck != null) {
            String why = elsewhere > 0 ? "; " + elsewhere + " warps wait at other barriers" : "";
            why += exited > 0 ? "; " + exited + " warps exited and can no longer reach it" : "";
            throw Reports.warp(CudaResult.LAUNCH_FAILED, Check.BARRIER, "deadlock: barrier that is never complete"
                    + why,
                    stuck, stuck.active(), stuck.waiting().site());
        }
    }
}
