package dev.pillion.scheduler;

/** By priority, then arrival. A steady stream of important requests starves the others; that is what it says. */
public record HighestPriority() implements QueuePolicy {
    @Override
    public String name() {
        return "priority";
    }

    @Override
    public long key(Sequence sequence) {
        return -(long) sequence.priority();
    }
}
