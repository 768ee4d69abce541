package dev.pillion.scheduler;

/** By arrival alone. */
public record FirstComeFirstServed() implements QueuePolicy {
    @Override
    public String name() {
        return "fcfs";
    }

    @Override
    public long key(Sequence sequence) {
        return 0;
    }
}
