package dev.pillion.simulator.cluster;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What happens next: a heap by time, events of one time in the order they were entered. */
final class EventQueue {
    /** Something that happens at a time. */
    @FunctionalInterface
    interface Event {
        void happen(long nowNanos);
    }

    private long[] times = new long[256];
    private long[] orders = new long[256];
    private @Nullable Event[] events = new Event[256];
    private int size;
    private long entered;

    void at(long nanos, Event event) {
        if (size == times.length) {
            times = Arrays.copyOf(times, 2 * size);
            orders = Arrays.copyOf(orders, 2 * size);
            events = Arrays.copyOf(events, 2 * size);
        }
        siftUp(size++, nanos, entered++, event);
    }

    boolean isEmpty() {
        return size == 0;
    }

    long nextNanos() {
        return times[0];
    }

    /** Takes the first event out. */
    Event take() {
        Event first = Objects.requireNonNull(events[0]);
        int last = --size;
        Event moving = Objects.requireNonNull(events[last]);
        events[last] = null;
        if (last > 0) {
            siftDown(times[last], orders[last], moving);
        }
        return first;
    }

    private void siftUp(int from, long time, long order, Event event) {
        int at = from;
        while (at > 0) {
            int parent = (at - 1) >>> 1;
            if (times[parent] < time || times[parent] == time && orders[parent] < order) {
                break;
            }
            move(parent, at);
            at = parent;
        }
        place(at, time, order, event);
    }

    private void siftDown(long time, long order, Event event) {
        int at = 0;
        while (2 * at + 1 < size) {
            int child = 2 * at + 1;
            if (child + 1 < size && isBefore(child + 1, child)) {
                child++;
            }
            if (times[child] > time || times[child] == time && orders[child] > order) {
                break;
            }
            move(child, at);
            at = child;
        }
        place(at, time, order, event);
    }

    private boolean isBefore(int a, int b) {
        return times[a] < times[b] || times[a] == times[b] && orders[a] < orders[b];
    }

    private void move(int from, int to) {
        times[to] = times[from];
        orders[to] = orders[from];
        events[to] = events[from];
    }

    private void place(int at, long time, long order, Event event) {
        times[at] = time;
        orders[at] = order;
        events[at] = event;
    }
}
