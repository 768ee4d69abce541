package dev.pillion.simulator.routing;

/** What a router sees of an instance that may get a request. */
public interface InstanceView {
    /** Its place in the cluster. */
    int number();

    /** Sequences running. */
    int running();

    /** Sequences waiting. */
    int waiting();

    /** Known tokens of all that wait. */
    long waitingTokens();

    /** Blocks nobody holds. */
    long freeBlocks();

    /** Tokens for which there are blocks nobody holds. */
    long freeTokens();

    /** Blocks in all. */
    long blocks();

    /** Leading tokens of the request in question that are in the prefix cache; 0 where nothing is cached. */
    int cachedTokens();

    /** Requests it has not finished. */
    default int outstanding() {
        return running() + waiting();
    }

    /** Whether it is less loaded: fewer requests outstanding, or as many with fewer tokens waiting, or a lower number. */
    default boolean isLessLoadedThan(InstanceView other) {
        if (outstanding() != other.outstanding()) {
            return outstanding() < other.outstanding();
        }
        if (waitingTokens() != other.waitingTokens()) {
            return waitingTokens() < other.waitingTokens();
        }
        return number() < other.number();
    }
}
