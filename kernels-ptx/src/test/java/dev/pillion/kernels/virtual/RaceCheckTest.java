package dev.pillion.kernels.virtual;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Seeded races in shared memory, each beside the same kernel with the synchronisation that it lacks. */
class RaceCheckTest {
    /** A word of another warp, and one of another lane of the same warp. */
    private static final String OTHER_WARP = "xor.b32 %r1, %s, 128; ";
    private static final String OTHER_LANE = "xor.b32 %r1, %s, 4; ";

    private static void race(String body, String... words) {
        new SeededBug(body).isFound(Check.SHARED_RACE, CudaResult.LAUNCH_FAILED, 64, words);
    }

    private static void clean(String body) {
        new SeededBug(body).isClean(64);
    }

    @Test
    void readsWhatAnotherWarpWrites() {
        // Warp 0 runs first: it is its write that warp 1 reads.
        String text = "st.shared.u32 [%s], 0; bar.sync 0; setp.ge.u32 %p, %t, 32; @%p bra second; st.shared.u32 [%s], 1; SYNC"
                + " ret;\nsecond: SYNC sub.s32 %r1, %s, 128;\n ld.shared.u32 %r2, [%r1]; //!";
        race(text.replace("SYNC", ""),
                "race: read of 4 bytes at 0x0 in shared memory, written by thread (0, 0, 0) (PTX line",
                "with no barrier between", ", thread (32, 0, 0)");
        clean(text.replace("SYNC", "bar.sync 0;"));
        clean(text.replace("SYNC", "barrier.sync 1, 64;"));
    }

    @Test
    void writesWhatAnotherWarpReads() {
        String text = "st.shared.u32 [%s], 1; bar.sync 0; setp.ge.u32 %p, %t, 32; @%p bra second; ld.shared.u32 %r2, [%s+128]; SYNC"
                + " ret;\nsecond: SYNC\n st.shared.u32 [%s], %r2; //!";
        race(text.replace("SYNC", ""),
                "race: write of 4 bytes at 0x80 in shared memory, read by thread (0, 0, 0) (PTX line",
                ", thread (32, 0, 0)");
        clean(text.replace("SYNC", "bar.sync 0;"));
    }

    @Test
    void writesWhatAnotherWarpWrites() {
        String text = OTHER_WARP + "st.shared.u32 [%s], 1; SYNC\n st.shared.u32 [%r1], 1; //!";
        race(text.replace("SYNC", "setp.lt.u32 %p, %t, 32; @%p ret;"), "race: write of 4 bytes at 0x0",
                "written by thread (0, 0, 0)", ", thread (32, 0, 0)");
        clean(text.replace("SYNC", "bar.sync 0;"));
    }

    @Test
    void lanesOfAWarpNeedASynchronisation() {
        String text = OTHER_LANE + "st.shared.u32 [%s], %t; SYNC\n ld.shared.u32 %r2, [%r1]; //!";
        race(text.replace("SYNC", ""), "race: read of 4 bytes", "written by thread (1, 0, 0)", ", thread (0, 0, 0)");
        race(text.replace("SYNC", "shfl.sync.bfly.b32 %r3, %t, 1, 31, -1;"), "race: read");
        clean(text.replace("SYNC", "bar.warp.sync -1;"));
        clean(text.replace("SYNC", "bar.sync 0;"));
    }

    @Test
    void lanesThatReadAreNotOvertaken() {
        String text = OTHER_LANE + "st.shared.u32 [%s], %t; bar.warp.sync -1; ld.shared.u32 %r2, [%r1]; SYNC\n st.shared.u32 [%s], %r2; //!";
        race(text.replace("SYNC", ""), "race: write", "read by thread (1, 0, 0)");
        clean(text.replace("SYNC", "bar.warp.sync -1;"));
    }

    @Test
    void oneInstructionMayWriteOneValue() {
        race("mov.u32 %r1, tile; st.shared.u32 [%r1], %t; //!", "another value by a lower lane", "thread (1, 0, 0)");
        // Both warps would race, so only one takes part.
        clean("setp.ge.u32 %p, %t, 32; @%p ret; mov.u32 %r1, tile; st.shared.u32 [%r1], 7;");
    }

    @Test
    void neighbouringBytesAreNotTheSame() {
        clean("add.s32 %r1, %r0, %t; st.shared.u8 [%r1], %r1; bar.sync 0; ld.shared.u8 %r2, [%r1];");
        clean("shl.b32 %r1, %t, 1; add.s32 %r1, %r1, %r0; st.shared.u16 [%r1], %h0;");
    }

    @Test
    void atomicsDoNotRaceWithAtomics() {
        String first = "setp.eq.u32 %p, %t, 0; @%p st.shared.u32 [tile], 0; bar.sync 0; ";
        clean(first + "atom.shared.add.u32 %r1, [tile], 1; red.shared.max.u32 [tile], %t;");
        race(first + "atom.shared.add.u32 %r1, [tile], 1;\n ld.shared.u32 %r2, [tile]; //!", "race: read",
                "written by thread");
    }

    @Test
    void partOfABlockSynchronises() {
        // Warps 0 and 1 meet at barrier 1, warps 2 and 3 at barrier 2; what they exchange stays within the pair.
        String pairs = "shr.u32 %r3, %t, 6; add.u32 %r3, %r3, 1; " + OTHER_WARP
                + "st.shared.u32 [%s], 1; bar.sync %r3, 64;\n ld.shared.u32 %r2, [%r1]; //!";
        new SeededBug(pairs).isClean(128);
        String across = pairs.replace("%s, 128", "%s, 256");
        String written = "st.shared.u32 [%s], 0; bar.sync 0; ";
        assertThat(new SeededBug(written + across).error(128)).hasMessageContaining("race");
    }

    @Test
    void arrivingOrdersWithoutWaiting() {
        String text = "setp.lt.u32 %p, %t, 32; @%p bra consumer; st.shared.u32 [%s], 1; bar.arrive 1, 64; ret;\n"
                + "consumer: ORDER xor.b32 %r1, %s, 128; ld.shared.u32 %r2, [%r1];";
        new SeededBug(text.replace("ORDER", "bar.sync 1, 64;")).isClean(64);
    }

    @Test
    void copiesUnderWayAreNotTouched() {
        String text = "and.b32 %r1, %s, 255; cp.async.ca.shared.global [%r1], [%g], 4; cp.async.commit_group; WAIT\n"
                + " ld.shared.u32 %r2, [%r1]; //!";
        race("st.shared.u32 [%s], 0; bar.sync 0; " + text.replace("WAIT", ""), "still being written by cp.async",
                "thread (0, 0, 0)");
        race("st.shared.u32 [%s], 0; bar.sync 0; " + text.replace("WAIT", "cp.async.wait_group 1;"),
                "still being written by cp.async");
        clean(text.replace("WAIT", "cp.async.wait_group 0;"));
    }

    @Test
    void copiesAreOrderedByBarriersToo() {
        String text = OTHER_LANE
                + "cp.async.ca.shared.global [%s], [%g], 4; cp.async.wait_all; SYNC\n ld.shared.u32 %r2, [%r1]; //!";
        race(text.replace("SYNC", ""), "race: read", "written by thread (1, 0, 0)");
        clean(text.replace("SYNC", "bar.sync 0;"));
    }

    @Test
    void copiesDoNotOvertakeReaders() {
        String text = "st.shared.u32 [%s], 1; bar.sync 0; " + OTHER_LANE + "ld.shared.u32 %r2, [%r1]; SYNC\n"
                + " cp.async.ca.shared.global [%s], [%g], 4; //!\n cp.async.wait_all;";
        race(text.replace("SYNC", ""), "race: write", "read by thread (1, 0, 0)");
        clean(text.replace("SYNC", "bar.sync 0;"));
    }
}
