package dev.pillion.kernels.virtual;

import java.util.Set;

/**
 * Which checks are on.
 *
 * @param bounds {@link Check#BOUNDS}
 * @param alignment {@link Check#ALIGNMENT}
 * @param unwritten {@link Check#UNWRITTEN}
 * @param races {@link Check#SHARED_RACE}
 * @param barriers {@link Check#BARRIER}
 */
record Checks(boolean bounds, boolean alignment, boolean unwritten, boolean races, boolean barriers) {
    static Checks of(Set<Check> on) {
        return new Checks(on.contains(Check.BOUNDS), on.contains(Check.ALIGNMENT), on.contains(Check.UNWRITTEN),
                on.contains(Check.SHARED_RACE), on.contains(Check.BARRIER));
    }
}
