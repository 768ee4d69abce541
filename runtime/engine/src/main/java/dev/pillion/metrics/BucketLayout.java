package dev.pillion.metrics;

/**
 * Which bucket of a histogram a value falls into; the same for all of them. Values below 16 have a bucket each. Above,
 * every octave from one power of two to the next is cut into 16 buckets of equal width, so that a bucket is never wider
 * than 1/16 of the smallest value in it. The last octave ends at 2^45: 9.8 hours in nanoseconds. Larger values count in
 * the last bucket, negative ones as 0.
 *
 * <p>The place is found without a search: the position of a value's highest bit gives the octave, the four bits below
 * it the bucket within.
 */
public final class BucketLayout {
    private static final int SUB_BITS = 4;
    private static final int SUB_BUCKETS = 1 << SUB_BITS;
    private static final int LIMIT_BITS = 45;

    /** Number of buckets. */
    public static final int BUCKETS = SUB_BUCKETS + (LIMIT_BITS - SUB_BITS) * SUB_BUCKETS;

    private BucketLayout() {}

    /** Bucket of a value. */
    public static int bucketOf(long value) {
        long inRange = Math.clamp(value, 0, (1L << LIMIT_BITS) - 1);
        if (inRange < SUB_BUCKETS) {
            return (int) inRange;
        }
        int octave = Long.SIZE - 1 - Long.numberOfLeadingZeros(inRange) - SUB_BITS;
        int sub = (int) (inRange >>> octave) - SUB_BUCKETS;
        return SUB_BUCKETS + octave * SUB_BUCKETS + sub;
    }

    /** Smallest value of a bucket. */
    public static long lowerBound(int bucket) {
        if (bucket < SUB_BUCKETS) {
            return bucket;
        }
        int octave = bucket / SUB_BUCKETS - 1;
        return (long) (SUB_BUCKETS + bucket % SUB_BUCKETS) << octave;
    }

    /** Smallest value beyond a bucket. */
    public static long upperBound(int bucket) {
        return lowerBound(bucket + 1);
    }
}
