package dev.pillion.scheduler;

import dev.pillion.memory.KvCache;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The waiting sequences in the order of a {@link QueuePolicy}: a binary heap in which each sequence knows its place, so
 * that taking the first and removing any one cost a logarithm and nothing is ever sorted as a whole.
 *
 * <p>Admission looks past sequences that do not fit: {@link #beginScan} and {@link #next} hand out candidates in order,
 * those not {@link #take taken} go back at {@link #endScan}. The head of the queue that stays is put aside without
 * leaving its rank.
 */
final class WaitingQueue {
    private final QueuePolicy policy;
    private @Nullable Sequence[] heap;
    private int size;
    private long tokens;

    /** Candidates of the running scan, in rank order; those before {@code scanned} have been handed out. */
    private @Nullable Sequence[] scan;

    private long[] scanKeys = new long[0];
    private int scanSize;
    private int scanned;

    WaitingQueue(QueuePolicy policy, int capacity) {
        this.policy = policy;
        heap = new Sequence[Math.clamp(capacity, 16, 1 << 16)];
        scan = new Sequence[64];
    }

    void offer(Sequence sequence) {
        sequence.queueKey = policy.key(sequence);
        tokens += sequence.length;
        push(sequence);
    }

    /** Removes a sequence from any place. */
    void remove(Sequence sequence) {
        tokens -= sequence.length;
        int at = sequence.queueIndex;
        sequence.queueIndex = -1;
        Sequence last = at(--size);
        heap[size] = null;
        if (last != sequence) {
            place(last, at);
            siftUp(at);
            siftDown(last.queueIndex);
        }
    }

    /** Starts handing out candidates from the front. */
    void beginScan(KvCache cache) {
        scanSize = 0;
        scanned = 0;
        int window = Math.min(policy.window(), size);
        if (window > 0) {
            rankWindow(window, cache);
        }
    }

    /** Takes the first {@code window} off the heap and orders them by the policy's key of the moment. */
    private void rankWindow(int window, KvCache cache) {
        if (scanKeys.length < window) {
            scanKeys = new long[window];
        }
        for (int i = 0; i < window; i++) {
            Sequence sequence = pop();
            long key = policy.windowKey(sequence, cache);
            ensureScan(scanSize + 1);
            int at = scanSize++;
            for (; at > 0 && scanKeys[at - 1] > key; at--) {
                scan[at] = scan[at - 1];
                scanKeys[at] = scanKeys[at - 1];
            }
            scan[at] = sequence;
            scanKeys[at] = key;
        }
    }

    /** The next candidate, or null when there is none. */
    @Nullable Sequence next() {
        if (scanned == scanSize) {
            if (size == 0) {
                return null;
            }
            ensureScan(scanSize + 1);
            scan[scanSize++] = pop();
        }
        return scan[scanned++];
    }

    /** Takes the candidate that {@link #next} returned last out of the queue for good. */
    void take() {
        Sequence taken = scan[scanned - 1];
        if (taken != null) {
            tokens -= taken.length;
        }
        scan[scanned - 1] = null;
    }

    /** Puts all candidates back that were not taken. */
    void endScan() {
        for (int i = 0; i < scanSize; i++) {
            Sequence sequence = scan[i];
            if (sequence != null) {
                push(sequence);
                scan[i] = null;
            }
        }
        scanSize = 0;
        scanned = 0;
    }

    int size() {
        return size;
    }

    /** Known tokens of all waiting. */
    long tokens() {
        return tokens;
    }

    /** Sequence at a place of the heap, for checks. */
    Sequence at(int i) {
        Sequence sequence = heap[i];
        if (sequence == null) {
            throw new IndexOutOfBoundsException("waiting sequence " + i + " of " + size);
        }
        return sequence;
    }

    /** Whether {@code a} is before {@code b} in the queue. */
    static boolean before(Sequence a, Sequence b) {
        return a.queueKey != b.queueKey ? a.queueKey < b.queueKey : a.isOlderThan(b);
    }

    private void push(Sequence sequence) {
        if (size == heap.length) {
            heap = Arrays.copyOf(heap, 2 * size);
        }
        place(sequence, size++);
        siftUp(size - 1);
    }

    private Sequence pop() {
        Sequence first = at(0);
        first.queueIndex = -1;
        Sequence last = at(--size);
        heap[size] = null;
        if (last != first) {
            place(last, 0);
            siftDown(0);
        }
        return first;
    }

    private void siftUp(int from) {
        int at = from;
        Sequence moving = at(from);
        while (at > 0) {
            int parent = (at - 1) >>> 1;
            if (!before(moving, at(parent))) {
                break;
            }
            place(at(parent), at);
            at = parent;
        }
        place(moving, at);
    }

    private void siftDown(int from) {
        int at = from;
        Sequence moving = at(from);
        while (2 * at + 1 < size) {
            int child = 2 * at + 1;
            if (child + 1 < size && before(at(child + 1), at(child))) {
                child++;
            }
            if (!before(at(child), moving)) {
                break;
            }
            place(at(child), at);
            at = child;
        }
        place(moving, at);
    }

    private void place(Sequence sequence, int at) {
        heap[at] = sequence;
        sequence.queueIndex = at;
    }

    private void ensureScan(int needed) {
        if (needed > scan.length) {
            scan = Arrays.copyOf(scan, 2 * needed);
        }
    }
}
