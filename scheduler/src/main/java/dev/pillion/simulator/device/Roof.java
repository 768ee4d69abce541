package dev.pillion.simulator.device;

/** Two kinds of work that run beside one another, the longer hiding most of the shorter. */
final class Roof {
    private Roof() {}

    /** {@code (a^p + b^p)^(1/p)}: the longer where they differ much, up to {@code 2^(1/p)} of it where they are alike. */
    static double of(double a, double b, double sharpness) {
        double longer = Math.max(a, b);
        if (longer <= 0) {
            return 0;
        }
        return longer * Math.pow(1 + Math.pow(Math.min(a, b) / longer, sharpness), 1 / sharpness);
    }
}
