package dev.pillion.kernels.virtual;

import org.jspecify.annotations.Nullable;

/**
 * 32 threads in lockstep: registers, and where each thread stands.
 *
 * <p>Threads that stand at the same basic block form a group. Always the group at the lowest block runs, and the blocks
 * are numbered so that no other group can still come to it ({@link BlockOrder}): lanes that diverged meet again at the
 * immediate post-dominator of the branch or before (thread frontiers: Diamos et al., "SIMD Re-Convergence At Thread
 * Frontiers", MICRO 2011). Lanes that exit just vanish.
 */
final class Warp {
    final ThreadBlock block;
    final int index;

    /** 16- and 32-bit values by slot and lane. */
    final int[][] words;

    /** 64-bit values by slot and lane. */
    final long[][] longs;

    /** Predicates by slot, one bit per lane. */
    final int[] predicates;

    /** Carry flags, one bit per lane. */
    int carry;

    final int[] wordScratch = new int[Lanes.COUNT];
    final long[] longScratch = new long[Lanes.COUNT];
    final GlobalPort global;
    final SharedPort shared;
    final LocalPort local;
    final ParameterPort parameters;
    private final GenericPort generic;
    final Traffic traffic;
    final AsyncCopies copies;

    /** Instructions executed by the warp since the launch began on this worker. */
    long instructions;

    /** The same, times the lanes that took part. */
    long laneInstructions;

    private final int[] groupAt = new int[Lanes.COUNT];
    private final int[] groupLanes = new int[Lanes.COUNT];
    private int groups;
    private int at;
    private int active;
    private int live;
    private int members;
    private @Nullable BarrierCall waiting;

    Warp(ThreadBlock block, int index) {
        this.block = block;
        this.index = index;
        Program program = block.program();
        words = program.newWords();
        longs = program.newLongs();
        predicates = new int[program.predicates()];
        Launch launch = block.launch();
        global = new GlobalPort(this, launch.memory(), launch.checks());
        shared = new SharedPort(this, block.shared(), launch.checks());
        local = new LocalPort(this, program.localBytes(), launch.checks());
        parameters = new ParameterPort(this, launch.arguments());
        generic = new GenericPort(this);
        traffic = block.traffic();
        copies = new AsyncCopies(this);
    }

    /** Puts all threads at the start. */
    void begin(int lanes) {
        groups = 0;
        at = 0;
        active = lanes;
        live = lanes;
        members = lanes;
        waiting = null;
        global.forget();
        local.reset();
        copies.clear();
    }

    Port port(Space space) {
        return switch (space) {
            case GLOBAL -> global;
            case SHARED -> shared;
            case LOCAL -> local;
            case PARAM -> parameters;
            case GENERIC -> generic;
        };
    }

    /** Lanes that run now. */
    int active() {
        return active;
    }

    /** Lanes that have not exited. */
    int live() {
        return live;
    }

    /** Lanes that exist: fewer than 32 in the last warp of a block whose size is no multiple of 32. */
    int members() {
        return members;
    }

    boolean done() {
        return live == 0;
    }

    /** The barrier it waits at. */
    @Nullable
    BarrierCall waiting() {
        return waiting;
    }

    void release() {
        waiting = null;
    }

    /** Runs until all threads exited, a barrier is reached, or so many instructions were executed. */
    void run(long quantum) {
        BasicBlock[] blocks = block.program().blocks();
        long limit = instructions + quantum;
        while (live != 0 && waiting == null && instructions < limit) {
            BasicBlock current = blocks[at];
            Instruction[] code = current.code();
            int mask = active;
            for (Instruction instruction : code) {
                instruction.run(this, mask);
            }
            instructions += code.length + 1;
            laneInstructions += (code.length + 1L) * Integer.bitCount(mask);
            current.end().leave(this);
        }
    }

    /** The active lanes go to a block. */
    void go(int target) {
        if (groups == 0 || target < groupAt[groups - 1]) {
            at = target;
        } else if (target == groupAt[groups - 1]) {
            at = target;
            active |= groupLanes[--groups];
        } else {
            suspend(target, active);
            resume();
        }
    }

    /** Some of the active lanes go to one block, the others to another. */
    void branch(int taking, int taken, int next) {
        if (taking == active) {
            go(taken);
        } else if (taking == 0) {
            go(next);
        } else {
            suspend(taken, taking);
            suspend(next, active & ~taking);
            resume();
        }
    }

    /** Each active lane goes to the block its index picks. */
    void scatter(int[] indices, int[] targets, Site site) {
        for (int m = active; m != 0; m &= m - 1) {
            int lane = Integer.numberOfTrailingZeros(m);
            if (indices[lane] < 0 || indices[lane] >= targets.length) {
                throw Reports.warp(CudaResult.LAUNCH_FAILED, null, "branch index " + indices[lane] + " of "
                        + targets.length, this, 1 << lane, site);
            }
            suspend(targets[indices[lane]], 1 << lane);
        }
        resume();
    }

    /** Lanes end. */
    void exit(int lanes) {
        live &= ~lanes;
        active &= ~lanes;
        if (active == 0 && groups > 0) {
            resume();
        }
    }

    /** Puts lanes aside; the lowest block lies at the end. */
    private void suspend(int target, int lanes) {
        int i = groups;
        while (i > 0 && groupAt[i - 1] < target) {
            i--;
        }
        if (i > 0 && groupAt[i - 1] == target) {
            groupLanes[i - 1] |= lanes;
            return;
        }
        System.arraycopy(groupAt, i, groupAt, i + 1, groups - i);
        System.arraycopy(groupLanes, i, groupLanes, i + 1, groups - i);
        groupAt[i] = target;
        groupLanes[i] = lanes;
        groups++;
    }

    private void resume() {
        groups--;
        at = groupAt[groups];
        active = groupLanes[groups];
    }

    /** The active lanes come to a barrier of their block. */
    void arrive(BarrierCall barrier) {
        if (block.launch().checks().barriers()) {
            if (active != live) {
                throw Reports.warp(CudaResult.LAUNCH_FAILED, Check.BARRIER, "barrier divergence: "
                        + threads(live & ~active) + " of the warp went another way", this, active, barrier.site());
            }
            if (live != members && !barrier.arriveOnly()) {
                throw Reports.warp(CudaResult.LAUNCH_FAILED, Check.BARRIER, "barrier that "
                        + threads(members & ~live) + " can no longer reach, having exited", this, active,
                        barrier.site());
            }
        }
        waiting = barrier;
    }

    /** Checks that the threads that an instruction names take part in it together. */
    void requireConverged(int named, int mask, Site site) {
        if (!block.launch().checks().barriers()) {
            return;
        }
        int missing = named & members & ~mask;
        if (missing != 0) {
            throw Reports.warp(CudaResult.LAUNCH_FAILED, Check.BARRIER, "member mask 0x" + Integer.toHexString(named)
                    + " names " + threads(missing) + ", which "
                    + ((missing & live) == 0 ? "exited" : "went another way"), this, mask, site);
        }
        if ((mask & ~named) != 0) {
            throw Reports.warp(CudaResult.LAUNCH_FAILED, Check.BARRIER, "member mask 0x" + Integer.toHexString(named)
                    + " does not name " + threads(mask & ~named) + ", which execute it", this, mask, site);
        }
    }

    /** The warp's own clock. */
    int clock() {
        return block.clocks()[index][index];
    }

    /** What the warp knows of all clocks. */
    int[] known() {
        return block.clocks()[index];
    }

    /** What the warp knows of another's clock. */
    int knows(int other) {
        return block.clocks()[index][other];
    }

    /** Orders what the threads did before what they do next. */
    void synchronizeLanes() {
        block.clocks()[index][index]++;
    }

    /** Names a lane's thread. */
    String thread(int lane) {
        return block.thread(index * Lanes.COUNT + lane);
    }

    /** Names the threads of a mask: the first, and how many more. */
    String threads(int lanes) {
        if (lanes == 0) {
            return "no thread";
        }
        int more = Integer.bitCount(lanes) - 1;
        return thread(Integer.numberOfTrailingZeros(lanes)) + (more == 0 ? "" : " and " + more + " more (lanes 0x"
                + Integer.toHexString(lanes) + ")");
    }
}
