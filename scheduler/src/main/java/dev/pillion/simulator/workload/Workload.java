package dev.pillion.simulator.workload;

import java.util.List;

/** Requests that can be served again and again: each {@link #open} hands out the same ones. */
public interface Workload {
    /** One line for people. */
    String description();

    /** Number of requests. */
    long size();

    /** Whether requests may share prefixes; where none can, a simulation need not look for them. */
    boolean sharesPrefixes();

    /** Starts from the first request. */
    RequestSource open();

    /** Requests per second from the first arrival to the last; infinite if all come at once. */
    default double requestsPerSecond() {
        RequestSource source = open();
        Request request = source.next();
        long first = request == null ? 0 : request.arrivalNanos();
        long last = first;
        for (; request != null; request = source.next()) {
            last = request.arrivalNanos();
        }
        return last == first ? Double.POSITIVE_INFINITY : (size() - 1) / ((last - first) * 1e-9);
    }

    /** A workload of these requests, which must be in order of arrival. */
    static Workload of(List<Request> requests) {
        return new Trace("given", requests);
    }

    /** The first {@code count} requests. */
    default Workload first(long count) {
        return new DerivedWorkload(this, 1, Math.min(count, size()), 1);
    }

    /**
     * The workload {@code times} times one after the other, each repetition beginning one mean gap after the last
     * arrival of the one before. Repetitions share no prefixes with one another.
     */
    default Workload repeated(int times) {
        return new DerivedWorkload(this, times, Math.multiplyExact(size(), (long) times), 1);
    }

    /** The same requests arriving {@code factor} times as fast. */
    default Workload faster(double factor) {
        return new DerivedWorkload(this, 1, size(), factor);
    }

    /** The requests' lengths and contents, in order, arriving by another process. */
    default Workload arriving(ArrivalProcess arrivals, long seed) {
        return new ArrivingWorkload(this, arrivals, seed);
    }
}
