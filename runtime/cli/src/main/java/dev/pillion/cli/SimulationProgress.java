package dev.pillion.cli;

import dev.pillion.simulator.Progress;
import java.util.Locale;

/** Shows on stderr how a simulation goes. */
final class SimulationProgress implements Progress {
    private final ProgressLine line;
    private final String name;

    SimulationProgress(CommandContext context, boolean quiet, String name) {
        this.line = new ProgressLine(context, quiet);
        this.name = name.isEmpty() ? "" : Printable.of(name) + ": ";
    }

    @Override
    public void at(long done, long size, long nowNanos) {
        if (line.isDue()) {
            line.show(
                    size == 0 ? 1 : (double) done / size,
                    String.format(
                            Locale.ROOT, "%s%,d of %,d requests, %,.0f s simulated", name, done, size, nowNanos / 1e9));
        }
    }
}
