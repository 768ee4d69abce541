package dev.pillion.kernels.virtual;

import dev.pillion.kernels.ptx.PtxInstruction;
import dev.pillion.kernels.ptx.PtxOperand;
import dev.pillion.kernels.ptx.PtxType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;

/**
 * A warp's copies from device to shared memory that are under way (PTX ISA, "cp.async"). The source is read when the
 * copy is issued; the target is written when it is waited for, and until then nobody may touch it.
 */
final class AsyncCopies {
    private final Warp warp;
    private final List<Copy> pending = new ArrayList<>();
    private final int[] committed = new int[Lanes.COUNT];

    AsyncCopies(Warp warp) {
        this.warp = warp;
    }

    /** A copy under way: its lane, its lane's group, where it goes and what it brings. */
    private record Copy(int lane, int group, int offset, byte[] content, Site site) {}

    void clear() {
        pending.clear();
        Arrays.fill(committed, 0);
    }

    private void start(int lane, int offset, byte[] content, Site site) {
        warp.shared.memory().begin(warp, lane, offset, content.length, site);
        pending.add(new Copy(lane, committed[lane], offset, content, site));
    }

    /** Writes what lanes of a mask wait for: all groups but the last few. */
    private void finish(int mask, int left) {
        Iterator<Copy> copies = pending.iterator();
        while (copies.hasNext()) {
            Copy copy = copies.next();
            if ((mask >>> copy.lane() & 1) != 0 && (left < 0 || copy.group() < committed[copy.lane()] - left)) {
                write(copy);
                copies.remove();
            }
        }
    }

    private void write(Copy copy) {
        SharedMemory memory = warp.shared.memory();
        System.arraycopy(copy.content(), 0, memory.data, copy.offset(), copy.content().length);
        memory.end(warp, copy.lane(), copy.offset(), copy.content().length, copy.site());
    }

    /** The warp has ended: what it did not wait for is written all the same. */
    void finishAll() {
        pending.forEach(this::write);
        pending.clear();
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
                byte[] content = new byte[bytes];
                if (count > 0) {
                    long address = source.address(warp, lane);
                    read(warp, lane, address, count, content);
                    traffic.addresses[n++] = address;
                }
                int at = warp.shared.locate("asynchronous write", target.address(warp, lane), bytes, lane, site);
                if (at >= 0) {
                    warp.copies.start(lane, at, content, site);
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
