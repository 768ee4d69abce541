package dev.pillion.kernels.virtual;

import dev.pillion.kernels.ptx.PtxInstruction;
import dev.pillion.kernels.ptx.PtxOperand;
import dev.pillion.kernels.ptx.PtxType;
import java.util.Arrays;

/**
 * A warp's copies from device to shared memory that are under way (PTX ISA, "cp.async"). The source is read when the
 * copy is issued; the target is written when it is waited for, and until then nobody may touch it.
 */
final class AsyncCopies {
    private static final int MAX_BYTES = 16;

    private final Warp warp;
    private final int[] committed = new int[Lanes.COUNT];
    private Site[] sites = new Site[64];
    private int[] lanes = new int[64];
    private int[] groups = new int[64];
    private int[] offsets = new int[64];
    private int[] lengths = new int[64];
    private byte[] contents = new byte[64 * MAX_BYTES];
    private final byte[] incoming = new byte[MAX_BYTES];
    private int count;

    AsyncCopies(Warp warp) {
        this.warp = warp;
    }

    void clear() {
        count = 0;
        Arrays.fill(committed, 0);
    }

    private void start(int lane, int offset, byte[] content, int length, Site site) {
        warp.shared.memory().begin(warp, lane, offset, length, site);
        if (count == lanes.length) {
            grow();
        }
        sites[count] = site;
        lanes[count] = lane;
        groups[count] = committed[lane];
        offsets[count] = offset;
        lengths[count] = length;
        System.arraycopy(content, 0, contents, count * MAX_BYTES, length);
        count++;
    }

    private void grow() {
        sites = Arrays.copyOf(sites, 2 * count);
        lanes = Arrays.copyOf(lanes, 2 * count);
        groups = Arrays.copyOf(groups, 2 * count);
        offsets = Arrays.copyOf(offsets, 2 * count);
        lengths = Arrays.copyOf(lengths, 2 * count);
        contents = Arrays.copyOf(contents, 2 * count * MAX_BYTES);
    }

    /** Writes what lanes of a mask wait for: all groups but the last few, or all copies for a negative number. */
    private void finish(int mask, int left) {
        int kept = 0;
        for (int i = 0; i < count; i++) {
            int lane = lanes[i];
            if ((mask >>> lane & 1) != 0 && (left < 0 || groups[i] < committed[lane] - left)) {
                write(i);
            } else {
                keep(i, kept++);
            }
        }
        count = kept;
    }

    private void keep(int from, int to) {
        if (from != to) {
            sites[to] = sites[from];
            lanes[to] = lanes[from];
            groups[to] = groups[from];
            offsets[to] = offsets[from];
            lengths[to] = lengths[from];
            System.arraycopy(contents, from * MAX_BYTES, contents, to * MAX_BYTES, MAX_BYTES);
        }
    }

    private void write(int i) {
        SharedMemory memory = warp.shared.memory();
        System.arraycopy(contents, i * MAX_BYTES, memory.data, offsets[i], lengths[i]);
        memory.end(warp, lanes[i], offsets[i], lengths[i], sites[i]);
    }

    /** The warp has ended: what it did not wait for is written all the same. */
    void finishAll() {
        finish(-1, -1);
    }

    static Instruction decode(Operands o) {
        PtxInstruction i = o.instruction();
        if (!i.has("async") || i.has("bulk") || i.has("mbarrier")) {
            throw o.unknown();
        }
        if (i.has("commit_group")) {
            return new Instruction() {
                @Override
                void run(Warp warp, int mask) {
                    for (int m = mask; m != 0; m &= m - 1) {
                        warp.copies.committed[Integer.numberOfTrailingZeros(m)]++;
                    }
                }
            };
        }
        if (i.has("wait_group") || i.has("wait_all")) {
            int left = i.has("wait_all") ? -1 : o.literal(0);
            return new Instruction() {
                @Override
                void run(Warp warp, int mask) {
                    warp.copies.finish(mask, left);
                }
            };
        }
        return new Issue(o);
    }

    /** Issues copies. */
    private static final class Issue extends Instruction {
        private final Site site;
        private final MemoryOperand target;
        private final MemoryOperand source;
        private final int bytes;
        private final int sourceBytes;
        private final PredicateSource ignore;
        private final boolean mayIgnore;

        Issue(Operands o) {
            PtxInstruction i = o.instruction();
            site = o.site();
            target = MemoryOperand.of(o, 0, Space.SHARED);
            source = MemoryOperand.of(o, 1, Space.GLOBAL);
            bytes = o.literal(2);
            boolean fourth = o.count() > 3;
            mayIgnore = fourth && (o.isPredicate(o.operand(3)) || o.operand(3) instanceof PtxOperand.Not);
            ignore = mayIgnore ? o.predicate(o.operand(3)) : new PredicateSource(0, 0);
            sourceBytes = fourth && !mayIgnore ? o.word(3, PtxType.U32) : -1;
            if (bytes != 4 && bytes != 8 && bytes != 16 || i.has("cg") && bytes != 16 || o.count() > 4
                    || i.has("L2::cache_hint")) {
                throw o.unknown();
            }
        }

        @Override
        void run(Warp warp, int mask) {
            byte[] content = warp.copies.incoming;
            int ignored = mayIgnore ? ignore.lanes(warp) : 0;
            Traffic traffic = warp.traffic;
            int n = 0;
            for (int m = mask; m != 0; m &= m - 1) {
                int lane = Integer.numberOfTrailingZeros(m);
                int count = (ignored >>> lane & 1) != 0 ? 0 : sourceBytes < 0 ? bytes : warp.words[sourceBytes][lane];
                if (count < 0 || count > bytes) {
                    throw Reports.warp(CudaResult.LAUNCH_FAILED, Check.BOUNDS, "cp.async of " + count + " of " + bytes
                            + " bytes", warp, 1 << lane, site);
                }
                if (count < bytes) {
                    Arrays.fill(content, (byte) 0);
                }
                if (count > 0) {
                    long address = source.address(warp, lane);
                    read(warp, lane, address, count, content);
                    traffic.addresses[n++] = address;
                }
                int at = warp.shared.locate("asynchronous write", target.address(warp, lane), bytes, lane, site);
                if (at >= 0) {
                    warp.copies.start(lane, at, content, bytes, site);
                }
            }
            if (n > 0) {
                traffic.countRead(n, bytes);
            }
        }

        /** Reads the bytes that count; the address must be aligned for the whole copy all the same. */
        private void read(Warp warp, int lane, long address, int count, byte[] content) {
            if (count == bytes) {
                int at = warp.global.read(address, bytes, lane, site);
                System.arraycopy(warp.global.data, at, content, 0, bytes);
                return;
            }
            if ((address & bytes - 1) != 0 && warp.block.launch().checks().alignment()) {
                throw warp.global.misaligned("asynchronous read", address, bytes, lane, site);
            }
            for (int k = 0; k < count; k++) {
                int at = warp.global.read(address + k, 1, lane, site);
                content[k] = warp.global.data[at];
            }
        }
    }
}
