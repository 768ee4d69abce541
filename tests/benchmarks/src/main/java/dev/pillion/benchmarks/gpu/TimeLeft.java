package dev.pillion.benchmarks.gpu;

import java.time.Duration;
import java.util.Locale;

/** The time a program has left. */
public final class TimeLeft {
    private final long end;

    /** Starts now. */
    public TimeLeft(Duration time) {
        this.end = System.nanoTime() + time.toNanos();
    }

    /** Seconds left; negative when it is over. */
    public double seconds() {
        return (end - System.nanoTime()) / 1e9;
    }

    /** Says what is missing for something that takes longer than what is left. */
    public String tooShortFor(double neededSeconds) {
        return String.format(
                Locale.ROOT,
                "not measured: needs about %.1f s and %.1f s were left",
                neededSeconds,
                Math.max(0, seconds()));
    }
}
