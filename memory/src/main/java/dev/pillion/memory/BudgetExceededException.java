package dev.pillion.memory;

/** A reservation that would have taken one budget of the tree over its limit. Nothing was reserved anywhere. */
public final class BudgetExceededException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String refusedBy;
    private final long requestedBytes;
    private final long usedBytes;
    private final long limitBytes;

    BudgetExceededException(String askedBy, String refusedBy, long requestedBytes, long usedBytes, long limitBytes) {
        super(askedBy + " asked for memory and " + refusedBy + " refused: requested " + requestedBytes + " bytes ("
                + ByteCount.text(requestedBytes) + "), used " + usedBytes + " (" + ByteCount.text(usedBytes)
                + "), limit " + limitBytes + " (" + ByteCount.text(limitBytes) + "); raise the limit of " + refusedBy
                + " or ask for less below it");
        this.refusedBy = refusedBy;
        this.requestedBytes = requestedBytes;
        this.usedBytes = usedBytes;
        this.limitBytes = limitBytes;
    }

    /** Path of the budget whose limit stood in the way, for instance {@code gpu0/kv}. */
    public String refusedBy() {
        return refusedBy;
    }

    /** Bytes asked of that budget: less than the caller wanted where a reservation below it covers a part. */
    public long requestedBytes() {
        return requestedBytes;
    }

    /** Bytes that budget had in use. */
    public long usedBytes() {
        return usedBytes;
    }

    /** Limit of that budget. */
    public long limitBytes() {
        return limitBytes;
    }
}
