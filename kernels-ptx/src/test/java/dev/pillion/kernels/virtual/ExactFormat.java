package dev.pillion.kernels.virtual;

import java.math.BigDecimal;
import java.util.function.IntToDoubleFunction;

/** A binary floating-point format as the ordered list of its values, to which exact numbers are rounded by search. */
enum ExactFormat {
    /** Single. */
    SINGLE(0x7f800000, bits -> Float.intBitsToFloat(bits)),
    /** IEEE half. */
    HALF(0x7c00, bits -> Float.float16ToFloat((short) bits)),
    /** bfloat16. */
    BRAIN(0x7f80, bits -> Float.intBitsToFloat(bits << 16));

    private final int infinity;
    private final IntToDoubleFunction value;

    ExactFormat(int infinity, IntToDoubleFunction value) {
        this.infinity = infinity;
        this.value = value;
    }

    /** The magnitude that bits without a sign stand for; what would follow the largest one for infinity. */
    private BigDecimal magnitude(int bits) {
        if (bits < infinity) {
            return new BigDecimal(value.applyAsDouble(bits));
        }
        BigDecimal largest = magnitude(infinity - 1);
        return largest.add(largest.subtract(magnitude(infinity - 2)));
    }

    /** Bits of the magnitude of an exact number rounded in a mode; {@code rn}, {@code rz}, {@code rm} or {@code rp}. */
    int round(BigDecimal exact, String mode) {
        BigDecimal size = exact.abs();
        int low = 0;
        int high = infinity;
        while (high - low > 1) {
            int middle = (low + high) >>> 1;
            if (magnitude(middle).compareTo(size) <= 0) {
                low = middle;
            } else {
                high = middle;
            }
        }
        if (magnitude(high).compareTo(size) <= 0) {
            low = high;
        }
        boolean is = magnitude(low).compareTo(size) == 0;
        boolean negative = exact.signum() < 0;
        boolean up = switch (mode) {
            case "rn" -> nearestIsUp(size, low);
            case "rz" -> false;
            case "rm" -> negative;
            default -> !negative;
        };
        int rounded = is || !up || low >= infinity ? low : low + 1;
        // What is past the largest number is only rounded to infinity if the mode leads there.
        return rounded >= infinity && !up && !is ? infinity - 1 : Math.min(rounded, infinity);
    }

    private boolean nearestIsUp(BigDecimal size, int low) {
        if (low >= infinity) {
            return true;
        }
        int order = size.subtract(magnitude(low)).compareTo(magnitude(low + 1).subtract(size));
        return order > 0 || order == 0 && (low & 1) != 0;
    }
}
