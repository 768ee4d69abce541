package dev.pillion.kernels.virtual;

import java.util.Arrays;

/** A block of threads. One object runs many blocks of a launch, one after the other. */
final class ThreadBlock {
    /** Instructions that a warp runs before others have their turn, so that one may wait for another's writes. */
    private static final long QUANTUM = 20_000;

    private final Launch launch;
    private final SharedMemory shared;
    private final Warp[] warps;
    private final Barriers barriers;
    private final int[][] clocks;
    private final Traffic traffic = new Traffic();
    private final MatrixMultiply.Matrices matrices = new MatrixMultiply.Matrices();
    private final long[] executed;
    private Launch.Size index = new Launch.Size(0, 0, 0);

    ThreadBlock(Launch launch) {
        this.launch = launch;
        Launch.Size size = launch.block();
        int count = (int) ((size.product() + Lanes.COUNT - 1) / Lanes.COUNT);
        shared = new SharedMemory(this, program().sharedBytes(launch.dynamicBytes()), program().granule(), count,
                launch.checks());
        clocks = new int[count][count];
        warps = new Warp[count];
        executed = new long[count];
        for (int i = 0; i < count; i++) {
            warps[i] = new Warp(this, i);
            fillSpecialRegisters(warps[i]);
        }
        barriers = new Barriers(this, warps);
    }

    Program program() {
        return launch.program();
    }

    Launch launch() {
        return launch;
    }

    SharedMemory shared() {
        return shared;
    }

    Traffic traffic() {
        return traffic;
    }

    /** Room for matrix instructions. */
    MatrixMultiply.Matrices matrices() {
        return matrices;
    }

    /** Clocks of all warps as each warp knows them. */
    int[][] clocks() {
        return clocks;
    }

    private void fillSpecialRegisters(Warp warp) {
        Launch.Size size = launch.block();
        for (int lane = 0; lane < Lanes.COUNT; lane++) {
            int thread = warp.index * Lanes.COUNT + lane;
            set(warp, SpecialRegister.TID_X, lane, thread % size.x());
            set(warp, SpecialRegister.TID_Y, lane, thread / size.x() % size.y());
            set(warp, SpecialRegister.TID_Z, lane, thread / size.x() / size.y());
            set(warp, SpecialRegister.LANEID, lane, lane);
            set(warp, SpecialRegister.LANEMASK_EQ, lane, 1 << lane);
            set(warp, SpecialRegister.LANEMASK_LT, lane, (1 << lane) - 1);
            set(warp, SpecialRegister.LANEMASK_LE, lane, 2 * (1 << lane) - 1);
            set(warp, SpecialRegister.LANEMASK_GE, lane, -(1 << lane));
            set(warp, SpecialRegister.LANEMASK_GT, lane, -2 * (1 << lane));
        }
        setAll(warp, SpecialRegister.NTID_X, size.x());
        setAll(warp, SpecialRegister.NTID_Y, size.y());
        setAll(warp, SpecialRegister.NTID_Z, size.z());
        setAll(warp, SpecialRegister.NCTAID_X, launch.grid().x());
        setAll(warp, SpecialRegister.NCTAID_Y, launch.grid().y());
        setAll(warp, SpecialRegister.NCTAID_Z, launch.grid().z());
        setAll(warp, SpecialRegister.WARPID, warp.index);
        setAll(warp, SpecialRegister.NWARPID, clocks.length);
        setAll(warp, SpecialRegister.NSMID, launch.multiprocessors());
        setAll(warp, SpecialRegister.DYNAMIC_SHARED, launch.dynamicBytes());
        setAll(warp, SpecialRegister.TOTAL_SHARED, program().sharedBytes(launch.dynamicBytes()));
    }

    private static void set(Warp warp, SpecialRegister register, int lane, int value) {
        warp.words[register.ordinal()][lane] = value;
    }

    private static void setAll(Warp warp, SpecialRegister register, int value) {
        Arrays.fill(warp.words[register.ordinal()], value);
    }

    /** Runs one block to its end. */
    void run(Launch.Size at, long number) {
        index = at;
        begin(number);
        boolean moved = true;
        while (moved) {
            if (launch.state().closed()) {
                return;
            }
            moved = false;
            for (Warp warp : warps) {
                if (!warp.done() && warp.waiting() == null) {
                    step(warp);
                    moved = true;
                }
            }
            moved |= barriers.openIfAllWait();
        }
        barriers.requireAllDone();
    }

    private void step(Warp warp) {
        long before = warp.instructions;
        warp.run(QUANTUM);
        if (warp.waiting() != null) {
            barriers.arrive(warp);
        } else if (warp.done()) {
            warp.copies.finishAll();
        }
        executed[warp.index] += warp.instructions - before;
        if (executed[warp.index] > launch.instructionLimit()) {
            throw new KernelFault(CudaResult.LAUNCH_TIMEOUT, null, "kernel " + program().name() + ", " + name()
                    + ", warp " + warp.index + ": still running after " + executed[warp.index] + " instructions");
        }
    }

    private void begin(long number) {
        int start = shared.reset(highestClock());
        barriers.reset();
        Arrays.fill(executed, 0);
        long threads = launch.block().product();
        for (Warp warp : warps) {
            Arrays.fill(clocks[warp.index], start);
            clocks[warp.index][warp.index] = start + 1;
            setAll(warp, SpecialRegister.CTAID_X, index.x());
            setAll(warp, SpecialRegister.CTAID_Y, index.y());
            setAll(warp, SpecialRegister.CTAID_Z, index.z());
            setAll(warp, SpecialRegister.SMID, (int) (number % launch.multiprocessors()));
            long members = threads - (long) warp.index * Lanes.COUNT;
            warp.begin(members >= Lanes.COUNT ? -1 : (1 << members) - 1);
        }
    }

    private int highestClock() {
        int highest = 0;
        for (int i = 0; i < clocks.length; i++) {
            highest = Math.max(highest, clocks[i][i]);
        }
        return highest;
    }

    /** Adds what was executed so far to a launch's statistics. */
    void report(GridRun.Counts counts) {
        for (Warp warp : warps) {
            counts.instructions += warp.instructions;
            counts.laneInstructions += warp.laneInstructions;
        }
        counts.traffic.add(traffic);
    }

    /** Names the block. */
    String name() {
        return "block " + index;
    }

    /** Names a thread by its number in the block. */
    String thread(int number) {
        Launch.Size size = launch.block();
        return "thread " + new Launch.Size(number % size.x(), number / size.x() % size.y(),
                number / size.x() / size.y());
    }
}
