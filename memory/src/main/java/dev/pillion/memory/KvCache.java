package dev.pillion.memory;

import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The KV blocks of one device as the scheduler uses them: a pool, the prefix index over it and, where wanted, a host
 * tier behind it. Every operation is all-or-nothing; the copies a step needs pile up in {@link #copies()} and the
 * backend makes them, in order, before the step's first kernel.
 *
 * <p>A step is bracketed by {@link #beginStep} and either {@link #commitStep} or {@link #rollbackStep}. Content becomes
 * findable only by {@link #register}, which the scheduler calls for tokens of a step that ran, before it commits it; so
 * no other sequence can hit blocks of a step that failed.
 *
 * <p>A second step may begin before the first has ended ({@link #beginAheadStep}); it has a list of copies of its own, and
 * is accepted after the first or taken back before it.
 *
 * <p>Not thread-safe: one engine thread owns it.
 */
public final class KvCache {
    /** Result of {@link #tryAdmit} when the pool has too few free blocks. */
    public static final int REFUSED = -1;

    private final int blockTokens;
    private final int blockShift;
    private final BlockPool pool;
    private final PrefixHasher hasher;
    private final @Nullable PrefixIndex index;
    private final @Nullable RegistrationBatch batch;
    private final @Nullable HostTier host;
    private CopyList copies = new CopyList(64);
    private CopyList otherCopies = new CopyList(64);
    private boolean ahead;
    /** Blocks of the last match: a device block as it is, a host block as its bitwise complement. */
    private int[] matched = new int[64];

    private int[] fresh = new int[64];

    /**
     * A cache of free blocks.
     *
     * @param blockTokens tokens per block, a power of two
     * @param deviceBlocks blocks of the device pool
     * @param hostBlocks blocks of the host tier; 0 for none. Without prefix caching there is nothing to offload
     * @param prefixCaching whether computed blocks can be found again
     * @param hasher the prefix hash; its key should be random per process
     */
    public KvCache(int blockTokens, int deviceBlocks, int hostBlocks, boolean prefixCaching, PrefixHasher hasher) {
        this.blockTokens = blockTokens;
        this.blockShift = BlockTable.shiftOf(blockTokens);
        this.hasher = hasher;
        pool = prefixCaching ? BlockPool.indexed(deviceBlocks, this::evicted) : new BlockPool(deviceBlocks);
        index = prefixCaching ? new PrefixIndex(pool, blockTokens) : null;
        batch = index == null ? null : new RegistrationBatch(index, hasher, blockTokens);
        host = prefixCaching && hostBlocks > 0 ? new HostTier(hostBlocks, blockTokens) : null;
    }

    private void evicted(int block) {
        PrefixIndex known = Objects.requireNonNull(index);
        if (host != null) {
            host.offload(block, known, copies);
        }
        known.removeEvicted(block);
    }

    /** An empty table with room for {@code capacityTokens} before it grows. */
    public BlockTable newTable(int capacityTokens) {
        return new BlockTable(pool, blockTokens, capacityTokens);
    }

    /** An empty chain with room for {@code capacityTokens} before it grows. */
    public HashChain newChain(long salt, int capacityTokens) {
        return new HashChain(hasher, blockTokens, salt, index == null ? 0 : capacityTokens);
    }

    /** Starts the list of copies of a new step. */
    public void beginStep() {
        copies.clear();
    }

    /** As {@link #beginStep} while a step is under way, whose list stays as it is. */
    public void beginAheadStep() {
        CopyList older = copies;
        copies = otherCopies;
        otherCopies = older;
        copies.clear();
        ahead = true;
        if (host != null) {
            host.beginAhead();
        }
    }

    /**
     * The step ran, of two the older one: what was registered can be found from now on, what was offloaded can be relied
     * on.
     */
    public void commitStep() {
        if (batch != null) {
            batch.flush();
        }
        if (host != null && ahead) {
            host.acceptOlderStep();
        } else if (host != null) {
            host.acceptStep();
        }
        ahead = false;
    }

    /** The step failed, of two the newer one: forgets what its copies were to put into the host tier. */
    public void rollbackStep() {
        if (ahead) {
            CopyList newer = copies;
            copies = otherCopies;
            otherCopies = newer;
        }
        ahead = false;
        if (host != null) {
            host.discardStep();
        }
    }

    /** Forgets all cached content of both tiers; blocks that tables hold stay theirs. */
    public void forgetContent() {
        if (index != null) {
            index.clear();
        }
        if (host != null) {
            host.clear();
        }
    }

    /**
     * Full blocks of the longest known prefix, in either tier, of the first {@code length} tokens; at least one token
     * is left to compute. Changes nothing but the chain, which it extends.
     */
    public int match(HashChain chain, int[] tokens, int length) {
        if (index == null) {
            return 0;
        }
        chain.extend(tokens, length);
        int most = (length - 1) >> blockShift;
        if (most > matched.length) {
            matched = new int[Math.max(most, 2 * matched.length)];
        }
        int count = 0;
        while (count < most) {
            int block = index.find(chain, count, tokens);
            if (block < 0) {
                int hostBlock = host == null ? -1 : host.find(chain, count, tokens);
                if (hostBlock < 0) {
                    break;
                }
                block = ~hostBlock;
            }
            matched[count++] = block;
        }
        return count;
    }

    /**
     * Gives an empty table blocks for {@code length} tokens, those of the longest known prefix first. Device hits are
     * shared, host hits get a fresh block and a copy, the rest is fresh.
     *
     * @param watermarkBlocks blocks that must still be free afterwards
     * @return tokens the prefix hit saves, or {@link #REFUSED} with nothing changed
     */
    public int tryAdmit(BlockTable table, HashChain chain, int[] tokens, int length, int watermarkBlocks) {
        if (table.count() != 0) {
            throw new IllegalStateException("admitted a table that holds " + table.count() + " blocks");
        }
        int hits = match(chain, tokens, length);
        int deviceHits = 0;
        int freeHits = 0;
        for (int i = 0; i < hits; i++) {
            if (matched[i] >= 0) {
                deviceHits++;
                freeHits += pool.references(matched[i]) == 0 ? 1 : 0;
            }
        }
        int needed = table.blocksFor(length) - deviceHits;
        if (!pool.hasFree(needed + freeHits, watermarkBlocks)) {
            return REFUSED;
        }
        hold(hits);
        if (needed > fresh.length) {
            fresh = new int[Math.max(needed, 2 * fresh.length)];
        }
        pool.tryAllocate(needed, fresh, 0);
        fill(table, hits, needed);
        return hits << blockShift;
    }

    /** Keeps the matched blocks of both tiers from the evictions that the allocation is about to cause. */
    private void hold(int hits) {
        for (int i = 0; i < hits; i++) {
            if (matched[i] >= 0) {
                pool.retain(matched[i]);
            } else {
                Objects.requireNonNull(host).pin(~matched[i]);
            }
        }
    }

    private void fill(BlockTable table, int hits, int freshCount) {
        int used = 0;
        for (int i = 0; i < hits; i++) {
            if (matched[i] >= 0) {
                table.adopt(matched[i]);
            } else {
                int hostBlock = ~matched[i];
                copies.add(BlockAddress.HOST_POOL, hostBlock, BlockAddress.DEVICE_POOL, fresh[used]);
                Objects.requireNonNull(host).unpin(hostBlock);
                table.adopt(fresh[used++]);
            }
        }
        while (used < freshCount) {
            table.adopt(fresh[used++]);
        }
    }

    /**
     * Makes positions {@code start} to {@code end} of a table writable: grows it and copies a shared block on its first
     * write.
     *
     * @return false, with nothing changed, if too few blocks are free
     */
    public boolean tryExtend(BlockTable table, int start, int end) {
        boolean shared = table.isShared(start);
        int needed = Math.max(0, table.blocksFor(end) - table.count()) + (shared ? 1 : 0);
        return needed == 0 || pool.freeBlocks() >= needed && table.ensureWritable(start, copies) && table.tryGrow(end);
    }

    /**
     * Makes full blocks {@code fromBlock} to {@code toBlock} of a sequence findable, some only with {@link #commitStep},
     * and until then the table must keep them. Their tokens must be final and the step that wrote them must have run.
     */
    public void register(BlockTable table, HashChain chain, int[] tokens, int fromBlock, int toBlock) {
        if (index == null || batch == null) {
            return;
        }
        if (fromBlock + 1 == toBlock && chain.blocks() == fromBlock) {
            batch.add(table.block(fromBlock), chain, tokens);
            return;
        }
        chain.extend(tokens, toBlock << blockShift);
        for (int i = fromBlock; i < toBlock; i++) {
            index.insert(table.block(i), chain, i, tokens);
        }
    }

    /** Copies of the step begun last, to be made in order before it. */
    public CopyList copies() {
        return copies;
    }

    /** The device pool. */
    public BlockPool pool() {
        return pool;
    }

    /** The pool of the host tier, if there is one. */
    public Optional<BlockPool> hostPool() {
        return host == null ? Optional.empty() : Optional.of(host.pool());
    }

    /** Whether computed blocks can be found again. */
    public boolean prefixCaching() {
        return index != null;
    }

    /** Blocks of the device pool that can be found by their content. */
    public int cachedBlocks() {
        return index == null ? 0 : index.size();
    }

    /** Blocks of the host tier that can be found by their content; 0 without one. */
    public int hostCachedBlocks() {
        return host == null ? 0 : host.size();
    }

    /** Tokens per block. */
    public int blockTokens() {
        return blockTokens;
    }

    /** Blocks that {@code tokens} tokens fill to the last row. */
    public int fullBlocks(int tokens) {
        return tokens >> blockShift;
    }

    /** Blocks that {@code tokens} tokens need. */
    public long blocksFor(long tokens) {
        return (tokens + blockTokens - 1) >> blockShift;
    }
}
