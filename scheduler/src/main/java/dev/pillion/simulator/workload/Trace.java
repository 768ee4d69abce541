package dev.pillion.simulator.workload;

import java.util.Iterator;
import java.util.List;

/** A recorded workload, kept in memory. Read one with {@link TraceReader}. */
public final class Trace implements Workload {
    private final String name;
    private final List<Request> requests;
    private final boolean sharesPrefixes;

    /**
     * A trace.
     *
     * @param name for people
     * @param requests in order of arrival
     */
    public Trace(String name, List<Request> requests) {
        this.name = name;
        this.requests = List.copyOf(requests);
        boolean shares = false;
        long before = 0;
        for (Request request : this.requests) {
            if (request.arrivalNanos() < before) {
                throw new IllegalArgumentException("request " + request.id() + " of " + name + " comes before its predecessor");
            }
            before = request.arrivalNanos();
            shares |= !(request.content() instanceof PromptContent.Unshared);
        }
        sharesPrefixes = shares;
    }

    @Override
    public String description() {
        return name + ", " + requests.size() + " requests";
    }

    @Override
    public long size() {
        return requests.size();
    }

    @Override
    public boolean sharesPrefixes() {
        return sharesPrefixes;
    }

    /** The requests in order of arrival. */
    public List<Request> requests() {
        return requests;
    }

    @Override
    public RequestSource open() {
        Iterator<Request> next = requests.iterator();
        return () -> next.hasNext() ? next.next() : null;
    }
}
