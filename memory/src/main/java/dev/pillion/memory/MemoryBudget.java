package dev.pillion.memory;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One node of the tree that says who may use how many bytes of a device or of the host.
 *
 * <p>The model is Arrow's. A budget has a <em>reservation</em>, which its parent counts as used from the start and
 * therefore can always be drawn, and a <em>limit</em>. Bytes beyond the reservation are charged to the parent, and so
 * on to the root; a reservation of bytes succeeds when every budget on that way stays within its limit, and otherwise
 * changes nothing and names the one that refused. The tree counts bytes; allocating them is the caller's business and
 * comes after.
 *
 * <p>Thread-safe: one lock per tree, since bytes are reserved in few large pieces and never per step.
 */
public final class MemoryBudget implements AutoCloseable {
    /** A limit that never refuses. */
    public static final long UNLIMITED = Long.MAX_VALUE;

    private final String name;
    private final List<MemoryBudget> ancestors;
    private final long reservationBytes;
    private final long limitBytes;
    private final Object lock;
    private final List<MemoryBudget> children = new ArrayList<>();
    private long ownBytes;
    private long usedBytes;
    private long peakBytes;
    private boolean closed;

    private MemoryBudget(
            String name, List<MemoryBudget> ancestors, long reservationBytes, long limitBytes, Object lock) {
        if (name.isBlank() || name.contains("/")) {
            throw new IllegalArgumentException("a budget needs a name without '/', not \"" + name + "\"");
        }
        if (reservationBytes < 0 || limitBytes < reservationBytes) {
            throw new IllegalArgumentException("budget " + name + ": reservation " + reservationBytes
                    + " must lie between 0 and the limit " + limitBytes);
        }
        this.name = name;
        this.ancestors = ancestors;
        this.reservationBytes = reservationBytes;
        this.limitBytes = limitBytes;
        this.lock = lock;
    }

    /** The root of a new tree. */
    public static MemoryBudget root(String name, long limitBytes) {
        return new MemoryBudget(name, List.of(), 0, limitBytes, new Object());
    }

    /**
     * A budget below this one.
     *
     * @param reservationBytes bytes that count as used here from now on until the child closes
     * @param limitBytes most the child may use
     * @throws BudgetExceededException if this budget or one above cannot keep the reservation
     */
    public MemoryBudget child(String name, long reservationBytes, long limitBytes) {
        List<MemoryBudget> above = new ArrayList<>(ancestors.size() + 1);
        above.add(this);
        above.addAll(ancestors);
        MemoryBudget child = new MemoryBudget(name, List.copyOf(above), reservationBytes, limitBytes, lock);
        synchronized (lock) {
            checkOpen();
            if (children.stream().anyMatch(c -> c.name.equals(name))) {
                throw new IllegalArgumentException("budget " + path() + " already has a child " + name);
            }
            charge(this, reservationBytes, child.path());
            children.add(child);
        }
        return child;
    }

    /**
     * Counts {@code bytes} as used here.
     *
     * @throws BudgetExceededException if a limit stands in the way; nothing is counted then
     */
    public void reserve(long bytes) {
        synchronized (lock) {
            checkOpen();
            checkNotNegative(bytes);
            charge(this, bytes, path());
            ownBytes += bytes;
        }
    }

    /** As {@link #reserve}, but says {@code false} where that would throw. */
    public boolean tryReserve(long bytes) {
        synchronized (lock) {
            checkOpen();
            checkNotNegative(bytes);
            if (refusal(this, bytes) != null) {
                return false;
            }
            charge(this, bytes, path());
            ownBytes += bytes;
            return true;
        }
    }

    /**
     * Gives back bytes reserved here.
     *
     * @throws IllegalStateException if fewer were reserved here and not given back
     */
    public void release(long bytes) {
        synchronized (lock) {
            checkNotNegative(bytes);
            if (bytes > ownBytes) {
                throw new IllegalStateException(
                        "budget " + path() + " holds " + ownBytes + " bytes of its own and cannot release " + bytes);
            }
            ownBytes -= bytes;
            discharge(this, bytes);
        }
    }

    /**
     * Ends this budget and returns its reservation to the parent.
     *
     * @throws IllegalStateException if bytes are still reserved here or a child is still open; it stays open then
     */
    @Override
    public void close() {
        synchronized (lock) {
            if (closed) {
                return;
            }
            if (!children.isEmpty()) {
                throw new IllegalStateException("budget " + path() + " closes before its children "
                        + children.stream().map(c -> c.name + " (" + c.usedBytes + " bytes used)").toList());
            }
            if (ownBytes > 0) {
                throw new IllegalStateException(
                        "budget " + path() + " closes with " + ownBytes + " bytes outstanding; release them first");
            }
            closed = true;
            if (!ancestors.isEmpty()) {
                MemoryBudget parent = ancestors.get(0);
                parent.children.remove(this);
                discharge(parent, reservationBytes);
            }
        }
    }

    /** The budget's own name. */
    public String name() {
        return name;
    }

    /** Names from the root to here, joined by {@code /}. */
    public String path() {
        StringBuilder path = new StringBuilder();
        for (int i = ancestors.size() - 1; i >= 0; i--) {
            path.append(ancestors.get(i).name).append('/');
        }
        return path.append(name).toString();
    }

    /** Bytes the parent keeps for this budget. */
    public long reservationBytes() {
        return reservationBytes;
    }

    /** Most this budget may use. */
    public long limitBytes() {
        return limitBytes;
    }

    /** Bytes in use here and below, counting the reservations of children as used. */
    public long usedBytes() {
        synchronized (lock) {
            return usedBytes;
        }
    }

    /** Highest {@link #usedBytes} so far. */
    public long peakBytes() {
        synchronized (lock) {
            return peakBytes;
        }
    }

    /** Bytes that could be reserved here now: what this budget and all above would let pass. */
    public long availableBytes() {
        synchronized (lock) {
            long available = limitBytes - usedBytes;
            long covered = Math.max(0, reservationBytes - usedBytes);
            for (MemoryBudget above : ancestors) {
                available = Math.min(available, saturatedAdd(above.limitBytes - above.usedBytes, covered));
                covered = saturatedAdd(covered, Math.max(0, above.reservationBytes - above.usedBytes));
            }
            return available;
        }
    }

    /** The numbers of this budget and of those below. */
    public BudgetReport report() {
        synchronized (lock) {
            List<BudgetReport> below = children.stream().map(MemoryBudget::report).toList();
            return new BudgetReport(name, reservationBytes, limitBytes, usedBytes, peakBytes, below);
        }
    }

    /** Charges {@code budget} and those above it, or none of them. */
    private static void charge(MemoryBudget budget, long bytes, String askedBy) {
        Refusal refusal = refusal(budget, bytes);
        if (refusal != null) {
            MemoryBudget by = refusal.by;
            throw new BudgetExceededException(askedBy, by.path(), refusal.requested, by.usedBytes, by.limitBytes);
        }
        long rest = bytes;
        rest = budget.add(rest);
        for (int i = 0; i < budget.ancestors.size() && rest > 0; i++) {
            rest = budget.ancestors.get(i).add(rest);
        }
    }

    private record Refusal(MemoryBudget by, long requested) {
    }

    private static @Nullable Refusal refusal(MemoryBudget budget, long bytes) {
        long rest = bytes;
        MemoryBudget at = budget;
        for (int i = 0; rest > 0; i++) {
            if (rest > at.limitBytes - at.usedBytes) {
                return new Refusal(at, rest);
            }
            rest = Math.max(at.reservationBytes, at.usedBytes + rest) - Math.max(at.reservationBytes, at.usedBytes);
            if (i == budget.ancestors.size()) {
                break;
            }
            at = budget.ancestors.get(i);
        }
        return null;
    }

    private static void discharge(MemoryBudget budget, long bytes) {
        long rest = budget.subtract(bytes);
        for (int i = 0; i < budget.ancestors.size() && rest > 0; i++) {
            rest = budget.ancestors.get(i).subtract(rest);
        }
    }

    /** Adds to this budget alone and returns what its reservation does not cover. */
    private long add(long bytes) {
        long before = Math.max(reservationBytes, usedBytes);
        usedBytes += bytes;
        peakBytes = Math.max(peakBytes, usedBytes);
        return Math.max(reservationBytes, usedBytes) - before;
    }

    private long subtract(long bytes) {
        long before = Math.max(reservationBytes, usedBytes);
        usedBytes -= bytes;
        return before - Math.max(reservationBytes, usedBytes);
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("budget " + path() + " is closed");
        }
    }

    private void checkNotNegative(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("budget " + path() + ": " + bytes + " bytes");
        }
    }

    private static long saturatedAdd(long a, long b) {
        long sum = a + b;
        return sum < 0 ? Long.MAX_VALUE : sum;
    }
}
